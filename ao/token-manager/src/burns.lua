--- Burns. The coordinator asks; the supply falls first; then the lock-manager is ordered to release the collateral to
-- the account that was debited, until it answers. Only its own word that it did not release brings the amount back,
-- once.
--
--   (no record) --Burn--> burned --Release-Ack {done}--> released
--        |        |          +----Release-Ack {failed}--> restored
--        |        +--(balance too small)--> rejected
--        +--Cancel-Burn--> cancelled

local alarms = require("alarms")
local amounts = require("amounts")
local ledger = require("ledger")
local limits = require("limits")
local messages = require("messages")
local opbook = require("opbook")
local retries = require("retries")

local burns = {}

local to = messages.to

--- Order the lock-manager to release what a burn freed.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table message
local function order(tim3, id, record)
  return to(tim3, "lock-manager", "Release-Order", id, { User = record.user, Quantity = record.qty })
end

--- Tell the coordinator how a burn stands.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table message
local function answer(tim3, id, record)
  if record.state == "cancelled" then
    return to(tim3, "coordinator", "Burn-Cancelled", id)
  elseif record.state == "rejected" then
    return to(tim3, "coordinator", "Burn-Rejected", id, { ["Error-Code"] = "insufficient-balance" })
  elseif record.state == "restored" then
    return to(tim3, "coordinator", "Burn-Restored", id)
  end
  return to(tim3, "coordinator", "Burn-Confirmed", id, {
    User = record.user,
    Quantity = record.qty,
    ["Payout-State"] = record.payout,
  })
end

--- Keep a record that is final from the start.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param now integer milliseconds
--- @return table[] messages
local function close(tim3, id, record, now)
  opbook.put(tim3.Ops, id, record)
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
  return { answer(tim3, id, record) }
end

--- Burn: the coordinator asks for a user's amount to be destroyed.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function burns.burn(tim3, request)
  local id, user, quantity = request.input["Op-Id"], request.input.User, request.input.Quantity
  local record = opbook.get(tim3.Ops, id)
  if record then
    local isEqual = record.kind == "burn" and record.user == user and record.qty == quantity
    if isEqual or record.kind == "burn" and record.state == "cancelled" then
      return { answer(tim3, id, record) }
    end
    alarms.raise(tim3, "op-conflict", id)
    return messages.conflict(tim3, id, "Burn")
  elseif opbook.isStale(tim3.Ops, id) then
    return { to(tim3, "coordinator", "Burn-Rejected", id, { ["Error-Code"] = "stale-op" }) }
  end
  record = { kind = "burn", user = user, qty = quantity }
  if amounts.isLess(ledger.balance(tim3, user), quantity) then
    record.state = "rejected"
    return close(tim3, id, record, request.now)
  end

  record.state = "burned"
  opbook.put(tim3.Ops, id, record)
  ledger.burn(tim3, user, quantity)
  tim3.Burned = amounts.total(tim3.Burned, quantity)
  retries.start(tim3, id, record, request.now)
  return {
    messages.patch(tim3, { user }),
    answer(tim3, id, record),
    order(tim3, id, record),
    messages.burned(record, id),
  }
end

--- Cancel-Burn: the coordinator asks whether an operation was burned, and if not that it never be.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function burns.cancel(tim3, request)
  local id = request.input["Op-Id"]
  local record = opbook.get(tim3.Ops, id)
  if record and record.kind ~= "burn" then
    alarms.raise(tim3, "op-conflict", id)
    return messages.conflict(tim3, id, "Cancel-Burn")
  elseif record then
    return { answer(tim3, id, record) }
  elseif opbook.isStale(tim3.Ops, id) then
    return { to(tim3, "coordinator", "Burn-Rejected", id, { ["Error-Code"] = "stale-op" }) }
  end
  return close(tim3, id, { kind = "burn", state = "cancelled" }, request.now)
end

--- Give back what was burned, as the lock-manager says that it did not release and never will.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id
--- @param record table burned
--- @return table[] messages
local function restore(tim3, request, id, record)
  if not ledger.canMint(tim3, record.qty) then
    alarms.raise(tim3, "cannot-restore", id)
    return {}
  end
  record.state = "restored"
  retries.stop(record)
  ledger.mint(tim3, record.user, record.qty)
  tim3.Restored = amounts.total(tim3.Restored, record.qty)
  opbook.finish(tim3.Ops, id, request.now, limits.keep(tim3))
  alarms.raise(tim3, "release-failed", id)
  return {
    messages.patch(tim3, { record.user }),
    answer(tim3, id, record),
    messages.created(request.process, record, "Restore", id),
  }
end

--- Release-Ack: the lock-manager says what became of a release.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function burns.released(tim3, request)
  local id, result = request.input["Op-Id"], request.input.Result
  local record = opbook.get(tim3.Ops, id)
  local final = result == "done" and "released" or "restored"
  if not record or record.kind ~= "burn" or record.state ~= "burned" and record.state ~= final then
    alarms.raise(tim3, "unexpected-release-ack", id)
    return {}
  elseif record.state == final then
    return {}
  elseif result == "failed" then
    return restore(tim3, request, id, record)
  end
  record.state, record.payout = "released", request.input["Payout-State"]
  retries.stop(record)
  opbook.finish(tim3.Ops, id, request.now, limits.keep(tim3))
  return {}
end

--- Send again what the lock-manager did not answer.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table[] messages
function burns.resend(tim3, id, record)
  return { order(tim3, id, record) }
end

return burns
