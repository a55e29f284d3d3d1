--- The Lua module `cjson`, and `cjson.safe`, which return nil and a message where the other raises.

local error, type, tostring, setmetatable, getmetatable = error, type, tostring, setmetatable, getmetatable
local next, pairs, pcall, rawget, select = next, pairs, pcall, rawget, select
local concat, floor, huge = table.concat, math.floor, math.huge
local byte, char, find = string.byte, string.char, string.find
local format, gsub, sub = string.format, string.gsub, string.sub
local integer, toNumber, utf8Char = math.type, tonumber, utf8.char

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
local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

--- Returns what turns a value into JSON.
--- @param set table the options
local function encoder(set)
  local encode

  local function refuse(kind, why) error(format("Cannot serialise %s: %s", kind, why), 0) end

  local function number(value)
    if integer(value) == "integer" then return tostring(value) end
    if value ~= value or value == huge or value == -huge then
      if set.encodeInvalid == "null" then return "null" end
      if not set.encodeInvalid then refuse("number", "must not be NaN or Infinity") end
      return value ~= value and "NaN" or value > 0 and "Infinity" or "-Infinity"
    end
    return (format("%." .. set.precision .. "g", value))
  end

  local function text(value) return '"' .. gsub(value, '[%c"\\/\127]', ESCAPES) .. '"' end

  -- The length of a table that is an array, else nil.
  local function lengthOf(value)
    local largest, count = 0, 0
    for key in next, value do
      if type(key) ~= "number" or key < 1 or floor(key) ~= key then return nil end
      largest, count = key > largest and key or largest, count + 1
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
    if depth > set.encodeDepth then error(format("Cannot serialise, excessive depth (%d)", depth), 0) end
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

--- Returns what turns JSON into a value.
--- @param set table the options
local function decoder(set)
  local source, at, depth

  local function token()
    local rest = sub(source, at, at)
    if rest == "" then return "T_END" end
    local names = { ["}"] = "T_OBJ_END", ["]"] = "T_ARR_END", [":"] = "T_COLON", [","] = "T_COMMA",
      ["{"] = "T_OBJ_BEGIN", ["["] = "T_ARR_BEGIN", ['"'] = "T_STRING" }
    if names[rest] then return names[rest] end
    if find(source, "^[-%d]", at) then return "T_NUMBER" end
    return "invalid token"
  end

  local function wrong(expected) error(format("Expected %s but found %s at character %d", expected, token(), at), 0) end

  local function skip() at = find(source, "[^ \t\r\n]", at) or #source + 1 end

  local function unicode(first)
    local code = toNumber(sub(source, first, first + 3), 16)
    if not code or not find(source, "^%x%x%x%x", first) then
      error(format("Expected value but found invalid unicode escape code at character %d", first - 2), 0)
    end
    if code >= 0xD800 and code < 0xDC00 then
      local low = find(source, "^\\u[dD][c-fC-F]%x%x", first + 4) and toNumber(sub(source, first + 6, first + 9), 16)
      if not low then
        error(format("Expected value but found invalid unicode escape code at character %d", first - 2), 0)
      end
      return utf8Char(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), first + 10
    end
    return utf8Char(code), first + 4
  end

  local function string_()
    local parts, from = {}, at + 1
    while true do
      local stop = find(source, '["\\%c]', from)
      if not stop or byte(source, stop) < 32 then
        local found = stop and "invalid token" or "unexpected end of string"
        error(format("Expected value but found %s at character %d", found, stop or #source + 1), 0)
      end
      parts[#parts + 1] = sub(source, from, stop - 1)
      local mark = sub(source, stop, stop)
      if mark == '"' then
        at = stop + 1
        return concat(parts)
      elseif mark == "\127" then
        parts[#parts + 1], from = mark, stop + 1
      elseif sub(source, stop + 1, stop + 1) == "u" then
        parts[#parts + 1], from = unicode(stop + 2)
      else
        local meant = UNESCAPES[sub(source, stop + 1, stop + 1)]
        if not meant then error(format("Expected value but found invalid escape code at character %d", stop), 0) end
        parts[#parts + 1], from = meant, stop + 2
      end
    end
  end

  local value

  local function deeper()
    depth = depth + 1
    if depth > set.decodeDepth then
      error(format("Found too many nested data structures (%d) at character %d", depth, at), 0)
    end
    at = at + 1
    skip()
  end

  local function members(closing, expected, take)
    deeper()
    if sub(source, at, at) ~= closing then
      while true do
        take()
        skip()
        local mark = sub(source, at, at)
        if mark == closing then break end
        if mark ~= "," then wrong(expected) end
        at = at + 1
        skip()
      end
    end
    at, depth = at + 1, depth - 1
  end

  local function readArray()
    local list, count = set.arrays and setmetatable({}, ArrayMeta) or {}, 0
    members("]", "comma or array end", function()
      count = count + 1
      list[count] = value()
    end)
    return list
  end

  local function readObject()
    local made = {}
    members("}", "comma or object end", function()
      if sub(source, at, at) ~= '"' then wrong("object key string") end
      local key = string_()
      skip()
      if sub(source, at, at) ~= ":" then wrong("colon") end
      at = at + 1
      skip()
      made[key] = value()
    end)
    return made
  end

  local WORDS = { ["true"] = true, ["false"] = false, null = null }
  local UNREAL = { nan = 0 / 0, inf = huge, infinity = huge }

  function value()
    local mark = sub(source, at, at)
    if mark == '"' then return string_() end
    if mark == "{" then return readObject() end
    if mark == "[" then return readArray() end
    local _, last, word = find(source, "^(%a+)", at)
    if word and WORDS[word] ~= nil then
      at = last + 1
      return WORDS[word]
    end
    local _, signLast, sign, name = find(source, "^(-?)(%a+)", at)
    if name and set.decodeInvalid and UNREAL[name:lower()] then
      at = signLast + 1
      return sign == "-" and -UNREAL[name:lower()] or UNREAL[name:lower()]
    end
    local _, numberLast, numeral = find(source, "^(-?%d+%.?%d*[eE]?[+-]?%d*)", at)
    local found = numeral and toNumber(numeral)
    if not found then wrong("value") end
    at = numberLast + 1
    return found
  end

  return function(json)
    source, at, depth = json, 1, 0
    skip()
    local read = value()
    skip()
    if at <= #source then wrong("the end") end
    return read
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

  function cjson.decode(json)
    if type(json) == "number" then json = tostring(json) end
    if type(json) ~= "string" then
      local kind = json == nil and "no value" or type(json)
      error(format("bad argument #1 to 'decode' (string expected, got %s)", kind), 2)
    end
    local ok, found = pcall(decoded, json)
    if not ok then error(found, 2) end
    return found
  end

  local function option(name, key)
    cjson[name] = function(new_)
      if new_ ~= nil then set[key] = new_ end
      return set[key]
    end
  end
  option("encode_max_depth", "encodeDepth")
  option("decode_max_depth", "decodeDepth")
  option("encode_number_precision", "precision")
  option("encode_invalid_numbers", "encodeInvalid")
  option("decode_invalid_numbers", "decodeInvalid")
  option("encode_keep_buffer", "keep")
  option("encode_empty_table_as_object", "emptyObject")
  option("decode_array_with_array_mt", "arrays")

  function cjson.encode_sparse_array(convert, ratio, safe)
    for index, each in pairs { convert, ratio, safe } do set.sparse[index] = each end
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
