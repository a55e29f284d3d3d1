-- json: JSON as the aos runtime reads and writes it, at the message boundary and for `require("json")`.
--
-- Differences from RFC 8259 that a process can see: an empty table is `[]`; numbers are written with %.14g; `null` is
-- nil, so array holes stay holes; trailing commas and any number `tonumber` knows are read.

local error, next, pairs, rawget, select, tonumber, type = error, next, pairs, rawget, select, tonumber, type
local byte, find, format, gsub, sub = string.byte, string.find, string.format, string.gsub, string.sub
local concat, huge, utf8char = table.concat, math.huge, utf8.char

local json = { _version = "0.2.0" }

-- encode ------------------------------------------------------------------------------------------------------------

local short_escapes = {
  ["\\"] = "\\\\",
  ['"'] = '\\"',
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}

local SPECIAL = '[\0-\31"\\]'

local function escape(c) return short_escapes[c] or format("\\u%04x", byte(c)) end

local function quote(text)
  if find(text, SPECIAL) then text = gsub(text, SPECIAL, escape) end
  return '"' .. text .. '"'
end

local write

-- Every writer appends to `out` after its first `n` parts and returns the new number of parts; `open` holds the tables
-- that are being written.
local function write_array(list, out, n, open)
  local count = 0
  for key in next, list do
    if type(key) ~= "number" then error("invalid table: mixed or invalid key types") end
    count = count + 1
  end
  if count ~= #list then error("invalid table: sparse array") end
  n = n + 1
  out[n] = "["
  for index = 1, count do
    if index > 1 then
      n = n + 1
      out[n] = ","
    end
    n = write(list[index], out, n, open)
  end
  out[n + 1] = "]"
  return n + 1
end

local function write_object(object, out, n, open)
  local before = "{"
  for key, value in pairs(object) do
    if type(key) ~= "string" then error("invalid table: mixed or invalid key types") end
    if type(value) ~= "function" then
      out[n + 1] = before
      out[n + 2] = quote(key)
      out[n + 3] = ":"
      n = write(value, out, n + 3, open)
      before = ","
    end
  end
  out[n + 1] = before == "{" and "{}" or "}"
  return n + 1
end

function write(value, out, n, open)
  local kind = type(value)
  if kind == "string" then
    out[n + 1] = quote(value)
  elseif kind == "number" then
    local text = format("%.14g", value)
    if value ~= value or value >= huge or value <= -huge then
      error("unexpected number value '" .. text .. "'")
    end
    out[n + 1] = text
  elseif kind == "boolean" then
    out[n + 1] = value and "true" or "false"
  elseif kind == "nil" then
    out[n + 1] = "null"
  elseif kind ~= "table" then
    error("unexpected type '" .. kind .. "'")
  else
    if open[value] then error("circular reference") end
    open[value] = true
    if rawget(value, 1) ~= nil or next(value) == nil then
      n = write_array(value, out, n, open)
    else
      n = write_object(value, out, n, open)
    end
    open[value] = nil
    return n
  end
  return n + 1
end

--- Return a value as JSON text.
function json.encode(value)
  local out = {}
  return concat(out, "", 1, write(value, out, 0, {}))
end

-- decode ------------------------------------------------------------------------------------------------------------

local function fail(text, at, message)
  local before = sub(text, 1, at - 1)
  local _, newlines = gsub(before, "\n", "")
  local column = at - (select(2, find(before, ".*\n")) or 0)
  error(format("%s at line %d col %d", message, newlines + 1, column))
end

-- The first byte from `at` on that is not white space, and its position; nil and one past the end where there is none.
local function peek(text, at)
  local code = byte(text, at)
  if code and code <= 32 then
    at = find(text, "[^ \t\r\n]", at) or #text + 1
    code = byte(text, at)
  end
  return code, at
end

-- The text from `at` to the next delimiter, and the position after it.
local function word(text, at)
  local _, last = find(text, "^[^ \t\r\n%]},]*", at)
  return sub(text, at, last), last + 1
end

local unescaped = {
  ['"'] = '"',
  ["\\"] = "\\",
  ["/"] = "/",
  b = "\b",
  f = "\f",
  n = "\n",
  r = "\r",
  t = "\t",
}

-- A UTF-16 surrogate without its partner becomes three bytes, as any other code unit would; any escape after a high one
-- is taken for its partner.
local function read_unicode(text, at)
  if not find(text, "^%x%x%x%x", at + 2) then fail(text, at, "invalid unicode escape in string") end
  local code = tonumber(sub(text, at + 2, at + 5), 16)
  if code >= 0xD800 and code < 0xDC00 and find(text, "^\\u%x%x%x%x", at + 6) then
    local low = tonumber(sub(text, at + 8, at + 11), 16)
    return utf8char(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 12
  end
  return utf8char(code), at + 6
end

local function read_string(text, start)
  local parts, count = nil, 0
  local at = start + 1
  while true do
    local stop = find(text, '["\\\0-\31]', at)
    local code = stop and byte(text, stop)
    if code == 34 then
      local rest = sub(text, at, stop - 1)
      if not parts then return rest, stop + 1 end
      parts[count + 1] = rest
      return concat(parts), stop + 1
    elseif code == 92 then
      parts = parts or {}
      parts[count + 1] = sub(text, at, stop - 1)
      local letter = sub(text, stop + 1, stop + 1)
      if letter == "u" then
        parts[count + 2], at = read_unicode(text, stop)
      else
        parts[count + 2] = unescaped[letter] or fail(text, stop, "invalid escape char '" .. letter .. "' in string")
        at = stop + 2
      end
      count = count + 2
    elseif code then
      fail(text, stop, "control character in string")
    else
      fail(text, start, "expected closing quote for string")
    end
  end
end

local function read_number(text, at)
  local token, after = word(text, at)
  local number = tonumber(token)
  if not number then fail(text, at, "invalid number '" .. token .. "'") end
  return number, after
end

local function read_literal(text, at)
  local token, after = word(text, at)
  if token == "true" then
    return true, after
  elseif token == "false" then
    return false, after
  elseif token == "null" then
    return nil, after
  end
  fail(text, at, "invalid literal '" .. token .. "'")
end

local readers = {}

-- The value whose first byte, at `at`, is `code`, and the position after it.
local function read(text, code, at)
  local reader = readers[code]
  if not reader then fail(text, at, "unexpected character '" .. sub(text, at, at) .. "'") end
  return reader(text, at)
end

-- A wrong delimiter is reported one column after itself.
local function read_array(text, at)
  local list, count = {}, 0
  local code
  repeat
    code, at = peek(text, at + 1)
    if code == 93 then return list, at + 1 end
    count = count + 1
    list[count], at = read(text, code, at)
    code, at = peek(text, at)
  until code ~= 44
  if code ~= 93 then fail(text, at + 1, "expected ']' or ','") end
  return list, at + 1
end

local function read_object(text, at)
  local object = {}
  local key, code
  repeat
    code, at = peek(text, at + 1)
    if code == 125 then return object, at + 1 end
    if code ~= 34 then fail(text, at, "expected string for key") end
    key, at = read_string(text, at)
    code, at = peek(text, at)
    if code ~= 58 then fail(text, at, "expected ':' after key") end
    code, at = peek(text, at + 1)
    object[key], at = read(text, code, at)
    code, at = peek(text, at)
  until code ~= 44
  if code ~= 125 then fail(text, at + 1, "expected '}' or ','") end
  return object, at + 1
end

for digit = 48, 57 do
  readers[digit] = read_number
end
readers[byte("-")] = read_number
readers[byte("t")], readers[byte("f")], readers[byte("n")] = read_literal, read_literal, read_literal
readers[byte('"')] = read_string
readers[byte("[")] = read_array
readers[byte("{")] = read_object

--- Return the value that a JSON text stands for.
function json.decode(text)
  if type(text) ~= "string" then error("expected argument of type string, got " .. type(text)) end
  local value, after = read(text, peek(text, 1))
  local code, at = peek(text, after)
  if code then fail(text, at, "trailing garbage") end
  return value
end

return json
