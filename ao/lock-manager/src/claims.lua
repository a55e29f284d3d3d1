--- Claims: users have sent to them what is owed to them. A claim is evaluated under a message that the payee's wallet
-- signed, never under one that was pushed: only such a message has the same effect if it is pushed again.

local alarms = require("alarms")
local amounts = require("amounts")
local payouts = require("payouts")
local roles = require("roles")
local sums = require("sums")

local claims = {}

local HOUR_MS = 3600000
local WEEK_MS = 604800000

--- Claim: send all that is owed, or a part of it, to the sender's own account.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function claims.claim(tim3, request)
  local id, from, tags = request.id, request.from, request.tags
  local account = request.input.Account or from
  if tags["From-Process"] or tags["Pushed-For"] or not id then
    return nil, "not-root", "a claim must be signed by the payee's wallet; a process names one by Set-Payee"
  elseif account ~= from and tim3.Payees[account] ~= from then
    return nil, "not-payee", "this sender is not the payee of the account"
  elseif tim3.Sent[id] then
    return { { Target = from, Action = "Claim-Sent", Quantity = tim3.Sent[id].qty, ["Payout-Id"] = id } }
  end
  local owed = tim3.Claimable[account] or "0"
  local quantity = request.input.Quantity or owed
  if quantity == "0" or amounts.isLess(owed, quantity) then
    return nil, "nothing-to-claim", ("%s can be claimed"):format(owed), { Remaining = owed }
  elseif tim3.Audit.deficit ~= "0" then
    return nil, "deficit", "the collateral is short; claims wait until it is whole", { ["Retry-After-Ms"] = "600000" }
  end
  local transfer = payouts.send(tim3, id, account, from, quantity, request.now)
  return { transfer, { Target = from, Action = "Claim-Sent", Quantity = quantity, ["Payout-Id"] = id } }
end

--- Claimable: what is owed to an account.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function claims.claimable(tim3, request)
  local account = request.input.User or request.from
  local owed = tim3.Claimable[account] or "0"
  return { { Target = request.from, Action = "Claimable-Reply", User = account, Quantity = owed, Data = owed } }
end

--- Set-Payee: an account that cannot sign names a wallet that claims for it, once.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function claims.setPayee(tim3, request)
  local account, payee = request.from, request.input.Payee
  if tim3.Payees[account] and tim3.Payees[account] ~= payee then
    return nil, "payee-set", "the payee of an account cannot be changed"
  elseif not tim3.Payees[account] and not tim3.Claimable[account] then
    return nil, "nothing-to-claim", "an account names its payee when something is owed to it"
  end
  tim3.Payees[account] = payee
  return { { Target = account, Action = "Set-Payee-Ok", Payee = payee } }
end

--- Debit-Notice: the token says that it made a transfer. It is a hint, and moves nothing.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function claims.debited(tim3, request)
  local tags = request.tags
  local payout = tim3.Sent[tags["X-Op-Id"] or ""]
  if payout and payout.to == tags.Recipient and payout.qty == tags.Quantity then
    payout.seen = true
  end
  return {}
end

--- Transfer-Error: the token says that it refused a transfer, which anybody can have it say here. Somebody has to look.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function claims.disputed(tim3, request)
  local id = request.tags["X-Op-Id"]
  local payout = tim3.Sent[id or ""]
  if payout and payout.state == "sent" and not payout.seen then
    payout.state = "disputed"
  end
  alarms.raise(tim3, "transfer-error", id)
  return {}
end

--- Resolve a payout whose fate the admin looked up in the token's own results.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function claims.resolvePayout(tim3, request)
  local id, verdict = request.input["Payout-Id"], request.input.Verdict
  local payout = tim3.Sent[id]
  if not payout then
    return nil, "unknown-payout", "there is no such payout"
  elseif payout.state == "settled" or payout.seen then
    return nil, "settled", "the payout is settled"
  elseif request.now - payout.at < HOUR_MS then
    return nil, "too-early", "a payout can be resolved an hour after it was sent"
  elseif verdict == "release" then
    return nil, "invalid-verdict", "a payout is `resend` or `settled`"
  end
  roles.log(tim3, request, "Resolve", id .. " " .. verdict)
  local messages = { { Target = request.from, Action = "Resolve-Ok", ["Payout-Id"] = id, Verdict = verdict } }
  if verdict == "resend" then
    payout.state, payout.at = "sent", request.now
    table.insert(messages, 1, payouts.transfer(tim3, id, payout))
  else
    payout.state = "settled"
  end
  return messages
end

--- Resolve a quarantined credit, a week after it came: owe it to an account.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function claims.resolveCredit(tim3, request)
  local id, user = ("d%d"):format(request.input["Credit-Reference"]), request.input.User
  local record = tim3.Ops.Records[id]
  if not record or record.state ~= "quarantined" or not record.qty then
    return nil, "unknown-credit", "there is no such amount in quarantine"
  elseif tim3.Config.mode ~= "custody" then
    return nil, "lock-mode", "what is owed is claimed in custody mode"
  elseif request.now - record.at < WEEK_MS then
    return nil, "too-early", "an amount stays in quarantine for a week"
  end
  record.state = "released"
  sums.owe(tim3, "Quarantined", user, record.qty)
  roles.log(tim3, request, "Resolve", ("%s %s to %s"):format(id, record.qty, user))
  return { { Target = request.from, Action = "Resolve-Ok", ["Op-Id"] = id, User = user, Quantity = record.qty } }
end

return claims
