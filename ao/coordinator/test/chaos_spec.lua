-- The five processes with a bad network between them: messages are lost, doubled, and overtake each other; answers of
-- the past come again. Backing must hold after every message, and when the network is good again all must end and
-- agree.

local rig = require("test.rig")
local sim = require("tim3tool.sim")
local system = require("test.system")

local NAMES = { "mock-usda", "lock-manager", "token-manager", "state-manager", "coordinator" }
local USERS = { rig.ALICE, rig.BOB, rig.CAROL }
local EVENTS = 250 -- of each seed
local SKIPPED = { ["Data-Protocol"] = true, Type = true, Variant = true }

--- Make the five processes, each on a network of its own, and a bag of the messages between them.
--- @param mode string
--- @param random function
--- @return table world
local function start(mode, random)
  local world = { mode = mode, random = random, bag = {}, past = {}, byId = {}, isBad = false }
  for index, name in ipairs(NAMES) do
    local network = sim.network({ seed = index }) -- so that their ids differ
    world[name] = network:spawn({ process = name, name = name })
    world.byId[world[name].id] = { process = world[name], network = network }
  end
  return world
end

--- Put what a process sent into the bag. A bad network loses some of it, and doubles some; but transfers of
-- collateral, which no protocol can repeat, arrive once.
--- @param world table
--- @param from string id of the sender
--- @param result table of a send
local function post(world, from, result)
  assert.is_nil(result.Error)
  for _, message in ipairs(result.Messages) do
    if world.byId[message.Target or ""] then
      local tags = {}
      for _, tag in ipairs(message.TagArray) do
        if not SKIPPED[tag.name] then
          tags[#tags + 1] = { name = tag.name, value = tag.value }
        end
      end
      local sent = { Target = message.Target, From = from, Tags = tags, Data = message.Data }
      local isPayment = message.Action == "Transfer" or message.Action == "Credit-Notice"
      local copies = 1
      if world.isBad and not isPayment then
        local fate = world.random(10)
        copies = fate == 1 and 0 or fate == 2 and 2 or 1
      end
      for _ = 1, copies do
        world.bag[#world.bag + 1] = sent
      end
      if message.Action ~= "Transfer" then
        world.past[#world.past + 1] = sent
      end
    end
  end
end

--- Send as a user or the admin.
--- @param world table
--- @param name string of the process
--- @param message table
--- @return table result
local function tell(world, name, message)
  local result = world[name]:send(message)
  post(world, world[name].id, result)
  return result
end

--- Deliver one message of the bag, whichever.
--- @param world table
--- @return boolean whether there was one
local function deliver(world)
  local size = #world.bag
  if size == 0 then
    return false
  end
  local place = world.random(size)
  local message = world.bag[place]
  world.bag[place] = world.bag[size]
  world.bag[size] = nil
  local receiver = world.byId[message.Target]
  post(world, receiver.process.id, receiver.process:send({
    From = message.From,
    Tags = message.Tags,
    Data = message.Data,
  }))
  return true
end

--- Deliver all there is.
--- @param world table
local function drain(world)
  while deliver(world) do
    system.check(world, false)
  end
end

--- Move the clocks, and let every process do what is due.
--- @param world table
--- @param ms integer
local function pass(world, ms)
  for _, entry in pairs(world.byId) do
    entry.network:advance(ms)
  end
  for _, name in ipairs(NAMES) do
    tell(world, name, { From = rig.MALLORY, Action = "Tick" })
  end
end

--- Configure and activate the processes, and give the users collateral.
--- @param world table
local function setUp(world)
  local config = { Action = "Configure", ["Collateral-Mode"] = world.mode }
  for _, name in ipairs(NAMES) do
    config[system.TAGS[name]] = world[name].id
  end
  for index = 2, #NAMES do
    tell(world, NAMES[index], config)
  end
  tell(world, "coordinator", {
    Action = "Set-Limits", ["Min-Amount"] = "1", ["Cooldown-Ms"] = "0", ["Flood-Requests"] = "off",
    ["Max-In-Flight"] = "3", ["Breaker-Faults"] = "1000",
  })
  drain(world)
  rig.ok(tell(world, "coordinator", { Action = "Activate" }))
  for _, user in ipairs(USERS) do
    tell(world, "mock-usda", { Action = "Mint", Recipient = user, Quantity = "1000" })
    tell(world, "mock-usda", { From = user, Action = "Approve", Spender = world["lock-manager"].id, Quantity = "700" })
  end
end

--- Let a user do something.
--- @param world table
local function act(world)
  local random = world.random
  local user, quantity = USERS[random(#USERS)], tostring(random(20))
  local choice = random(6)
  local locks = world["lock-manager"].id
  if choice <= 2 then
    local asked = tell(world, "coordinator", { From = user, Action = "Mint", Quantity = quantity })
    local pending = rig.find(asked, "Mint-Pending")
    if pending and world.mode == "custody" and random(5) > 1 then
      tell(world, "mock-usda", {
        From = user, Action = "Transfer", Recipient = locks, Quantity = quantity, ["X-Op-Id"] = pending.Tags["Op-Id"],
      })
    end
  elseif choice == 3 and world.mode == "custody" then
    tell(world, "mock-usda", { From = user, Action = "Transfer", Recipient = locks, Quantity = quantity })
  elseif choice == 4 then
    local recipient = USERS[random(#USERS)]
    tell(world, "token-manager", { From = user, Action = "Transfer", Recipient = recipient, Quantity = quantity })
  elseif choice == 5 and world.mode == "custody" then
    tell(world, "lock-manager", { From = user, Action = "Claim" })
  else
    tell(world, "coordinator", { From = user, Action = "Burn", Quantity = quantity })
  end
end

--- Have a message of the past come again, pushed for something else.
--- @param world table
local function replay(world)
  if #world.past > 0 then
    world.bag[#world.bag + 1] = world.past[world.random(#world.past)]
  end
end

--- Fail unless the coordinator says of every operation what the other processes know of it.
--- @param world table
local function agree(world)
  local minted = world["token-manager"]:read("Tim3.Ops.Records")
  local held = world["lock-manager"]:read("Tim3.Ops.Records")
  for id, op in pairs(world.coordinator:read("Tim3.Ops.Records")) do
    local token, locks = minted[id] or {}, held[id] or {}
    if op.kind == "mint" then
      assert.equal(op.outcome == "completed", token.state == "minted", id)
      assert.equal(op.outcome == "completed", locks.state == "used" or locks.state == "captured", id)
      assert.is_true(op.outcome ~= "refunded" or locks.state == "returned", id)
    else
      assert.equal(op.outcome == "completed", token.state == "released", id)
      assert.equal(op.outcome == "completed", locks.state == "done", id)
      assert.is_true(op.outcome ~= "expired" or token.state == "cancelled", id)
    end
  end
end

for _, mode in ipairs({ "custody", "lock" }) do
  describe("a bad network in " .. mode .. " mode", function()
    for seed = 1, 5 do
      it("A9 A10 I1 I2 I15 I18 I27 breaks nothing, seed " .. seed, function()
        local random = rig.generator(seed * 7919)
        local world = start(mode, random)
        setUp(world)
        world.isBad = true
        for _ = 1, EVENTS do
          local choice = random(20)
          if choice <= 4 then
            act(world)
          elseif choice == 5 then
            pass(world, random(4) * 15000)
          elseif choice == 6 and random(4) == 1 then
            pass(world, 300000)
          elseif choice == 7 then
            replay(world)
          else
            deliver(world)
          end
          system.check(world, false)
        end

        world.isBad = false
        drain(world)
        for _ = 1, 60 do
          pass(world, 600000)
          drain(world)
        end
        assert.equal(world["token-manager"]:read("Tim3.TotalSupply"), world["lock-manager"]:read("Tim3.Collateral"))
        system.check(world, true)
        agree(world)
        local outcomes = world.coordinator:read("Tim3.Outcomes")
        assert.is_true((outcomes["mint-completed"] or 0) > 0)
      end)
    end
  end)
end
