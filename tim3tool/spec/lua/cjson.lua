--- The Lua module `cjson`, and `cjson.safe`, which returns nil and a message where the other raises: lua-cjson 2.1.0,
--- and what OpenResty's has beside it.

local readDecoder = ...

local error, type, tostring, getmetatable = error, type, tostring, getmetatable
local next, pairs, pcall, rawget, select, tonumber = next, pairs, pcall, rawget, select, tonumber
local concat, floor, huge = table.concat, math.floor, math.huge
local char, format, gsub = string.char, string.format, string.gsub
local tointeger = math.tointeger
local LARGEST = 2147483647 -- of C's `int`

-- Light userdata, as lua-cjson has them: equal only to themselves.
local one, other = 1, 2
local null = debug.upvalueid(function() return one end, 1)
local EMPTY = debug.upvalueid(function() return other end, 1)
local ArrayMeta, EmptyArrayMeta = {}, {}

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["/"] = "\\/", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t", ["\127"] = "\\u007f",
}
for code = 0, 31 do ESCAPES[char(code)] = ESCAPES[char(code)] or format("\\u%04x", code) end

--- Returns what turns a value into JSON.
--- @param set table the options
local function encoder(set)
  local encode

  local function refuse(kind, why) error(format("Cannot serialise %s: %s", kind, why), 0) end

  local function number(value)
    if value ~= value or value == huge or value == -huge then
      if set.encodeInvalid == "null" then return "null" end
      if not set.encodeInvalid then refuse("number", "must not be NaN or Inf") end
      return value ~= value and "nan" or value > 0 and "inf" or "-inf"
    end
    return (format("%." .. set.precision .. "g", value))
  end

  local function text(value) return '"' .. gsub(value, '[%c"\\/\127]', ESCAPES) .. '"' end

  -- The length of a table that is an array, else nil.
  local function lengthOf(value)
    local largest, count = 0, 0
    for key in next, value do
      if type(key) ~= "number" or key < 1 or floor(key) ~= key then return nil end
      largest, count = key > largest and key <= LARGEST and key or largest, count + 1
    end
    local convert, ratio, safe = set.sparse[1], set.sparse[2], set.sparse[3]
    if ratio > 0 and largest > count * ratio and largest > safe then
      if not convert then refuse("table", "excessively sparse array") end
      return nil
    end
    return floor(largest)
  end

  local function array(value, length, depth)
    local parts = {}
    for index = 1, length do parts[index] = encode(rawget(value, index), depth) end
    return "[" .. concat(parts, ",") .. "]"
  end

  local function object(value, depth)
    local parts = {}
    for key, item in next, value do
      local kind = type(key)
      if kind ~= "string" and kind ~= "number" then refuse(kind, "table key must be a number or string") end
      local name = kind == "number" and '"' .. number(key) .. '"' or text(key)
      parts[#parts + 1] = name .. ":" .. encode(item, depth)
    end
    return "{" .. concat(parts, ",") .. "}"
  end

  local function table_(value, depth)
    depth = depth + 1
    if depth > set.encodeDepth then error(format("Cannot serialise, excessive nesting (%d)", depth), 0) end
    local meta = getmetatable(value)
    if meta == ArrayMeta then return array(value, #value, depth) end
    local length = lengthOf(value)
    if length and length > 0 then return array(value, length, depth) end
    if next(value) == nil and (meta == EmptyArrayMeta or not set.emptyObject) then return "[]" end
    return object(value, depth)
  end

  function encode(value, depth)
    local kind = type(value)
    if value == nil or value == null then return "null" end
    if value == EMPTY then return "[]" end
    if kind == "string" then return text(value) end
    if kind == "number" then return number(value) end
    if kind == "boolean" then return tostring(value) end
    if kind == "table" then return table_(value, depth) end
    return refuse(kind, "type not supported")
  end

  return encode
end

local decoder = readDecoder(null, ArrayMeta)

-- How the options take an argument: nil where it is not given, else what it means.

local function bad(name, index, why) error(format("bad argument #%d to '%s' (%s)", index, name, why), 4) end

local function tooMany(name, limit, ...)
  if select("#", ...) > limit then
    error(format("bad argument #%d to '%s' (found too many arguments)", limit + 1, name), 3)
  end
end

local function whole(least, most)
  return function(name, index, given)
    if given == nil then return nil end
    local number = (type(given) == "number" or type(given) == "string") and tonumber(given)
    if not number then bad(name, index, format("number expected, got %s", type(given))) end
    local exact = tointeger(number)
    if not exact then bad(name, index, "number has no integer representation") end
    if exact < least or exact > most then bad(name, 1, format("expected integer between %d and %d", least, most)) end
    return exact
  end
end

local MEANT = { off = false, on = true, null = "null" }

local function switch(words)
  return function(name, index, given)
    if given == nil or type(given) == "boolean" then return given end
    if type(given) ~= "string" and type(given) ~= "number" then
      bad(name, index, format("string expected, got %s", type(given)))
    end
    for _, word in pairs(words) do
      if word == given then return MEANT[word] end
    end
    bad(name, index, format("invalid option '%s'", given))
  end
end

--- Makes a `cjson` with options of its own.
local function new()
  local cjson = { _NAME = "cjson", _VERSION = "2.1.0", null = null, empty_array = EMPTY }
  cjson.array_mt, cjson.empty_array_mt, cjson.new = ArrayMeta, EmptyArrayMeta, new
  local set = {
    sparse = { false, 2, 10 }, encodeDepth = 1000, decodeDepth = 1000, precision = 14, encodeInvalid = false,
    decodeInvalid = true, keep = true, emptyObject = true, arrays = false,
  }
  local encoded, decoded = encoder(set), decoder(set)

  function cjson.encode(...)
    if select("#", ...) ~= 1 then error("bad argument #1 to 'encode' (expected 1 argument)", 2) end
    local ok, made = pcall(encoded, (...), 0)
    if not ok then error(made, 2) end
    return made
  end

  function cjson.decode(...)
    if select("#", ...) ~= 1 then error("bad argument #1 to 'decode' (expected 1 argument)", 2) end
    local json = ...
    if type(json) == "number" then json = tostring(json) end
    if type(json) ~= "string" then
      error(format("bad argument #1 to 'decode' (string expected, got %s)", type(json)), 2)
    end
    local ok, found = pcall(decoded, json)
    if not ok then error(found, 2) end
    return found
  end

  local function option(name, key, read)
    cjson[name] = function(...)
      tooMany(name, 1, ...)
      local given = read(name, 1, (...))
      if given ~= nil then set[key] = given end
      return set[key]
    end
  end
  option("encode_max_depth", "encodeDepth", whole(1, LARGEST))
  option("decode_max_depth", "decodeDepth", whole(1, LARGEST))
  option("encode_number_precision", "precision", whole(1, 14))
  option("encode_invalid_numbers", "encodeInvalid", switch { "off", "on", "null" })
  option("decode_invalid_numbers", "decodeInvalid", switch { "off", "on" })
  option("encode_keep_buffer", "keep", switch { "off", "on" })
  option("encode_empty_table_as_object", "emptyObject", switch { "off", "on" })
  option("decode_array_with_array_mt", "arrays", switch { "off", "on" })

  local sparse = { switch { "off", "on" }, whole(0, LARGEST), whole(0, LARGEST) }
  function cjson.encode_sparse_array(...)
    tooMany("encode_sparse_array", 3, ...)
    for index = 1, 3 do
      local given = sparse[index]("encode_sparse_array", index, (select(index, ...)))
      if given ~= nil then set.sparse[index] = given end
    end
    return set.sparse[1], set.sparse[2], set.sparse[3]
  end
  return cjson
end

local function safe()
  local cjson = new()
  for _, name in pairs { "encode", "decode" } do
    local plain = cjson[name]
    cjson[name] = function(...)
      local ok, result = pcall(plain, ...)
      if ok then return result end
      return nil, result
    end
  end
  cjson.new = safe
  return cjson
end

return { cjson = new(), ["cjson.safe"] = safe() }
