-- .crypto.digest.sha3: FIPS 202 and the Keccak of before the standard, but for one case of the padding.
local _, aos = ...
local bytes = aos.private("bytes")
local pack, rep, sub = string.pack, string.rep, string.sub
local string_unpack, unpack = string.unpack, table.unpack

local ROUNDS, LANES = 24, 25
local LAYOUT = rep("<i8", LANES)

-- The round constants: the bits of a shift register, at the places 2^j - 1 (section 3.2.5).
local IOTA, register = {}, 1
for round = 1, ROUNDS do
  IOTA[round] = 0
  for j = 0, 6 do
    if register & 1 == 1 then IOTA[round] = IOTA[round] | 1 << ((1 << j) - 1) end
    register = register << 1
    if register > 0xff then register = register ~ 0x171 end
  end
end

-- Where rho and pi bring the lane at x + 5y + 1, and how far it turns (sections 3.2.2 and 3.2.3).
local TO, TURN = { 1 }, { 0 }
do
  local x, y = 1, 0
  for step = 0, 23 do
    local lane = x + 5 * y + 1
    x, y = y, (2 * x + 3 * y) % 5
    TO[lane], TURN[lane] = x + 5 * y + 1, (step + 1) * (step + 2) // 2 % 64
  end
end

local function permute(state)
  local sums, moved = {}, {}
  for round = 1, ROUNDS do
    for x = 1, 5 do
      sums[x] = state[x] ~ state[x + 5] ~ state[x + 10] ~ state[x + 15] ~ state[x + 20]
    end
    for x = 1, 5 do
      local right = sums[x % 5 + 1]
      local parity = sums[(x + 3) % 5 + 1] ~ (right << 1 | right >> 63)
      for lane = x, x + 20, 5 do
        local value, turn = state[lane] ~ parity, TURN[lane]
        moved[TO[lane]] = value << turn | value >> (64 - turn)
      end
    end
    for row = 1, 21, 5 do
      local a, b, c, d, e = moved[row], moved[row + 1], moved[row + 2], moved[row + 3], moved[row + 4]
      state[row], state[row + 1], state[row + 2] = a ~ (~b & c), b ~ (~c & d), c ~ (~d & e)
      state[row + 3], state[row + 4] = d ~ (~e & a), e ~ (~a & b)
    end
    state[1] = state[1] ~ IOTA[round]
  end
end

-- Return the digest function of a size in bytes and a first byte of the padding.
local function digest(size, suffix)
  local rate = 200 - 2 * size

  return function(buffer)
    -- AO never joins the first and the last byte of the padding: where only one byte is left in a block, it starts
    -- another one, and the digest is not that of the standard.
    local text = buffer .. suffix .. rep("\0", (rate - 2 - #buffer) % rate) .. "\x80"
    local state = {}
    for lane = 1, LANES do
      state[lane] = 0
    end
    for at = 1, #text, rate do
      for lane = 1, rate // 8 do
        state[lane] = state[lane] ~ string_unpack("<i8", text, at + 8 * (lane - 1))
      end
      permute(state)
    end
    local result = bytes.result(sub(pack(LAYOUT, unpack(state)), 1, size))
    result.asBytes = nil -- AO has none here
    return result
  end
end

return {
  keccak256 = digest(32, "\1"),
  keccak512 = digest(64, "\1"),
  sha3_256 = digest(32, "\6"),
  sha3_512 = digest(64, "\6"),
}
