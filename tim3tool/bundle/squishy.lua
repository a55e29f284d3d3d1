-- Evaluates a squishy file in a VM of its own: it finds Squish's functions and those parts of Lua's library that end
-- soon and reach nothing outside the VM.
local source, chunk, given, instructions, seconds = ...
local getinfo, sethook, clock = debug.getinfo, debug.sethook, os.clock
local error, load, select, type, tostring = error, load, select, type, tostring
local gsub = string.gsub
local STEP = 1000
local COSTLY = 1e8 -- steps that matching a pattern may take at worst

local said, options = {}, {}
for name, value in pairs(given) do options[name] = value end

local function text(of, value)
  if type(value) == "string" and value ~= "" then return value end
  error("`" .. of .. "` needs a text, not " .. (value == "" and "an empty one" or "a " .. type(value)), 3)
end

--- Makes a function that notes what the file says.
-- @param kind its name
-- @param ofValue what to call its second text, nil where there is only one
-- @return the function, to be called with one text and, curried, a second one
local function directive(kind, ofValue)
  return function(name)
    local entry = { kind = kind, line = getinfo(2, "l").currentline, name = text(kind, name) }
    said[#said + 1] = entry
    if not ofValue then return end
    return function(value) entry.value = text(ofValue, value) end
  end
end

local function canonical(name)
  name = text("Option", name):gsub("_", "-")
  local rest = name:match("^no%-(.+)$")
  return rest or name, not rest
end

local function option(name)
  local known, switch = canonical(name)
  local entry = { kind = "Option", line = getinfo(2, "l").currentline, name = known, value = switch }
  said[#said + 1] = entry
  local function set(value)
    entry.value = value
    if given[known] == nil then options[known] = value end
  end
  set(switch)
  return function(value)
    local kind = type(value)
    if kind ~= "string" and kind ~= "boolean" and kind ~= "number" then
      error("the value of option `" .. known .. "` must be a text, a number or a boolean, not a " .. kind, 2)
    end
    set(value)
  end
end

local function bounded(f)
  return function(subject, pattern, ...)
    if type(subject) == "string" and type(pattern) == "string" then
      local _, repeats = gsub(pattern, "[*+?-]", "")
      if (#subject + 1) ^ (repeats + 1) > COSTLY then error("this pattern may take too long on this text", 2) end
    end
    return f(subject, pattern, ...)
  end
end

local function copied(library, ...)
  local copy = {}
  for key, value in pairs(library) do copy[key] = value end
  for index = 1, select("#", ...) do copy[select(index, ...)] = nil end
  return copy
end

for _, name in ipairs { "find", "match", "gmatch", "gsub" } do
  string[name] = bounded(string[name])
end
string.dump = nil

local environment = {
  Main = directive("Main"),
  Module = directive("Module", "the path of a Module"),
  Resource = directive("Resource", "the path of a Resource"),
  Output = directive("Output"),
  AutoFetchURL = directive("AutoFetchURL"),
  Option = option,
  GetOption = function(name)
    local known, switch = canonical(name)
    local value = options[known]
    if switch then return value end
    return not value
  end,
  assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, print = function() end,
  rawequal = rawequal, rawget = rawget, rawlen = rawlen, rawset = rawset, select = select, tonumber = tonumber,
  tostring = tostring, type = type, unpack = table.unpack,
  math = copied(math, "random", "randomseed"), string = string, table = copied(table), utf8 = copied(utf8),
  _VERSION = _VERSION,
}
environment._G = environment

local chunkFunction, wrong = load(source, chunk, "t", environment)
if not chunkFunction then error(wrong, 0) end
local left = instructions // STEP
local stop = clock() + seconds
sethook(function()
  left = left - 1
  if left < 0 or clock() > stop then error("it does not come to an end", 2) end
end, "", STEP)
chunkFunction()
sethook()
return said, options
