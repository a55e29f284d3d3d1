-- mathcompat: the functions of `math` that Lua 5.3 keeps only when built with 5.2 compatibility, as the aos module is.
local error, math, next, tonumber, type = error, math, next, tonumber, type
local exp, log, atan, abs, floor, huge = math.exp, math.log, math.atan, math.abs, math.floor, math.huge
local format, tointeger = string.format, math.tointeger

local function argument(value, position, name)
  local number = (type(value) == "number" or type(value) == "string") and tonumber(value)
  if not number then
    local got = value == nil and "no value" or type(value)
    error(format("bad argument #%d to '%s' (number expected, got %s)", position, name, got), 3)
  end
  return number
end

-- exp(x) / 2 without overflowing before the quotient does.
local function half_exp(x)
  local root = exp(x / 2)
  return 0.5 * root * root
end

-- Near zero the difference of two exponentials loses digits; its series does not.
local function sinh(x)
  if abs(x) >= 0.5 then return half_exp(x) - half_exp(-x) end
  local term, sum, square = x + 0.0, x + 0.0, x * x
  for n = 2, 18, 2 do
    term = term * square / (n * (n + 1))
    sum = sum + term
  end
  return sum
end

local function cosh(x) return half_exp(x) + half_exp(-x) end

local function frexp(x)
  if x == 0 or x ~= x or x == huge or x == -huge then return x + 0.0, 0 end
  local exponent = floor(log(abs(x), 2)) + 1
  -- Neither way leaves the range of exact powers of two, subnormals included.
  local fraction = exponent > 0 and x * 2.0 ^ -exponent or x / 2.0 ^ exponent
  if abs(fraction) >= 1 then
    return fraction / 2, exponent + 1
  elseif abs(fraction) < 0.5 then
    return fraction * 2, exponent - 1
  end
  return fraction, exponent
end

local compat = {}

function compat.pow(x, y) return argument(x, 1, "pow") ^ argument(y, 2, "pow") end

function compat.log10(x) return log(argument(x, 1, "log10"), 10) end

function compat.atan2(y, x) return atan(argument(y, 1, "atan2"), argument(x, 2, "atan2")) end

function compat.sinh(x) return sinh(argument(x, 1, "sinh")) end

function compat.cosh(x) return cosh(argument(x, 1, "cosh")) end

function compat.tanh(x)
  x = argument(x, 1, "tanh")
  if abs(x) > 20 then return x > 0 and 1.0 or -1.0 end
  return sinh(x) / cosh(x)
end

--- Return m in [0.5, 1) and an integer e such that x = m * 2^e.
function compat.frexp(x) return frexp(argument(x, 1, "frexp")) end

--- Return m * 2^e, rounded once.
function compat.ldexp(m, e)
  m = argument(m, 1, "ldexp")
  e = tointeger(argument(e, 2, "ldexp"))
  if not e then error("bad argument #2 to 'ldexp' (number has no integer representation)", 2) end
  local fraction, exponent = frexp(m)
  exponent = exponent + e
  if fraction == 0 or fraction ~= fraction or fraction - fraction ~= 0 then
    return fraction
  elseif exponent > 1024 then
    return fraction * huge
  elseif exponent < -1074 then
    return fraction * 0.0
  elseif exponent > 1023 then
    return fraction * 2.0 ^ 1023 * 2.0 ^ (exponent - 1023)
  end
  return fraction * 2.0 ^ exponent
end

for name, f in next, compat do
  math[name] = math[name] or f -- luacheck: ignore 122
end

return math
