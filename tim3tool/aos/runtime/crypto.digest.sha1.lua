-- .crypto.digest.sha1: FIPS 180-4 section 6.1.
local _, aos = ...
local iterated = aos.private("iterated")
local string_unpack = string.unpack

local MASK = 0xffffffff

local function compress(state, text, at)
  local words = { string_unpack(">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", text, at) }
  for step = 17, 80 do
    local word = words[step - 3] ~ words[step - 8] ~ words[step - 14] ~ words[step - 16]
    words[step] = (word << 1 | word >> 31) & MASK
  end
  local a, b, c, d, e = state[1], state[2], state[3], state[4], state[5]
  for step = 1, 80 do
    local mixed
    if step <= 20 then
      mixed = ((b & c) | (~b & d)) + 0x5a827999
    elseif step <= 40 then
      mixed = (b ~ c ~ d) + 0x6ed9eba1
    elseif step <= 60 then
      mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
    else
      mixed = (b ~ c ~ d) + 0xca62c1d6
    end
    a, b, c, d, e = ((a << 5 | a >> 27) + mixed + e + words[step]) & MASK, a, (b << 30 | b >> 2) & MASK, c, d
  end
  state[1], state[2], state[3] = (state[1] + a) & MASK, (state[2] + b) & MASK, (state[3] + c) & MASK
  state[4], state[5] = (state[4] + d) & MASK, (state[5] + e) & MASK
end

local SHA1 = iterated(">", { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 }, compress)

--- Return the digest of a stream, as the object that computed it.
local function sha1(stream) return SHA1().update(stream).finish() end

return { SHA1 = SHA1, sha1 = sha1 }
