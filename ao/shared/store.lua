--- A process's state: one table, which new code finds and keeps, and brings to its own layout step by step.

local journal = require("journal")

local store = {}

--- Make what every process of TIM3 keeps, beside its own.
--- @param role string of the process, such as "token-manager"
--- @param owner string the first admin and guardian
--- @return table state
function store.new(role, owner)
  return {
    Role = role,
    Admin = owner, -- may change parameters
    Guardian = owner, -- may pause
    Now = 0, -- the clock: milliseconds
    Height = 0, -- and blocks
    Counters = {}, -- see `counters`
    Log = journal.new(256), -- what admins did
    Alarms = journal.new(64), -- what should not happen
    Settings = {}, -- [name] = value where it is not the default
    Loosening = {}, -- [name] = {value, at}: a looser value that is not yet in force
    Config = nil, -- see `setup`
    Proposal = nil, -- {config, at}
    Seen = {}, -- [role] = true once that peer said that it has the same configuration
    Active = false,
    Halted = nil, -- the invariant that did not hold
    Seq = 0, -- of reports
  }
end

--- Return the state to go on with.
--- @param state table|nil what the process has
--- @param schema integer the layout the code works on
--- @param make function() -> table: the state of a new process
--- @param migrations table<integer, function>|nil [n] = function(state): from layout n to n + 1
--- @return table state
function store.open(state, schema, make, migrations)
  if not state then
    state = make()
    state.Schema = schema
    return state
  end
  local from = math.tointeger(state.Schema) or 0
  for step = from, schema - 1 do -- all there, before the first of them changes anything
    assert(migrations and migrations[step], "this code cannot read a state of schema " .. tostring(state.Schema))
  end
  assert(from >= 1 and from <= schema, "this code cannot read a state of schema " .. tostring(state.Schema))
  for step = from, schema - 1 do
    migrations[step](state)
    state.Schema = step + 1
  end
  journal.append(state.Log, { at = state.Now, act = "New-Code", by = state.Admin })
  return state
end

return store
