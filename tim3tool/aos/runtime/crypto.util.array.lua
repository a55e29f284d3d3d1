-- .crypto.util.array: tables of bytes, counted from 1. Nothing is changed in place.
local char, len, sub = string.char, string.len, string.sub
local concat, pairs = table.concat, pairs
local _, aos = ...
local common, stream = aos.private("bytes"), require(".crypto.util.stream")
local bxor = require("bit32").bxor

local array = { fromStream = stream.toArray, toStream = stream.fromArray }

function array.size(bytes) return #bytes end

function array.fromString(string)
  local bytes = {}
  local at = 1
  local byte = string:byte(at)
  while byte do
    bytes[at] = byte
    at = at + 1
    byte = string:byte(at)
  end
  return bytes
end

function array.toString(bytes)
  local letters = {}
  local at = 1
  local byte = bytes[at]
  while byte do
    letters[at] = char(byte)
    at = at + 1
    byte = bytes[at]
  end
  return concat(letters)
end

--- Return the array of a hexadecimal text; a pair that is none leaves a hole, an odd last digit is ignored.
function array.fromHex(hex)
  local bytes = {}
  for at = 1, len(hex) - 1, 2 do
    bytes[(at + 1) // 2] = common.value(sub(hex, at, at + 1))
  end
  return bytes
end

--- Return the upper case hexadecimal text of an array.
function array.toHex(bytes) return common.digits(stream.fromArray(bytes)) end

--- Take up to size items from a queue.
function array.readFromQueue(queue, size)
  local bytes = {}
  for at = 1, size do
    bytes[at] = queue.pop()
  end
  return bytes
end

function array.writeToQueue(queue, bytes)
  for at = 1, #bytes do
    queue.push(bytes[at])
  end
end

function array.concat(a, b)
  local bytes, size = {}, 0
  local function append(list)
    local at = 1
    while list[at] do
      size = size + 1
      bytes[size] = list[at]
      at = at + 1
    end
  end
  append(a)
  append(b)
  return bytes
end

function array.truncate(bytes, size)
  local short = {}
  for at = 1, size do
    short[at] = bytes[at]
  end
  return short
end

--- Return a[i] xor b[i] for each item of a.
function array.XOR(a, b)
  local bytes = {}
  for at, byte in pairs(a) do
    bytes[at] = bxor(byte, b[at])
  end
  return bytes
end

--- Return sbox[input[i]] for each item of the input.
function array.substitute(input, sbox)
  local bytes = {}
  for at, byte in pairs(input) do
    bytes[at] = sbox[byte]
  end
  return bytes
end

--- Return input[pbox[i]] for each item of the box.
function array.permute(input, pbox)
  local bytes = {}
  for at, from in pairs(pbox) do
    bytes[at] = input[from]
  end
  return bytes
end

--- Return a copy of the outermost table.
function array.copy(input)
  local bytes = {}
  for at, byte in pairs(input) do
    bytes[at] = byte
  end
  return bytes
end

--- Return the items from start to stop, both included; a negative place counts from the end.
function array.slice(input, start, stop)
  local size = #input
  start, stop = start or 1, stop or size
  if start < 0 then start = size + start + 1 end
  if stop < 0 then stop = size + stop + 1 end
  local bytes = {}
  for at = start, stop do
    bytes[#bytes + 1] = input[at]
  end
  return bytes
end

return array
