--- Transfer.

local fields = require("fields")
local forwarding = require("forwarding")
local ledger = require("ledger")
local notices = require("notices")

local transfers = {}

--- Make the route of Transfer: move an available amount of the sender's to another account, and tell both unless the
-- sender said Cast.
--- @param refuse function(book, account, recipient, quantity) -> string|nil error code, string|nil text
--- @param after function(book, accounts) -> messages, or nil
--- @return table route
function transfers.route(refuse, after)
  --- @param book table
  --- @param request table
  --- @return table[]|nil messages
  --- @return string|nil error code
  --- @return string|nil text
  local function transfer(book, request)
    local sender, recipient, quantity = request.from, request.input.Recipient, request.input.Quantity
    if recipient == sender then
      return nil, "self-transfer", "an account cannot transfer to itself"
    end
    local forwarded, problem, text = forwarding.collect(request.tags)
    if not forwarded then
      return nil, problem, text
    end
    problem, text = refuse(book, sender, recipient, quantity)
    if problem then
      return nil, problem, text
    end

    ledger.move(book, sender, recipient, quantity)
    local messages = after and after(book, { sender, recipient }) or {}
    if not request.tags.Cast then
      messages[#messages + 1] = notices.debit(sender, recipient, quantity, forwarded)
      messages[#messages + 1] = notices.credit(sender, recipient, quantity, forwarded)
    end
    return messages
  end
  local takes = { { "Recipient", fields.party }, { "Quantity", fields.quantity } }
  return { kind = "command", takes = takes, run = transfer }
end

return transfers
