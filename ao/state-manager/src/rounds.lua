--- Rounds: the token-manager is asked for a report, then the lock-manager, then the token-manager again, and the
-- coordinator. The last report completes the round.

local alarms = require("alarms")
local counters = require("counters")
local journal = require("journal")
local judge = require("judge")
local limits = require("limits")
local outbox = require("outbox")
local setup = require("setup")

local rounds = {}

local TICK_MS = 300000

--- After how long a round that is not complete is given up.
rounds.PATIENCE_MS = 60000

--- The sums that a role's report must tell.
rounds.SUMS = {
  coordinator = {},
  ["lock-manager"] = { "Vouched", "Released", "Collateral", "Backing", "Deficit" },
  ["token-manager"] = { "Minted", "Burned", "Restored" },
}

-- What each step waits for, and what follows it.
local STEPS = {
  first = { role = "token-manager", after = "locks" },
  locks = { role = "lock-manager", after = "second" },
  second = { role = "token-manager" },
}

--- Ask a peer for a report.
--- @param tim3 table state
--- @param role string
--- @param step string
--- @return table message
local function ask(tim3, role, step)
  local round = ("%d-%s"):format(tim3.Round, step)
  return { Target = setup.peer(tim3, role), Action = "Get-Report", Round = round }
end

--- Refresh, Tick and Cron: begin a round, if none is running.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags
function rounds.refresh(tim3, request)
  if not tim3.Config then
    return nil, "not-active", "the process is not configured"
  end
  local age = tim3.RoundAt and request.now - tim3.RoundAt
  local patience = tim3.Step and rounds.PATIENCE_MS or limits.get(tim3, "Refresh-Ms")
  if age and age < patience then
    local wait = { ["Retry-After-Ms"] = tostring(patience - age) }
    return nil, "too-soon", ("a round began %d ms ago"):format(age), wait
  end
  tim3.Round, tim3.RoundAt, tim3.Step, tim3.Gathered = tim3.Round + 1, request.now, "first", {}
  return {
    ask(tim3, "token-manager", "first"),
    { Target = request.from, Action = "Refresh-Ok", Round = tostring(tim3.Round) },
  }
end

--- Publish what changed since the last time.
--- @param tim3 table state
--- @return table[] messages
local function publish(tim3)
  local changes = {}
  for key, value in pairs(tim3.Current) do
    if tim3.Published[key] ~= tostring(value) then
      changes[key] = tostring(value)
      tim3.Published[key] = changes[key]
    end
  end
  return next(changes) and { outbox.patch(changes) } or {}
end

--- Write a completed round into the history: one entry for each five minutes, the last of them.
--- @param tim3 table state
local function remember(tim3)
  local book, current = tim3.History, tim3.Current
  local entry = {
    at = current.at,
    round = current.round,
    level = current.level,
    ratio = current.ratio,
    supply = current.supply,
    backing = current.backing,
  }
  local last = book.Items[book.Last]
  if last and last.at // TICK_MS == current.at // TICK_MS then
    book.Items[book.Last] = entry
  else
    journal.append(book, entry)
  end
end

--- Tell the coordinator the level.
--- @param tim3 table state
--- @return table message
local function alert(tim3)
  local current = tim3.Current
  return {
    Target = setup.peer(tim3, "coordinator"),
    Action = "Risk-Alert",
    Level = current.level,
    Code = tim3.Bad and tim3.Bad.code or "sound",
    Evidence = ("round %d: supply %s, backing %s, net ratio %s"):format(
      current.round,
      current.supply,
      current.backing,
      current.net
    ),
  }
end

--- Judge the round that is complete.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
local function complete(tim3, request)
  local gathered, before = tim3.Gathered, tim3.Current.level
  local result = judge.round(gathered.first, gathered.locks, gathered.second)
  local level
  level, tim3.Bad = judge.level(tim3.Bad, result, request.now, {
    warning = limits.get(tim3, "Warning-Bps"),
    critical = limits.get(tim3, "Critical-Bps"),
    after = limits.get(tim3, "Critical-After-Ms"),
  })
  tim3.Step = nil
  tim3.Current = {
    level = level,
    ratio = result.ratio,
    net = result.net,
    supply = result.supply,
    backing = result.backing,
    round = tim3.Round,
    at = request.now,
  }
  remember(tim3)
  local messages = publish(tim3)
  if level ~= before then
    if level ~= "Normal" then
      alarms.raise(tim3, "risk", level .. " " .. tim3.Bad.code)
    end
    messages[#messages + 1] = alert(tim3)
  end
  messages[#messages + 1] = ask(tim3, "coordinator", "end")
  return messages
end

--- Go on with the round, if a report is the one it waits for.
--- @param tim3 table state
--- @param request table
--- @param role string
--- @param report table
--- @return table[] messages
local function progress(tim3, request, role, report)
  local step = STEPS[tim3.Step]
  if not step or step.role ~= role or report.Round ~= ("%d-%s"):format(tim3.Round, tim3.Step) then
    return {}
  end
  tim3.Gathered[tim3.Step] = report
  if not step.after then
    return complete(tim3, request)
  end
  tim3.Step = step.after
  return { ask(tim3, STEPS[step.after].role, step.after) }
end

--- Tell whether a report tells all that it must.
--- @param role string
--- @param report table
--- @return boolean
local function isComplete(role, report)
  for _, name in ipairs(rounds.SUMS[role]) do
    if not report[name] then
      return false
    end
  end
  return true
end

--- Report: a peer tells its sums. One that is not newer than the last is ignored.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function rounds.report(tim3, request)
  local role, report = tim3.Config.roles[request.from], request.input
  if report.Role ~= role or not isComplete(role, report) then
    alarms.raise(tim3, "bad-report", role)
    return {}
  end
  local last = tim3.Latest[role]
  if last and report.Seq <= last.Seq then
    counters.count(tim3, "stale-reports")
    return {}
  end
  tim3.Latest[role] = report
  if report["Config-Hash"] ~= tim3.Config.hash then
    alarms.raise(tim3, "config-mismatch", role)
    return {}
  end
  if role == "coordinator" and report.Risk ~= tim3.Current.level then
    return { alert(tim3) } -- the last one did not arrive
  end
  return progress(tim3, request, role, report)
end

return rounds
