-- .chance: the Mersenne Twister MT19937 (Matsumoto & Nishimura, 1998) behind math.random.
local error, floor = error, math.floor

local N, M = 624, 397
local UNSEEDED = 5489 -- the reference implementation's seed for a generator that was given none

local chance = {}

local state, used = {}, N

--- Start the sequence of a seed, of which 32 bits count.
function chance.seed(n)
  local word = n & 0xffffffff
  state[0] = word
  for index = 1, N - 1 do
    word = (1812433253 * (word ~ word >> 30) + index) & 0xffffffff
    state[index] = word
  end
  used = N
end

local function refill()
  if not state[0] then chance.seed(UNSEEDED) end
  for index = 0, N - 1 do
    local bits = state[index] & 0x80000000 | state[(index + 1) % N] & 0x7fffffff
    local word = state[(index + M) % N] ~ bits >> 1
    state[index] = bits & 1 == 0 and word or word ~ 0x9908b0df
  end
  used = 0
end

local function next_word()
  if used == N then refill() end
  local word = state[used]
  used = used + 1
  word = word ~ word >> 11
  word = word ~ word << 7 & 0x9d2c5680
  word = word ~ word << 15 & 0xefc60000
  return word ~ word >> 18
end

--- Return a float in [0, 1).
function chance.float() return next_word() / 4294967296 end

--- Return an integer in [min, max].
function chance.integer(min, max)
  if max < min then error("max must bigger than min") end
  return floor(chance.float() * (max - min + 1) + min)
end

--- What math.random does with its arguments on AO: none or more than two give a float.
function chance.random(...)
  local a, b, c = ...
  if a == nil or c ~= nil then
    return chance.float()
  elseif b == nil then
    return chance.integer(1, a)
  end
  return chance.integer(a, b)
end

return chance
