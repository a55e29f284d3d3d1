local sim = require("tim3tool.sim")
local support = require("support")

local SEEDS = { 1, 22, 333, 4444 }
local OPERATIONS = 500 -- of each seed

--- Make a generator of whole numbers from 1 to n, the same on every machine.
--- @param seed integer
--- @return function
local function generator(seed)
  local state = seed
  return function(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return (state >> 8) % n + 1
  end
end

describe("mock-usda under random operations", function()
  --- Run operations, and check the invariants after every one.
  --- @param seed integer
  local function run(seed)
    local usda, network = support.spawn()
    local random = generator(seed)
    local accounts = {}
    for index = 1, 6 do
      accounts[index] = sim.address("account" .. index)
      usda:send({ Action = "Mint", Recipient = accounts[index], Quantity = "1000" })
    end

    local function account()
      return accounts[random(#accounts)]
    end
    local function spender()
      return accounts[random(2)] -- few, so that their requests meet each other
    end
    local function quantity()
      return tostring(random(400))
    end
    local function id(prefix)
      return prefix .. random(25)
    end

    local actions = {
      function()
        return { Action = "Transfer", Recipient = account(), Quantity = quantity() }
      end,
      function()
        return { From = support.OWNER, Action = "Mint", Recipient = account(), Quantity = quantity() }
      end,
      function()
        return { Action = "Faucet", Quantity = quantity() }
      end,
      function()
        return { Action = "Burn", Quantity = quantity() }
      end,
      function()
        local expires = random(3) == 1 and tostring(network:now() + random(60000)) or nil
        return { Action = "Approve", Spender = spender(), Quantity = quantity(), ["Expires-At"] = expires }
      end,
      function()
        local user, less = account(), tostring(random(100))
        return { From = spender(), Action = "Lock", ["Lock-Id"] = id("l"), User = user, Quantity = less }
      end,
      function()
        return { From = spender(), Action = "Capture", ["Lock-Id"] = id("l") }
      end,
      function()
        return { From = spender(), Action = "Unlock", ["Lock-Id"] = id("l") }
      end,
      function()
        local recipient, less = account(), tostring(random(100))
        return { From = spender(), Action = "Unlock", ["Release-Id"] = id("r"), Recipient = recipient, Quantity = less }
      end,
    }

    local done = {}
    for step = 1, OPERATIONS do
      local message = actions[random(#actions)]()
      message.From = message.From or account()
      local result = usda:send(message)
      assert.is_nil(result.Error)
      local answer = result.Messages[#result.Messages]
      done[answer.Action] = (done[answer.Action] or 0) + 1
      network:advance(random(5000))
      local ok, problem = pcall(support.checkInvariants, usda)
      assert.is_true(ok, ("seed %d, step %d, %s: %s"):format(seed, step, message.Action, tostring(problem)))
    end

    -- the run reached every kind of success
    local successes = {
      "Credit-Notice", "Mint-Confirmed", "Faucet-Confirmed", "Burn-Confirmed", "Approve-Confirmed", "Lock-Confirmed",
      "Capture-Confirmed", "Unlock-Confirmed",
    }
    for _, action in ipairs(successes) do
      assert.is_true((done[action] or 0) > 3, action)
    end
    assert.is_true(usda:read("next(Usda.Releases) ~= nil"))
  end

  for _, seed in ipairs(SEEDS) do
    it(("I6 and I7 hold after every one of %d, seed %d"):format(OPERATIONS, seed), function()
      run(seed)
    end)
  end
end)
