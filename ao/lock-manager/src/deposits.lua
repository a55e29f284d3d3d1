--- Deposits: what the collateral token says it credited to the lock-manager. Each is a record d<Reference>, so that a
-- notice that comes again is known. The coordinator decides whether a deposit becomes collateral; if not, it is owed to
-- its sender. No tag of the sender's names a beneficiary.

local addresses = require("addresses")
local alarms = require("alarms")
local amounts = require("amounts")
local collateral = require("collateral")
local counters = require("counters")
local custody = require("custody")
local fields = require("fields")
local limits = require("limits")
local messages = require("messages")
local opbook = require("opbook")
local retries = require("retries")
local setup = require("setup")
local sums = require("sums")

local deposits = {}

--- Ask the coordinator about a deposit.
--- @param tim3 table state
--- @param id string Op-Id of the deposit
--- @param record table asking
--- @return table[] messages
function deposits.ask(tim3, id, record)
  local claimed = record.claim
  local known = claimed and opbook.get(tim3.Ops, claimed)
  local isOpen = known and known.state == "expected" and known.user == record.user and known.qty == record.qty
  if claimed and (known and not isOpen or opbook.isStale(tim3.Ops, claimed)) then
    claimed = nil -- another's operation, or one that is over
  end
  local tags = { User = record.user, Quantity = record.qty, ["Claimed-Op-Id"] = claimed }
  return { messages.to(tim3, "coordinator", "Deposit-Received", id, tags) }
end

--- Keep a credit that is no deposit.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param state string quarantined or buffer
--- @param now integer milliseconds
local function keep(tim3, id, record, state, now)
  record.state, record.at = state, now
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
end

--- Take a new credit.
--- @param tim3 table state
--- @param id string Op-Id
--- @param request table
--- @return table[] messages
local function accept(tim3, id, request)
  local tags = request.tags
  local sender, quantity = tags.Sender, tags.Quantity
  local record = { kind = "collateral", sender = sender, raw = quantity }
  opbook.put(tim3.Ops, id, record)
  if sender == nil or not amounts.isQuantity(quantity) then
    -- some tokens announce what is no credit, and what a sender wrote is not what was moved: count nothing
    alarms.raise(tim3, "bad-credit", id)
    keep(tim3, id, record, "quarantined", request.now)
    return {}
  end
  record.user, record.qty = sender, quantity
  sums.add(tim3, "Credits", quantity)
  if tags["X-Action"] == "Top-Up" and sender == tim3.Admin then
    sums.add(tim3, "Buffer", quantity)
    keep(tim3, id, record, "buffer", request.now)
    return {}
  elseif not addresses.isParty(sender) or setup.isPeer(tim3, sender) or tim3.Config.mode ~= "custody" then
    sums.add(tim3, "Quarantined", quantity)
    alarms.raise(tim3, "quarantined", id)
    keep(tim3, id, record, "quarantined", request.now)
    return {}
  end
  record.state, record.claim = "asking", fields.opId(tags["X-Op-Id"])
  sums.add(tim3, "Pending", quantity)
  retries.start(tim3, id, record, request.now)
  return deposits.ask(tim3, id, record)
end

--- Credit-Notice: the token credited an amount to this process.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function deposits.credited(tim3, request)
  local tags = request.tags
  if not fields.integer(tags.Reference) then
    alarms.raise(tim3, "credit-without-reference", tags.Sender)
    return {}
  end
  local id = "d" .. tags.Reference
  local known = opbook.get(tim3.Ops, id)
  if known and known.sender == tags.Sender and known.raw == tags.Quantity then
    counters.count(tim3, "replayed-credits")
    return {}
  elseif known or opbook.isStale(tim3.Ops, id) then
    alarms.raise(tim3, known and "credit-collision" or "stale-credit", id)
    return {}
  end
  return accept(tim3, id, request)
end

--- Make a deposit the collateral of an operation the coordinator opened for it.
--- @param tim3 table state
--- @param id string Op-Id of the deposit
--- @param record table asking
--- @param target string Op-Id of the operation
--- @param now integer milliseconds
--- @return table[] messages
local function merge(tim3, id, record, target, now)
  local known = opbook.get(tim3.Ops, target)
  local isOpen = known and known.state == "expected" and known.user == record.user and known.qty == record.qty
  if known and not isOpen or opbook.isStale(tim3.Ops, target) then
    counters.count(tim3, "late-decisions")
    return {} -- it was cancelled meanwhile; the coordinator will be asked again
  end
  known = known or opbook.put(tim3.Ops, target, { kind = "collateral", user = record.user, qty = record.qty })
  record.state = "merged"
  retries.stop(record)
  sums.take(tim3, "Pending", record.qty)
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
  return collateral.hold(tim3, target, known, now)
end

--- Deposit-Decision: the coordinator takes a deposit, for itself or for an operation (As), or refuses it.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function deposits.decided(tim3, request)
  local id, target = request.input["Op-Id"], request.input.As
  local record = opbook.get(tim3.Ops, id)
  if not record or not record.sender or not record.user then
    alarms.raise(tim3, "bad-command", id)
    return {}
  elseif record.state ~= "asking" then
    return messages.answer(tim3, id, record)
  elseif request.input.Decision == "refuse" then
    return custody.giveBack(tim3, id, record, request.now)
  elseif target and target ~= id then
    return merge(tim3, id, record, target, request.now)
  end
  sums.take(tim3, "Pending", record.qty)
  return collateral.hold(tim3, id, record, request.now)
end

return deposits
