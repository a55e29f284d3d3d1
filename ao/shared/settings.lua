--- Numbers the admin may change. A stricter value counts at once, a looser one after a delay; before the process is
-- active all count at once.
--
-- A definition is {read, default, looser, off}: a reader of `fields`, the value at first, whether a `higher` or a
-- `lower` value is the looser one, and whether it may be switched off by the word `off`.

local amounts = require("amounts")
local roles = require("roles")

local settings = {}

local OFF = "off"

--- How long a looser value waits, unless the setting Loosen-Delay-Ms says otherwise.
settings.DELAY_MS = 86400000

--- Return the value in force.
--- @param state table
--- @param definitions table by name
--- @param name string
--- @return any value, nil where it is off
function settings.get(state, definitions, name)
  local pending = state.Loosening[name]
  if pending and pending.at <= state.Now then
    state.Settings[name], state.Loosening[name] = pending.value, nil
  end
  local value = state.Settings[name]
  if value == nil then
    value = definitions[name].default
  end
  if value == OFF then
    return nil
  end
  return value
end

--- Tell whether one value is less than another.
--- @param left any amount or integer
--- @param right any the same
--- @return boolean
local function isLess(left, right)
  if math.type(left) then
    return left < right
  end
  return amounts.isLess(left, right)
end

--- Tell whether a new value would be looser than the one in force.
--- @param definition table
--- @param old any nil where it is off
--- @param new any
--- @return boolean
local function isLooser(definition, old, new)
  if old == nil then
    return false
  elseif new == OFF then
    return true
  elseif definition.looser == "higher" then
    return isLess(old, new)
  end
  return isLess(new, old)
end

--- Read the settings a request names.
--- @param definitions table
--- @param tags table<string, string>
--- @return table|nil [name] = value
--- @return string|nil error code
--- @return string|nil text
local function readAll(definitions, tags)
  local values = {}
  for name, definition in pairs(definitions) do
    if tags[name] == OFF and definition.off then
      values[name] = OFF
    elseif tags[name] then
      local value, problem = definition.read(tags[name])
      if problem then
        return nil, "invalid-" .. name:lower(), ("`%s` %s"):format(name, problem)
      end
      values[name] = value
    end
  end
  if not next(values) then
    return nil, "invalid-limits", "name at least one limit"
  end
  return values
end

--- Make the handler of Set-Limits.
--- @param definitions table
--- @return function
function settings.setter(definitions)
  return function(state, request)
    local values, problem, text = readAll(definitions, request.tags)
    if not values then
      return nil, problem, text
    end
    local delay = definitions["Loosen-Delay-Ms"] and settings.get(state, definitions, "Loosen-Delay-Ms")
    local answer = { Target = request.from, Action = "Set-Limits-Ok" }
    for name, value in pairs(values) do
      local looser = isLooser(definitions[name], settings.get(state, definitions, name), value)
      if state.Active and looser then
        local at = request.now + (delay or settings.DELAY_MS)
        state.Loosening[name] = { value = value, at = at }
        answer[name] = ("%s at %d"):format(value, at)
      else
        state.Settings[name], state.Loosening[name] = value, nil
        answer[name] = tostring(value)
      end
    end
    local names = {}
    for name in pairs(values) do
      names[#names + 1] = name .. "=" .. answer[name]
    end
    table.sort(names)
    roles.log(state, request, "Set-Limits", table.concat(names, " "))
    return { answer }
  end
end

--- Put the values in force into an answer.
--- @param state table
--- @param definitions table
--- @param answer table message
--- @return table message
function settings.describe(state, definitions, answer)
  for name in pairs(definitions) do
    local value = settings.get(state, definitions, name)
    answer[name] = value == nil and OFF or tostring(value)
  end
  return answer
end

return settings
