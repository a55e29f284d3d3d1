--- Reads JSON as the Lua module `cjson` does, with its leniency and its words for mistakes.

local null, ArrayMeta = ...

local error, setmetatable, tonumber = error, setmetatable, tonumber
local concat, huge = table.concat, math.huge
local byte, find, format, lower = string.byte, string.find, string.format, string.lower
local match, sub, utf8Char = string.match, string.sub, utf8.char

local MARKS = { ["}"] = "T_OBJ_END", ["]"] = "T_ARR_END", [":"] = "T_COLON", [","] = "T_COMMA",
  ["{"] = "T_OBJ_BEGIN", ["["] = "T_ARR_BEGIN" }
local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }
local WORDS = { t = { "true", "T_BOOLEAN", true }, f = { "false", "T_BOOLEAN", false }, n = { "null", "T_NULL", null } }

-- The end of the character that four hexadecimal digits, or two such codes, stand for, and the character.
local function unicode(source, first)
  local code = match(source, "^%x%x%x%x", first)
  code = code and tonumber(code, 16)
  if not code or code >= 0xDC00 and code < 0xE000 then return nil end
  if code < 0xD800 or code >= 0xE000 then return first + 4, utf8Char(code) end
  local low = match(source, "^\\u([dD][c-fC-F]%x%x)", first + 4)
  if not low then return nil end
  return first + 10, utf8Char(0x10000 + (code - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00)
end

-- A string whose opening quote stands at `at`: its text and the offset behind it; else what is wrong, and where.
local function readString(source, at)
  local parts, from = {}, at + 1
  while true do
    local stop = find(source, '["\\\0]', from)
    local mark = stop and byte(source, stop) or 0
    if mark == 0 then return nil, stop or #source + 1, "unexpected end of string" end
    parts[#parts + 1] = sub(source, from, stop - 1)
    if mark == 34 then return concat(parts), stop + 1 end
    local escape = sub(source, stop + 1, stop + 1)
    if escape == "u" then
      local after, character = unicode(source, stop + 2)
      if not after then return nil, stop, "invalid unicode escape code" end
      parts[#parts + 1], from = character, after
    else
      local meant = UNESCAPES[escape]
      if not meant then return nil, stop, "invalid escape code" end
      parts[#parts + 1], from = meant, stop + 2
    end
  end
end

-- What C's `strtod` reads at an offset, and the offset behind it.
local function readNumber(source, at)
  local _, sign = find(source, "^[+-]?", at)
  local first, factor = sign + 1, sub(source, at, sign) == "-" and -1.0 or 1.0
  local digits = match(source, "^0[xX]%x*%.?%x*", first)
  if digits and find(digits, "%x", 3) then
    local exponent = match(source, "^[pP][+-]?%d+", first + #digits) or ""
    return factor * tonumber(digits .. (exponent == "" and "p0" or exponent)), first + #digits + #exponent
  end
  digits = match(source, "^%d+%.?%d*", first) or match(source, "^%.%d+", first)
  if digits then
    local exponent = match(source, "^[eE][+-]?%d+", first + #digits) or ""
    return factor * tonumber(digits .. (exponent == "" and "e0" or exponent)), first + #digits + #exponent
  end
  local word = lower(sub(source, first, first + 7))
  if find(word, "^inf") then return factor * huge, first + (word == "infinity" and 8 or 3) end
  if find(word, "^nan") then return 0 / 0, first + 3 + #(match(source, "^%([%w_]*%)", first + 3) or "") end
  return nil
end

--- Returns what turns JSON into a value.
--- @param set table the options
return function(set)
  local source, at, depth
  local kind, item, start -- of the token that was read last; a kind is a mistake's words too

  local function readNumberToken(mark)
    local isStrict = not set.decodeInvalid
    local number, after
    local body = mark == "-" and start + 1 or start
    if isStrict and mark == "+" then
      kind = "invalid token"
      return
    end
    if not (isStrict and (find(source, "^0[xX%d]", body) or find(source, "^[iInN]", body))) then
      number, after = readNumber(source, start)
    end
    if number then
      kind, item, at = "T_NUMBER", number, after
    else
      kind = "invalid number"
    end
  end

  local function advance()
    start = find(source, "[^ \t\r\n]", at) or #source + 1
    at, item = start, nil
    local mark = sub(source, start, start)
    local word = WORDS[mark]
    if mark == "" or mark == "\0" then
      kind = "T_END"
    elseif MARKS[mark] then
      kind, at = MARKS[mark], start + 1
    elseif mark == '"' then
      local text, after, mistake = readString(source, start)
      if text then
        kind, item, at = "T_STRING", text, after
      else
        kind, start = mistake, after
      end
    elseif find(mark, "[%d+-]") then
      readNumberToken(mark)
    elseif word and sub(source, start, start + #word[1] - 1) == word[1] then
      kind, item, at = word[2], word[3], start + #word[1]
    elseif set.decodeInvalid and find(mark, "[iInN]") and readNumber(source, start) then
      readNumberToken(mark)
    else
      kind = "invalid token"
    end
  end

  local function wrong(expected) error(format("Expected %s but found %s at character %d", expected, kind, start), 0) end

  local value

  local function deeper()
    depth = depth + 1
    if depth > set.decodeDepth then
      error(format("Found too many nested data structures (%d) at character %d", depth, start), 0)
    end
    advance()
  end

  local function readArray()
    local list, count = set.arrays and setmetatable({}, ArrayMeta) or {}, 0
    deeper()
    while kind ~= "T_ARR_END" or count > 0 do
      count = count + 1
      list[count] = value()
      advance()
      if kind == "T_ARR_END" then break end
      if kind ~= "T_COMMA" then wrong("comma or array end") end
      advance()
    end
    depth = depth - 1
    return list
  end

  local function readObject()
    local made, isFirst = {}, true
    deeper()
    while kind ~= "T_OBJ_END" or not isFirst do
      if kind ~= "T_STRING" then wrong("object key string") end
      local key = item
      advance()
      if kind ~= "T_COLON" then wrong("colon") end
      advance()
      made[key], isFirst = value(), false
      advance()
      if kind == "T_OBJ_END" then break end
      if kind ~= "T_COMMA" then wrong("comma or object end") end
      advance()
    end
    depth = depth - 1
    return made
  end

  -- The value whose first token was read; its last one then was.
  function value()
    if kind == "T_OBJ_BEGIN" then return readObject() end
    if kind == "T_ARR_BEGIN" then return readArray() end
    if item == nil then wrong("value") end
    return item
  end

  return function(json)
    if #json >= 2 and (byte(json, 1) == 0 or byte(json, 2) == 0) then
      error("JSON parser does not support UTF-16 or UTF-32", 0)
    end
    source, at, depth = json, 1, 0
    advance()
    local read = value()
    advance()
    if kind ~= "T_END" then wrong("the end") end
    return read
  end
end
