--- Shows values the way failure messages do: `(number) 1`, `(string) 'x'`, a table over several lines.

local deep, lists, state = ...

local format = {}

local MAX_LINES = 200

local COLOURS = { black = 30, red = 31, green = 32, yellow = 33, blue = 34, magenta = 35, cyan = 36, white = 37 }

state.set_parameter("TableFormatLevel", 3)
state.set_parameter("TableFormatShowRecursion", false)
state.set_parameter("TableErrorHighlightCharacter", "*")
state.set_parameter("TableErrorHighlightColor", "none")

local function numeral(value)
  if math.type(value) == "integer" then return tostring(value) end
  if value ~= value then return "NaN" end
  if value == math.huge then return "Inf" end
  if value == -math.huge then return "-Inf" end
  local digits = ("%.20g"):format(value)
  if digits:find(".", 1, true) then return digits end
  return (digits:gsub("^[-%d]+", "%0.0", 1))
end

local function shown(value)
  if type(value) == "string" then return "'" .. value .. "'" end
  if type(value) == "number" then return numeral(value) end
  return tostring(value)
end

-- The type and address of a table, whatever its metatable makes of it.
local function heading(t)
  local meta = debug.getmetatable(t)
  if meta == nil then return "(" .. tostring(t) .. ")" end
  if rawget(meta, "__metatable") ~= nil and rawget(meta, "__tostring") ~= nil then return "(table)" end
  debug.setmetatable(t, nil)
  local text = tostring(t)
  debug.setmetatable(t, meta)
  return "(" .. text .. ")"
end

local function lead(indent, marked)
  local mark = marked and state.get_parameter("TableErrorHighlightCharacter") or ""
  local colour = COLOURS[state.get_parameter("TableErrorHighlightColor")]
  local space = (" "):rep(indent - #mark)
  if mark == "" or not colour then return space .. mark end
  return ("%s\27[%dm%s\27[0m"):format(space, colour, mark)
end

local lay -- appends a table to the last line of `out`, and further lines

local function entry(out, key, value, path, depth, above)
  local marked = path and rawequal(path[#path - depth + 1], key)
  local name = type(key) == "string" and key or shown(key)
  out[#out + 1] = ("%s[%s] = "):format(lead(2 * depth, marked), name)
  if type(value) == "table" then
    lay(out, value, marked and path or nil, depth + 1, above)
  else
    out[#out] = out[#out] .. shown(value)
  end
end

local function entries(out, t, path, depth, above)
  local left = false
  for _, key in ipairs(deep.keys(t)) do
    if #out < MAX_LINES or path and rawequal(path[#path - depth + 1], key) then
      entry(out, key, rawget(t, key), path, depth, above)
    else
      left = true
    end
  end
  if left then out[#out + 1] = lead(2 * depth) .. "... more" end
end

function lay(out, t, path, depth, above)
  local head, levels = #out, state.get_parameter("TableFormatLevel")
  if next(t) == nil then
    out[head] = out[head] .. "{ }"
  elseif above[t] and (levels < 0 or state.get_parameter("TableFormatShowRecursion")) then
    out[head] = out[head] .. "{ ... recursive }"
  elseif levels >= 0 and depth > levels then
    out[head] = out[head] .. "{ ... more }"
  else
    out[head] = out[head] .. "{"
    above[t] = (above[t] or 0) + 1
    entries(out, t, path, depth, above)
    above[t] = above[t] > 1 and above[t] - 1 or nil
    out[#out] = out[#out] .. " }"
  end
end

local function table_(t, path)
  local out = { heading(t) .. " " }
  lay(out, t, path, 1, {})
  return table.concat(out, "\n")
end

local function list(values)
  local texts = {}
  for index = 1, values.n do texts[index] = format.value(values[index]) end
  return table.concat(texts, ", ")
end

local function function_(value)
  local info = debug.getinfo(value, "S")
  return ("%s @ line %d in %s"):format(tostring(value), info.linedefined, info.source)
end

local SPECIAL = {} -- by metatable: what is shown differently

--- Lets tables with this metatable be shown by a function of their own.
function format.special(meta, show) SPECIAL[meta] = show end

--- One value as a failure message shows it.
--- @param value any
--- @param details table|nil `crumbs`: keys that lead to what is marked with `*`, innermost first
--- @return string
function format.value(value, details)
  local text = state.format_argument(value, details)
  if text ~= nil then return text end
  local kind = type(value)
  if kind == "nil" then return "(nil)" end
  if kind == "function" then return function_(value) end
  if kind == "table" then
    local show = SPECIAL[debug.getmetatable(value)]
    if show then return show(value) end
    if lists.isArguments(value) then return "(values list) (" .. list(value) .. ")" end
    return table_(value, type(details) == "table" and details.crumbs or nil)
  end
  if kind == "userdata" or kind == "thread" then return ("(%s) '%s'"):format(kind, tostring(value)) end
  return ("(%s) %s"):format(kind, shown(value))
end

--- Several values as text, separated by commas.
function format.list(values) return list(values) end

--- Turns every argument into text, in place.
--- @param args table with `n`; `nofmt[i]` leaves one as it is, `fmtargs[i]` goes to the formatters
--- @return table args
function format.arguments(args)
  local details, asIs = args.fmtargs or {}, args.nofmt or {}
  for index = 1, args.n or #args do
    if not asIs[index] then args[index] = format.value(args[index], details[index]) end
  end
  return args
end

return format
