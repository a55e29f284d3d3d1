--- What an account can dispose of: its balance without what is locked.

local amounts = require("amounts")
local ledger = require("ledger")
local token = require("token")

local accounts = {}

--- Return what of an account's balance is locked.
--- @param usda table state
--- @param account string
--- @return string amount
function accounts.locked(usda, account)
  return usda.Locked[account] or "0"
end

--- Return what an account can dispose of.
--- @param usda table state
--- @param account string
--- @return string amount
function accounts.available(usda, account)
  local locked = usda.Locked[account]
  local balance = ledger.balance(usda, account)
  return locked and amounts.subtract(balance, locked) or balance
end

--- Refuse an amount an account cannot dispose of.
--- @param usda table state
--- @param account string
--- @param quantity string
--- @return string|nil error code, nil where the amount is available
--- @return string|nil text
function accounts.refuse(usda, account, quantity)
  local available = accounts.available(usda, account)
  if amounts.isLess(available, quantity) then
    return "insufficient-balance", ("%s available, %s asked for"):format(available, quantity)
  end
end

--- Lock an available amount.
--- @param usda table state
--- @param account string
--- @param quantity string
function accounts.lock(usda, account, quantity)
  usda.Locked[account] = amounts.add(accounts.locked(usda, account), quantity)
end

--- Unlock a locked amount.
--- @param usda table state
--- @param account string
--- @param quantity string
function accounts.unlock(usda, account, quantity)
  local rest = amounts.subtract(usda.Locked[account], quantity)
  usda.Locked[account] = rest ~= "0" and rest or nil
end

--- Balance: what one account holds, and how much of it is locked.
--- @param usda table state
--- @param request table
--- @return table[] messages
function accounts.describe(usda, request)
  local messages = token.balance(usda, request)
  messages[1].Locked = accounts.locked(usda, messages[1].Account)
  return messages
end

return accounts
