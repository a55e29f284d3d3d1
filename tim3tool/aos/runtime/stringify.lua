-- .stringify: a value as `print` and Eval show it, with colours.
local rep, concat = string.rep, table.concat
local ipairs, pairs, tostring, type = ipairs, pairs, tostring, type

local RED, GREEN, BLUE, RESET = "\27[31m", "\27[32m", "\27[34m", "\27[0m"

local stringify = { _version = "0.0.1" }

--- Tell whether a table is a list (keys 1..n) of strings and numbers only.
function stringify.isSimpleArray(t)
  local index = 0
  for key, value in pairs(t) do
    index = index + 1
    local kind = type(value)
    if key ~= index or kind ~= "string" and kind ~= "number" then return false end
  end
  return true
end

local function leaf(value)
  if type(value) == "string" then return GREEN .. '"' .. value .. '"' .. RESET end
  return BLUE .. tostring(value) .. RESET
end

local function flat(t)
  local parts = {}
  for index, value in ipairs(t) do parts[index] = leaf(value) end
  return "{ " .. concat(parts, ", ") .. " }"
end

--- Return a table as coloured text.
--
-- As the module does: a table that is no list shows only what has no place in one, and a table that is the value of two
-- keys counts as circular. Inside a list nothing does, so that a list inside itself never ends.
-- @param indent columns that the closing brace stands at, 0 by default
-- @param visited values of keys already shown
function stringify.format(t, indent, visited)
  indent, visited = indent or 0, visited or {}
  if stringify.isSimpleArray(t) then return flat(t) end
  local items, fields = {}, {}
  local margin = rep(" ", indent)
  for k, value in pairs(t) do
    if #fields == 0 and k == #items + 1 then
      local text = type(value) == "table" and stringify.format(value, indent + 2) or leaf(value)
      items[k] = margin .. "  " .. text
    else
      local name = margin .. "   " .. RED .. k .. RESET .. " = "
      if type(value) ~= "table" then
        fields[#fields + 1] = name .. leaf(value)
      elseif visited[value] then
        return "<circular reference>"
      else
        visited[value] = true
        fields[#fields + 1] = name .. stringify.format(value, indent + 2, visited)
      end
    end
  end
  if #fields > 0 then return "{\n" .. concat(fields, ",\n") .. "\n" .. margin .. "}" end
  return "{\n" .. concat(items, ",\n") .. "\n" .. margin .. " }"
end

return stringify
