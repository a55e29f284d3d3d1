-- .crypto.digest.blake2b: RFC 7693, but for the last block.
local _, aos = ...
local bytes = aos.private("bytes")
local pack, rep, sub = string.pack, string.rep, string.sub
local string_unpack, unpack = string.unpack, table.unpack

local BLOCK = 128

local IV = {
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

-- The order of the words of a block in each round, counted from 1.
local SIGMA = {
  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
  { 15, 11, 5, 9, 10, 16, 14, 7, 2, 13, 1, 3, 12, 8, 6, 4 },
  { 12, 9, 13, 1, 6, 3, 16, 14, 11, 15, 4, 7, 8, 2, 10, 5 },
  { 8, 10, 4, 2, 14, 13, 12, 15, 3, 7, 6, 11, 5, 1, 16, 9 },
  { 10, 1, 6, 8, 3, 5, 11, 16, 15, 2, 12, 13, 7, 9, 4, 14 },
  { 3, 13, 7, 11, 1, 12, 9, 4, 5, 14, 8, 6, 16, 15, 2, 10 },
  { 13, 6, 2, 16, 15, 14, 5, 11, 1, 8, 7, 4, 10, 3, 9, 12 },
  { 14, 12, 8, 15, 13, 2, 4, 10, 6, 1, 16, 5, 9, 7, 3, 11 },
  { 7, 16, 15, 10, 12, 4, 1, 9, 13, 3, 14, 8, 2, 5, 11, 6 },
  { 11, 3, 9, 5, 8, 7, 2, 6, 16, 12, 10, 15, 4, 13, 14, 1 },
}

-- The columns and diagonals that a round mixes.
local LINES = {
  { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 }, { 4, 8, 12, 16 },
  { 1, 6, 11, 16 }, { 2, 7, 12, 13 }, { 3, 8, 9, 14 }, { 4, 5, 10, 15 },
}

-- @param count bytes compressed so far, with this block
-- @param last -1 for the last block, else 0
local function compress(state, text, at, count, last)
  local words = { string_unpack("<i8i8i8i8i8i8i8i8i8i8i8i8i8i8i8i8", text, at) }
  local v = { unpack(state) }
  for index = 1, 8 do
    v[index + 8] = IV[index]
  end
  v[13], v[15] = v[13] ~ count, v[15] ~ last
  for round = 0, 11 do
    local order = SIGMA[round % 10 + 1]
    for line = 1, 8 do
      local places = LINES[line]
      local ai, bi, ci, di = places[1], places[2], places[3], places[4]
      local a, b, c, d = v[ai], v[bi], v[ci], v[di]
      a = a + b + words[order[2 * line - 1]]
      d = d ~ a
      d = d >> 32 | d << 32
      c = c + d
      b = b ~ c
      b = b >> 24 | b << 40
      a = a + b + words[order[2 * line]]
      d = d ~ a
      d = d >> 16 | d << 48
      c = c + d
      b = b ~ c
      v[ai], v[bi], v[ci], v[di] = a, b >> 63 | b << 1, c, d
    end
  end
  for index = 1, 8 do
    state[index] = state[index] ~ v[index] ~ v[index + 8]
  end
end

--- Return the digest of a string, or nil and a reason; asBytes gives one-letter strings.
-- @param outlen bytes of the digest, 1 to 64; 64 by default
-- @param key up to 64 bytes; none by default
return function(data, outlen, key)
  outlen, key = outlen or 64, key or ""
  if outlen < 1 or outlen > 64 or #key > 64 then return nil, "illegal parameters" end
  local state = { unpack(IV) }
  state[1] = state[1] ~ 0x01010000 ~ #key << 8 ~ outlen

  local text = #key > 0 and key .. rep("\0", BLOCK - #key) .. data or data
  local size = #text
  -- AO takes a full last block for one that another follows, and ends with an empty one.
  local full = size - size % BLOCK
  for at = 1, full, BLOCK do
    compress(state, text, at, at + BLOCK - 1, 0)
  end
  compress(state, sub(text, full + 1) .. rep("\0", BLOCK - size % BLOCK), 1, size, -1)
  return bytes.result(sub(pack("<i8i8i8i8i8i8i8i8", unpack(state)), 1, outlen), bytes.letters)
end
