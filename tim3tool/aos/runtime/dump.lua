-- .dump: a value in the style of a Lua literal, keys sorted; every leaf is written as a string.
local format, rep, concat, sort = string.format, string.rep, table.concat, table.sort
local pairs, tostring, type = pairs, tostring, type

local INDENT = "    "

local function key_before(a, b)
  if type(a) == "number" and type(b) == "number" then
    return a < b
  elseif type(a) ~= type(b) then
    return type(a) < type(b)
  end
  return tostring(a) < tostring(b)
end

local function key_text(key)
  return type(key) == "string" and format("[%q]", key) or "[" .. tostring(key) .. "]"
end

local function dump(value, depth, open)
  if type(value) ~= "table" then
    return format("%q", tostring(value))
  elseif open[value] then
    return '"<circular reference>"'
  end
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  if #keys == 0 then return "{}" end
  sort(keys, key_before)
  open[value] = true
  local parts, margin = {}, rep(INDENT, depth)
  for index = 1, #keys do
    local key = keys[index]
    parts[index] = margin .. INDENT .. key_text(key) .. " = " .. dump(value[key], depth + 1, open)
  end
  open[value] = nil
  return "{\n" .. concat(parts, ",\n") .. "\n" .. margin .. "}"
end

--- Return a value as text.
return function(value)
  return dump(value, 0, {})
end
