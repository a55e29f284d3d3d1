-- .chance: the Mersenne Twister MT19937 (Matsumoto & Nishimura, 1998) behind math.random.
local assert, floor, pack, unpack, unpackTable = assert, math.floor, string.pack, string.unpack, table.unpack

local N, M = 624, 397
local UNSEEDED = 5489 -- the reference implementation's seed for a generator that was given none

local WORD = "<I4"
local FORMAT = WORD:rep(N)

local chance = {}

-- The words of the state lie in one string, so that remembering the state of a process means remembering one value.
local state, used = nil, N

local function store(words) state = pack(FORMAT, unpackTable(words, 1, N)) end

--- Start the sequence of a seed, of which 32 bits count.
function chance.seed(s)
  local word = s & 0xffffffff
  local words = { word }
  for index = 1, N - 1 do
    word = (1812433253 * (word ~ word >> 30) + index) & 0xffffffff
    words[index + 1] = word
  end
  store(words)
  used = N
end

local function refill()
  if not state then chance.seed(UNSEEDED) end
  local words = { unpack(FORMAT, state) }
  for index = 0, N - 1 do
    local bits = words[index + 1] & 0x80000000 | words[(index + 1) % N + 1] & 0x7fffffff
    local word = words[(index + M) % N + 1] ~ bits >> 1
    words[index + 1] = bits & 1 == 0 and word or word ~ 0x9908b0df
  end
  store(words)
  used = 0
end

local function next_word()
  if used == N then refill() end
  local word = unpack(WORD, state, used * 4 + 1)
  used = used + 1
  word = word ~ word >> 11
  word = word ~ word << 7 & 0x9d2c5680
  word = word ~ word << 15 & 0xefc60000
  return word ~ word >> 18
end

-- A float in [0, 1).
local function float() return next_word() / 4294967296 end

--- Return an integer in [min, max].
function chance.integer(min, max)
  assert(max >= min, "max must bigger than min")
  return floor(float() * (max - min + 1) + min)
end

--- What math.random does with its arguments on AO: none or more than two give a float.
function chance.random(...)
  local a, b, c = ...
  if c ~= nil or a == nil and b == nil then
    return float()
  elseif b == nil then
    return chance.integer(1, a)
  end
  return chance.integer(a, b)
end

return chance
