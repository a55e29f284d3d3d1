-- .utils: matching of messages, which differs by aos version, and functional helpers.
--
-- The file returns build(version): version is that of the packaged module, "2.0.1", "2.0.3" or "2.0.6".
local assert, next, pairs, select, type = assert, next, pairs, select, type
local find, gsub, lower, match, upper = string.find, string.gsub, string.lower, string.match, string.upper
local getinfo, move, unpack = debug.getinfo, table.move, table.unpack

local MAGIC = "[%^%$%(%)%%%.%[%]%*%+%?]" -- "-" alone does not make a pattern

-- string pattern against one value of a message ---------------------------------------------------------------------

local function case_sensitive(pattern, value)
  if find(pattern, MAGIC) then return match(value, pattern) ~= nil end
  return value == pattern
end

local function case_insensitive(pattern, value)
  local text, folded = lower(value or ""), lower(pattern)
  if find(pattern, MAGIC) then return match(text, folded) ~= nil end
  return text == folded
end

local function matcher(matches_text)
  local function matches(pattern, value, msg)
    if pattern == "_" then return value ~= nil and value ~= false end
    local kind = type(pattern)
    if kind == "string" then
      return matches_text(pattern, value)
    elseif kind == "function" then
      return pattern(value, msg) and true or false
    elseif kind == "table" then
      for _, alternative in pairs(pattern) do
        if matches(alternative, value, msg) then return true end
      end
    end
    return false
  end
  return matches
end

-- one field of a table spec -----------------------------------------------------------------------------------------

local function root_only(matches)
  return function(msg, key, pattern)
    local value = msg[key]
    return value and matches(pattern, value, msg)
  end
end

-- Both sides are tried even when the first matches or the second is nil: a pattern that raises on nil then raises.
local function root_and_tags(matches)
  return function(msg, key, pattern)
    local value, tag = msg[key], msg.Tags[key]
    if not value and not tag then return false end
    local in_root = matches(pattern, value, msg)
    local in_tags = matches(pattern, tag, msg)
    return in_root or in_tags
  end
end

-- helpers -----------------------------------------------------------------------------------------------------------

local function is_array(value)
  if type(value) ~= "table" then return false end
  local count = 0
  for _ in next, value do
    count = count + 1
  end
  return count == #value
end

local function check_function(value, position)
  assert(type(value) == "function", position .. " argument should be a function")
end

local function check_array(value, position)
  assert(is_array(value), position .. " argument should be an array")
end

local function check_table(value, position)
  assert(type(value) == "table", position .. " argument should be a table")
end

local function check_string(value, position)
  assert(type(value) == "string", position .. " argument should be a string")
end

--- Return a function that takes its arguments one or several at a time.
-- @param arity how many it waits for, all of fn's by default
local function curry(fn, arity)
  check_function(fn, "first")
  arity = arity or getinfo(fn, "u").nparams
  if arity < 2 then return fn end
  local function collect(count, ...)
    if count >= arity then return fn(...) end
    local held = { ... }
    return function(...)
      local all, more = { unpack(held, 1, count) }, select("#", ...)
      for index = 1, more do
        all[count + index] = (select(index, ...))
      end
      return collect(count + more, unpack(all, 1, count + more))
    end
  end
  return function(...)
    return collect(select("#", ...), ...)
  end
end

local function add_helpers(Utils)
  Utils.curry = curry

  --- concat(a, b): a new array, the items of a before those of b.
  Utils.concat = curry(function(a, b)
    check_array(a, "first")
    check_array(b, "second")
    return move(b, 1, #b, #a + 1, move(a, 1, #a, 1, {}))
  end, 2)

  --- reduce(fn, initial, t): fn(result, value, key) over all items; without initial the first item starts.
  Utils.reduce = curry(function(fn, initial, t)
    check_function(fn, "first")
    check_array(t, "third")
    local result, from = initial, 1
    if result == nil then result, from = t[1], 2 end
    for index = from, #t do
      result = fn(result, t[index], index)
    end
    return result
  end, 3)

  --- map(fn, t): the array of fn(value, key).
  Utils.map = curry(function(fn, t)
    check_function(fn, "first")
    check_array(t, "second")
    local mapped = {}
    for index = 1, #t do
      mapped[index] = fn(t[index], index)
    end
    return mapped
  end, 2)

  --- filter(fn, t): the array of the items for which fn(value) is truthy.
  Utils.filter = curry(function(fn, t)
    check_function(fn, "first")
    check_array(t, "second")
    local kept = {}
    for index = 1, #t do
      if fn(t[index]) then kept[#kept + 1] = t[index] end
    end
    return kept
  end, 2)

  --- find(fn, t): the first item for which fn(value) is truthy; no value at all when there is none.
  Utils.find = curry(function(fn, t)
    check_function(fn, "first")
    check_array(t, "second")
    for index = 1, #t do
      if fn(t[index]) then return t[index] end
    end
  end, 2)

  --- propEq(name, value, t): whether t[name] is the string value.
  Utils.propEq = curry(function(name, value, t)
    check_string(name, "first")
    check_string(value, "second")
    check_table(t, "third")
    return t[name] == value
  end, 3)

  --- reverse(t): a new array in the opposite order.
  function Utils.reverse(t)
    check_array(t, "first")
    local reversed, count = {}, #t
    for index = 1, count do
      reversed[index] = t[count + 1 - index]
    end
    return reversed
  end

  --- compose(f, g, ...): the function v -> f(g(...(v))).
  function Utils.compose(...)
    local chain = { ... }
    return function(value)
      for index = #chain, 1, -1 do
        value = chain[index](value)
      end
      return value
    end
  end

  --- prop(name, t): t[name].
  Utils.prop = curry(function(name, t)
    return t[name]
  end, 2)

  --- includes(value, t): whether an item of t equals value.
  Utils.includes = curry(function(value, t)
    check_array(t, "second")
    for index = 1, #t do
      if t[index] == value then return true end
    end
    return false
  end, 2)

  --- keys(t): the array of the keys.
  function Utils.keys(t)
    check_table(t, "first")
    local keys = {}
    for key in pairs(t) do
      keys[#keys + 1] = key
    end
    return keys
  end

  --- values(t): the array of the values.
  function Utils.values(t)
    check_table(t, "first")
    local values = {}
    for _, value in pairs(t) do
      values[#values + 1] = value
    end
    return values
  end
end

local function capitalize(word) return (gsub(lower(word), "^.", upper)) end

-- x_my-TAG becomes X-My-Tag.
local function normalize(name) return (gsub(gsub(name, "_", "-"), "[^-]+", capitalize)) end

return function(version)
  local Utils = {}
  add_helpers(Utils)
  local matches = matcher(version == "2.0.6" and case_insensitive or case_sensitive)
  local field_matches = (version == "2.0.1" and root_only or root_and_tags)(matches)

  --- Tell whether one value of a message fits one pattern of a table spec.
  Utils.matchesPattern = matches

  --- Return how a message fits a spec: a function's own result, otherwise a boolean.
  function Utils.matchesSpec(msg, spec)
    local kind = type(spec)
    if kind == "function" then
      return spec(msg)
    elseif kind == "string" then
      return msg.Action == spec
    elseif kind ~= "table" then
      return false
    end
    for key, pattern in pairs(spec) do
      if not field_matches(msg, key, pattern) then return false end
    end
    return true
  end

  if version == "2.0.6" then Utils.capitalize, Utils.normalize = capitalize, normalize end
  return Utils
end
