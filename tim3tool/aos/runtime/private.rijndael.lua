-- rijndael: FIPS 197, for the three lengths of the key.
local SIZE = 16 -- bytes a block

-- Twice a byte in the field of AES.
local DOUBLE = {}
for value = 0, 255 do
  DOUBLE[value] = (value << 1 ~ (value >> 7) * 0x11b) & 0xff
end

-- The S-box (section 5.1.1). p runs through the powers of 3, q through those of its inverse.
local SBOX, INVERSE = { [0] = 0x63 }, { [0x63] = 0 }
do
  local p, q = 1, 1
  repeat
    p = p ~ DOUBLE[p]
    q = (q ~ q << 1) & 0xff
    q = (q ~ q << 2) & 0xff
    q = (q ~ q << 4) & 0xff
    if q & 0x80 ~= 0 then q = q ~ 0x09 end
    local twice = q | q << 8
    local value = (q ~ twice >> 7 ~ twice >> 6 ~ twice >> 5 ~ twice >> 4) & 0xff ~ 0x63
    SBOX[p], INVERSE[value] = value, p
  until p == 1
end

-- Return the round keys (section 5.2) as one list of bytes, counted from 0.
local function expand(key, keySize, rounds)
  local w = {}
  for at = 0, keySize - 1 do
    w[at] = key[at + 1] ~ 0 -- a key that is too short fails here
  end
  local rcon = 1
  for at = keySize, SIZE * (rounds + 1) - 4, 4 do
    local a, b, c, d = w[at - 4], w[at - 3], w[at - 2], w[at - 1]
    if at % keySize == 0 then
      a, b, c, d = SBOX[b] ~ rcon, SBOX[c], SBOX[d], SBOX[a]
      rcon = DOUBLE[rcon]
    elseif keySize > 24 and at % keySize == 16 then
      a, b, c, d = SBOX[a], SBOX[b], SBOX[c], SBOX[d]
    end
    local back = at - keySize
    w[at], w[at + 1], w[at + 2], w[at + 3] = w[back] ~ a, w[back + 1] ~ b, w[back + 2] ~ c, w[back + 3] ~ d
  end
  return w
end

-- MixColumns (section 5.1.3) of a state, counted from 0.
local function mix(state)
  for at = 0, 12, 4 do
    local a, b, c, d = state[at], state[at + 1], state[at + 2], state[at + 3]
    local all = a ~ b ~ c ~ d
    state[at], state[at + 1] = a ~ all ~ DOUBLE[a ~ b], b ~ all ~ DOUBLE[b ~ c]
    state[at + 2], state[at + 3] = c ~ all ~ DOUBLE[c ~ d], d ~ all ~ DOUBLE[d ~ a]
  end
end

-- InvMixColumns (section 5.3.3): the same after adding 4(a + c) and 4(b + d).
local function unmix(state)
  for at = 0, 12, 4 do
    local u = DOUBLE[DOUBLE[state[at] ~ state[at + 2]]]
    local v = DOUBLE[DOUBLE[state[at + 1] ~ state[at + 3]]]
    state[at], state[at + 1] = state[at] ~ u, state[at + 1] ~ v
    state[at + 2], state[at + 3] = state[at + 2] ~ u, state[at + 3] ~ v
  end
  mix(state)
end

local function add(state, keys, round)
  for at = 0, SIZE - 1 do
    state[at] = state[at] ~ keys[SIZE * round + at]
  end
end

-- SubBytes and ShiftRows at once; turn is 4 forwards and -4 back.
local function substitute(state, box, turn)
  local moved = {}
  for at = 0, SIZE - 1 do
    moved[at] = box[state[(at + turn * (at % 4)) % SIZE]]
  end
  return moved
end

local function zeroBased(block)
  local state = {}
  for at = 0, SIZE - 1 do
    state[at] = block[at + 1]
  end
  return state
end

local function oneBased(state)
  local block = {}
  for at = 1, SIZE do
    block[at] = state[at - 1]
  end
  return block
end

--- Return the block cipher for keys of a number of bits. Keys and blocks are arrays; what is too long is ignored.
return function(bits)
  local keySize = bits // 8
  local rounds = keySize // 4 + 6
  local cipher = { blockSize = SIZE }

  function cipher.encrypt(key, block)
    local keys, state = expand(key, keySize, rounds), zeroBased(block)
    add(state, keys, 0)
    for round = 1, rounds do
      state = substitute(state, SBOX, 4)
      if round < rounds then mix(state) end
      add(state, keys, round)
    end
    return oneBased(state)
  end

  function cipher.decrypt(key, block)
    local keys, state = expand(key, keySize, rounds), zeroBased(block)
    for round = rounds, 1, -1 do
      add(state, keys, round)
      if round < rounds then unmix(state) end
      state = substitute(state, INVERSE, -4)
    end
    add(state, keys, 0)
    return oneBased(state)
  end

  return cipher
end
