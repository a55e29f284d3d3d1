-- .crypto.cipher.norx: NORX64-4-1 (Aumasson, Jovanovic and Neves, version 3).
local _, aos = ...
local bytes = aos.private("bytes")
local assert, concat, pack, rep, sub = assert, table.concat, string.pack, string.rep, string.sub
local string_byte, char, unpack, values = string.byte, string.char, string.unpack, table.unpack

local RATE, TAG, PIECE = 96, 32, 8 -- in bytes
local HEADER, PAYLOAD, TRAILER, FINAL = 1, 2, 4, 8
-- Word size, rounds, lanes, tag size.
local PARAMETERS = { 64, 4, 1, 256 }
-- The columns and diagonals that a round mixes.
local LINES = {
  { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 }, { 4, 8, 12, 16 },
  { 1, 6, 11, 16 }, { 2, 7, 12, 13 }, { 3, 8, 9, 14 }, { 4, 5, 10, 15 },
}

local function turned(word, by) return word >> by | word << (64 - by) end

local function permute(state, rounds)
  for _ = 1, rounds do
    for line = 1, 8 do
      local places = LINES[line]
      local ai, bi, ci, di = places[1], places[2], places[3], places[4]
      local a, b, c, d = state[ai], state[bi], state[ci], state[di]
      a = a ~ b ~ (a & b) << 1
      d = turned(a ~ d, 8)
      c = c ~ d ~ (c & d) << 1
      b = turned(b ~ c, 19)
      a = a ~ b ~ (a & b) << 1
      d = turned(a ~ d, 40)
      c = c ~ d ~ (c & d) << 1
      state[ai], state[bi], state[ci], state[di] = a, turned(b ~ c, 63), c, d
    end
  end
end

-- The constants are two rounds of the words 0 to 15.
local CONSTANTS = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }
permute(CONSTANTS, 2)

local function add(state, first, words)
  for at = 1, #words do
    state[first + at] = state[first + at] ~ words[at]
  end
end

local function enter(state, domain)
  state[16] = state[16] ~ domain
  permute(state, 4)
end

local function start(key, nonce)
  local n1, n2, n3, n4 = unpack("<i8i8i8i8", nonce)
  local k1, k2, k3, k4 = unpack("<i8i8i8i8", key)
  local k = { k1, k2, k3, k4 }
  local state = { n1, n2, n3, n4, k1, k2, k3, k4, values(CONSTANTS, 9, 16) }
  add(state, 12, PARAMETERS)
  permute(state, 4)
  add(state, 12, k)
  return state, k
end

-- Fill a string of less than a block: a bit at its end, and one at the end of the block.
local function filled(text)
  if #text == RATE - 1 then return text .. "\x81" end
  return text .. "\1" .. rep("\0", RATE - 2 - #text) .. "\x80"
end

local LAYOUT = "<" .. rep("i8", RATE // 8)

local function words(block)
  local list = { unpack(LAYOUT, #block == RATE and block or filled(block)) }
  list[RATE // 8 + 1] = nil -- where unpack stopped
  return list
end

local function rate(state) return pack(LAYOUT, values(state, 1, RATE // 8)) end

-- Take a header or trailer in; an empty one leaves no trace.
local function absorb(state, text, domain)
  if #text == 0 then return end
  for at = 1, #text + 1, RATE do
    local block = sub(text, at, at + RATE - 1)
    enter(state, domain)
    add(state, 0, words(block))
  end
end

local function encipher(state, text)
  local answer = {}
  if #text == 0 then return "" end
  for at = 1, #text + 1, RATE do
    local block = sub(text, at, at + RATE - 1)
    enter(state, PAYLOAD)
    add(state, 0, words(block))
    answer[#answer + 1] = sub(rate(state), 1, #block)
  end
  return concat(answer)
end

local function decipher(state, text)
  local answer = {}
  if #text == 0 then return "" end
  for at = 1, #text + 1, RATE do
    local block = sub(text, at, at + RATE - 1)
    enter(state, PAYLOAD)
    local before = rate(state)
    local plain = {}
    for index = 1, #block do
      plain[index] = char(string_byte(before, index) ~ string_byte(block, index))
    end
    plain = concat(plain)
    answer[#answer + 1] = plain
    add(state, 0, words(plain))
  end
  return concat(answer)
end

local function tag(state, key)
  enter(state, FINAL)
  add(state, 12, key)
  permute(state, 4)
  add(state, 12, key)
  return pack("<i8i8i8i8", values(state, 13, 16))
end

-- The pieces of an answer: 8 bytes each, then what is left of the last block of 96 bytes, then the tag.
local function pieces(text)
  local list = {}
  local last = #text - TAG
  for at = 1, last, PIECE do
    list[#list + 1] = sub(text, at, at + PIECE - 1 < last and at + PIECE - 1 or last)
  end
  if last > 0 and last % RATE == 0 then list[#list + 1] = "" end
  list[#list + 1] = sub(text, -TAG)
  return list
end

local norx = { key_size = 32, nonce_size = 32, variant = "NORX 64-4-1" }

--- Return the enciphered message and its tag, joined; asBytes gives the pieces.
-- @param key 32 bytes
-- @param nonce 32 bytes
-- @param header, trailer additional data, which the answer does not hold
function norx.encrypt(key, nonce, plain, header, trailer)
  local state, k = start(key, nonce)
  absorb(state, header or "", HEADER)
  local text = encipher(state, plain)
  absorb(state, trailer or "", TRAILER)
  return bytes.result(text .. tag(state, k), pieces)
end

--- Return the message, or nil and a reason.
-- @param crypted what encrypt returned, as a string
function norx.decrypt(key, nonce, crypted, header, trailer)
  assert(#crypted >= TAG)
  local state, k = start(key, nonce)
  absorb(state, header or "", HEADER)
  local message = decipher(state, sub(crypted, 1, -TAG - 1))
  absorb(state, trailer or "", TRAILER)
  if tag(state, k) ~= sub(crypted, -TAG) then return nil, "auth failure" end
  return message
end

return norx
