--- Custody mode: collateral is transferred to the lock-manager. What it pays is first owed, and sent when it is
-- claimed, because a token's transfer cannot be repeated safely.

local amounts = require("amounts")
local limits = require("limits")
local messages = require("messages")
local opbook = require("opbook")
local payouts = require("payouts")
local retries = require("retries")
local sums = require("sums")
local window = require("window")

local custody = {}

local DAY_MS = 86400000

--- Keep a record that no later command may change.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param state string
--- @param now integer milliseconds
local function close(tim3, id, record, state, now)
  record.state = state
  retries.stop(record)
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
end

--- Expect a deposit.
--- @param _ table state
--- @param _ string Op-Id
--- @param record table
--- @return table[] messages
function custody.open(_, _, record)
  record.state = "expected"
  return {}
end

--- Note that a voucher was used: the deposit is in the pool already.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param now integer milliseconds
--- @return table[] messages
function custody.capture(tim3, id, record, now)
  close(tim3, id, record, "used", now)
  return {}
end

--- Owe a deposit to who sent it.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table whose amount is among those pending
--- @param now integer milliseconds
--- @return table[] messages
function custody.giveBack(tim3, id, record, now)
  sums.owe(tim3, "Pending", record.user, record.qty)
  sums.add(tim3, "Returned", record.qty)
  record.result = "returned"
  close(tim3, id, record, "returned", now)
  return messages.answer(tim3, id, record)
end

--- Tell whether an amount may be sent at once: an exception the admin has to allow.
--- @param tim3 table state
--- @param quantity string
--- @param day integer
--- @return boolean
local function mayPush(tim3, quantity, day)
  local total = amounts.total(window.sum(tim3.Pushed, day, 1), quantity)
  return not amounts.isLess(limits.get(tim3, "Push-Max-Per-Op"), quantity)
    and not amounts.isLess(limits.get(tim3, "Push-Max-Per-Day"), total)
end

--- Owe a burn's amount to the account it was burned from, or send it.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table release
--- @param now integer milliseconds
--- @return table[] messages
function custody.payout(tim3, id, record, now)
  local day = now // DAY_MS
  sums.add(tim3, "Released", record.qty)
  sums.owe(tim3, "Collateral", record.user, record.qty)
  record.payout = "claimable"
  local sent = {}
  if mayPush(tim3, record.qty, day) then
    window.add(tim3.Pushed, day, record.qty)
    record.payout = "sent"
    sent = { payouts.send(tim3, id, record.user, record.user, record.qty, now) }
  end
  close(tim3, id, record, "done", now)
  return sent
end

return custody
