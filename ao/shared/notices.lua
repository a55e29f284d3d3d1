--- The notices that tell two accounts of a movement between them. Their amounts are the ones that moved, never a
-- sender's own spelling.

local notices = {}

--- Make a notice.
--- @param target string who is told
--- @param own table its tags
--- @param forwarded table<string, string>|nil X- tags to repeat
--- @return table message
local function notice(target, own, forwarded)
  own.Target = target
  for name, value in pairs(forwarded or {}) do
    own[name] = value
  end
  return own
end

--- Tell an account that it received something.
--- @param sender string
--- @param recipient string
--- @param quantity string
--- @param forwarded table<string, string>|nil
--- @return table message
function notices.credit(sender, recipient, quantity, forwarded)
  return notice(recipient, { Action = "Credit-Notice", Sender = sender, Quantity = quantity }, forwarded)
end

--- Tell an account that something left it.
--- @param sender string
--- @param recipient string|nil nil where it was burned
--- @param quantity string
--- @param forwarded table<string, string>|nil
--- @return table message
function notices.debit(sender, recipient, quantity, forwarded)
  return notice(sender, { Action = "Debit-Notice", Recipient = recipient, Quantity = quantity }, forwarded)
end

return notices
