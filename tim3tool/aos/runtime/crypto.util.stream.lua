-- .crypto.util.stream: a stream is a function that returns the next byte, and nil after the last.
local _, aos = ...
local bytes = aos.private("bytes")
local char, len, sub, concat = string.char, string.len, string.sub, table.concat

local stream = {}

function stream.fromString(string)
  local at = 0
  return function()
    at = at + 1
    return string:byte(at)
  end
end

function stream.fromArray(array)
  local at, following = 1, array[1]
  return function()
    local byte = following
    at = at + 1
    following = array[at]
    return byte
  end
end

--- Return a stream of the bytes of a hexadecimal text; it ends at the first pair that is none.
function stream.fromHex(hex)
  local at, last = -1, len(hex) - 1
  return function()
    at = at + 2
    if at <= last then return bytes.value(sub(hex, at, at + 1)) end
  end
end

function stream.toString(source)
  local letters = {}
  for byte in source do
    letters[#letters + 1] = char(byte)
  end
  return concat(letters)
end

function stream.toArray(source)
  local array = {}
  for byte in source do
    array[#array + 1] = byte
  end
  return array
end

--- Return the upper case hexadecimal text of a stream.
stream.toHex = bytes.digits

return stream
