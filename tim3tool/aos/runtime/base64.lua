-- .base64: RFC 4648 base 64 with a replaceable alphabet.
local byte, char, gsub, sub, concat = string.byte, string.char, string.gsub, string.sub, table.concat
local assert, next = assert, next

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
local PAD = 64

local base64 = {}

--- Return an encoding table: 6-bit value (64 for the padding) to byte.
-- @param s62 letter for 62, "+" by default
-- @param s63 letter for 63, "/" by default
-- @param spad padding, "=" by default
function base64.makeencoder(s62, s63, spad)
  local encoder = {}
  for value = 0, #LETTERS - 1 do
    encoder[value] = byte(LETTERS, value + 1)
  end
  encoder[62], encoder[63], encoder[PAD] = byte(s62 or "+"), byte(s63 or "/"), byte(spad or "=")
  return encoder
end

--- Return a decoding table, the inverse of `makeencoder`.
function base64.makedecoder(s62, s63, spad)
  local decoder = {}
  local encoder = base64.makeencoder(s62, s63, spad)
  for value = 0, PAD do
    decoder[encoder[value]] = value
  end
  return decoder
end

local default_encoder, default_decoder = base64.makeencoder(), base64.makedecoder()

-- Pattern of the bytes that a decoding table does not know.
local function foreign(values)
  if values == default_decoder then return "[^%w+/=]" end
  local class = ""
  for code in next, values do
    class = class .. gsub(char(code), "%W", "%%%0")
  end
  return "[^" .. class .. "]"
end

--- Return the base 64 text of a string of bytes.
function base64.encode(text, encoder)
  local letters = encoder or default_encoder
  local out, n, length = {}, 0, #text
  for at = 1, length, 3 do
    local a, b, c = byte(text, at, at + 2)
    local group = a << 16 | (b or 0) << 8 | (c or 0)
    n = n + 1
    out[n] = char(
      letters[group >> 18],
      letters[group >> 12 & 63],
      letters[b and group >> 6 & 63 or PAD],
      letters[c and group & 63 or PAD]
    )
  end
  return concat(out)
end

--- Return the bytes of a base 64 text; letters outside the alphabet are skipped, missing padding raises.
function base64.decode(text, decoder)
  local values = decoder or default_decoder
  local known = gsub(text, foreign(values), "")
  assert(#known % 4 == 0, "base64 text without its padding")
  local out, n = {}, 0
  for at = 1, #known, 4 do
    local i, j, k, l = byte(known, at, at + 3)
    local a, b, c, d = values[i], values[j], values[k], values[l]
    local length = 3
    if d == PAD and at + 4 > #known then
      d, length = 0, 2
      if c == PAD then
        c, length = 0, 1
      end
    end
    assert(a < PAD and b < PAD and c < PAD and d < PAD, "base64 padding inside the text")
    local group = a << 18 | b << 12 | c << 6 | d
    n = n + 1
    out[n] = sub(char(group >> 16, group >> 8 & 255, group & 255), 1, length)
  end
  return concat(out)
end

return base64
