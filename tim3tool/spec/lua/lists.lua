--- Lists that may hold nil, with their length in `n`, and the argument lists that spies remember.

local lists = {}

local Arguments = {} -- the metatable that marks the values of one call

lists.pack = table.pack

--- The values of a list, nil at its end included.
function lists.unpack(list, first, last) return table.unpack(list, first or 1, last or list.n or #list) end

--- Puts a value in front of a position, or at the end, and keeps `n`.
--- @param t table
--- @param ... any position and value, or the value alone
function lists.insert(t, ...)
  local at, value = ...
  if select("#", ...) < 2 then at, value = (t.n or #t) + 1, at end
  local count = t.n or #t
  if type(at) ~= "number" then error(("bad argument #2 to 'tinsert' (number expected, got %s)"):format(type(at)), 2) end
  for index = count, at, -1 do t[index + 1] = t[index] end
  t[at] = value
  t.n = math.max(count + 1, at)
end

--- Takes out the value at a position, or the last one, and keeps `n`.
--- @return any value nil where there is none
function lists.remove(t, at)
  local count = t.n or #t
  at = at or count
  if count < 1 or at > count then return nil end
  local value = t[at]
  for index = at, count do t[index] = t[index + 1] end
  t.n = count - 1
  return value
end

--- The arguments of a call as a list that is shown as one.
function lists.arguments(...) return setmetatable(table.pack(...), Arguments) end

--- Whether a value comes from `lists.arguments`.
function lists.isArguments(value) return getmetatable(value) == Arguments end

--- Empties a list.
function lists.clear(list)
  for index = 1, list.n do list[index] = nil end
  list.n = nil
end

--- A list as it is now, beside the list as it may change later.
--- @param copy function makes a deep copy of one value
--- @return table `vals` and `refs`
function lists.remember(list, copy)
  local values = setmetatable({ n = list.n }, getmetatable(list))
  for index = 1, list.n do values[index] = copy(list[index]) end
  return { vals = values, refs = list }
end

return lists
