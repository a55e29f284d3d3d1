--- The circuit breaker: when the processes of TIM3 fail each other too often, new mints wait; then one small mint is
-- tried. What users do wrong is no fault.
--
--   closed --too many faults--> open --after a pause, a small mint--> trial --completed--> closed
--                                 +-------<--anything else-------------+

local alarms = require("alarms")
local amounts = require("amounts")
local limits = require("limits")

local breaker = {}

--- Open the breaker.
--- @param tim3 table state
--- @param now integer milliseconds
local function open(tim3, now)
  tim3.Breaker = { state = "open", faults = {}, openedAt = now }
  alarms.raise(tim3, "breaker-open")
end

--- Count a fault of a process.
--- @param tim3 table state
--- @param now integer milliseconds
--- @param code string
function breaker.fault(tim3, now, code)
  alarms.raise(tim3, "fault", code)
  local faults = tim3.Breaker.faults
  local most, span = limits.get(tim3, "Breaker-Faults"), limits.get(tim3, "Breaker-Ms")
  faults[#faults + 1] = now
  while #faults > most or faults[1] and now - faults[1] >= span do
    table.remove(faults, 1) -- at most as many as the limit says
  end
  if tim3.Breaker.state == "closed" and #faults >= most then
    open(tim3, now)
  end
end

--- Refuse a mint while the breaker is open.
--- @param tim3 table state
--- @param quantity string
--- @param now integer milliseconds
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags
function breaker.refuse(tim3, quantity, now)
  local current = tim3.Breaker
  if current.state == "closed" then
    return nil
  elseif current.state == "trial" then
    return "paused", "the circuit breaker waits for one operation to end", { ["Retry-After-Ms"] = "60000" }
  end
  local rest = current.openedAt + limits.get(tim3, "Breaker-Pause-Ms") - now
  local most = limits.get(tim3, "Breaker-Trial")
  if rest > 0 then
    return "paused", "the circuit breaker is open", { ["Retry-After-Ms"] = tostring(rest) }
  elseif most and amounts.isLess(most, quantity) then
    return "paused", ("the circuit breaker lets a mint of up to %s through"):format(most), { Limit = most }
  end
end

--- Note that a mint was accepted: with the breaker open, it is the trial.
--- @param tim3 table state
--- @param id string Op-Id
function breaker.accepted(tim3, id)
  if tim3.Breaker.state == "open" then
    tim3.Breaker.state, tim3.Breaker.trial = "trial", id
  end
end

--- Note that an operation is finished.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table
--- @param now integer milliseconds
function breaker.finished(tim3, id, op, now)
  if tim3.Breaker.trial ~= id then
    return
  elseif op.state == "completed" then
    tim3.Breaker = { state = "closed", faults = {} }
  elseif op.wasUnfunded then
    tim3.Breaker.state, tim3.Breaker.trial = "open", nil -- nobody paid: it says nothing about the processes
  else
    open(tim3, now)
  end
end

return breaker
