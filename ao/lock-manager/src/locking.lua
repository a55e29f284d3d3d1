--- Lock mode: collateral is locked in the user's own account of the token, captured into the lock-manager's pool when
-- its voucher is used, and released from there. The token answers every repeated command from its record.

local limits = require("limits")
local messages = require("messages")
local opbook = require("opbook")
local retries = require("retries")
local sums = require("sums")

local locking = {}

local COMMANDS = {
  --- @param id string Op-Id
  --- @param record table
  --- @return table tags
  Lock = function(id, record)
    return { ["Lock-Id"] = id, User = record.user, Quantity = record.qty }
  end,
  --- @param id string Op-Id
  --- @return table tags
  Capture = function(id)
    return { ["Lock-Id"] = id }
  end,
  --- @param id string Op-Id
  --- @param record table
  --- @return table tags
  Unlock = function(id, record)
    if record.kind == "release" then
      return { ["Release-Id"] = id, Recipient = record.user, Quantity = record.qty }
    end
    return { ["Lock-Id"] = id }
  end,
}

--- What the token is asked in each state.
local ASKED = {
  locking = "Lock",
  failed = "Unlock", -- the Lock may come a second time, and must find a mark
  returning = "Unlock",
  used = "Capture",
  releasing = "Unlock",
}

--- Make the command to the token that a record waits for.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table[] messages
function locking.ask(tim3, id, record)
  local action = ASKED[record.state]
  return { messages.usda(tim3, action, COMMANDS[action](id, record)) }
end

--- Bring a record into a state in which the token is asked something.
--- @param state string
--- @return function(tim3, id, record, now) -> messages
local function enter(state)
  return function(tim3, id, record, now)
    record.state = state
    retries.start(tim3, id, record, now)
    return locking.ask(tim3, id, record)
  end
end

locking.open = enter("locking")
locking.capture = enter("used")
locking.giveBack = enter("returning")
locking.fail = enter("failed")

--- Release from the pool.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table release
--- @param now integer milliseconds
--- @return table[] messages
function locking.payout(tim3, id, record, now)
  sums.move(tim3, "Collateral", "Releasing", record.qty)
  sums.add(tim3, "PoolOut", record.qty)
  return enter("releasing")(tim3, id, record, now)
end

--- Keep a record whose command was answered.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @param state string
--- @param now integer milliseconds
function locking.close(tim3, id, record, state, now)
  record.state = state
  retries.stop(record)
  opbook.finish(tim3.Ops, id, now, limits.keep(tim3))
end

return locking
