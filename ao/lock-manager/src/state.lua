--- The state of the lock-manager: one global table, which survives new code.

local agenda = require("agenda")
local opbook = require("opbook")
local store = require("store")
local window = require("window")

local state = {}

--- The number of the layout of the state this code works on.
state.SCHEMA = 1

--- Make the state of a new process.
--- @param owner string
--- @return table
function state.new(owner)
  local tim3 = store.new("lock-manager", owner)
  tim3.Silent = true -- until the collateral token said that it has the right denomination

  -- [Op-Id] = {kind = collateral, state, user, qty, code, tries, retryAt}, see `collateral`; also every credit of the
  -- token, as d<Reference>, with `sender` and `raw` as they came; or {kind = release, state, user, qty, payout}
  tim3.Ops = opbook.new()
  tim3.Agenda = agenda.new()

  -- amounts since ever
  tim3.Vouched, tim3.Voided, tim3.Released, tim3.Returned = "0", "0", "0", "0"
  tim3.Credits, tim3.Payouts = "0", "0" -- custody: what came and what was sent
  tim3.PoolIn, tim3.PoolOut = "0", "0" -- lock: what was captured and what was ordered out

  -- amounts now
  tim3.Collateral = "0" -- vouched for, not voided, not released: Vouched - Voided - Released - Releasing
  tim3.Releasing = "0" -- lock: of releases that the token has not answered
  tim3.Pending = "0" -- custody: deposits the coordinator has not decided on
  tim3.Quarantined = "0" -- custody: credits that are nobody's
  tim3.Owed = "0" -- custody: the sum of Claimable
  tim3.Buffer = "0" -- custody: what the admin added

  tim3.Claimable = {} -- [account] = amount it may claim, never "0"
  tim3.Payees = {} -- [account] = wallet that may claim for it
  tim3.Sent = {} -- [Payout-Id] = {account, to, qty, at, state = sent | disputed | settled, seen}
  tim3.SentQueue = { First = 1, Last = 0, Items = {} } -- Payout-Ids, oldest first
  tim3.Pushed = window.new() -- payouts without a claim, by day
  tim3.Waiting = { First = 1, Last = 0, Items = {} } -- Op-Ids of releases the pool was too small for
  tim3.Audit = { reference = -1, askedAt = 0, deficit = "0" } -- and balance, booked, at of the last answer
  return tim3
end

--- Return the state of this process: the one it has, or that of a new process.
--- @return table
function state.open()
  Tim3 = store.open(Tim3, state.SCHEMA, function()
    return state.new(Owner)
  end)
  return Tim3
end

return state
