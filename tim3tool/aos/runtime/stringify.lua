-- .stringify: a value as `print` and Eval show it, with colours.
local format, rep, concat = string.format, string.rep, table.concat
local pairs, tostring, type = pairs, tostring, type

local RED, GREEN, BLUE, RESET = "\27[31m", "\27[32m", "\27[34m", "\27[0m"

local stringify = {}

--- Tell whether a table is a list (keys 1..n) of strings and numbers only.
function stringify.isSimpleArray(value)
  local count = 0
  for _, item in pairs(value) do
    local kind = type(item)
    if kind ~= "string" and kind ~= "number" then return false end
    count = count + 1
    if value[count] == nil then return false end
  end
  return true
end

local function leaf(value)
  if type(value) == "string" then return GREEN .. '"' .. value .. '"' .. RESET end
  return BLUE .. tostring(value) .. RESET
end

-- A key that can neither be left out nor be joined to a string raises, as it does on AO.
local function label(key)
  if type(key) == "number" then return "" end
  return " " .. RED .. key .. RESET .. " = "
end

--- Return a value as coloured text.
-- @param indent columns that the closing brace stands at, 0 by default
-- @param visited tables already shown; each is shown once
function stringify.format(value, indent, visited)
  indent, visited = indent or 0, visited or {}
  if type(value) ~= "table" then
    return leaf(value)
  elseif visited[value] then
    return "<circular reference>"
  end
  visited[value] = true
  local parts = {}
  if stringify.isSimpleArray(value) then
    for index = 1, #value do
      parts[index] = leaf(value[index])
    end
    return "{ " .. concat(parts, ", ") .. " }"
  end
  local margin = rep(" ", indent)
  for key, item in pairs(value) do
    parts[#parts + 1] = margin .. "  " .. label(key) .. stringify.format(item, indent + 2, visited)
  end
  return format("{\n%s\n%s}", concat(parts, ",\n"), margin)
end

return stringify
