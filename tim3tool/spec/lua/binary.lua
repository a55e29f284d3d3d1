--- A formatter that shows strings byte by byte, for `assert:add_formatter`.

local WIDTH = 16

local function row(text)
  local bytes, plain = {}, {}
  for index = 1, WIDTH do
    local byte = text:byte(index)
    bytes[index] = byte and ("%2x "):format(byte) or "   "
    plain[index] = not byte and " " or byte < 32 and "." or string.char(byte)
  end
  table.insert(bytes, WIDTH // 2 + 1, "  ")
  table.insert(plain, WIDTH // 2 + 1, " ")
  return table.concat(bytes) .. " " .. table.concat(plain)
end

--- Shows a string in rows of 16 bytes.
--- @return string|nil nil for what is no string
return function(value)
  if type(value) ~= "string" then return nil end
  local rows = { ("Binary string length; %d bytes"):format(#value) }
  for at = 1, #value, WIDTH do rows[#rows + 1] = row(value:sub(at, at + WIDTH - 1)) end
  return table.concat(rows, "\n") .. "\n"
end
