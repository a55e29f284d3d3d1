-- .crypto.cipher.issac: the generator ISAAC (Jenkins 1996), and a cipher of printable letters on it.
local _, aos = ...
local bytes = aos.private("bytes")
local byte, char, concat, math_random, tostring = string.byte, string.char, table.concat, math.random, tostring

local MASK, SIZE, GOLDEN = 0xffffffff, 256, 0x9e3779b9
local FIRST, LETTERS = 32, 95 -- the printable letters of ASCII

-- The results and how many were given, the memory, the accumulator, the last result, and the counter.
local results, given, memory, aa, bb, cc = {}, 0, {}, 0, 0, 0

local function generate()
  cc = (cc + 1) & MASK
  bb = (bb + cc) & MASK
  for at = 0, SIZE - 1 do
    local x, phase = memory[at], at & 3
    local shifted
    if phase == 0 then
      shifted = aa << 13
    elseif phase == 1 then
      shifted = aa >> 6
    elseif phase == 2 then
      shifted = aa << 2
    else
      shifted = aa >> 16
    end
    aa = ((aa ~ shifted) + memory[(at + 128) & 255]) & MASK
    local y = (memory[x >> 2 & 255] + aa + bb) & MASK
    memory[at] = y
    bb = (memory[y >> 10 & 255] + x) & MASK
    results[at] = bb
  end
  given = 0
end

-- Scramble eight words, counted from 0.
local SHIFTS = { [0] = -11, 2, -8, 16, -10, 4, -8, 9 } -- to the left below zero
local function mix(words)
  for at = 0, 7 do
    local after, shift = (at + 1) & 7, SHIFTS[at]
    local shifted = shift < 0 and words[after] << -shift or words[after] >> shift
    words[at] = (words[at] ~ shifted) & MASK
    local third = (at + 3) & 7
    words[third] = (words[third] + words[at]) & MASK
    words[after] = (words[after] + words[(at + 2) & 7]) & MASK
  end
end

-- Take 256 words into the memory, eight at a time.
local function absorb(words, source)
  for at = 0, SIZE - 1, 8 do
    for index = 0, 7 do
      words[index] = (words[index] + (source and source[at + index] or 0)) & MASK
    end
    mix(words)
    for index = 0, 7 do
      memory[at + index] = words[index]
    end
  end
end

local issac = {}

--- Seed the generator.
-- @param seed a string; bytes after the 256th are ignored
-- @param flag whether the seed is used at all
function issac.seedIsaac(seed, flag)
  local source = {}
  for at = 0, SIZE - 1 do
    source[at] = at < #seed and byte(seed, at + 1) or 0
  end
  results, memory, aa, bb, cc = {}, {}, 0, 0, 0
  local words = {}
  for index = 0, 7 do
    words[index] = GOLDEN
  end
  for _ = 1, 4 do
    mix(words)
  end
  absorb(words, flag and source)
  if flag then absorb(words, memory) end
  generate()
end

--- Return the next number of 32 bits, nil before a seed.
function issac.getRandom()
  local result = results[given]
  given = given + 1
  if given == SIZE and result then generate() end
  return result
end

--- Return the code of a random printable letter.
function issac.getRandomChar() return issac.getRandom() % LETTERS + FIRST end

--- Return a random number from min to max.
-- @param seed a string. Without one the answer is always the same, as on AO, and `math.random` moves on by one.
function issac.random(min, max, seed)
  min, max = min or 0, max or 2 ^ 31 - 1
  issac.seedIsaac(seed or tostring(math_random(0, MASK)), seed)
  return issac.getRandom() % (max - min + 1) + min
end

local function turn(text, key, sign)
  issac.seedIsaac(key, true)
  local letters = {}
  for at = 1, #text do
    letters[at] = char((byte(text, at) - FIRST + sign * issac.getRandomChar()) % LETTERS + FIRST)
  end
  return concat(letters)
end

--- Return a string enciphered; letters that are not printable are lost. asBytes gives one-letter strings.
function issac.encrypt(msg, key) return bytes.result(turn(msg, key, 1), bytes.letters) end

--- Return a string, not hexadecimal text, deciphered.
function issac.decrypt(cipher, key) return turn(cipher, key, -1) end

return issac
