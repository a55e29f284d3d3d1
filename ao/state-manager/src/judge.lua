--- What the reports of one round say. The token-manager is asked before and after the lock-manager, so that no delay
-- can make sound books look unsound: what had been minted before must have been vouched for, what was released must
-- have been burned by afterwards.

local amounts = require("amounts")

local judge = {}

--- Subtract, down to zero.
--- @param left string
--- @param right string
--- @return string
local function less(left, right)
  return amounts.subtract(left, right) or "0"
end

--- Compare a backing with a supply.
--- @param backing string
--- @param supply string
--- @return string hundredths of a percent, rounded down; `none` where there is no supply
local function ratio(backing, supply)
  if supply == "0" then
    return "none"
  end
  return amounts.perTenThousand(backing, supply)
end

--- Judge a round.
--- @param first table report of the token-manager
--- @param locks table report of the lock-manager
--- @param second table later report of the token-manager
--- @return table {supply, backing, ratio, net, code}: the supply that must be backed, all collateral there is, its
--- ratio, the ratio without what is owed to others, and the rule that was broken or nil
function judge.round(first, locks, second)
  local issued = amounts.total(first.Minted, second.Restored)
  local supply = less(issued, second.Burned)
  local backing = less(locks.Backing, locks.Deficit)
  local result = {
    supply = supply,
    backing = backing,
    ratio = ratio(backing, supply),
    net = ratio(less(locks.Collateral, locks.Deficit), supply),
  }
  if amounts.isLess(locks.Vouched, first.Minted) then
    result.code = "minted-unbacked"
  elseif amounts.isLess(second.Burned, amounts.total(locks.Released, second.Restored)) then
    result.code = "released-unburned"
  end
  return result
end

--- Tell how serious a round is, by itself and with those before it. One round alone never raises an alarm.
--- @param bad table|nil {rounds, since, code} of the rounds before
--- @param result table of `round`
--- @param now integer milliseconds
--- @param thresholds table {warning, critical, after}
--- @return string Normal, Warning or Critical
--- @return table|nil the new value of `bad`
function judge.level(bad, result, now, thresholds)
  local isShort = result.net ~= "none" and amounts.isLess(result.net, tostring(thresholds.warning))
  if not isShort and not result.code then
    return "Normal", nil
  end
  local code = result.code or "undercollateralised"
  bad = { rounds = bad and bad.rounds + 1 or 1, since = bad and bad.since or now, code = code }
  local isGrave = result.code or amounts.isLess(result.net, tostring(thresholds.critical))
  if bad.rounds < 2 then
    return "Normal", bad
  elseif isGrave or now - bad.since >= thresholds.after then
    return "Critical", bad
  end
  return "Warning", bad
end

return judge
