--- Releases: a spender pays an account from its pool of captured amounts.

local accounts = require("accounts")
local amounts = require("amounts")
local forwarding = require("forwarding")
local ledger = require("ledger")
local notices = require("notices")
local records = require("records")

local releases = {}

--- Confirm a release to its spender.
--- @param request table
--- @param release table record
--- @return table message
local function confirmation(request, release)
  return {
    Target = request.from,
    Action = "Unlock-Confirmed",
    ["Release-Id"] = request.input["Release-Id"],
    Recipient = release.recipient,
    Quantity = release.qty,
    Result = "released",
  }
end

--- Answer a release whose Release-Id is already known.
--- @param request table
--- @param release table record
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
local function repeated(request, release)
  if release.recipient ~= request.input.Recipient or release.qty ~= request.input.Quantity then
    return nil, "op-conflict", "this `Release-Id` belongs to a release of another recipient or quantity"
  end
  return { confirmation(request, release) }
end

--- Refuse a release that the pool cannot pay.
--- @param usda table state
--- @param spender string
--- @param quantity string
--- @return string|nil error code
--- @return string|nil text
local function refuse(usda, spender, quantity)
  local pool = usda.Pools[spender] or "0"
  if amounts.isLess(pool, quantity) then
    return "pool-short", ("%s in the pool, %s asked for"):format(pool, quantity)
  end
  return records.refuse(usda, spender)
end

--- Unlock with a Release-Id: pay an account from the sender's pool, once, and tell both.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function releases.release(usda, request)
  local spender, input = request.from, request.input
  local id, recipient, quantity = input["Release-Id"], input.Recipient, input.Quantity
  if recipient == spender then
    return nil, "self-transfer", "a spender cannot release to itself"
  end
  local known = records.get(usda.Releases, spender, id)
  if known then
    return repeated(request, known)
  end
  local forwarded, problem, text = forwarding.collect(request.tags)
  if forwarded then
    problem, text = refuse(usda, spender, quantity)
  end
  if problem then
    return nil, problem, text
  end

  local release = { recipient = recipient, qty = quantity }
  local rest = amounts.subtract(usda.Pools[spender], quantity)
  usda.Pools[spender] = rest ~= "0" and rest or nil
  accounts.unlock(usda, spender, quantity)
  ledger.move(usda, spender, recipient, quantity)
  records.put(usda, usda.Releases, spender, id, release)
  return {
    notices.debit(spender, recipient, quantity, forwarded),
    notices.credit(spender, recipient, quantity, forwarded),
    confirmation(request, release),
  }
end

--- Lock-Status with a Release-Id: whether a spender's release was paid, by default the sender's.
--- @param usda table state
--- @param request table
--- @return table[] messages
function releases.status(usda, request)
  local spender, id = request.input.Spender or request.from, request.input["Release-Id"]
  local release = records.get(usda.Releases, spender, id)
  return {
    {
      Target = request.from,
      Action = "Lock-Status-Reply",
      Spender = spender,
      ["Release-Id"] = id,
      State = release and "released" or "unknown",
      Recipient = release and release.recipient,
      Quantity = release and release.qty,
    },
  }
end

return releases
