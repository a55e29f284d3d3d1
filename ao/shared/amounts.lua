--- Amounts: canonical decimal strings of base units, "0" to MAX.
-- Every amount that is stored or sent is such a string; no amount ever passes through a Lua number, which would
-- round above 2^53 or wrap above 2^63.

local bint = require(".bint")(256)

local amounts = {}

local DIGITS = 38

-- Two numbers of so many digits and their sum are exact integers of Lua, with no need for the slow arithmetic of bint.
local SHORT = 18

--- The largest amount. Two of them added stay far below the 2^255 at which bint(256) wraps.
amounts.MAX = string.rep("9", DIGITS)

--- Tell whether a value is an amount somebody may ask for: one or more, without sign, zeros in front or any ornament.
--- @param value any what a tag holds
--- @return boolean
function amounts.isQuantity(value)
  return type(value) == "string" and #value <= DIGITS and value:find("^[1-9]%d*$") ~= nil
end

--- Tell whether a value is an amount that may be stored: a quantity, or "0".
--- @param value any
--- @return boolean
function amounts.isAmount(value)
  return value == "0" or amounts.isQuantity(value)
end

--- Tell whether one amount is less than another.
--- @param left string amount
--- @param right string amount
--- @return boolean
function amounts.isLess(left, right)
  if #left ~= #right then
    return #left < #right
  end
  return left < right -- canonical and equally long: the order of the text is the order of the numbers
end

--- Return the sum of two numbers.
--- @param left string digits
--- @param right string digits
--- @return string
local function sum(left, right)
  if #left <= SHORT and #right <= SHORT then
    return tostring(tonumber(left) + tonumber(right))
  end
  return tostring(bint(left) + bint(right))
end

--- Add two amounts.
--- @param left string amount
--- @param right string amount
--- @return string|nil the sum, nil where it would exceed MAX
function amounts.add(left, right)
  local total = sum(left, right)
  return #total <= DIGITS and total or nil
end

--- Add to a total that only ever grows, such as all that was ever minted, which may exceed MAX.
--- @param total string
--- @param quantity string amount
--- @return string
function amounts.total(total, quantity)
  return sum(total, quantity)
end

--- Subtract one amount from another.
--- @param left string amount
--- @param right string amount
--- @return string|nil left - right, nil where it would be negative
function amounts.subtract(left, right)
  if amounts.isLess(left, right) then
    return nil
  elseif #left <= SHORT then
    return tostring(tonumber(left) - tonumber(right))
  end
  return tostring(bint(left) - bint(right))
end

--- Return how many ten-thousandths one amount is of another, rounded down.
--- @param part string of at most 60 digits
--- @param whole string the same, not "0"
--- @return string
function amounts.perTenThousand(part, whole)
  return tostring(bint(part) * 10000 // bint(whole))
end

--- Return some hundredths of an amount, rounded down.
--- @param amount string of at most 60 digits
--- @param percent integer
--- @return string
function amounts.share(amount, percent)
  return tostring(bint(amount) * percent // 100)
end

return amounts
