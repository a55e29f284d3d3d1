--- What stops the coordinator and starts it again.

local alarms = require("alarms")
local roles = require("roles")
local setup = require("setup")

local control = {}

local SCOPES = { mint = { "mint" }, burn = { "burn" }, all = { "mint", "burn" } }

--- Activate: accept operations from now on. All peers must have greeted with the same configuration; those that have
-- not are greeted again.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function control.activate(tim3, request)
  if not tim3.Config then
    return nil, "not-configured", "the process is not configured"
  end
  local missing = setup.missing(tim3)
  if #missing > 0 then
    local messages = setup.greet(tim3)
    local names = table.concat(missing, ", ")
    messages[#messages + 1] = {
      Target = request.from,
      Action = "Activate-Error",
      ["Error-Code"] = "not-ready",
      Error = "these have not greeted with the same configuration: " .. names,
      Missing = names,
    }
    return messages
  end
  tim3.Active = true
  roles.log(tim3, request, "Activate", tim3.Config.hash)
  return { { Target = request.from, Action = "Activate-Ok", ["Config-Hash"] = tim3.Config.hash } }
end

--- Pause: accept no new operations of a scope. Those under way go on; with Mode=refund mints that are not confirmed are
-- cancelled and refunded.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function control.pause(tim3, request)
  local scope, reason = request.input.Scope, request.tags.Reason or "no reason given"
  for _, kind in ipairs(SCOPES[scope]) do
    tim3.Paused[kind] = reason
  end
  tim3.Refunding = tim3.Refunding or request.input.Mode == "refund" and scope ~= "burn"
  roles.log(tim3, request, "Pause", scope .. ": " .. reason)
  return { { Target = request.from, Action = "Pause-Ok", Scope = scope } }
end

--- Unpause: accept operations of a scope again, unless the state-manager reports that the collateral is short.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function control.unpause(tim3, request)
  local scope, isForced = request.input.Scope, request.input.Force == "yes"
  if tim3.Risk == "Critical" and not isForced then
    return nil, "critical", "the state-manager reports a critical state; `Force=yes` overrides it"
  end
  for _, kind in ipairs(SCOPES[scope]) do
    tim3.Paused[kind] = nil
  end
  if scope ~= "burn" then
    tim3.Refunding = false
  end
  roles.log(tim3, request, "Unpause", scope .. (isForced and " by force" or ""))
  return { { Target = request.from, Action = "Unpause-Ok", Scope = scope } }
end

--- Risk-Alert: the state-manager tells a level. It can stop mints, and start nothing.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function control.alerted(tim3, request)
  local level, code = request.input.Level, request.tags.Code or "unknown"
  if level ~= tim3.Risk then
    roles.log(tim3, request, "Risk-Alert", level .. " " .. code)
  end
  tim3.Risk = level
  if level == "Critical" and not tim3.Paused.mint then
    tim3.Paused.mint = "risk: " .. code
    alarms.raise(tim3, "critical", code)
  end
  return {}
end

return control
