--- What a snapshot brings back: parameters, formatters, and the spies that sit in tables.

local parameters, formatters, spies = {}, {}, {}
local snapshots = {} -- those that can still be reverted, oldest first

local state = {}

local function copy(t)
  local copied = {}
  for key, value in pairs(t) do copied[key] = value end
  return copied
end

--- Brings back how things were at a snapshot, which is then used up, as all later ones are.
function state.revert(snapshot)
  if not snapshot or snapshots[snapshot.index] ~= snapshot then error("Value provided is not a valid snapshot", 2) end
  for index = #spies, snapshot.spies + 1, -1 do
    local spy = spies[index]
    spies[index] = nil
    spy:revert()
  end
  parameters, formatters = snapshot.parameters, snapshot.formatters
  for index = #snapshots, snapshot.index, -1 do snapshots[index] = nil end
end

--- @return table snapshot with a method `revert`
function state.snapshot()
  local snapshot = {
    index = #snapshots + 1, spies = #spies, parameters = copy(parameters), formatters = copy(formatters),
    revert = state.revert,
  }
  snapshots[snapshot.index] = snapshot
  return snapshot
end

--- Reverts a snapshot, unless that has been done.
function state.restore(snapshot)
  if snapshots[snapshot.index] == snapshot then state.revert(snapshot) end
end

--- Lets snapshots revert a spy.
function state.add_spy(spy) spies[#spies + 1] = spy end

function state.set_parameter(name, value)
  if name == nil then error("a parameter needs a name", 3) end
  parameters[name] = value
end

function state.get_parameter(name) return parameters[name] end

--- Adds a function that shows values: it returns text, or nil where it leaves the value to others. The last is asked
--- first.
function state.add_formatter(formatter) table.insert(formatters, 1, formatter) end

function state.remove_formatter(formatter)
  for index, each in ipairs(formatters) do
    if each == formatter then return table.remove(formatters, index) and nil end
  end
end

--- What the formatters make of a value.
--- @param details any what the assertion says about this argument, such as its `crumbs`
--- @return string|nil
function state.format_argument(value, details)
  for _, formatter in ipairs(formatters) do
    local text = formatter(value, details)
    if text ~= nil then return text end
  end
end

return state
