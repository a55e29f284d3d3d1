-- .dump: a value in the style of a Lua literal, keys sorted.
local find, format, gmatch, rep = string.find, string.format, string.gmatch, string.rep
local concat, sort = table.concat, table.sort
local error, pairs, tostring, type = error, pairs, tostring, type
local tointeger = math.tointeger

local INDENT = 4
local KEYWORDS = {}
for word in gmatch([[
  and break do else elseif end false for function goto if in local nil not or repeat return then true until while
]], "%a+") do
  KEYWORDS[word] = true
end

local dump

local function leaf(value)
  local kind = type(value)
  if kind == "number" or kind == "boolean" then return tostring(value) end
  return format("%q", tostring(value))
end

local function value_text(value, layout, depth, open)
  if type(value) ~= "table" then return leaf(value) end
  if open[value] then return format('"<Circular %s>"', tostring(value)) end
  return dump(value, layout, depth, open)
end

local function key_text(key, layout, depth, open)
  if type(key) == "string" and find(key, "^[%a_][%w_]*$") and not KEYWORDS[key] then return key end
  return "[" .. value_text(key, layout, depth, open) .. "]"
end

-- Numbers by value, then booleans, then everything else by its text.
local RANK = { number = 1, boolean = 2 }

local function before(a, b)
  if a.rank ~= b.rank then return a.rank < b.rank end
  if a.rank == 1 then return a.key < b.key end
  return a.text < b.text
end

function dump(t, layout, depth, open)
  open[t] = true
  local entries = {}
  for key, value in pairs(t) do
    entries[#entries + 1] = {
      key = key,
      rank = RANK[type(key)] or 3,
      text = key_text(key, layout, depth + 1, open),
      value = value_text(value, layout, depth + 1, open),
    }
  end
  open[t] = nil
  if #entries == 0 then return "{}" end
  sort(entries, before)
  local parts = {}
  local margin = layout.padding .. rep(" ", layout.indent * depth)
  for index, entry in pairs(entries) do
    parts[index] = margin .. rep(" ", layout.indent) .. entry.text .. " = " .. entry.value
  end
  local line = layout.indent == 0 and " " or "\n"
  return "{" .. line .. concat(parts, "," .. line) .. line .. margin .. "}"
end

local function columns(value, usual, name)
  if value == nil then return usual end
  if type(value) ~= "number" or not tointeger(value) or value < 0 then error(name .. " must be unsigned integer", 3) end
  return tointeger(value)
end

--- Return a value as text.
-- @param indent columns of one level, 4 by default; with 0 all stands in one line
-- @param padding columns in front of every line but the first, 0 by default
-- @param filter must be a function where it is given; it is not called
return function(value, indent, padding, filter)
  indent, padding = columns(indent, INDENT, "indent"), columns(padding, 0, "padding")
  if filter ~= nil and type(filter) ~= "function" then error("filter must be function", 2) end
  if type(value) ~= "table" then return format("%q", tostring(value)) end
  return dump(value, { indent = indent, padding = rep(" ", padding) }, 0, {})
end
