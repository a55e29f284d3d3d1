-- .crypto.digest.md5: RFC 1321.
local _, aos = ...
local bytes, iterated = aos.private("bytes"), aos.private("iterated")
local string_unpack, floor, abs, sin = string.unpack, math.floor, math.abs, math.sin

local MASK = 0xffffffff
local SHIFTS = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } }

local ADDED = {}
for step = 1, 64 do
  ADDED[step] = floor(abs(sin(step)) * 2.0 ^ 32)
end

local function compress(state, text, at)
  local words = { string_unpack("<I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", text, at) }
  local a, b, c, d = state[1], state[2], state[3], state[4]
  for step = 0, 63 do
    local mixed, word
    if step < 16 then
      mixed, word = (b & c) | (~b & d), step
    elseif step < 32 then
      mixed, word = (b & d) | (c & ~d), 5 * step + 1
    elseif step < 48 then
      mixed, word = b ~ c ~ d, 3 * step + 5
    else
      mixed, word = c ~ (b | (~d & MASK)), 7 * step
    end
    local sum = (a + mixed + words[(word & 15) + 1] + ADDED[step + 1]) & MASK
    local shift = SHIFTS[(step >> 4) + 1][(step & 3) + 1]
    a, b, c, d = d, (b + (sum << shift | sum >> (32 - shift))) & MASK, b, c
  end
  state[1], state[2] = (state[1] + a) & MASK, (state[2] + b) & MASK
  state[3], state[4] = (state[3] + c) & MASK, (state[4] + d) & MASK
end

local MD5 = iterated("<", { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 }, compress)

--- Return the digest of a stream.
return function(stream) return bytes.result(MD5().update(stream).finish().asString()) end
