-- bytes: what the crypto modules share.
local byte, char, find, format, gsub = string.byte, string.char, string.find, string.format, string.gsub
local concat, tonumber, unpack = table.concat, tonumber, table.unpack

local CHUNK = 1024

local DIGITS = {}
for value = 0, 255 do
  DIGITS[value] = format("%02X", value)
end

local bytes = {}

--- Return all that a stream still holds as a string.
function bytes.read(stream)
  local parts, buffer, size = {}, {}, 0
  for value in stream do
    size = size + 1
    buffer[size] = value
    if size == CHUNK then
      parts[#parts + 1] = char(unpack(buffer, 1, size))
      size = 0
    end
  end
  parts[#parts + 1] = char(unpack(buffer, 1, size))
  return concat(parts)
end

--- Return the upper case hexadecimal text of a stream; it ends at the first value that is no byte.
function bytes.digits(stream)
  local digits = {}
  for value in stream do
    local pair = DIGITS[value]
    if not pair then break end
    digits[#digits + 1] = pair
  end
  return concat(digits)
end

--- Return the byte of two hexadecimal digits, nil if they are none.
function bytes.value(digits) return find(digits, "^%x%x$") and tonumber(digits, 16) or nil end

--- Return the lower case hexadecimal text of a string.
function bytes.hex(text)
  return (gsub(text, ".", function(letter) return format("%02x", byte(letter)) end))
end

--- Return the bytes of a string as an array.
function bytes.list(text)
  local list = {}
  for at = 1, #text do
    list[at] = byte(text, at)
  end
  return list
end

--- Return the letters of a string as an array.
function bytes.letters(text)
  local list = {}
  for at = 1, #text do
    list[at] = char(byte(text, at))
  end
  return list
end

--- Return the object that most functions of the crypto modules return.
-- @param text the answer
-- @param pieces function that returns what asBytes gives, the array of bytes by default
function bytes.result(text, pieces)
  return {
    asBytes = function() return (pieces or bytes.list)(text) end,
    asHex = function() return bytes.hex(text) end,
    asString = function() return text end,
  }
end

return bytes
