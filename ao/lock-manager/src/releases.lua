--- Releases: the token-manager orders that a burn's collateral go to the account it was burned from. The coordinator
-- cannot order one. A release that cannot be is answered `failed`, once and for all, and nothing was paid.

local alarms = require("alarms")
local amounts = require("amounts")
local limits = require("limits")
local locking = require("locking")
local messages = require("messages")
local modes = require("modes")
local opbook = require("opbook")
local setup = require("setup")
local sums = require("sums")

local releases = {}

--- What the token says of a release that it will never make, however often it is asked.
local PERMANENT = {
  ["op-conflict"] = true,
  ["self-transfer"] = true,
  ["invalid-recipient"] = true,
  ["too-many-records"] = true,
}

--- Tell the token-manager and the coordinator what became of a release.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table[] messages; none while it is not known
local function answer(tim3, id, record)
  if record.state == "releasing" then
    return {}
  end
  local tags = { Result = record.state, ["Payout-State"] = record.payout, ["Error-Code"] = record.code }
  return {
    messages.to(tim3, "token-manager", "Release-Ack", id, tags),
    messages.to(tim3, "coordinator", "Release-Ack", id, tags),
  }
end

--- Refuse a release for ever.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param code string
--- @param now integer milliseconds
--- @return table[] messages
local function fail(tim3, id, record, code, now)
  record.state, record.code = "failed", code
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
  alarms.raise(tim3, "release-failed", id .. " " .. code)
  return answer(tim3, id, record)
end

--- Release-Order: the token-manager burned an amount, and wants its collateral released.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function releases.order(tim3, request)
  local id, user, quantity = request.input["Op-Id"], request.input.User, request.input.Quantity
  local record = opbook.get(tim3.Ops, id)
  if record and record.kind == "release" and record.user == user and record.qty == quantity then
    return answer(tim3, id, record)
  elseif record or opbook.isStale(tim3.Ops, id) then
    alarms.raise(tim3, "op-conflict", id)
    return {}
  end
  record = opbook.put(tim3.Ops, id, { kind = "release", user = user, qty = quantity })
  if setup.isPeer(tim3, user) then
    return fail(tim3, id, record, "invalid-payee", request.now)
  elseif amounts.isLess(tim3.Collateral, quantity) then
    return fail(tim3, id, record, "ledger-shortage", request.now)
  end
  local sent = modes.of(tim3).payout(tim3, id, record, request.now)
  for _, message in ipairs(answer(tim3, id, record)) do
    sent[#sent + 1] = message
  end
  return sent
end

--- Unlock-Confirmed with a Release-Id: the token paid.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function releases.confirmed(tim3, request)
  local id = request.input["Release-Id"]
  local record = opbook.get(tim3.Ops, id)
  if not record or record.kind ~= "release" or record.state ~= "releasing" then
    return {}
  end
  sums.move(tim3, "Releasing", "Released", record.qty)
  record.payout = "unlocked"
  locking.close(tim3, id, record, "done", request.now)
  return answer(tim3, id, record)
end

--- Unlock-Error with a Release-Id: the token did not pay. Only what it can never pay has failed.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function releases.refused(tim3, request)
  local id, code = request.input["Release-Id"], request.tags["Error-Code"]
  local record = opbook.get(tim3.Ops, id)
  if not record or record.kind ~= "release" or record.state ~= "releasing" then
    return {}
  elseif not PERMANENT[code] then
    if not record.waits then
      local queue = tim3.Waiting
      record.waits = true
      queue.Last = queue.Last + 1
      queue.Items[queue.Last] = id
    end
    return {}
  end
  sums.move(tim3, "Releasing", "Collateral", record.qty)
  sums.take(tim3, "PoolOut", record.qty)
  locking.close(tim3, id, record, "failed", request.now)
  return fail(tim3, id, record, code, request.now)
end

--- Ask the token again for the release that has waited longest, as the pool has grown.
--- @param tim3 table state
--- @return table[] messages
function releases.wake(tim3)
  local queue = tim3.Waiting
  local id = queue.Items[queue.First]
  if not id then
    return {}
  end
  queue.Items[queue.First] = nil
  queue.First = queue.First + 1
  local record = opbook.get(tim3.Ops, id)
  if not record or record.state ~= "releasing" then
    return {}
  end
  record.waits = nil
  return locking.ask(tim3, id, record)
end

return releases
