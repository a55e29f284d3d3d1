--- Deep comparison and deep copies, safe with tables inside themselves.

local format = ...

local deep = {}

local function comparesItself(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__eq") ~= nil
end

local function differs(expected, actual, path, seen)
  if rawequal(expected, actual) then return false end
  if type(expected) ~= "table" or type(actual) ~= "table" or comparesItself(expected) or comparesItself(actual) then
    return expected ~= actual
  end
  seen[expected] = seen[expected] or {}
  if seen[expected][actual] then return false end
  seen[expected][actual] = true
  local function at(key)
    path[#path + 1] = key
    if differs(rawget(expected, key), rawget(actual, key), path, seen) then return true end
    path[#path] = nil
  end
  for _, key in ipairs(format.keys(expected)) do
    if at(key) then return true end
  end
  for _, key in ipairs(format.keys(actual)) do
    if rawget(expected, key) == nil and at(key) then return true end
  end
  return false
end

--- Whether two values hold the same, by content; `__eq` decides where a table has one.
--- @return boolean same
--- @return any[] path the keys that lead to the first difference
function deep.same(expected, actual)
  local path = {}
  return not differs(expected, actual, path, {}), path
end

--- A copy that later changes to the original do not reach.
function deep.copy(value, seen)
  if type(value) ~= "table" then return value end
  seen = seen or {}
  if seen[value] then return seen[value] end
  local copy = {}
  seen[value] = copy
  for key, item in next, value do copy[key] = deep.copy(item, seen) end
  return debug.setmetatable(copy, debug.getmetatable(value))
end

return deep
