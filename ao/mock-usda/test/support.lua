--- What the suites of mock-usda share.

local assert = require("luassert")
local sim = require("tim3tool.sim")

local support = {}

support.OWNER = sim.address("owner")
support.ALICE = sim.address("alice")
support.BOB = sim.address("bob")
support.CAROL = sim.address("carol")
support.MALLORY = sim.address("mallory")
support.KEEPER = sim.address("keeper") -- a spender

--- Spawn mock-usda on a new network.
--- @param balances table<string, string>|nil amounts to mint, by account
--- @return table process
--- @return table network
function support.spawn(balances)
  local network = sim.network()
  local usda = network:spawn({ process = "mock-usda" })
  for account, quantity in pairs(balances or {}) do
    usda:send({ Action = "Mint", Recipient = account, Quantity = quantity })
  end
  return usda, network
end

--- Find the first message of an action.
--- @param result table of a send
--- @param action string
--- @return table|nil message
function support.find(result, action)
  for _, message in ipairs(result.Messages) do
    if message.Action == action then
      return message
    end
  end
  return nil
end

--- Return the error code of the only message of a result, which must be an error that its sender gets.
--- @param result table of a send
--- @param action string that was refused
--- @param sender string|nil who must get it
--- @return string error code
function support.refusal(result, action, sender)
  assert.is_nil(result.Error)
  assert.equal(1, #result.Messages)
  local message = result.Messages[1]
  assert.equal(action .. "-Error", message.Action)
  assert.is_string(message.Tags.Error)
  if sender then
    assert.equal(sender, message.Target)
  end
  return message.Tags["Error-Code"]
end

--- Ask for a balance.
--- @param usda table process
--- @param account string
--- @return string amount
function support.balance(usda, account)
  return usda:dry_run({ Action = "Balance", Recipient = account }).Messages[1].Tags.Balance
end

-- Evaluated inside the process: "" while I6 and I7 hold, else what does not. It counts everything anew.
local CHECK = [[(function()
  local bint = require(".bint")(256)
  local function amount(value, what)
    assert(type(value) == "string" and #value <= 38, "not an amount: " .. what)
    assert(value == "0" or value:find("^[1-9]%d*$"), "not an amount: " .. what)
    return #value <= 15 and math.tointeger(tonumber(value)) or bint(value) -- small ones quickly: this runs often
  end
  local function check()
    local supply, holders = 0, 0
    for account, balance in pairs(Usda.Balances) do
      assert(balance ~= "0", "a zero balance is kept")
      supply, holders = supply + amount(balance, "balance"), holders + 1
    end
    assert(tostring(supply) == Usda.TotalSupply, "the sum of the balances is not the supply")
    assert(holders == Usda.Holders.Count, "number of holders")
    local listed, account = 0, Usda.Holders.First
    while account do
      assert(Usda.Balances[account], "a holder without balance")
      listed, account = listed + 1, Usda.Holders.After[account]
    end
    assert(listed == holders, "a balance without holder")

    local held = {}
    for _, locks in pairs(Usda.Locks) do
      for _, lock in pairs(locks) do
        if lock.state == "held" then
          held[lock.owner] = (held[lock.owner] or 0) + amount(lock.qty, "lock")
        end
      end
    end
    for spender, pool in pairs(Usda.Pools) do
      assert(pool ~= "0", "an empty pool is kept")
      held[spender] = (held[spender] or 0) + amount(pool, "pool")
    end
    for owner, locked in pairs(Usda.Locked) do
      assert(locked ~= "0", "a zero lock is kept")
      assert(held[owner] and tostring(held[owner]) == locked, "locked is not the sum of held locks and pool")
      local balance = amount(Usda.Balances[owner] or "0", "balance")
      assert(amount(locked, "locked") <= balance, "more locked than there is")
      held[owner] = nil
    end
    assert(next(held) == nil, "a held lock or pool is not locked")
    for owner, spenders in pairs(Usda.Allowances) do
      assert(next(spenders), "an empty set of allowances is kept")
      for _, allowance in pairs(spenders) do
        assert(allowance.qty ~= "0" and amount(allowance.qty, "allowance"), "an empty allowance is kept")
        assert(math.type(allowance.expires or 0) == "integer", "a float in an allowance")
      end
    end
    assert(math.type(Usda.Now) == "integer" and math.type(Usda.Height) == "integer", "a float in the clock")
  end
  local ok, problem = pcall(check)
  return ok and "" or problem
end)()]]

--- Fail unless the invariants I6 and I7 hold in the process.
--- @param usda table process
function support.checkInvariants(usda)
  assert.equal("", usda:read(CHECK))
end

return support
