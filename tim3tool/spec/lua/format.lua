--- Shows values the way failure messages do: `(number) 1`, `(string) 'x'`, a table over several lines.

local format = {}

local MAX_DEPTH, MAX_LINES = 12, 200
local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local kindA, kindB = type(a), type(b)
  if kindA ~= kindB then return (RANK[kindA] or 9) < (RANK[kindB] or 9) end
  if kindA == "number" or kindA == "string" then return a < b end
  return tostring(a) < tostring(b)
end

--- The keys of a table in one stable order: numbers, strings, booleans, the rest.
--- @param t table
--- @return any[]
function format.keys(t)
  local keys = {}
  for key in next, t do keys[#keys + 1] = key end
  table.sort(keys, before)
  return keys
end

local function shown(value)
  if type(value) == "string" then return "'" .. value .. "'" end
  return tostring(value)
end

local function isPlainTable(value)
  if type(value) ~= "table" then return false end
  local meta = getmetatable(value)
  return type(meta) ~= "table" or rawget(meta, "__tostring") == nil
end

local lay -- appends a table to the last line of `out`, and further lines

local function entry(out, key, value, indent, path, depth, above)
  local marked = path ~= nil and rawequal(path[depth], key)
  out[#out + 1] = indent .. (marked and " *" or "  ") .. "[" .. tostring(key) .. "] = "
  if isPlainTable(value) then
    lay(out, value, indent .. "  ", marked and path or nil, depth + 1, above)
  else
    out[#out] = out[#out] .. shown(value)
  end
end

local function entries(out, t, indent, path, depth, above)
  local left = false
  for _, key in ipairs(format.keys(t)) do
    if #out < MAX_LINES or (path and rawequal(path[depth], key)) then
      entry(out, key, rawget(t, key), indent, path, depth, above)
    else
      left = true
    end
  end
  if left then out[#out + 1] = indent .. "  ... more" end
end

function lay(out, t, indent, path, depth, above)
  local head = #out
  if above[t] then
    out[head] = out[head] .. "{ ... recursive }"
  elseif next(t) == nil then
    out[head] = out[head] .. "{ }"
  elseif depth > MAX_DEPTH then
    out[head] = out[head] .. "{ ... more }"
  else
    out[head] = out[head] .. "{"
    above[t] = true
    entries(out, t, indent, path, depth, above)
    above[t] = nil
    out[#out] = out[#out] .. " }"
  end
end

--- One value as a failure message shows it.
--- @param value any
--- @param path any[]|nil keys that lead to what is marked with `*`
--- @return string
function format.value(value, path)
  if value == nil then return "(nil)" end
  if not isPlainTable(value) then return "(" .. type(value) .. ") " .. shown(value) end
  local out = { "(table) " }
  lay(out, value, "", path, 1, {})
  return table.concat(out, "\n")
end

--- Several values on one line.
--- @param values table packed, with `n`
--- @return string
function format.list(values)
  local texts = {}
  for index = 1, values.n do texts[index] = format.value(values[index]) end
  return "(values list) (" .. table.concat(texts, ", ") .. ")"
end

return format
