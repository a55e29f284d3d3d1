--- The five processes on one network, wired to each other, for suites about what they do together.

local assert = require("luassert")
local rig = require("test.rig")
local sim = require("tim3tool.sim")

local system = {}

system.TAGS = {
  coordinator = "Coordinator",
  ["lock-manager"] = "Lock-Manager",
  ["state-manager"] = "State-Manager",
  ["token-manager"] = "Token-Manager",
  ["mock-usda"] = "Usda",
}

--- Limits under which small amounts can be minted and burned, one operation after the other.
local DEVELOPMENT = {
  Action = "Set-Limits",
  ["Min-Amount"] = "1",
  ["Cooldown-Ms"] = "0",
  ["Flood-Requests"] = "off",
}

--- Spawn, configure and activate all five, and give some users 1,000 base units of collateral each.
--- @param mode string custody or lock
--- @return table processes by name, with `network` and `mode`
function system.start(mode)
  local network = sim.network()
  local five = { network = network, mode = mode }
  local config = { Action = "Configure", ["Collateral-Mode"] = mode }
  for _, name in ipairs({ "mock-usda", "lock-manager", "token-manager", "state-manager", "coordinator" }) do
    five[name] = network:spawn({ process = name, name = name })
    config[system.TAGS[name]] = five[name].id
  end
  for _, name in ipairs({ "lock-manager", "token-manager", "state-manager", "coordinator" }) do
    rig.ok(five[name]:send(config))
  end
  rig.ok(five.coordinator:send(DEVELOPMENT))
  rig.ok(five.coordinator:send({ Action = "Activate" }))
  for _, user in ipairs({ rig.ALICE, rig.BOB, rig.CAROL }) do
    rig.ok(five["mock-usda"]:send({ Action = "Mint", Recipient = user, Quantity = "1000" }))
  end
  return five
end

--- Return the last message to an address with an action.
--- @param five table
--- @param address string
--- @param action string
--- @return table|nil message
function system.mail(five, address, action)
  local mail = five.network:mail(address)
  for index = #mail, 1, -1 do
    if mail[index].Action == action then
      return mail[index]
    end
  end
  return nil
end

--- Ask for a mint.
--- @param five table
--- @param user string
--- @param quantity string
--- @return string|nil Op-Id
function system.request(five, user, quantity)
  if five.mode == "lock" then
    local approve = { From = user, Action = "Approve", Spender = five["lock-manager"].id, Quantity = quantity }
    rig.ok(five["mock-usda"]:send(approve))
  end
  local result = rig.ok(five.coordinator:send({ From = user, Action = "Mint", Quantity = quantity }))
  return rig.find(result, "Mint-Pending").Tags["Op-Id"]
end

--- Mint from beginning to end.
--- @param five table
--- @param user string
--- @param quantity string
--- @return string Op-Id
function system.mint(five, user, quantity)
  local id = system.request(five, user, quantity)
  if five.mode == "custody" then
    system.deposit(five, user, quantity, { ["X-Action"] = "Mint", ["X-Op-Id"] = id })
  end
  return id
end

--- Transfer collateral to the lock-manager.
--- @param five table
--- @param user string
--- @param quantity string
--- @param more table|nil tags
function system.deposit(five, user, quantity, more)
  local transfer = { From = user, Action = "Transfer", Recipient = five["lock-manager"].id, Quantity = quantity }
  rig.ok(five["mock-usda"]:send(rig.merge(transfer, more or {})))
end

--- Burn, and claim what it frees in custody mode.
--- @param five table
--- @param user string
--- @param quantity string
--- @return string Op-Id
function system.burn(five, user, quantity)
  local result = rig.ok(five.coordinator:send({ From = user, Action = "Burn", Quantity = quantity }))
  if five.mode == "custody" then
    five["lock-manager"]:send({ From = user, Action = "Claim" })
  end
  return rig.find(result, "Burn-Pending").Tags["Op-Id"]
end

--- Return what an account holds of TIM3 and of the collateral.
--- @param five table
--- @param account string
--- @return string, string
function system.balances(five, account)
  local ask = { From = account, Action = "Balance" }
  local tim3 = five["token-manager"]:dry_run(ask).Messages[1].Tags.Balance
  return tim3, five["mock-usda"]:dry_run(ask).Messages[1].Tags.Balance
end

--- Return how an operation ended at the coordinator.
--- @param five table
--- @param id string Op-Id
--- @return string|nil
function system.outcome(five, id)
  return five.coordinator:read(("Tim3.Ops.Records[%q].outcome"):format(id))
end

--- Return how much collateral the lock-manager holds, by the token's books.
--- @param five table
--- @return integer
function system.held(five)
  local manager = five["lock-manager"].id
  if five.mode == "custody" then
    return math.tointeger(tonumber(five["mock-usda"]:read(("Usda.Balances[%q] or '0'"):format(manager))))
  end
  return math.tointeger(five["mock-usda"]:read(([[(function()
    local sum = tonumber(Usda.Locked[%q] or "0")
    for _, lock in pairs(Usda.Locks[%q] or {}) do
      if lock.state == "held" then sum = sum + tonumber(lock.qty) end
    end
    return sum
  end)()]]):format(manager, manager)))
end

--- Fail unless the supply is backed (I1), no process stopped, and, at rest, all agree (I2).
--- @param five table
--- @param isAtRest boolean
function system.check(five, isAtRest)
  local supply = math.tointeger(tonumber(five["token-manager"]:read("Tim3.TotalSupply")))
  local held = system.held(five)
  assert.is_true(supply <= held, ("supply %d, held %d"):format(supply, held))
  for _, name in ipairs({ "coordinator", "lock-manager", "token-manager", "state-manager" }) do
    assert.is_nil(five[name]:read("Tim3.Halted"))
  end
  if isAtRest then
    local manager = five["lock-manager"]
    local owed = manager:read("tonumber(Tim3.Owed) + tonumber(Tim3.Quarantined) + tonumber(Tim3.Buffer)")
    assert.equal(supply, held - math.tointeger(owed))
    assert.equal(0, five.coordinator:read("Tim3.Ops.Size - (Tim3.Ops.Last - Tim3.Ops.First + 1)"))
    local known = five.coordinator:read("tonumber(Tim3.Minted) - tonumber(Tim3.Burned) + tonumber(Tim3.Restored)")
    assert.equal(supply, math.tointeger(known))
  end
end

return system
