--- Locks: a spender holds part of a user's balance in place, then captures it into its pool or gives it back.
--
--   (no record) --Lock--> held --Capture--> captured
--        |                  +---Unlock---> returned
--        +---Unlock--> cancelled: a Lock that comes too late meets this and has no effect
--
-- A spender can only ever touch its own records; no caller is privileged.

local accounts = require("accounts")
local allowances = require("allowances")
local amounts = require("amounts")
local ledger = require("ledger")
local records = require("records")

local locks = {}

--- Answer a spender about one of its locks.
--- @param request table
--- @param action string
--- @param lock table record
--- @param result string|nil
--- @return table[] messages
local function confirmed(request, action, lock, result)
  return {
    {
      Target = request.from,
      Action = action .. "-Confirmed",
      ["Lock-Id"] = request.input["Lock-Id"],
      User = lock.owner,
      Quantity = lock.qty,
      Result = result,
    },
  }
end

--- Refuse what cannot be done to a lock in its state.
--- @param lock table record in a final state
--- @return nil
--- @return string error code
--- @return string text
local function over(lock)
  return nil, lock.state, ("the lock was %s"):format(lock.state)
end

--- Answer a Lock whose Lock-Id is already known.
--- @param request table
--- @param lock table record
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
local function repeated(request, lock)
  if lock.state == "cancelled" then
    return over(lock)
  end
  if lock.owner ~= request.input.User or lock.qty ~= request.input.Quantity then
    return nil, "op-conflict", "this `Lock-Id` belongs to a lock of another user or quantity"
  end
  if lock.state == "returned" then
    return over(lock)
  end
  return confirmed(request, "Lock", lock)
end

--- Lock: hold part of a user's balance, within the sender's allowance from that user.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function locks.lock(usda, request)
  local spender, input = request.from, request.input
  local id, user, quantity = input["Lock-Id"], input.User, input.Quantity
  local known = records.get(usda.Locks, spender, id)
  if known then
    return repeated(request, known)
  end
  local allowance = allowances.get(usda, user, spender, request.now)
  if amounts.isLess(allowance, quantity) then
    return nil, "insufficient-allowance", ("%s allowed, %s asked for"):format(allowance, quantity)
  end
  local problem, text = accounts.refuse(usda, user, quantity)
  if not problem then
    problem, text = records.refuse(usda, spender)
  end
  if problem then
    return nil, problem, text
  end

  local lock = { owner = user, qty = quantity, state = "held" }
  allowances.consume(usda, user, spender, quantity)
  accounts.lock(usda, user, quantity)
  records.put(usda, usda.Locks, spender, id, lock)
  return confirmed(request, "Lock", lock)
end

--- Capture: move a held lock's amount into the sender's pool, where it stays locked until it is released.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function locks.capture(usda, request)
  local spender = request.from
  local lock = records.get(usda.Locks, spender, request.input["Lock-Id"])
  if not lock then
    return nil, "unknown-lock", "this sender has no such lock"
  end
  if lock.state == "returned" or lock.state == "cancelled" then
    return over(lock)
  end

  if lock.state == "held" then
    lock.state = "captured"
    accounts.unlock(usda, lock.owner, lock.qty)
    ledger.move(usda, lock.owner, spender, lock.qty)
    accounts.lock(usda, spender, lock.qty)
    usda.Pools[spender] = amounts.add(usda.Pools[spender] or "0", lock.qty)
  end
  return confirmed(request, "Capture", lock)
end

--- Unlock with a Lock-Id: give a held amount back to its owner, or make sure that a lock never comes to be.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function locks.unlock(usda, request)
  local spender, id = request.from, request.input["Lock-Id"]
  local lock = records.get(usda.Locks, spender, id)
  if not lock then
    local problem, text = records.refuse(usda, spender)
    if problem then
      return nil, problem, text
    end
    lock = { state = "cancelled" }
    records.put(usda, usda.Locks, spender, id, lock)
  end
  if lock.state == "captured" then
    return nil, "too-late", "the lock was captured"
  end
  if lock.state == "held" then
    lock.state = "returned"
    accounts.unlock(usda, lock.owner, lock.qty)
  end
  return confirmed(request, "Unlock", lock, lock.state == "returned" and "returned" or "never-locked")
end

--- Lock-Status with a Lock-Id: what became of a spender's lock, by default of the sender's.
--- @param usda table state
--- @param request table
--- @return table[] messages
function locks.status(usda, request)
  local spender, id = request.input.Spender or request.from, request.input["Lock-Id"]
  local lock = records.get(usda.Locks, spender, id) or { state = "unknown" }
  return {
    {
      Target = request.from,
      Action = "Lock-Status-Reply",
      Spender = spender,
      ["Lock-Id"] = id,
      State = lock.state,
      User = lock.owner,
      Quantity = lock.qty,
    },
  }
end

return locks
