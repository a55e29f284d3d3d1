-- .utils: matching of messages, which differs by aos version, and functional helpers.
--
-- The file returns build(version): version is that of the packaged module, "2.0.1", "2.0.3" or "2.0.6".
local assert, pairs, type = assert, pairs, type
local find, gsub, lower, match, upper = string.find, string.gsub, string.lower, string.match, string.upper
local floor, getinfo, unpack = math.floor, debug.getinfo, table.unpack

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
    if pattern == "_" then return true end -- that there is a value was seen before
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
    local value, tag = msg[key], msg.Tags and msg.Tags[key]
    if not value and not tag then return false end
    local in_root = matches(pattern, value, msg)
    local in_tags = matches(pattern, tag, msg)
    return in_root or in_tags
  end
end

-- helpers -----------------------------------------------------------------------------------------------------------

-- Keys 1 to #value, holes allowed: `{ 1, nil, 3 }` is an array.
local function is_array(value)
  if type(value) ~= "table" then return false end
  local last = 0
  for key in pairs(value) do
    if type(key) ~= "number" or key < 1 or floor(key) ~= key then return false end
    if key > last then last = key end
  end
  return last == #value
end

local UNARY = "first argument should be a unary function"

--- Return a function that takes its arguments one or several at a time, as exactly as the module does: only one of the
-- arguments of a call that were not enough is kept, and an argument that is nil at the end does not count.
-- @param arity how many it waits for, all of fn's by default
local function curry(fn, arity)
  assert(type(fn) == "function", "function is required as first argument")
  arity = arity or getinfo(fn, "u").nparams
  if arity < 2 then return fn end
  return function(...)
    local held = { ... }
    local count = #held
    if count >= arity then return fn(unpack(held)) end
    local first = held[1]
    return curry(function(...) return fn(first, ...) end, arity - count)
  end
end

local function add_helpers(Utils)
  Utils.curry = curry

  --- concat(a, b): a new array, the items of a before those of b.
  Utils.concat = curry(function(a, b)
    assert(type(a) == "table", "first argument should be a table that is an array")
    assert(type(b) == "table", "second argument should be a table that is an array")
    assert(is_array(a), "first argument should be a table")
    assert(is_array(b), "second argument should be a table")
    local joined = {}
    for _, value in pairs(a) do joined[#joined + 1] = value end
    for _, value in pairs(b) do joined[#joined + 1] = value end
    return joined
  end, 2)

  --- reduce(fn, initial, t): fn(result, value, key) over all items; without initial the first item starts.
  Utils.reduce = curry(function(fn, initial, t)
    assert(type(fn) == "function", "first argument should be a function that accepts (result, value, key)")
    assert(is_array(t), "third argument should be a table that is an array")
    local result = initial
    for key, value in pairs(t) do
      if result == nil then
        result = value
      else
        result = fn(result, value, key)
      end
    end
    return result
  end, 3)

  --- map(fn, t): the array of fn(value, key).
  Utils.map = curry(function(fn, t)
    assert(type(fn) == "function", UNARY)
    assert(is_array(t), "second argument should be an Array")
    local mapped = {}
    for key, value in pairs(t) do mapped[key] = fn(value, key) end
    return mapped
  end, 2)

  --- filter(fn, t): the array of the items for which fn(value) is truthy.
  Utils.filter = curry(function(fn, t)
    assert(type(fn) == "function", UNARY)
    assert(is_array(t), "second argument should be an Array")
    local kept = {}
    for _, value in pairs(t) do
      if fn(value) then kept[#kept + 1] = value end
    end
    return kept
  end, 2)

  --- find(fn, t): the first value of any table for which fn(value) is truthy; no value at all when there is none.
  Utils.find = curry(function(fn, t)
    assert(type(fn) == "function", UNARY)
    assert(type(t) == "table", "second argument should be a table that is an array")
    for _, value in pairs(t) do
      if fn(value) then return value end
    end
  end, 2)

  --- propEq(name, value, t): whether t[name] is the string value.
  Utils.propEq = curry(function(name, value, t)
    assert(type(name) == "string", "first argument should be a string")
    assert(type(value) == "string", "second argument should be a string")
    assert(type(t) == "table", "third argument should be a table<object>")
    return t[name] == value
  end, 3)

  --- reverse(t): a new array in the opposite order.
  function Utils.reverse(t)
    assert(type(t) == "table", "argument needs to be a table that is an array")
    local count = #t
    return Utils.reduce(function(reversed, value, key)
      reversed[count - key + 1] = value
      return reversed
    end, {}, t)
  end

  --- compose(f, g, ...): the function v -> f(g(...(v))); it waits for two functions.
  Utils.compose = curry(function(...)
    local chain = Utils.reverse({ ... })
    return function(value)
      for _, fn in pairs(chain) do
        assert(type(fn) == "function", "each argument needs to be a function")
        value = fn(value)
      end
      return value
    end
  end, 2)

  --- prop(name, object): object[name].
  Utils.prop = curry(function(name, object) return object[name] end, 2)

  --- includes(value, t): whether an item of t equals value.
  Utils.includes = curry(function(value, t)
    assert(type(t) == "table", "argument needs to be a table")
    assert(is_array(t), "argument should be a table that is an array")
    for _, item in pairs(t) do
      if item == value then return true end
    end
    return false
  end, 2)

  --- keys(t): the array of the keys.
  function Utils.keys(t)
    assert(type(t) == "table", "argument needs to be a table")
    local keys = {}
    for key in pairs(t) do keys[#keys + 1] = key end
    return keys
  end

  --- values(t): the array of the values.
  function Utils.values(t)
    assert(type(t) == "table", "argument needs to be a table")
    local values = {}
    for _, value in pairs(t) do values[#values + 1] = value end
    return values
  end
end

local function capitalize(word) return (gsub(lower(word), "^.", upper)) end

-- x_my-TAG becomes X-My-Tag.
local function normalize(name) return (gsub(gsub(name, "_", "-"), "[^-]+", capitalize)) end

return function(version)
  local Utils = { _version = "0.0.5" }
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
