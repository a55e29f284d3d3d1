-- .crypto.cipher.morus: MORUS-1280 (Wu and Huang, version 2).
local _, aos = ...
local bytes = aos.private("bytes")
local char, pack, rep, sub, unpack = string.char, string.pack, string.rep, string.sub, string.unpack
local concat, values, error, ipairs = table.concat, table.unpack, error, ipairs

local BLOCK, TAG = 32, 16

-- The first 32 Fibonacci numbers modulo 256.
local FIBONACCI = ""
do
  local a, b = 0, 1
  for _ = 1, BLOCK do
    FIBONACCI = FIBONACCI .. char(a)
    a, b = b, (a + b) % 256
  end
end

local BITS = { 13, 46, 38, 7, 4 } -- by which each word of a row turns
local WORDS = { 1, 2, 3, 2, 1 } -- by which another row turns as a whole

-- A row is four 64-bit words; rotated moves each up by n places.
local function rotated(row, n)
  return { row[-n % 4 + 1], row[(1 - n) % 4 + 1], row[(2 - n) % 4 + 1], row[(3 - n) % 4 + 1] }
end

local function row(text)
  local a, b, c, d = unpack("<i8i8i8i8", text)
  return { a, b, c, d }
end

local NOTHING = { 0, 0, 0, 0 }

-- Take four words into the state, a list of five rows.
local function absorb(state, words)
  for round = 1, 5 do
    local into, a, b = state[round], state[round % 5 + 1], state[(round + 1) % 5 + 1]
    local turning = (round + 2) % 5 + 1
    local c, bits = state[turning], BITS[round]
    local fresh = {}
    for at = 1, 4 do
      local value = into[at] ~ (a[at] & b[at]) ~ c[at] ~ (round > 1 and words[at] or 0)
      fresh[at] = value << bits | value >> (64 - bits)
    end
    state[round], state[turning] = fresh, rotated(c, WORDS[round])
  end
end

-- The words that a block is enciphered with.
local function pad(state)
  local first, second, third, fourth = state[1], rotated(state[2], 3), state[3], state[4]
  local words = {}
  for at = 1, 4 do
    words[at] = first[at] ~ second[at] ~ (third[at] & fourth[at])
  end
  return words
end

local function start(key, iv)
  if #key ~= 16 and #key ~= 32 then error("key must be 16 or 32 bytes") end
  if #iv ~= 16 then error("iv must be 16 bytes") end
  local k = row(key .. key)
  local state = { row(iv .. rep("\0", 16)), k, { -1, -1, -1, -1 }, NOTHING, row(FIBONACCI) }
  for _ = 1, 16 do
    absorb(state, NOTHING)
  end
  for at, word in ipairs(k) do
    state[2][at] = state[2][at] ~ word
  end
  return state
end

-- Return the blocks of a string, the last one shorter.
local function blocks(text)
  local list = {}
  for at = 1, #text, BLOCK do
    list[#list + 1] = sub(text, at, at + BLOCK - 1)
  end
  return list
end

local function filled(block) return block .. rep("\0", BLOCK - #block) end

local function header(state, ad)
  for _, block in ipairs(blocks(ad)) do
    absorb(state, row(filled(block)))
  end
end

-- Return a block turned into its counterpart, which is the same both ways.
local function crossed(state, block)
  local words, key = row(filled(block)), pad(state)
  for at = 1, 4 do
    words[at] = words[at] ~ key[at]
  end
  return sub(pack("<i8i8i8i8", values(words)), 1, #block)
end

local function tag(state, adLength, length)
  for at = 1, 4 do
    state[5][at] = state[5][at] ~ state[1][at]
  end
  local lengths = { adLength * 8, length * 8, 0, 0 }
  for _ = 1, 10 do
    absorb(state, lengths)
  end
  return sub(pack("<i8i8i8i8", values(pad(state))), 1, TAG)
end

local morus = { key_size = 32, nonce_size = 16, variant = "Morus-1280" }

--- Return the additional data, the enciphered message and its tag, joined; asBytes gives the pieces.
-- @param key 16 or 32 bytes
-- @param iv 16 bytes
-- @param ad additional data, which stays readable
function morus.encrypt(key, iv, m, ad)
  ad = ad or ""
  local length, adLength = #m, #ad
  local state = start(key, iv)
  header(state, ad)
  local pieces = { ad }
  for _, block in ipairs(blocks(m)) do
    pieces[#pieces + 1] = crossed(state, block)
    absorb(state, row(filled(block)))
  end
  pieces[#pieces + 1] = tag(state, adLength, length)
  return bytes.result(concat(pieces), function() return pieces end)
end

--- Return the message, or nil and a reason.
-- @param e what encrypt returned, as a string
-- @param adlen bytes of the additional data in front of it
function morus.decrypt(key, iv, e, adlen)
  adlen = adlen or 0
  local state = start(key, iv)
  header(state, sub(e, 1, adlen))
  local pieces = {}
  for _, block in ipairs(blocks(sub(e, adlen + 1, -TAG - 1))) do
    local plain = crossed(state, block)
    pieces[#pieces + 1] = plain
    absorb(state, row(filled(plain)))
  end
  local message = concat(pieces)
  if tag(state, adlen, #message) ~= unpack("c16", e, #e - TAG + 1) then return nil, "decrypt error" end
  return message
end

return morus
