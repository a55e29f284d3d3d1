--- Readers of tag values. Each takes what a tag holds and returns the value, or nil and what is wrong with it.

local addresses = require("addresses")
local amounts = require("amounts")
local opbook = require("opbook")

local fields = {}

--- Read an amount of one or more base units.
--- @param value any
--- @return string|nil, string|nil
function fields.quantity(value)
  if amounts.isQuantity(value) then
    return value
  end
  return nil, "must be a whole number of base units from 1 up to 38 digits, with digits only and no leading zero"
end

--- Read an amount of zero or more base units.
--- @param value any
--- @return string|nil, string|nil
function fields.amount(value)
  if value == "0" then
    return value
  end
  return fields.quantity(value)
end

--- Read a total, which may be larger than an amount.
--- @param value any
--- @return string|nil, string|nil
function fields.total(value)
  if value == "0" or type(value) == "string" and #value <= 60 and value:find("^[1-9]%d*$") then
    return value
  end
  return nil, "must be a whole number of at most 60 digits"
end

--- Read the address of a wallet or process that may hold a balance or rights.
--- @param value any
--- @return string|nil, string|nil
function fields.party(value)
  if addresses.isParty(value) then
    return value
  end
  return nil, "must be the address of a wallet or of another process"
end

--- Read an identifier: 1 to 128 letters, digits, hyphens and underscores.
--- @param value any
--- @return string|nil, string|nil
function fields.id(value)
  if type(value) == "string" and #value <= 128 and value:find("^[%w_-]+$") then
    return value
  end
  return nil, "must be 1 to 128 letters, digits, `-` or `_`"
end

--- Read a count or a moment in milliseconds.
--- @param value any
--- @return integer|nil, string|nil
function fields.integer(value)
  if type(value) == "string" and #value <= 15 and (value == "0" or value:find("^[1-9]%d*$")) then
    return math.tointeger(tonumber(value))
  end
  return nil, "must be a whole number of at most 15 digits"
end

--- Read an Op-Id.
--- @param value any
--- @return string|nil, string|nil
function fields.opId(value)
  if fields.id(value) and opbook.parse(value) then
    return value
  end
  return nil, "must be an Op-Id: `<number>-<message id>` or `d<number>`"
end

--- Make a reader of one of some words.
--- @param ... string the words
--- @return function
function fields.word(...)
  local words = {}
  for _, word in ipairs({ ... }) do
    words[word] = true
  end
  local text = "must be one of: " .. table.concat({ ... }, ", ")
  return function(value)
    if words[value] then
      return value
    end
    return nil, text
  end
end

--- Make a reader that accepts an absent tag as well.
--- @param reader function
--- @return function
function fields.optional(reader)
  return function(value)
    if value == nil then
      return nil
    end
    return reader(value)
  end
end

return fields
