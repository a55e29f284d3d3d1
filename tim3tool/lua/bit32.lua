-- bit32: the Lua 5.2 library (reference manual section 6.7), on integers taken modulo 2^32.
local error, math_type, select, tonumber, type = error, math.type, select, tonumber, type
local format, tointeger = string.format, math.tointeger

local MASK = 0xffffffff

local bit32 = {}

local function argument(value, position, name)
  if math_type(value) == "integer" then return value end
  local number = (type(value) == "number" or type(value) == "string") and tonumber(value)
  local problem
  if not number then
    problem = "number expected, got " .. (value == nil and "no value" or type(value))
  else
    local integer = tointeger(number)
    if integer then return integer end
    problem = "number has no integer representation"
  end
  error(format("bad argument #%d to '%s' (%s)", position, name, problem), 3)
end

function bit32.band(...)
  local result = MASK
  for position = 1, select("#", ...) do
    result = result & argument((select(position, ...)), position, "band")
  end
  return result
end

function bit32.btest(...)
  local result = MASK
  for position = 1, select("#", ...) do
    result = result & argument((select(position, ...)), position, "btest")
  end
  return result ~= 0
end

function bit32.bor(...)
  local result = 0
  for position = 1, select("#", ...) do
    result = result | argument((select(position, ...)), position, "bor")
  end
  return result & MASK
end

function bit32.bxor(...)
  local result = 0
  for position = 1, select("#", ...) do
    result = result ~ argument((select(position, ...)), position, "bxor")
  end
  return result & MASK
end

function bit32.bnot(x) return ~argument(x, 1, "bnot") & MASK end

-- Lua's own shifts take negative displacements and those past the word.
function bit32.lshift(x, places)
  return (argument(x, 1, "lshift") & MASK) << argument(places, 2, "lshift") & MASK
end

function bit32.rshift(x, places)
  return (argument(x, 1, "rshift") & MASK) >> argument(places, 2, "rshift") & MASK
end

function bit32.arshift(x, places)
  x, places = argument(x, 1, "arshift") & MASK, argument(places, 2, "arshift")
  if places < 0 or x & 0x80000000 == 0 then return x >> places & MASK end
  return (x >> places | ~(MASK >> places)) & MASK
end

local function rotate(x, places)
  places = places & 31
  return (x << places | x >> 32 - places) & MASK
end

function bit32.lrotate(x, places)
  return rotate(argument(x, 1, "lrotate") & MASK, argument(places, 2, "lrotate"))
end

function bit32.rrotate(x, places)
  return rotate(argument(x, 1, "rrotate") & MASK, -argument(places, 2, "rrotate"))
end

-- Checks a field and its width and returns the mask of that width.
local function mask_of(field, width, position, name)
  if field < 0 then
    error(format("bad argument #%d to '%s' (field cannot be negative)", position, name), 3)
  elseif width < 1 then
    error(format("bad argument #%d to '%s' (width must be positive)", position + 1, name), 3)
  elseif field + width > 32 then
    error("trying to access non-existent bits", 3)
  end
  return (1 << width) - 1
end

function bit32.extract(x, field, width)
  x, field = argument(x, 1, "extract") & MASK, argument(field, 2, "extract")
  width = width == nil and 1 or argument(width, 3, "extract")
  return x >> field & mask_of(field, width, 2, "extract")
end

function bit32.replace(x, value, field, width)
  x, value, field = argument(x, 1, "replace") & MASK, argument(value, 2, "replace"), argument(field, 3, "replace")
  width = width == nil and 1 or argument(width, 4, "replace")
  local mask = mask_of(field, width, 3, "replace")
  return x & ~(mask << field) | (value & mask) << field
end

return bit32
