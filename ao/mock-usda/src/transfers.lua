--- Transfer.

local accounts = require("accounts")
local forwarding = require("forwarding")
local ledger = require("ledger")
local notices = require("notices")

local transfers = {}

--- Transfer: move an available amount of the sender's to another account, and tell both unless the sender said Cast.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function transfers.transfer(usda, request)
  local sender, recipient, quantity = request.from, request.input.Recipient, request.input.Quantity
  if recipient == sender then
    return nil, "self-transfer", "an account cannot transfer to itself"
  end
  local forwarded, problem, text = forwarding.collect(request.tags)
  if not forwarded then
    return nil, problem, text
  end
  problem, text = accounts.refuse(usda, sender, quantity)
  if problem then
    return nil, problem, text
  end

  ledger.move(usda, sender, recipient, quantity)
  if request.tags.Cast then
    return {}
  end
  return {
    notices.debit(sender, recipient, quantity, forwarded),
    notices.credit(sender, recipient, quantity, forwarded),
  }
end

return transfers
