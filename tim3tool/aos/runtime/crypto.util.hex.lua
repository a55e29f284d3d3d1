-- .crypto.util.hex: hexadecimal text.
local byte, char, format, gsub = string.byte, string.char, string.format, string.gsub
local concat, error, tonumber = table.concat, error, tonumber

local hex = {}

local function letter(pair) return char(tonumber(pair, 16)) end

--- Return the lower case hexadecimal text of a string.
-- @param ln bytes a line; one line if absent
-- @param sep what stands between the bytes of a line; only with ln
function hex.stringToHex(s, ln, sep)
  local digits = {}
  for at = 1, #s do
    local rest = ln and at % ln
    local behind = (not ln or at == #s) and "" or rest == 0 and "\n" or sep or ""
    digits[at] = format("%02x", byte(s, at)) .. behind
  end
  return concat(digits)
end

--- Return the string of a hexadecimal text; white space is ignored, and what is no pair of digits stays.
-- @param unsafe leave the white space in, and do not check the length
function hex.hexToString(hs, unsafe)
  if not unsafe then
    hs = gsub(hs, "%s+", "")
    if #hs % 2 ~= 0 then error("invalid hex string") end
  end
  return (gsub(hs, "(%x%x)", letter))
end

return hex
