--- Deep comparison and deep copies, safe with tables inside themselves.

local deep = {}

local RANK = { number = 1, boolean = 2, string = 3, table = 4, ["function"] = 5, userdata = 6, thread = 7 }

local opaque = {} -- metatables of what is never copied: spies and matchers

local function before(a, b)
  local kind = type(a)
  if kind ~= type(b) then return RANK[kind] < RANK[type(b)] end
  if kind == "number" or kind == "string" then return a < b end
  return kind == "boolean" and a and not b
end

--- The keys of a table in one order: those of its sequence, then numbers, booleans, strings, the rest.
--- @param t table
--- @return any[]
function deep.keys(t)
  local keys, others, length = {}, {}, rawlen(t)
  for index = 1, length do
    if rawget(t, index) ~= nil then keys[#keys + 1] = index end
  end
  for key in next, t do
    if math.type(key) ~= "integer" or key < 1 or key > length then others[#others + 1] = key end
  end
  table.sort(others, before)
  return table.move(others, 1, #others, #keys + 1, keys)
end

-- Tables with one metatable that has `__eq` compare themselves; nil where they do not.
local function ownVerdict(a, b)
  local meta = debug.getmetatable(a)
  if type(meta) ~= "table" or meta ~= debug.getmetatable(b) or rawget(meta, "__eq") == nil then return nil end
  return a == b
end

local same

local function sameTables(a, b, open)
  if open[a] and open[a][b] then return true end
  open[a] = open[a] or {}
  open[a][b] = true
  for key, value in next, a do
    if not same(value, b[key], open) then return false end
  end
  for key in next, b do
    if a[key] == nil then return false end
  end
  open[a][b] = nil
  return true
end

function same(a, b, open)
  if rawequal(a, b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  local verdict = ownVerdict(a, b)
  if verdict ~= nil then return verdict end
  return sameTables(a, b, open)
end

--- Whether two values hold the same. Tables inside them that share an `__eq` decide for themselves.
--- @param byContent boolean|nil compare the two outermost tables by content even where they have an `__eq`
--- @return boolean
function deep.same(a, b, byContent)
  if byContent and type(a) == "table" and type(b) == "table" then return rawequal(a, b) or sameTables(a, b, {}) end
  return same(a, b, {})
end

local function find(a, b, byContent, path, open)
  if type(a) ~= "table" or type(b) ~= "table" or (not byContent and ownVerdict(a, b) ~= nil) then return end
  open[a] = open[a] or {}
  if open[a][b] then return end
  open[a][b] = true
  for _, key in ipairs(deep.keys(a)) do
    local one, other = rawget(a, key), b[key]
    if not same(one, other, {}) then
      table.insert(path, 1, key)
      return find(one, other, false, path, open)
    end
  end
  for _, key in ipairs(deep.keys(b)) do
    if a[key] == nil then return table.insert(path, 1, key) end
  end
end

--- The keys that lead to the first difference of two values that are not the same, innermost first.
--- @return any[]
function deep.difference(a, b, byContent)
  local path = {}
  find(a, b, byContent, path, {})
  return path
end

--- Lets values with this metatable be taken as they are in copies.
function deep.keep(meta) opaque[meta] = true end

local function clone(value, copyOf, seen)
  local copy = {}
  seen[value] = copy
  for key, item in next, value do copy[key] = copyOf(item, seen) end
  return debug.setmetatable(copy, debug.getmetatable(value))
end

--- A copy that later changes to the original do not reach.
function deep.copy(value, seen)
  if type(value) ~= "table" or opaque[debug.getmetatable(value)] then return value end
  seen = seen or {}
  return seen[value] or clone(value, deep.copy, seen)
end

--- A copy of a table that shares what the table holds.
function deep.shallow(value)
  if type(value) ~= "table" then return value end
  return clone(value, function(item) return item end, {})
end

return deep
