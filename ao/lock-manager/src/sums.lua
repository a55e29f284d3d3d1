--- Moving amounts between the sums of the state, so that none is ever lost between two of them.

local amounts = require("amounts")

local sums = {}

--- Add to a sum.
--- @param tim3 table state
--- @param name string
--- @param quantity string
function sums.add(tim3, name, quantity)
  tim3[name] = amounts.total(tim3[name], quantity)
end

--- Take from a sum that is large enough.
--- @param tim3 table state
--- @param name string
--- @param quantity string
function sums.take(tim3, name, quantity)
  tim3[name] = amounts.subtract(tim3[name], quantity)
end

--- Move an amount from one sum, which is large enough, to another.
--- @param tim3 table state
--- @param from string
--- @param to string
--- @param quantity string
function sums.move(tim3, from, to, quantity)
  sums.take(tim3, from, quantity)
  sums.add(tim3, to, quantity)
end

--- Move an amount from a sum to what an account may claim.
--- @param tim3 table state
--- @param from string sum
--- @param account string
--- @param quantity string
function sums.owe(tim3, from, account, quantity)
  sums.move(tim3, from, "Owed", quantity)
  tim3.Claimable[account] = amounts.total(tim3.Claimable[account] or "0", quantity)
end

--- Return how much of the token there should be, by the books.
--- @param tim3 table state
--- @return string amount
function sums.booked(tim3)
  if tim3.Config.mode == "custody" then
    return amounts.subtract(tim3.Credits, tim3.Payouts)
  end
  return amounts.total(tim3.Collateral, tim3.Releasing)
end

--- Say which invariant does not hold.
--- @param tim3 table state
--- @return string|nil
function sums.check(tim3)
  local vouched = amounts.total(tim3.Collateral, tim3.Releasing)
  for _, part in ipairs({ "Released", "Voided" }) do
    vouched = amounts.total(vouched, tim3[part])
  end
  if vouched ~= tim3.Vouched then
    return "the collateral is not what was vouched for, less what was voided and released"
  end
  local parts = "0"
  for _, part in ipairs({ "Pending", "Collateral", "Quarantined", "Owed", "Buffer", "Payouts" }) do
    parts = amounts.total(parts, tim3[part])
  end
  if tim3.Config and tim3.Config.mode == "custody" and parts ~= tim3.Credits then
    return "what is held is not what came, less what was sent"
  end
end

return sums
