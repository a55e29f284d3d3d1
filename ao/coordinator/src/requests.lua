--- What users ask for: mints and burns, and deposits that came without being announced.

local amounts = require("amounts")
local breaker = require("breaker")
local commands = require("commands")
local flows = require("flows")
local limits = require("limits")
local opbook = require("opbook")
local quotas = require("quotas")
local setup = require("setup")
local users = require("users")

local requests = {}

--- Refuse an amount that is too small or too large.
--- @param tim3 table state
--- @param quantity string
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags
local function refuseAmount(tim3, quantity)
  local least, most = limits.get(tim3, "Min-Amount"), limits.get(tim3, "Max-Per-Op")
  if amounts.isLess(quantity, least) then
    return "below-minimum", ("the least amount is %s"):format(least), { Limit = least }
  elseif most and amounts.isLess(most, quantity) then
    return "above-maximum", ("the largest amount is %s"):format(most), { Limit = most }
  end
end

--- Refuse a user who has enough under way, or was here a moment ago.
--- @param tim3 table state
--- @param user string
--- @param now integer milliseconds
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags
local function refuseUser(tim3, user, now)
  local known = users.get(tim3, user)
  local most = limits.get(tim3, "Max-In-Flight")
  if known.open >= most then
    return "in-flight", "an operation of this user is still under way", { Limit = tostring(most) }
  elseif opbook.open(tim3.Ops) >= limits.get(tim3, "Max-In-Flight-Total") then
    return "in-flight", "too many operations are under way", { ["Retry-After-Ms"] = "60000" }
  elseif now < known.cooldownUntil then
    local wait = { ["Retry-After-Ms"] = tostring(known.cooldownUntil - now) }
    return "cooldown", "the user's last operation was accepted a moment ago", wait
  end
end

--- Refuse an operation that cannot be accepted now.
--- @param tim3 table state
--- @param request table
--- @param kind string mint or burn
--- @param user string
--- @param quantity string
--- @param isUnfunded boolean
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags
local function refuse(tim3, request, kind, user, quantity, isUnfunded)
  if not tim3.Active then
    return "not-active", "the coordinator is not active"
  elseif tim3.Paused[kind] then
    return "paused", ("new %ss are paused: %s"):format(kind, tim3.Paused[kind])
  end
  local code, text, further = refuseAmount(tim3, quantity)
  if not code then
    code, text, further = refuseUser(tim3, user, request.now)
  end
  if not code and kind == "mint" then
    code, text, further = breaker.refuse(tim3, quantity, request.now)
  end
  if not code then
    code, text, further = quotas.refuse(tim3, kind, user, quantity, request, isUnfunded)
  end
  return code, text, further
end

--- Make the handler of Mint or Burn.
--- @param kind string mint or burn
--- @return function
local function opener(kind)
  --- @param tim3 table state
  --- @param request table
  --- @return table[]|nil messages
  --- @return string|nil error code
  --- @return string|nil text
  --- @return table|nil further tags
  return function(tim3, request)
    local user, quantity, now = request.from, request.input.Quantity, request.now
    local known = tim3.ByMessage[request.id]
    if known then
      return { commands.notice(tim3, known, opbook.get(tim3.Ops, known)) }
    end
    local wait = users.flood(tim3, user, now)
    if wait then
      return nil, "flood", "too many requests", { ["Retry-After-Ms"] = tostring(wait) }
    end
    local isCustody = kind == "mint" and tim3.Config ~= nil and tim3.Config.mode == "custody"
    local code, text, further = refuse(tim3, request, kind, user, quantity, isCustody)
    if code then
      return nil, code, text, further
    end

    tim3.OpSeq = tim3.OpSeq + 1
    local id = ("%d-%s"):format(tim3.OpSeq, request.id)
    tim3.ByMessage[request.id] = id
    local op = { kind = kind, user = user, qty = quantity, message = request.id, ref = request.input["Client-Ref"] }
    op.isUnfunded = isCustody or nil
    local state, asked = "burning", "Burn"
    if kind == "mint" then
      state, asked = "collateral", isCustody and "Expect-Deposit" or "Lock-Collateral"
    end
    local messages = flows.open(tim3, request, id, op, state, asked)
    messages[#messages + 1] = commands.notice(tim3, id, op)
    return messages
  end
end

requests.mint = opener("mint")
requests.burn = opener("burn")

--- Answer the lock-manager's question about a deposit.
--- @param tim3 table state
--- @param id string Op-Id of the deposit
--- @param word string accept or refuse
--- @param further table tags by name
--- @return table message
local function decision(tim3, id, word, further)
  local message = {
    Target = setup.peer(tim3, "lock-manager"),
    Action = "Deposit-Decision",
    ["Op-Id"] = id,
    Decision = word,
  }
  for name, value in pairs(further) do
    message[name] = value
  end
  return message
end

--- Return the operation a deposit was announced by: one of the same user and quantity that still awaits it, or that
-- this very deposit was booked under before.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id of the deposit
--- @return string|nil Op-Id
--- @return table|nil op
local function announced(tim3, request, id)
  local claimed = request.input["Claimed-Op-Id"]
  local op = claimed and opbook.get(tim3.Ops, claimed)
  local isEqual = op and op.kind == "mint" and op.user == request.input.User and op.qty == request.input.Quantity
  if not isEqual then
    return nil
  elseif op.deposit == id and op.outcome ~= "expired" then
    return claimed, op
  elseif not op.deposit and op.state == "collateral" then
    return claimed, op
  end
end

--- Repeat what was decided about a deposit.
--- @param tim3 table state
--- @param id string Op-Id of the deposit
--- @param op table
--- @return table[] messages
local function decided(tim3, id, op)
  return { decision(tim3, id, op.refused and "refuse" or "accept", { Reason = op.refused }) }
end

--- Refuse a deposit, and tell its sender that it is to be claimed.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id of the deposit
--- @param code string
--- @param text string
--- @param further table|nil
--- @return table[] messages
local function refund(tim3, request, id, code, text, further)
  local op = {
    kind = "mint",
    state = "rejected",
    outcome = "rejected",
    user = request.input.User,
    qty = request.input.Quantity,
    refused = code,
    code = code,
    history = { { at = request.now, state = "rejected" } },
    deadline = request.now,
  }
  opbook.put(tim3.Ops, id, op)
  flows.close(tim3, id, request.now)
  local notice = {
    Target = op.user,
    Action = "Mint-Error",
    ["Error-Code"] = code,
    Error = text,
    ["Op-Id"] = id,
    Quantity = op.qty,
    Outcome = "refunded",
    ["Payout-State"] = "claimable",
  }
  for name, value in pairs(further or {}) do
    notice[name] = value
  end
  return { decision(tim3, id, "refuse", { Reason = code }), notice }
end

--- Deposit-Received: the lock-manager has a deposit, and asks what to do with it.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function requests.deposit(tim3, request)
  local id, user, quantity = request.input["Op-Id"], request.input.User, request.input.Quantity
  local claimed, intent = announced(tim3, request, id)
  if intent then
    intent.deposit = id
    quotas.fund(tim3, intent)
    flows.deposited(tim3, claimed, intent, request.now)
    return { decision(tim3, id, "accept", { As = claimed }) }
  end
  local known, under = opbook.get(tim3.Ops, id), request.input["Claimed-Op-Id"]
  if known then
    return decided(tim3, id, known)
  elseif opbook.isStale(tim3.Ops, id) or under and opbook.isStale(tim3.Ops, under) then
    -- it may have been decided on; a deposit that was booked under an operation is forgotten with that
    return { decision(tim3, id, "refuse", { Reason = "stale-op" }) }
  end
  local code, text, further = refuse(tim3, request, "mint", user, quantity, false)
  if code then
    return refund(tim3, request, id, code, text, further)
  end
  local op = { kind = "mint", user = user, qty = quantity }
  local messages = flows.open(tim3, request, id, op, "collateral", nil)
  flows.deposited(tim3, id, op, request.now)
  messages[#messages + 1] = decision(tim3, id, "accept", {})
  messages[#messages + 1] = commands.notice(tim3, id, op)
  return messages
end

return requests
