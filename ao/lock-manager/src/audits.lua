--- Whether the collateral is really there: what the token says of this process's account, held against the books. An
-- answer never authorises a payment.

local alarms = require("alarms")
local amounts = require("amounts")
local fields = require("fields")
local messages = require("messages")
local setup = require("setup")
local sums = require("sums")

local audits = {}

local EVERY_MS = 60000

--- Wrap a handler of the token's messages so that their order is known: a balance that is told in an older message
-- than one already handled says nothing about now.
--- @param run function(tim3, request) -> messages
--- @return function
function audits.seen(run)
  return function(tim3, request)
    local answers = run(tim3, request)
    local reference = fields.integer(request.tags.Reference)
    if answers and reference then
      tim3.Audit.reference = math.max(tim3.Audit.reference, reference)
    end
    return answers
  end
end

--- Ask the token for the balance of this process, if it was not asked lately. Dialects differ in the tag's name.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
local function ask(tim3, request)
  local audit, me = tim3.Audit, request.process
  if audit.askedAt > 0 and request.now - audit.askedAt < EVERY_MS then
    return {}
  end
  audit.askedAt = request.now
  local tags = { Recipient = me, Address = me, Action = "Balance", Target = setup.peer(tim3, "usda") }
  return { tags }
end

--- Compare a balance with the books.
--- @param tim3 table state
--- @param balance string
--- @param now integer milliseconds
local function compare(tim3, balance, now)
  local booked = sums.booked(tim3)
  if tim3.Config.mode == "lock" then
    booked = amounts.subtract(tim3.PoolIn, tim3.PoolOut) or "0" -- a capture may be confirmed after a release is ordered
  end
  local audit = tim3.Audit
  local before = audit.deficit
  audit.balance, audit.booked, audit.at = balance, booked, now
  audit.deficit = amounts.subtract(booked, balance) or "0"
  if audit.deficit ~= "0" and before == "0" then
    alarms.raise(tim3, "audit-deficit", audit.deficit)
  end
end

--- Take an answer of the token without an action: its description or a balance.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function audits.answered(tim3, request)
  local tags = request.tags
  local reference = fields.integer(tags.Reference)
  if tags.Denomination then
    return audits.described(tim3, tags.Denomination)
  end
  local told = tim3.Config.mode == "lock" and tags.Locked or tags.Balance
  local isNew = reference and reference > tim3.Audit.reference
  if isNew and tags.Account == request.process and amounts.isAmount(told) then
    compare(tim3, told, request.now)
  end
  return {}
end

--- Greet the peers once the token is the one to work with.
--- @param tim3 table state
--- @param denomination string
--- @return table[] messages
function audits.described(tim3, denomination)
  if denomination ~= setup.DENOMINATION then
    alarms.raise(tim3, "denomination", denomination)
    return {}
  elseif not tim3.Silent then
    return {}
  end
  tim3.Silent = false
  return setup.greet(tim3, true)
end

--- Wrap a handler of the set-up so that the token is asked for its description until it gave it.
--- @param run function
--- @return function
function audits.asking(run)
  return function(tim3, request)
    local answers, problem, text = run(tim3, request)
    if answers and tim3.Silent then
      answers[#answers + 1] = messages.usda(tim3, "Info", {})
    end
    return answers, problem, text
  end
end

--- Get-Report: tell the state-manager all sums, and look after the token's own.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function audits.report(tim3, request)
  tim3.Seq = tim3.Seq + 1
  local answers = ask(tim3, request)
  answers[#answers + 1] = {
    Target = request.from,
    Action = "Report",
    Role = tim3.Role,
    Seq = tostring(tim3.Seq),
    Round = request.input.Round,
    Vouched = tim3.Vouched,
    Voided = tim3.Voided,
    Released = tim3.Released,
    Returned = tim3.Returned,
    Collateral = amounts.total(tim3.Collateral, tim3.Releasing),
    Pending = tim3.Pending,
    Quarantined = tim3.Quarantined,
    Claimable = tim3.Owed,
    Buffer = tim3.Buffer,
    Backing = sums.booked(tim3),
    Deficit = tim3.Audit.deficit,
    Ops = tostring(tim3.Ops.Size),
    Alarms = tostring(tim3.Counters.alarms or 0),
    ["Config-Hash"] = tim3.Config.hash,
  }
  return answers
end

return audits
