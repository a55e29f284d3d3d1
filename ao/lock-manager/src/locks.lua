--- What the collateral token answers about locks, in lock mode.

local alarms = require("alarms")
local collateral = require("collateral")
local locking = require("locking")
local messages = require("messages")
local opbook = require("opbook")
local releases = require("releases")
local sums = require("sums")

local locks = {}

--- Return the operation a message is about.
--- @param tim3 table state
--- @param request table
--- @return string Op-Id
--- @return table record; one without a state where there is none
local function find(tim3, request)
  local id = request.input["Lock-Id"]
  local record = opbook.get(tim3.Ops, id)
  return id, record and record.kind == "collateral" and record or {}
end

--- Lock-Confirmed: the user's amount is locked.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function locks.locked(tim3, request)
  local id, record = find(tim3, request)
  if record.state ~= "locking" then
    return {}
  elseif record.user ~= request.tags.User or record.qty ~= request.tags.Quantity then
    alarms.raise(tim3, "op-conflict", id)
    return {}
  end
  return collateral.hold(tim3, id, record, request.now)
end

--- Lock-Error: nothing is locked, and the token is told that nothing ever will be.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function locks.refused(tim3, request)
  local id, record = find(tim3, request)
  if record.state ~= "locking" then
    return {}
  end
  record.code = request.tags["Error-Code"] or "refused"
  local asked = locking.fail(tim3, id, record, request.now)
  for _, message in ipairs(messages.answer(tim3, id, record)) do
    asked[#asked + 1] = message
  end
  return asked
end

--- Unlock-Confirmed: the user's amount is free, or was never locked.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function locks.unlocked(tim3, request)
  local id, record = find(tim3, request)
  if record.state == "failed" then
    locking.close(tim3, id, record, "failed", request.now)
    return {}
  elseif record.state ~= "returning" then
    return {}
  end
  record.result = request.tags.Result == "never-locked" and "never-held" or "returned"
  if record.result == "returned" then
    sums.add(tim3, "Returned", record.qty)
  end
  locking.close(tim3, id, record, "returned", request.now)
  return messages.answer(tim3, id, record)
end

--- Capture-Confirmed: the amount is in the pool.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function locks.captured(tim3, request)
  local id, record = find(tim3, request)
  if record.state ~= "used" then
    return {}
  end
  sums.add(tim3, "PoolIn", record.qty)
  locking.close(tim3, id, record, "captured", request.now)
  return releases.wake(tim3)
end

--- Unlock-Error or Capture-Error: the token contradicts what it said before.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function locks.contradicted(tim3, request)
  local id, record = find(tim3, request)
  if record.state then
    alarms.raise(tim3, "lock-contradiction", id .. " " .. tostring(request.tags["Error-Code"]))
  end
  return {}
end

return locks
