--- What all processes of TIM3 have in common: their administration, their journals, and how they are put together.

local dispatch = require("dispatch")
local fields = require("fields")
local journal = require("journal")
local roles = require("roles")
local settings = require("settings")
local setup = require("setup")

local process = {}

local AFTER = { { "After", fields.optional(fields.integer) } }

--- How often Tick looks for what is due.
local TICK_MS = 10000

--- Make the handler that prints a page of a journal.
--- @param name string of the journal in the state
--- @param action string of the answer
--- @return function
local function pager(name, action)
  return function(state, request)
    local data = journal.page(state[name], request.input.After)
    return { { Target = request.from, Action = action, Last = tostring(state[name].Last), Data = data } }
  end
end

--- Make the handler of Tick: anybody may remind the process of what is due, which has an effect every ten seconds.
--- @param sweep function(state, request) -> messages
--- @return function
local function ticker(sweep)
  return function(state, request)
    if state.Halted or request.now - (state.LastTick or -TICK_MS) < TICK_MS then
      return {}
    end
    state.LastTick = request.now
    return sweep(state, request)
  end
end

--- Add routes to routes.
--- @param routes table<string, table>
--- @param further table<string, table>
local function join(routes, further)
  for action, route in pairs(further) do
    routes[action] = route
  end
end

--- Return what an answer to Info says of every process.
--- @param state table
--- @param request table
--- @return table message
function process.describe(state, request)
  return {
    Target = request.from,
    Process = request.process,
    Role = state.Role,
    Version = setup.VERSION,
    ["Config-Hash"] = state.Config and state.Config.hash or "none",
    ["Collateral-Mode"] = state.Config and state.Config.mode or "none",
    Active = tostring(state.Active),
    Halted = state.Halted or "no",
    Admin = state.Admin,
    Alarms = tostring(state.Counters.alarms or 0),
  }
end

--- Return the routes that print the journals.
--- @return table<string, table>
function process.journals()
  return {
    ["Admin-Log"] = { kind = "read", takes = AFTER, run = pager("Log", "Admin-Log-Reply") },
    Alarms = { kind = "read", takes = AFTER, run = pager("Alarms", "Alarms-Reply") },
  }
end

--- Register a process: its routes, and those that all processes have.
--- @param state table
--- @param definition table {routes, settings, busy, around, check, sweep}: `settings` as in `settings`, `busy` as
--- `refuse` in `setup`, `around` wraps the handlers of the set-up, `check` and `sweep` as in `dispatch`
function process.start(state, definition)
  local routes = setup.routes(definition.busy)
  for _, route in pairs(definition.around and routes or {}) do
    route.run = definition.around(route.run)
  end
  routes["Transfer-Admin"] =
    { kind = "command", from = roles.isAdmin, takes = { { "Admin", fields.party } }, run = roles.transferAdmin }
  routes["Set-Limits"] = { kind = "command", from = roles.isAdmin, run = settings.setter(definition.settings) }
  join(routes, process.journals())
  if definition.sweep then
    routes.Tick = { kind = "command", quiet = true, run = ticker(definition.sweep) }
    routes.Cron = routes.Tick
  end
  join(routes, definition.routes)
  dispatch.install(state, routes, definition)
end

return process
