--- Transfers out of custody. Each is noted before it leaves, is sent once, and no message of the token makes it be sent
-- again: a standard token does not know a repeated transfer, and anybody can have its errors sent here.

local amounts = require("amounts")
local limits = require("limits")
local messages = require("messages")
local sums = require("sums")

local payouts = {}

--- Make the transfer of a payout.
--- @param tim3 table state
--- @param id string Payout-Id
--- @param payout table
--- @return table message
function payouts.transfer(tim3, id, payout)
  return messages.usda(tim3, "Transfer", {
    Recipient = payout.to,
    Quantity = payout.qty,
    ["X-Action"] = "TIM3-Release",
    ["X-Op-Id"] = id,
  })
end

--- Forget the oldest payout if there are more than are to be kept.
--- @param tim3 table state
--- @param now integer milliseconds
local function prune(tim3, now)
  local queue, keep = tim3.SentQueue, limits.keep(tim3)
  local oldest = tim3.Sent[queue.Items[queue.First]]
  if oldest and queue.Last - queue.First + 1 > keep.count and now - oldest.at > keep.ms then
    tim3.Sent[queue.Items[queue.First]] = nil
    queue.Items[queue.First] = nil
    queue.First = queue.First + 1
  end
end

--- Send what an account may claim.
--- @param tim3 table state
--- @param id string Payout-Id that is new
--- @param account string with at least so much to claim
--- @param recipient string
--- @param quantity string
--- @param now integer milliseconds
--- @return table message
function payouts.send(tim3, id, account, recipient, quantity, now)
  local rest = amounts.subtract(tim3.Claimable[account], quantity)
  tim3.Claimable[account] = rest ~= "0" and rest or nil
  sums.move(tim3, "Owed", "Payouts", quantity)
  local payout = { account = account, to = recipient, qty = quantity, at = now, state = "sent" }
  local queue = tim3.SentQueue
  tim3.Sent[id] = payout
  queue.Last = queue.Last + 1
  queue.Items[queue.Last] = id
  prune(tim3, now)
  return payouts.transfer(tim3, id, payout)
end

return payouts
