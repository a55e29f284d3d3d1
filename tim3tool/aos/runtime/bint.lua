-- .bint: integers of a fixed width with two's complement wrap-around, `require(".bint")(bits)`.
--
-- The interface is that documented for lua-bint 0.5 (https://edubart.github.io/lua-bint). An instance is an array of
-- words, the least significant first; its metatable is the class. "Integral" below means: a bint, a number without a
-- fraction that fits a Lua integer, or a string of a decimal, 0x or 0b integer.
local assert, getmetatable, setmetatable = assert, getmetatable, setmetatable
local tonumber, tostring, type = tonumber, tostring, type
local byte, char, find, format, gsub = string.byte, string.char, string.find, string.format, string.gsub
local lower, match, rep, reverse, sub = string.lower, string.match, string.rep, string.reverse, string.sub
local concat, unpack = table.concat, table.unpack
local ceil, floor, fmod, math_type, tointeger = math.ceil, math.floor, math.fmod, math.type, math.tointeger
local math_abs, math_max, math_min = math.abs, math.max, math.min

local BITS = 256
local WORD_BITS = 32 -- the default, as users see it when they print or encode an instance
local NOT_INTEGRAL = "value cannot be represented by a bint"

-- Quotient and remainder of digit arrays, least significant first, in base 2^bits (bits <= 16): Knuth's algorithm D,
-- The Art of Computer Programming, volume 2, section 4.3.1. `v` has at least two digits and its top one is not zero;
-- `u` is at least as long and is left holding the remainder.
local function divide_digits(u, u_count, v, v_count, bits)
  local base, mask = 1 << bits, (1 << bits) - 1
  local shift = 0
  while v[v_count] << shift < base >> 1 do
    shift = shift + 1
  end
  local top = 0
  for i = 1, u_count do
    local shifted = u[i] << shift | top
    u[i], top = shifted & mask, shifted >> bits
  end
  u[u_count + 1], top = top, 0
  local divisor = {}
  for i = 1, v_count do
    local shifted = v[i] << shift | top
    divisor[i], top = shifted & mask, shifted >> bits
  end

  local quotient = {}
  local high, second = divisor[v_count], divisor[v_count - 1]
  for j = u_count - v_count + 1, 1, -1 do
    local two = u[j + v_count] << bits | u[j + v_count - 1]
    local digit = two // high
    local rest = two - digit * high
    while digit >= base or digit * second > (rest << bits | u[j + v_count - 2]) do
      digit, rest = digit - 1, rest + high
      if rest >= base then break end
    end
    local borrow = 0
    for i = 1, v_count do
      local difference = u[j + i - 1] - digit * divisor[i] - borrow
      u[j + i - 1], borrow = difference & mask, -(difference // base)
    end
    local difference = u[j + v_count] - borrow
    u[j + v_count] = difference & mask
    if difference < 0 then
      digit = digit - 1
      local carry = 0
      for i = 1, v_count do
        local sum = u[j + i - 1] + divisor[i] + carry
        u[j + i - 1], carry = sum & mask, sum >> bits
      end
      u[j + v_count] = u[j + v_count] + carry & mask
    end
    quotient[j] = digit
  end

  for i = 1, v_count do
    u[i] = (u[i] >> shift | u[i + 1] << bits - shift) & mask
  end
  return quotient
end

local function new_class(bits, word_bits)
  local SIZE, MASK, SIGN = bits // word_bits, (1 << word_bits) - 1, 1 << word_bits - 1
  local HALF = word_bits // 2 -- long division works on half words, so that its products fit a Lua integer
  local SHORT = 1 << 31 -- divisors below it divide word by word

  local bint = { bits = bits }
  bint.__index = bint

  -- words -----------------------------------------------------------------------------------------------------------

  local zeros = {}
  for i = 1, SIZE do
    zeros[i] = 0
  end

  local function zero() return setmetatable({ unpack(zeros, 1, SIZE) }, bint) end

  local function clone(x) return setmetatable({ unpack(x, 1, SIZE) }, bint) end

  local function is_negative(x) return x[SIZE] & SIGN ~= 0 end

  local function is_zero(x)
    for i = 1, SIZE do
      if x[i] ~= 0 then return false end
    end
    return true
  end

  local function equal(x, y)
    for i = 1, SIZE do
      if x[i] ~= y[i] then return false end
    end
    return true
  end

  local function less_unsigned(x, y)
    for i = SIZE, 1, -1 do
      if x[i] ~= y[i] then return x[i] < y[i] end
    end
    return false
  end

  local function less(x, y)
    local x_negative, y_negative = is_negative(x), is_negative(y)
    if x_negative ~= y_negative then return x_negative end
    return less_unsigned(x, y)
  end

  local function from_integer(n, fill)
    local x = zero()
    for i = 1, SIZE do
      if n == fill then
        for rest = i, fill == 0 and 0 or SIZE do
          x[rest] = MASK
        end
        return x
      end
      x[i] = n & MASK
      n = n >> word_bits | (fill << 64 - word_bits)
    end
    return x
  end

  -- The 64 low bits.
  local function low_integer(x)
    local n = 0
    for i = (64 + word_bits - 1) // word_bits, 1, -1 do
      n = n << word_bits | (x[i] or 0)
    end
    return n
  end

  -- Number of words up to the highest that is not zero.
  local function used_words(x)
    for i = SIZE, 1, -1 do
      if x[i] ~= 0 then return i end
    end
    return 0
  end

  -- in place: the first argument takes the result -------------------------------------------------------------------

  local function add(x, y)
    local carry = 0
    for i = 1, SIZE do
      local sum = x[i] + y[i] + carry
      x[i], carry = sum & MASK, sum >> word_bits
    end
    return x
  end

  local function subtract(x, y)
    local borrow = 0
    for i = 1, SIZE do
      local difference = x[i] - y[i] - borrow
      x[i], borrow = difference & MASK, difference >> 63
    end
    return x
  end

  local function negate(x)
    local carry = 1
    for i = 1, SIZE do
      local sum = (x[i] ~ MASK) + carry
      x[i], carry = sum & MASK, sum >> word_bits
    end
    return x
  end

  -- x * factor + addend, both below 2^31.
  local function scale(x, factor, addend)
    for i = 1, SIZE do
      local product = x[i] * factor + addend
      x[i], addend = product & MASK, product >> word_bits
    end
    return x
  end

  -- Divides by a divisor below SHORT and returns the remainder; `count` words of x are in use.
  local function divide_short(x, divisor, count)
    local rest = 0
    for i = count, 1, -1 do
      local dividend = rest << word_bits | x[i]
      local quotient = dividend // divisor
      x[i], rest = quotient, dividend - quotient * divisor
    end
    return rest
  end

  -- into a new instance ---------------------------------------------------------------------------------------------

  local function absolute(x)
    x = clone(x)
    return is_negative(x) and negate(x) or x
  end

  local function multiply(x, y)
    local product = zero()
    local x_count, y_count = used_words(x), used_words(y)
    for i = 1, x_count do
      local factor, carry = x[i], 0
      local last = math_min(y_count, SIZE - i + 1)
      for j = 1, last do
        local k = i + j - 1
        -- At most 2^64 - 1, which wraps; the shift below is logical.
        local sum = factor * y[j] + product[k] + carry
        product[k], carry = sum & MASK, sum >> word_bits
      end
      if i + last <= SIZE then product[i + last] = carry end
    end
    return product
  end

  -- The half words of an x that is not zero, and their number.
  local function half_words(x)
    local digits, count = {}, 2 * used_words(x)
    for i = 1, count // 2 do
      digits[2 * i - 1], digits[2 * i] = x[i] & MASK >> HALF, x[i] >> HALF
    end
    return digits, digits[count] == 0 and count - 1 or count
  end

  local function from_half_words(digits, count)
    local x = zero()
    for i = 1, math_min(SIZE, (count + 1) // 2) do
      x[i] = digits[2 * i - 1] | (2 * i <= count and digits[2 * i] or 0) << HALF
    end
    return x
  end

  -- Unsigned quotient and remainder.
  local function divide(x, y)
    local y_used = used_words(y)
    assert(y_used > 0, "attempt to divide by zero")
    if less_unsigned(x, y) then
      return zero(), clone(x)
    elseif y_used == 1 and y[1] < SHORT then
      local quotient, remainder = clone(x), zero()
      remainder[1] = divide_short(quotient, y[1], SIZE)
      return quotient, remainder
    end
    local u, u_count = half_words(x)
    local v, v_count = half_words(y)
    local quotient = divide_digits(u, u_count, v, v_count, HALF)
    return from_half_words(quotient, u_count - v_count + 1), from_half_words(u, v_count)
  end

  local function shift_left(x, places)
    local words, places_in_word = places // word_bits, places % word_bits
    local shifted, carry = zero(), 0
    for i = 1, SIZE - words do
      local word = x[i] << places_in_word | carry
      shifted[i + words], carry = word & MASK, word >> word_bits
    end
    return shifted
  end

  local function shift_right(x, places)
    local words, places_in_word = places // word_bits, places % word_bits
    local shifted = zero()
    for i = 1, SIZE - words do
      local above = x[i + words + 1] or 0
      shifted[i] = (x[i + words] | above << word_bits) >> places_in_word & MASK
    end
    return shifted
  end

  -- text ------------------------------------------------------------------------------------------------------------

  -- The most digits of a base whose power is a short divisor, and that power.
  local groups = {}
  local function group_of(base)
    if not groups[base] then
      local width, power = 1, base
      while power * base < SHORT do
        width, power = width + 1, power * base
      end
      groups[base] = { width, power }
    end
    return groups[base][1], groups[base][2]
  end

  local function parse_digits(digits, base)
    local width, power = group_of(base)
    local first = #digits % width
    local x = from_integer(first > 0 and tonumber(sub(digits, 1, first), base) or 0, 0)
    for at = first + 1, #digits, width do
      scale(x, power, tonumber(sub(digits, at, at + width - 1), base))
    end
    return x
  end

  local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

  local function group_text(value, base, width)
    if base == 10 then return format("%0" .. width .. "d", value) end
    local digits = {}
    for i = width, 1, -1 do
      local digit = value % base + 1
      digits[i], value = sub(DIGITS, digit, digit), value // base
    end
    return concat(digits)
  end

  -- Digits of an unsigned x, which is used up.
  local function unsigned_text(x, base)
    local count = used_words(x)
    if base == 10 and count * word_bits <= 64 then
      local n = low_integer(x)
      if n >= 0 then return format("%d", n) end
    end
    local width, power = group_of(base)
    local parts, n = {}, 0
    while count > 0 do
      n = n + 1
      parts[n] = group_text(divide_short(x, power, count), base, width)
      while count > 0 and x[count] == 0 do
        count = count - 1
      end
    end
    for i = 1, n // 2 do
      parts[i], parts[n + 1 - i] = parts[n + 1 - i], parts[i]
    end
    return match(concat(parts), "^0*(.+)$") or "0"
  end

  -- conversion to a bint --------------------------------------------------------------------------------------------

  --- Return a new 0.
  bint.zero = zero

  --- Return a new 1.
  function bint.one() return from_integer(1, 0) end

  --- Return the largest signed value.
  function bint.maxinteger()
    local x = bint._bnot(zero())
    x[SIZE] = x[SIZE] & ~SIGN
    return x
  end

  --- Return the smallest signed value.
  function bint.mininteger()
    local x = zero()
    x[SIZE] = SIGN
    return x
  end

  --- Return a new bint from a Lua integer read as unsigned; nil for what has no integer value.
  function bint.fromuinteger(x)
    local n = tointeger(x)
    return n and from_integer(n, 0)
  end

  --- Return a new bint from a Lua integer; nil for what has no integer value.
  function bint.frominteger(x)
    local n = tointeger(x)
    return n and from_integer(n, n < 0 and -1 or 0)
  end

  --- Return a new bint from alphanumeric digits with an optional sign; nil when they are not of the base (2 to 36).
  function bint.frombase(s, base)
    base = base or 10
    if type(s) ~= "string" or base < 2 or base > 36 then return end
    local sign, digits = match(s, "^([+-]?)(%w+)$")
    -- Digits are checked by their own value: tonumber would also take a sign, blanks or "0x".
    if not digits then
      return
    elseif base == 10 and find(digits, "%D") then
      return
    elseif base ~= 10 then
      for i = 1, #digits do
        if not tonumber(sub(digits, i, i), base) then return end
      end
    end
    local x = parse_digits(digits, base)
    return sign == "-" and negate(x) or x
  end

  --- Return a new bint from a decimal, 0x or 0b string; nil for any other value.
  function bint.fromstring(s)
    if type(s) ~= "string" then
      return
    elseif find(s, "^[+-]?%d+$") then
      return bint.frombase(s, 10)
    end
    local sign, prefix, digits = match(lower(s), "^([+-]?)0([bx])(%w+)$")
    if digits then return bint.frombase(sign .. digits, prefix == "x" and 16 or 2) end
  end

  --- Return a new bint from little-endian bytes, cut or filled with zeros at the end.
  function bint.fromle(buffer)
    assert(type(buffer) == "string", "buffer is not a string")
    local count = bits // 8
    buffer = sub(buffer, 1, count)
    local digits = gsub(reverse(buffer), ".", function(c) return format("%02x", byte(c)) end)
    return bint.frombase(digits, 16) or zero()
  end

  --- Return a new bint from big-endian bytes, cut or filled with zeros at the start.
  function bint.frombe(buffer)
    assert(type(buffer) == "string", "buffer is not a string")
    return bint.fromle(reverse(buffer))
  end

  --- Tell whether x is an instance of this class.
  function bint.isbint(x) return getmetatable(x) == bint end

  --- Return x as a bint, itself unless `copy` is wanted; nil when it is not integral.
  function bint.tobint(x, copy)
    if getmetatable(x) == bint then return copy and clone(x) or x end
    local kind = type(x)
    if kind == "number" then
      return bint.frominteger(x)
    elseif kind == "string" then
      return bint.fromstring(x)
    end
    return nil
  end
  local tobint = bint.tobint

  --- Return a new bint. A table that is not of this class is returned as it is, and fails where it is first used.
  function bint.new(x)
    local converted = tobint(x, true) or type(x) == "table" and x
    return (assert(converted, NOT_INTEGRAL))
  end

  --- Return x as a bint if it is integral, otherwise as a Lua number; nil when it is neither.
  function bint.parse(x, copy) return tobint(x, copy) or tonumber(x) end

  --- Return the integral part of a number as a new bint; nil when it does not fit or x is no number.
  function bint.trunc(x)
    if math_type(x) ~= "float" then
      return tobint(x, true)
    elseif x ~= x or math_abs(x) >= 2.0 ^ (bits - 1) then
      return nil
    end
    return bint.frombase(format("%.0f", x < 0 and ceil(x) + 0.0 or floor(x) + 0.0))
  end

  local function integral(x) return (assert(tobint(x), NOT_INTEGRAL)) end

  -- conversion from a bint ------------------------------------------------------------------------------------------

  --- Return the 64 low bits of a bint, or a number's integer value; nil without one.
  function bint.touinteger(x)
    if getmetatable(x) == bint then return low_integer(x) end
    return tointeger(x)
  end

  --- Return a bint as a Lua integer, wrapped to 64 bits, or a number's integer value; nil without one.
  bint.tointeger = bint.touinteger

  --- Return a bint as a Lua integer where it fits, otherwise as a float; anything else as `tonumber` does.
  function bint.tonumber(x)
    if getmetatable(x) ~= bint then return tonumber(x) end
    local n = low_integer(x)
    if equal(x, from_integer(n, n < 0 and -1 or 0)) then return n end
    return tonumber(tostring(x) .. ".0")
  end

  --- Return the digits of an integral x.
  -- @param base 2 to 36, 10 by default
  -- @param unsigned whether the sign bit is an ordinary one, by default in every base but 10
  function bint.tobase(x, base, unsigned)
    base = base or 10
    assert(math_type(base) == "integer" and base >= 2 and base <= 36, "number base is not between 2 and 36")
    if unsigned == nil then unsigned = base ~= 10 end
    x = integral(x)
    if not unsigned and is_negative(x) then return "-" .. unsigned_text(absolute(x), base) end
    return unsigned_text(clone(x), base)
  end

  function bint.__tostring(x)
    if is_negative(x) then return "-" .. unsigned_text(absolute(x), 10) end
    return unsigned_text(clone(x), 10)
  end

  --- Return the little-endian bytes of an integral x, without the zeros at the end when `trim` is set.
  function bint.tole(x, trim)
    local digits = bint.tobase(x, 16, true)
    digits = rep("0", bits // 4 - #digits) .. digits
    local bytes = reverse((gsub(digits, "%x%x", function(pair) return char(tonumber(pair, 16)) end)))
    return trim and match(bytes, "^(.-)\0*$") or bytes
  end

  --- Return the big-endian bytes of an integral x, without the zeros at the start when `trim` is set.
  function bint.tobe(x, trim) return reverse(bint.tole(x, trim)) end

  -- questions -------------------------------------------------------------------------------------------------------

  --- Tell whether x is a bint or a Lua integer.
  function bint.isintegral(x) return getmetatable(x) == bint or math_type(x) == "integer" end

  --- Tell whether x is a bint or a Lua number.
  function bint.isnumeric(x) return getmetatable(x) == bint or type(x) == "number" end

  --- Return "bint", "integer", "float" or nil.
  function bint.type(x)
    if getmetatable(x) == bint then return "bint" end
    return math_type(x)
  end

  local function question(of_bint, of_number)
    return function(x)
      if getmetatable(x) == bint then return of_bint(x) end
      return of_number(x)
    end
  end

  local one, minus_one = from_integer(1, 0), from_integer(-1, -1)

  bint.iszero = question(is_zero, function(x) return x == 0 end)
  bint.isone = question(function(x) return equal(x, one) end, function(x) return x == 1 end)
  bint.isminusone = question(function(x) return equal(x, minus_one) end, function(x) return x == -1 end)
  bint.isneg = question(is_negative, function(x) return x < 0 end)
  bint.ispos = question(function(x) return not is_negative(x) and not is_zero(x) end, function(x) return x > 0 end)
  bint.iseven = question(function(x) return x[1] & 1 == 0 end, function(x) return x % 2 == 0 end)
  bint.isodd = question(function(x) return x[1] & 1 == 1 end, function(x) return x % 2 == 1 end)

  -- comparison ------------------------------------------------------------------------------------------------------

  -- Runs `on_bints` when both operands are integral, otherwise `on_numbers` on Lua numbers.
  local function mixed(on_bints, on_numbers)
    return function(x, y)
      local a, b = tobint(x), tobint(y)
      if a and b then return on_bints(a, b) end
      return on_numbers(bint.tonumber(x), bint.tonumber(y))
    end
  end

  bint.__eq = equal
  bint.__lt = mixed(less, function(x, y) return x < y end)
  bint.__le = mixed(function(x, y) return not less(y, x) end, function(x, y) return x <= y end)

  --- Tell whether two numbers are equal, whatever their kinds.
  function bint.eq(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then return equal(a, b) end
    return x == y
  end

  --- Tell whether x < y, both read as unsigned.
  function bint.ult(x, y) return less_unsigned(integral(x), integral(y)) end

  --- Tell whether x <= y, both read as unsigned.
  function bint.ule(x, y) return not less_unsigned(integral(y), integral(x)) end

  --- Return the larger of two numbers, a new bint if both are integral.
  bint.max = mixed(function(x, y) return clone(less(x, y) and y or x) end, math_max)

  --- Return the smaller of two numbers, a new bint if both are integral.
  bint.min = mixed(function(x, y) return clone(less(y, x) and y or x) end, math_min)

  -- arithmetic ------------------------------------------------------------------------------------------------------

  bint.__add = mixed(function(x, y) return add(clone(x), y) end, function(x, y) return x + y end)
  bint.__sub = mixed(function(x, y) return subtract(clone(x), y) end, function(x, y) return x - y end)
  bint.__mul = mixed(multiply, function(x, y) return x * y end)

  function bint.__unm(x) return negate(clone(x)) end

  function bint.__div(x, y) return bint.tonumber(x) / bint.tonumber(y) end

  function bint.__pow(x, y) return bint.tonumber(x) ^ bint.tonumber(y) end

  --- Return the quotient and remainder of integral x and y read as unsigned.
  function bint.udivmod(x, y) return divide(integral(x), integral(y)) end

  --- Return the quotient of integral x and y read as unsigned.
  function bint.udiv(x, y) return (bint.udivmod(x, y)) end

  --- Return the remainder of integral x and y read as unsigned.
  function bint.umod(x, y)
    local _, remainder = bint.udivmod(x, y)
    return remainder
  end

  local function truncated(x, y)
    local x_negative, y_negative = is_negative(x), is_negative(y)
    local quotient, remainder = divide(x_negative and absolute(x) or x, y_negative and absolute(y) or y)
    if x_negative ~= y_negative then negate(quotient) end
    return quotient, x_negative and negate(remainder) or remainder
  end

  local function floored(x, y)
    local quotient, remainder = truncated(x, y)
    if is_negative(x) ~= is_negative(y) and not is_zero(remainder) then
      add(quotient, minus_one)
      add(remainder, y)
    end
    return quotient, remainder
  end

  --- Return the quotient rounded towards zero and its remainder, which has the sign of x.
  bint.tdivmod = mixed(function(x, y)
    assert(not (equal(y, minus_one) and equal(x, bint.mininteger())), "division overflow")
    return truncated(x, y)
  end, function(x, y)
    local quotient = x / y
    return quotient < 0 and ceil(quotient) or floor(quotient), fmod(x, y)
  end)

  --- Return the first result of `tdivmod`.
  function bint.tdiv(x, y) return (bint.tdivmod(x, y)) end

  --- Return the second result of `tdivmod`.
  function bint.tmod(x, y)
    local _, remainder = bint.tdivmod(x, y)
    return remainder
  end

  --- Return the quotient rounded towards minus infinity and its remainder, which has the sign of y.
  bint.idivmod = mixed(floored, function(x, y) return x // y, x % y end)

  function bint.__idiv(x, y) return (bint.idivmod(x, y)) end

  function bint.__mod(x, y)
    local _, remainder = bint.idivmod(x, y)
    return remainder
  end

  --- Return integral x to the power of integral y, which is read as unsigned.
  function bint.ipow(x, y)
    local power, square, exponent = bint.one(), integral(x), integral(y)
    local places = used_words(exponent) * word_bits
    for place = 0, places - 1 do
      if exponent[place // word_bits + 1] >> place % word_bits & 1 == 1 then
        power = multiply(power, square)
      end
      square = multiply(square, square)
    end
    return power
  end

  -- Adds and doubles below m, so that no product needs more than `bits` bits and one.
  local function add_modulo(x, y, m)
    local sum = add(clone(x), y)
    if less_unsigned(sum, x) or not less_unsigned(sum, m) then subtract(sum, m) end
    return sum
  end

  local function multiply_modulo(x, y, m)
    if used_words(x) + used_words(y) <= SIZE then
      local _, remainder = divide(multiply(x, y), m)
      return remainder
    end
    local product = zero()
    for place = used_words(y) * word_bits - 1, 0, -1 do
      product = add_modulo(product, product, m)
      if y[place // word_bits + 1] >> place % word_bits & 1 == 1 then product = add_modulo(product, x, m) end
    end
    return product
  end

  --- Return x^y mod m for integral x, y, m read as unsigned.
  function bint.upowmod(x, y, m)
    local exponent, modulus = integral(y), integral(m)
    local square, power = bint.umod(x, modulus), bint.umod(1, modulus)
    local places = used_words(exponent) * word_bits
    for place = 0, places - 1 do
      if exponent[place // word_bits + 1] >> place % word_bits & 1 == 1 then
        power = multiply_modulo(power, square, modulus)
      end
      square = multiply_modulo(square, square, modulus)
    end
    return power
  end

  -- Runs `on_bint` on a copy when x is integral, otherwise `on_number` on a Lua number.
  local function unary(on_bint, on_number)
    return function(x)
      local copy = tobint(x, true)
      if copy then return on_bint(copy) end
      return on_number(bint.tonumber(x))
    end
  end

  --- Return a number without its sign. The smallest bint stays as it is.
  bint.abs = unary(function(x) return is_negative(x) and negate(x) or x end, math_abs)

  --- Return a number plus one.
  bint.inc = unary(function(x) return add(x, one) end, function(x) return x + 1 end)

  --- Return a number minus one.
  bint.dec = unary(function(x) return add(x, minus_one) end, function(x) return x - 1 end)

  --- Return a number rounded towards minus infinity, as a new bint.
  bint.floor = unary(function(x) return x end, function(x) return bint.trunc(floor(x) + 0.0) end)

  --- Return a number rounded towards infinity, as a new bint.
  bint.ceil = unary(function(x) return x end, function(x) return bint.trunc(ceil(x) + 0.0) end)

  -- bits ------------------------------------------------------------------------------------------------------------

  local function bitwise(combine)
    return function(x, y)
      x, y = clone(integral(x)), integral(y)
      for i = 1, SIZE do
        x[i] = combine(x[i], y[i])
      end
      return x
    end
  end

  bint.__band = bitwise(function(a, b) return a & b end)
  bint.__bor = bitwise(function(a, b) return a | b end)
  bint.__bxor = bitwise(function(a, b) return a ~ b end)

  function bint.__bnot(x) return bint._bnot(clone(integral(x))) end

  -- Shifts fill with zeros; a negative displacement shifts the other way.
  local function shift(x, places)
    if places >= bits or places <= -bits then
      return zero()
    elseif places >= 0 then
      return shift_left(x, places)
    end
    return shift_right(x, -places)
  end

  function bint.__shl(x, y) return shift(integral(x), low_integer(integral(y))) end

  function bint.__shr(x, y) return shift(integral(x), -low_integer(integral(y))) end

  --- Return integral x with only its y low bits kept.
  function bint.bwrap(x, y)
    x, y = integral(x), low_integer(integral(y))
    if y <= 0 then
      return zero()
    elseif y >= bits then
      return clone(x)
    end
    return shift_right(shift_left(x, bits - y), bits - y)
  end

  --- Return integral x with its bits rotated left by integral y.
  function bint.brol(x, y)
    x, y = integral(x), low_integer(integral(y)) % bits
    return add(shift(x, y), shift(x, y - bits))
  end

  --- Return integral x with its bits rotated right by integral y.
  function bint.bror(x, y) return bint.brol(x, -low_integer(integral(y))) end

  -- in place: methods that change the bint they are called on and return it -----------------------------------------

  local function assign(x, y)
    for i = 1, SIZE do
      x[i] = y[i]
    end
    return x
  end

  function bint:_assign(y) return assign(self, integral(y)) end

  function bint:_abs() return is_negative(self) and negate(self) or self end

  function bint:_inc() return add(self, one) end

  function bint:_dec() return add(self, minus_one) end

  function bint:_add(y) return add(self, integral(y)) end

  function bint:_sub(y) return subtract(self, integral(y)) end

  bint._unm = negate

  function bint:_bnot()
    for i = 1, SIZE do
      self[i] = self[i] ~ MASK
    end
    return self
  end

  function bint:_band(y) return assign(self, bint.__band(self, y)) end

  function bint:_bor(y) return assign(self, bint.__bor(self, y)) end

  function bint:_bxor(y) return assign(self, bint.__bxor(self, y)) end

  function bint:_shlone() return assign(self, shift_left(self, 1)) end

  function bint:_shrone() return assign(self, shift_right(self, 1)) end

  function bint:_shlwords(n) return assign(self, shift(self, n * word_bits)) end

  function bint:_shrwords(n) return assign(self, shift(self, -n * word_bits)) end

  return setmetatable(bint, { __call = function(_, x) return bint.new(x) end })
end

local classes = {}

--- Return the class of integers of a width; the same one each time.
-- @param bits width, a multiple of word_bits and at least 64; 256 by default
-- @param word_bits bits in each word of an instance: 8, 16 or 32, the default
return function(bits, word_bits)
  word_bits = word_bits or WORD_BITS
  bits = bits or BITS
  assert(bits % word_bits == 0, "bitsize is not multiple of word bitsize")
  assert(word_bits <= WORD_BITS, "word bitsize must be half of the lua integer bitsize")
  assert(bits >= 64, "bitsize must be >= 64")
  assert(word_bits >= 8, "wordbits must be at least 8")
  bits = tointeger(bits)
  local key = bits << 6 | word_bits
  if not classes[key] then classes[key] = new_class(bits, word_bits) end
  return classes[key]
end
