--- Mints. An amount comes to be when the lock-manager's voucher and the coordinator's command are both there and equal,
-- in whichever order they come. Neither of the two can mint alone.
--
--   (no record) --Voucher--> vouched --Mint--> minted
--        |                      +-----Cancel-Mint--> voided
--        +--Mint--> asked --Voucher--> minted
--        |            +---Cancel-Mint--> cancelled
--        +--Cancel-Mint--> cancelled --Voucher--> voided

local alarms = require("alarms")
local amounts = require("amounts")
local ledger = require("ledger")
local limits = require("limits")
local messages = require("messages")
local opbook = require("opbook")
local retries = require("retries")
local setup = require("setup")

local mints = {}

local to = messages.to

--- Tell the lock-manager what became of its voucher.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table minted or voided
--- @return table message
local function verdict(tim3, id, record)
  local action = record.state == "minted" and "Voucher-Used" or "Voucher-Void"
  return to(tim3, "lock-manager", action, id, { Quantity = record.qty })
end

--- Make a voucher's operation final, and tell the lock-manager until it acknowledges that.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param final string minted or voided
--- @param now integer milliseconds
--- @return table message
local function settle(tim3, id, record, final, now)
  record.state = final
  retries.start(tim3, id, record, now)
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
  return verdict(tim3, id, record)
end

--- Tell the coordinator that a mint is done.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table message
local function confirmed(tim3, id, record)
  return to(tim3, "coordinator", "Mint-Confirmed", id, { User = record.user, Quantity = record.qty })
end

--- Tell the coordinator that a mint is refused.
--- @param tim3 table state
--- @param id string Op-Id
--- @param code string
--- @return table message
local function rejected(tim3, id, code)
  return to(tim3, "coordinator", "Mint-Rejected", id, { ["Error-Code"] = code })
end

--- Mint what both keys are there for, unless the supply may not grow so far.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id
--- @param record table vouched or asked
--- @return table[] messages
local function mint(tim3, request, id, record)
  local supply, cap = amounts.add(tim3.TotalSupply, record.qty), limits.supplyCap(tim3)
  if not supply or cap and amounts.isLess(cap, supply) then
    record.state = "vouched"
    return { rejected(tim3, id, "supply-cap") }
  end
  ledger.mint(tim3, record.user, record.qty)
  tim3.Minted = amounts.total(tim3.Minted, record.qty)
  return {
    messages.patch(tim3, { record.user }),
    settle(tim3, id, record, "minted", request.now),
    confirmed(tim3, id, record),
    messages.created(request.process, record, "Mint", id),
  }
end

--- Tell whether a request names the user and quantity of a record.
--- @param request table
--- @param record table
--- @return boolean
local function isEqual(request, record)
  return record.user == request.input.User and record.qty == request.input.Quantity
end

--- Take a voucher for an operation that was asked for, or cancelled, before it.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id
--- @param record table
--- @return table[] messages
local function lateVoucher(tim3, request, id, record)
  local wasEqual, input = isEqual(request, record), request.input
  tim3.Vouched = amounts.total(tim3.Vouched, input.Quantity)
  record.user, record.qty, record.vouched = input.User, input.Quantity, true
  if record.state == "cancelled" then
    return { settle(tim3, id, record, "voided", request.now) }
  elseif wasEqual then
    return mint(tim3, request, id, record)
  end
  record.state = "vouched" -- the lock-manager knows what it holds; the coordinator has to ask for that
  alarms.raise(tim3, "op-conflict", id)
  return { to(tim3, "lock-manager", "Voucher-Ack", id), rejected(tim3, id, "op-conflict") }
end

--- Voucher: the lock-manager attests that it holds collateral for an operation.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function mints.voucher(tim3, request)
  local input = request.input
  local id = input["Op-Id"]
  local record = opbook.get(tim3.Ops, id)
  if opbook.isStale(tim3.Ops, id) or setup.isPeer(tim3, input.User) then
    alarms.raise(tim3, "bad-voucher", id)
    return {}
  elseif not record then
    record = { kind = "mint", state = "vouched", user = input.User, qty = input.Quantity, vouched = true }
    opbook.put(tim3.Ops, id, record)
    tim3.Vouched = amounts.total(tim3.Vouched, input.Quantity)
    return { to(tim3, "lock-manager", "Voucher-Ack", id) }
  elseif record.kind == "mint" and not record.vouched then
    return lateVoucher(tim3, request, id, record)
  elseif record.kind ~= "mint" or not isEqual(request, record) then
    alarms.raise(tim3, "op-conflict", id)
    return {}
  elseif record.state == "vouched" then
    return { to(tim3, "lock-manager", "Voucher-Ack", id) }
  end
  return { verdict(tim3, id, record) }
end

--- Mint: the coordinator asks for an operation's amount.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function mints.mint(tim3, request)
  local input = request.input
  local id = input["Op-Id"]
  local record = opbook.get(tim3.Ops, id)
  if not record then
    if opbook.isStale(tim3.Ops, id) then
      return { rejected(tim3, id, "stale-op") }
    end
    opbook.put(tim3.Ops, id, { kind = "mint", state = "asked", user = input.User, qty = input.Quantity })
    return { to(tim3, "coordinator", "Mint-Waiting", id) }
  elseif record.state == "cancelled" or record.state == "voided" then
    return { rejected(tim3, id, "cancelled") }
  elseif record.kind ~= "mint" or not isEqual(request, record) then
    alarms.raise(tim3, "op-conflict", id)
    if record.state == "vouched" then
      return { rejected(tim3, id, "op-conflict") }
    end
    return messages.conflict(tim3, id, "Mint")
  elseif record.state == "vouched" then
    return mint(tim3, request, id, record)
  elseif record.state == "asked" then
    return { to(tim3, "coordinator", "Mint-Waiting", id) }
  end
  return { confirmed(tim3, id, record) }
end

--- Leave a mark that makes a Mint or Voucher that comes later have no effect.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table|nil asked, nil where there is none
--- @param now integer milliseconds
local function tombstone(tim3, id, record, now)
  record = record or opbook.put(tim3.Ops, id, { kind = "mint" })
  record.state = "cancelled"
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
end

--- Cancel-Mint: the coordinator asks whether an operation was minted, and if not that it never be.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function mints.cancel(tim3, request)
  local id = request.input["Op-Id"]
  local record = opbook.get(tim3.Ops, id)
  if record and record.kind ~= "mint" then
    alarms.raise(tim3, "op-conflict", id)
    return messages.conflict(tim3, id, "Cancel-Mint")
  elseif opbook.isStale(tim3.Ops, id) then
    return { rejected(tim3, id, "stale-op") }
  elseif not record or record.state == "asked" then
    tombstone(tim3, id, record, request.now)
    return { to(tim3, "coordinator", "Mint-Cancelled", id, { Result = "never" }) }
  elseif record.state == "minted" then
    return { confirmed(tim3, id, record) }
  end
  local answers = {}
  if record.state == "vouched" then
    answers[1] = settle(tim3, id, record, "voided", request.now)
  end
  local result = record.state == "voided" and "voided" or "never"
  answers[#answers + 1] = to(tim3, "coordinator", "Mint-Cancelled", id, { Result = result })
  return answers
end

--- Ack: the lock-manager knows what became of its voucher.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function mints.acknowledged(tim3, request)
  local record = opbook.get(tim3.Ops, request.input["Op-Id"])
  if record and record.kind == "mint" then
    retries.stop(record)
  end
  return {}
end

--- Send again what the lock-manager did not acknowledge.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table[] messages
function mints.resend(tim3, id, record)
  return { verdict(tim3, id, record) }
end

return mints
