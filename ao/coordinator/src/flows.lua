--- Leading an operation from its beginning to its end.

local agenda = require("agenda")
local alarms = require("alarms")
local amounts = require("amounts")
local breaker = require("breaker")
local commands = require("commands")
local counters = require("counters")
local limits = require("limits")
local machine = require("machine")
local opbook = require("opbook")
local quotas = require("quotas")
local retries = require("retries")
local users = require("users")

local flows = {}

local NUDGE_MS = 10000
local SWEEP = 5

-- States in which the deadline asks what is true; in the others it is known that the operation must go on.
local TIMED = { collateral = true, held = true, minting = true, burning = true }

--- Write a state into an operation's history.
--- @param op table
--- @param state string
--- @param now integer milliseconds
local function enter(op, state, now)
  op.state = state
  op.history[#op.history + 1] = { at = now, state = state } -- no state is entered twice: it stays short
end

--- Ask a peer something, until it is answered.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table
--- @param asked string action
--- @param now integer milliseconds
--- @return table[] messages
local function ask(tim3, id, op, asked, now)
  op.asked, op.sentAt = asked, now
  if asked == "Expect-Deposit" then
    retries.stop(op) -- it is up to the user now
  else
    retries.start(tim3, id, op, now)
  end
  return { commands.command(tim3, id, op) }
end

--- Note that the lock-manager has an operation's deposit: from now on it is up to it to say that it holds it, and it is
-- asked again until it does.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table
--- @param now integer milliseconds
function flows.deposited(tim3, id, op, now)
  if op.state == "collateral" and not op.retryAt then
    op.asked, op.sentAt = "Expect-Deposit", now
    retries.start(tim3, id, op, now)
  end
end

--- Open an operation that is accepted.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id
--- @param op table {kind, user, qty, message, ref, isUnfunded}
--- @param state string
--- @param asked string|nil what to ask a peer first
--- @return table[] messages
function flows.open(tim3, request, id, op, state, asked)
  local now = request.now
  op.history, op.created = {}, now
  op.deadline = now + limits.get(tim3, "Op-Timeout-Ms")
  op.wasUnfunded = op.isUnfunded
  opbook.put(tim3.Ops, id, op)
  local known = users.remember(tim3, op.user, now)
  known.open = known.open + 1
  known.cooldownUntil = now + limits.get(tim3, "Cooldown-Ms")
  quotas.reserve(tim3, op, request)
  enter(op, state, now)
  agenda.add(tim3.Agenda, op.deadline, id)
  if op.kind == "mint" then
    breaker.accepted(tim3, id)
  end
  return asked and ask(tim3, id, op, asked, now) or {}
end

--- Finish an operation, and tell its user.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table in a final state
--- @param now integer milliseconds
--- @return table[] messages
local function finish(tim3, id, op, now)
  op.outcome, op.asked = op.state, nil
  op.code = op.outcome ~= "completed" and op.code or nil
  retries.stop(op)
  if op.outcome == "refunded" and tim3.Config.mode == "custody" then
    op.payout = "claimable"
  end
  if op.kind == "mint" and op.outcome == "completed" then
    tim3.Minted = amounts.total(tim3.Minted, op.qty)
  end
  if op.kind == "burn" and op.outcome == "restored" and op.wasBurned then
    tim3.Restored = amounts.total(tim3.Restored, op.qty)
  end
  local known = tim3.Users[op.user]
  known.open = known.open - 1
  quotas.settle(tim3, op, now)
  breaker.finished(tim3, id, op, now)
  local name = op.kind .. "-" .. op.outcome
  tim3.Outcomes[name] = (tim3.Outcomes[name] or 0) + 1
  flows.close(tim3, id, now)
  return { commands.notice(tim3, id, op) }
end

--- Keep a finished operation, and forget what led to those that are pruned.
--- @param tim3 table state
--- @param id string Op-Id
--- @param now integer milliseconds
function flows.close(tim3, id, now)
  for _, pruned in ipairs(opbook.finish(tim3.Ops, id, now, limits.keep(tim3))) do
    local message = pruned:match("^%d+%-(.+)$")
    tim3.ByMessage[message or ""] = nil
  end
end

--- Return what to ask in the state an event led to, nil where nothing is to be asked (again).
--- @param op table
--- @param event string
--- @param before string state
--- @return string|nil
local function question(op, event, before)
  if op.state == "held" then
    return before ~= "held" and "Mint" or nil
  elseif op.state ~= "cancelling" then
    return nil
  elseif op.kind == "burn" then
    return "Cancel-Burn"
  elseif event == "deadline" then
    return before == "collateral" and "Cancel-Collateral" or "Cancel-Mint"
  elseif event == "Mint-Rejected" then
    return "Cancel-Mint"
  elseif event == "Collateral-Cancelled too-late" and not op.isVoid then
    return "Cancel-Mint"
  end
end

--- Note what an event says beside the state.
--- @param tim3 table state
--- @param op table
--- @param event string
--- @param tags table<string, string>
--- @param now integer milliseconds
local function note(tim3, op, event, tags, now)
  op.code = tags["Error-Code"] or op.code
  op.payout = tags["Payout-State"] or op.payout
  local isBurned = op.kind == "burn" and (op.state == "releasing" or op.state == "restoring" or op.state == "completed")
  if isBurned and not op.wasBurned then
    op.wasBurned = true
    tim3.Burned = amounts.total(tim3.Burned, op.qty)
  end
  if event == "Collateral-Held" then
    quotas.fund(tim3, op)
    op.wasUnfunded = nil
  elseif event == "Release-Ack failed" then
    breaker.fault(tim3, now, "release-failed")
  elseif event == "deadline" and now >= op.deadline and not op.wasUnfunded then
    breaker.fault(tim3, now, "timeout")
  elseif event == "Mint-Rejected" and op.code == "op-conflict" then
    breaker.fault(tim3, now, "op-conflict")
  elseif event:find("^Mint%-Cancelled") then
    op.isVoid, op.asked = true, "Cancel-Collateral" -- asked again later, until the collateral is back
  end
end

--- Apply an event to an operation.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id
--- @param op table
--- @param event string
--- @return table[] messages
function flows.apply(tim3, request, id, op, event)
  local before, state = op.state, machine.next(op, event)
  if not state then
    counters.count(tim3, machine.isFinal(before) and "late" or "unexpected")
    return {}
  elseif state ~= before then
    enter(op, state, request.now)
  end
  note(tim3, op, event, event == "deadline" and {} or request.tags, request.now)
  if state == "releasing" and op.payout then
    enter(op, "completed", request.now) -- the token-manager knows that the release is done
  end
  if machine.isFinal(op.state) then
    return finish(tim3, id, op, request.now)
  end
  local asked = question(op, event, before)
  if asked then
    return ask(tim3, id, op, asked, request.now)
  elseif state == "releasing" or state == "restoring" then
    op.asked = "Burn" -- asked again, it tells how the release stands
  end
  return {}
end

--- Answer of a peer about an operation.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function flows.answered(tim3, request)
  local id, result = request.input["Op-Id"], request.input.Result
  local op = opbook.get(tim3.Ops, id)
  if not op then
    counters.count(tim3, "unknown-op")
    return {}
  end
  local event = request.tags.Action .. (result and " " .. result or "")
  return flows.apply(tim3, request, id, op, event)
end

--- Op-Conflict: a peer knows an operation with other fields. Nothing changes but the trust in the processes.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function flows.conflict(tim3, request)
  alarms.raise(tim3, "op-conflict", request.input["Op-Id"])
  breaker.fault(tim3, request.now, "op-conflict")
  return {}
end

--- Tell whether an operation must be asked about: it is late, or mints are being refunded.
--- @param tim3 table state
--- @param op table
--- @param now integer milliseconds
--- @return boolean
local function isOver(tim3, op, now)
  return TIMED[op.state] and (now >= op.deadline or tim3.Refunding and op.kind == "mint")
end

--- Do what is due for one operation.
--- @param tim3 table state
--- @param request table
--- @param id string Op-Id
--- @param at integer|nil when it was due; nil where somebody asks for it
--- @return table[] messages
local function attend(tim3, request, id, at)
  local op = opbook.get(tim3.Ops, id)
  if not op or op.outcome then
    return {}
  elseif isOver(tim3, op, request.now) then
    return flows.apply(tim3, request, id, op, "deadline")
  elseif op.asked and op.retryAt and (at == op.retryAt or not at and request.now - op.sentAt >= NUDGE_MS) then
    op.sentAt = request.now
    retries.again(tim3, id, op, request.now)
    return { commands.command(tim3, id, op) }
  end
  return {}
end

--- Do what is due, for a few operations.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function flows.sweep(tim3, request)
  local messages = {}
  for _ = 1, SWEEP do
    local id, at = agenda.take(tim3.Agenda, request.now)
    if not id then
      break
    end
    for _, message in ipairs(attend(tim3, request, id, at)) do
      messages[#messages + 1] = message
    end
  end
  return messages
end

--- Nudge: anybody may have an operation's question asked again.
--- @param tim3 table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function flows.nudge(tim3, request)
  local id = request.input["Op-Id"]
  local op = opbook.get(tim3.Ops, id)
  if not op then
    return nil, "unknown-op", "there is no such operation"
  end
  local messages = attend(tim3, request, id, nil)
  messages[#messages + 1] = { Target = request.from, Action = "Nudge-Ok", ["Op-Id"] = id, State = op.state }
  return messages
end

return flows
