-- .crypto.digest.md4: RFC 1320.
local _, aos = ...
local bytes, iterated = aos.private("bytes"), aos.private("iterated")
local string_unpack = string.unpack

local MASK = 0xffffffff
local SHIFTS = { { 3, 7, 11, 19 }, { 3, 5, 9, 13 }, { 3, 9, 11, 15 } }
local ADDED = { 0, 0x5a827999, 0x6ed9eba1 }
-- The order in which the words of a block are read, counted from 1.
local ORDER = {
  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
  { 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 4, 8, 12, 16 },
  { 1, 9, 5, 13, 3, 11, 7, 15, 2, 10, 6, 14, 4, 12, 8, 16 },
}

local MIX = {
  function(x, y, z) return (x & y) | (~x & z) end,
  function(x, y, z) return (x & y) | (x & z) | (y & z) end,
  function(x, y, z) return x ~ y ~ z end,
}

local function compress(state, text, at)
  local words = { string_unpack("<I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", text, at) }
  local a, b, c, d = state[1], state[2], state[3], state[4]
  for round = 1, 3 do
    local mix, order, shifts, added = MIX[round], ORDER[round], SHIFTS[round], ADDED[round]
    for step = 1, 16 do
      local sum = (a + mix(b, c, d) + words[order[step]] + added) & MASK
      local shift = shifts[(step - 1) % 4 + 1]
      a, b, c, d = d, (sum << shift | sum >> (32 - shift)) & MASK, b, c
    end
  end
  state[1], state[2] = (state[1] + a) & MASK, (state[2] + b) & MASK
  state[3], state[4] = (state[3] + c) & MASK, (state[4] + d) & MASK
end

local MD4 = iterated("<", { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 }, compress)

--- Return the digest of a stream.
return function(stream) return bytes.result(MD4().update(stream).finish().asString()) end
