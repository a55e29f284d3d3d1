--- What anybody may ask the coordinator, and what the state-manager is told.

local amounts = require("amounts")
local limits = require("limits")
local opbook = require("opbook")
local process = require("process")
local quotas = require("quotas")
local settings = require("settings")
local users = require("users")

local reads = {}

--- Info: the process and how it stands.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function reads.info(tim3, request)
  local answer = process.describe(tim3, request)
  answer.Guardian, answer.Risk, answer.Breaker = tim3.Guardian, tim3.Risk, tim3.Breaker.state
  answer["Paused-Mint"], answer["Paused-Burn"] = tim3.Paused.mint or "no", tim3.Paused.burn or "no"
  answer["In-Flight"] = tostring(opbook.open(tim3.Ops))
  return { answer }
end

--- Write an operation's history as JSON.
--- @param op table
--- @return string
local function history(op)
  local parts = {}
  for index, entry in ipairs(op.history) do
    parts[index] = ('{"at":%d,"state":"%s"}'):format(entry.at, entry.state)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

--- Op-Status: how an operation stands, by its Op-Id or by the id of the message that asked for it.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function reads.status(tim3, request)
  local id = request.input["Op-Id"] or tim3.ByMessage[request.input["Message-Id"] or ""]
  local op = id and opbook.get(tim3.Ops, id)
  if not op then
    return nil, "unknown-op", "there is no such operation, or it was forgotten"
  end
  return {
    {
      Target = request.from,
      Action = "Op-Status-Reply",
      ["Op-Id"] = id,
      Kind = op.kind,
      State = op.state,
      User = op.user,
      Quantity = op.qty,
      Deadline = tostring(op.deadline),
      Outcome = op.outcome or "none",
      ["Payout-State"] = op.payout,
      ["Error-Code"] = op.code,
      ["Client-Ref"] = op.ref,
      Stuck = tostring(op.stuck == true),
      Data = history(op),
    },
  }
end

--- Limits: the limits in force, and what of them is left to a user.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function reads.limits(tim3, request)
  local user = request.input.User or request.from
  local answer = { Target = request.from, Action = "Limits-Reply", User = user }
  settings.describe(tim3, limits.DEFINITIONS, answer)
  for kind, name in pairs({ mint = "Mint-Remaining", burn = "Burn-Remaining" }) do
    local least = limits.get(tim3, "Max-Per-Op")
    for _, entry in ipairs(quotas.lines(tim3, kind, user, request)) do
      local rest = entry.limit and (amounts.subtract(entry.limit, entry.used) or "0")
      if rest and (not least or amounts.isLess(rest, least)) then
        least = rest
      end
    end
    answer[name] = least or "unlimited"
  end
  local known = users.get(tim3, user)
  answer["User-In-Flight"] = tostring(known.open)
  answer["Cooldown-Until"] = tostring(known.cooldownUntil)
  for name, value in pairs(tim3.Loosening) do
    answer["Pending-" .. name] = ("%s at %d"):format(value.value, value.at)
  end
  return { answer }
end

--- Get-Report: how many operations there are, and how they ended.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function reads.report(tim3, request)
  tim3.Seq = tim3.Seq + 1
  local report = {
    Target = request.from,
    Action = "Report",
    Role = tim3.Role,
    Seq = tostring(tim3.Seq),
    Round = request.input.Round,
    Risk = tim3.Risk,
    Opened = tostring(tim3.OpSeq),
    ["In-Flight"] = tostring(opbook.open(tim3.Ops)),
    ["Paused-Mint"] = tim3.Paused.mint or "no",
    ["Paused-Burn"] = tim3.Paused.burn or "no",
    Breaker = tim3.Breaker.state,
    Ops = tostring(tim3.Ops.Size),
    Alarms = tostring(tim3.Counters.alarms or 0),
    ["Config-Hash"] = tim3.Config.hash,
  }
  for name, count in pairs(tim3.Outcomes) do
    report[name:gsub("^%l", string.upper):gsub("%-%l", string.upper)] = tostring(count)
  end
  return { report }
end

--- Say which invariant does not hold.
--- @param tim3 table state
--- @return string|nil
function reads.check(tim3)
  if amounts.isLess(tim3.Reserved, tim3.Unfunded) then
    return "more is unfunded than reserved"
  elseif opbook.open(tim3.Ops) == 0 and tim3.Reserved ~= "0" then
    return "something is reserved while no operation is under way"
  end
end

return reads
