--- The collateral of mints: asked for by the coordinator, vouched for to the token-manager, and then its to use or
-- void.
--
--   lock:     locking --Lock-Confirmed--> held          locking --Lock-Error--> failed
--   custody:  expected or asking --Deposit-Decision accept--> held
--   both:     held --Voucher-Used--> used (lock: --Capture-Confirmed--> captured)
--             held --Voucher-Void--> returning --> returned
--             (no record), expected --Cancel-Collateral--> cancelled; locking, asking --> returning --> returned
--
-- Once a voucher is out (held), only the token-manager can say what becomes of the collateral.

local alarms = require("alarms")
local limits = require("limits")
local messages = require("messages")
local modes = require("modes")
local opbook = require("opbook")
local retries = require("retries")
local setup = require("setup")
local sums = require("sums")

local collateral = {}

local to = messages.to

--- Keep a record that no later command may change.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param state string its last state
--- @param now integer milliseconds
local function close(tim3, id, record, state, now)
  record.state = state
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
end

--- Lock-Collateral and Expect-Deposit: the coordinator wants collateral for an operation.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function collateral.open(tim3, request)
  local id, user, quantity = request.input["Op-Id"], request.input.User, request.input.Quantity
  local record = opbook.get(tim3.Ops, id)
  if record then
    local isEqual = record.kind == "collateral" and record.user == user and record.qty == quantity
    if isEqual or record.state == "cancelled" then
      return messages.answer(tim3, id, record)
    end
    alarms.raise(tim3, "op-conflict", id)
    return { to(tim3, "coordinator", "Op-Conflict", id, { Of = request.tags.Action }) }
  elseif opbook.isStale(tim3.Ops, id) or setup.isPeer(tim3, user) then
    alarms.raise(tim3, "bad-command", id)
    return { to(tim3, "coordinator", "Collateral-Failed", id, { ["Error-Code"] = "bad-command" }) }
  end
  record = opbook.put(tim3.Ops, id, { kind = "collateral", user = user, qty = quantity })
  return modes.of(tim3).open(tim3, id, record, request.now)
end

--- Vouch for collateral that is here.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param now integer milliseconds
--- @return table[] messages
function collateral.hold(tim3, id, record, now)
  record.state = "held"
  sums.add(tim3, "Vouched", record.qty)
  sums.add(tim3, "Collateral", record.qty)
  retries.start(tim3, id, record, now)
  local answers = messages.answer(tim3, id, record)
  table.insert(answers, 1, collateral.voucher(tim3, id, record))
  return answers
end

--- Make the voucher for an operation.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table message
function collateral.voucher(tim3, id, record)
  return to(tim3, "token-manager", "Voucher", id, { User = record.user, Quantity = record.qty })
end

--- Cancel-Collateral: the coordinator asks what became of an operation's collateral, and if nothing that it never be.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function collateral.cancel(tim3, request)
  local id = request.input["Op-Id"]
  local record = opbook.get(tim3.Ops, id)
  if not record and opbook.isStale(tim3.Ops, id) or record and record.kind ~= "collateral" then
    alarms.raise(tim3, "op-conflict", id)
    return { to(tim3, "coordinator", "Op-Conflict", id, { Of = "Cancel-Collateral" }) }
  elseif not record or record.state == "expected" then
    record = record or opbook.put(tim3.Ops, id, { kind = "collateral" })
    close(tim3, id, record, "cancelled", request.now)
  elseif record.state == "locking" or record.state == "asking" then
    local answers = { to(tim3, "coordinator", "Collateral-Cancelled", id, { Result = "returning" }) }
    for _, message in ipairs(modes.of(tim3).giveBack(tim3, id, record, request.now)) do
      answers[#answers + 1] = message
    end
    return answers
  elseif record.state == "held" or record.state == "used" or record.state == "captured" then
    return { to(tim3, "coordinator", "Collateral-Cancelled", id, { Result = "too-late" }) }
  end
  return messages.answer(tim3, id, record)
end

--- Voucher-Ack: the token-manager has the voucher.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function collateral.acknowledged(tim3, request)
  local record = opbook.get(tim3.Ops, request.input["Op-Id"])
  if record and record.state == "held" then
    retries.stop(record)
  end
  return {}
end

--- Take the token-manager's word on a voucher.
--- @param final string used or void
--- @return function(tim3, request) -> messages
local function verdict(final)
  return function(tim3, request)
    local id = request.input["Op-Id"]
    local record = opbook.get(tim3.Ops, id)
    local answers = { to(tim3, "token-manager", "Ack", id) }
    local isKnown = record and record.kind == "collateral" and record.qty == request.input.Quantity
    local wasUsed = isKnown and (record.state == "used" or record.state == "captured")
    if isKnown and record.state == "held" then
      local settle = final == "used" and modes.of(tim3).capture or collateral.void
      for _, message in ipairs(settle(tim3, id, record, request.now)) do
        answers[#answers + 1] = message
      end
    elseif record and (not isKnown or wasUsed ~= (final == "used")) then
      alarms.raise(tim3, "voucher-contradiction", id)
    end
    return answers
  end
end

collateral.used = verdict("used")
collateral.voided = verdict("void")

--- Give back the collateral of a voucher that was never used and never will be.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table held
--- @param now integer milliseconds
--- @return table[] messages
function collateral.void(tim3, id, record, now)
  sums.take(tim3, "Collateral", record.qty)
  sums.add(tim3, "Voided", record.qty)
  if tim3.Config.mode == "custody" then
    sums.add(tim3, "Pending", record.qty)
  end
  return modes.of(tim3).giveBack(tim3, id, record, now)
end

return collateral
