-- .base64: RFC 4648 base 64 with a replaceable alphabet.
local byte, char, sub, concat = string.byte, string.char, string.sub, table.concat
local next = next

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

-- Pattern of the bytes that a text does not count: the padding is always "=", whatever the decoding table says.
local function foreign(values)
  if values == default_decoder then return "[^%w+/=]" end
  local class = "="
  for code, value in next, values do
    if value == 62 or value == 63 then class = class .. "%" .. char(code) end
  end
  return "[^%w" .. class .. "]"
end

--- Return the base 64 text of a string of bytes.
function base64.encode(str, encoder)
  local letters = encoder or default_encoder
  local out, n, length = {}, 0, #str
  for at = 1, length, 3 do
    local a, b, c = byte(str, at, at + 2)
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

--- Return the bytes of a base 64 text; letters outside the alphabet are skipped.
--
-- As the module does: a text that is too short raises, and padding inside the text counts as 64.
function base64.decode(b64, decoder)
  local values = decoder or default_decoder
  b64 = b64:gsub(foreign(values), "")
  local length = #b64
  local padding = sub(b64, -2) == "==" and 2 or sub(b64, -1) == "=" and 1 or 0
  local out, n = {}, 0
  for at = 1, padding > 0 and length - 4 or length, 4 do
    local i, j, k, l = byte(b64, at, at + 3)
    local group = values[i] * 0x40000 + values[j] * 0x1000 + values[k] * 0x40 + values[l]
    n = n + 1
    out[n] = char(group >> 16 & 255, group >> 8 & 255, group & 255)
  end
  if padding > 0 then
    local i, j, k = byte(b64, length - 3, length - 1)
    local group = values[i] * 0x40000 + values[j] * 0x1000
    if padding == 2 then
      out[n + 1] = char(group >> 16 & 255)
    else
      group = group + values[k] * 0x40
      out[n + 1] = char(group >> 16 & 255, group >> 8 & 255)
    end
  end
  return concat(out)
end

return base64
