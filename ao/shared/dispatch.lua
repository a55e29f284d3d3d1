--- From a message to the route of its action, and back out with the answers.
--
-- A process is one table of routes by action. A route is
--
--   kind     read | command | peer | notice, see KINDS
--   from     function(state, request) -> boolean: may this sender ask for it? Without it anybody may
--   takes    array of {tag name, reader of `fields`}, read in this order into request.input
--   variant  another route and a `tag`: it serves the messages that have the tag
--   echo     array of tag names that an error repeats, so that a process can tell which of its requests failed
--   quiet    whether what is due is left alone, see `install`
--   run      function(state, request) -> messages to send, or nil, error code, text[, further tags of the error]
--
-- `run` checks first, then mutates, and returns the messages; after the first mutation nothing may raise or refuse.

local alarms = require("alarms")
local counters = require("counters")
local guard = require("guard")
local outbox = require("outbox")

local dispatch = {}

-- anyone: served even if the sender can hold no rights. tainted: served though a tag overwrote the scheduler's word.
-- answers: a refusal is told to the sender; notices and peers' commands are never answered with an error, or two
-- processes could answer each other for ever. changes: may change the state, and is refused by a halted process.
local KINDS = {
  read = { anyone = true, tainted = true, answers = true, changes = false },
  command = { anyone = false, tainted = false, answers = true, changes = true },
  peer = { anyone = false, tainted = false, answers = false, changes = true },
  notice = { anyone = false, tainted = true, answers = false, changes = true },
}

--- The name under which a process has the route of messages without an action, such as a token's answers.
dispatch.UNTITLED = ""

--- Read the tags a route takes.
--- @param takes table[]|nil
--- @param request table
--- @return string|nil, string|nil error code and text; request.input holds what was read before it
local function readInput(takes, request)
  request.input = {}
  for _, field in ipairs(takes or {}) do
    local name, read = field[1], field[2]
    local value, problem = read(request.tags[name])
    if problem then
      return "invalid-" .. name:lower(), ("`%s` %s"):format(name, problem)
    end
    request.input[name] = value
  end
end

--- Find the first reason to refuse a request, before its route's own.
--- @param state table
--- @param route table
--- @param request table
--- @return string|nil, string|nil error code and text
local function refusal(state, route, request)
  if request.isTainted and not KINDS[route.kind].tainted then
    return "tainted", "a tag overwrites what the scheduler says of the message"
  end
  if request.isLarge then
    return "too-large", ("a tag may hold %d bytes, the data %d"):format(guard.MAX_TAG_BYTES, guard.MAX_DATA_BYTES)
  end
  if route.from and not route.from(state, request) then
    return "unauthorised", "this sender may not ask for it"
  end
  if state.Halted and KINDS[route.kind].changes then
    return "halted", "the process stopped because something in it does not hold"
  end
  return readInput(route.takes, request)
end

--- Make the answer to a refused request.
--- @param action string
--- @param route table
--- @param request table
--- @param code string
--- @param text string
--- @param further table|nil tags by name
--- @return table message
local function errorAnswer(action, route, request, code, text, further)
  local answer = {
    Target = request.from,
    Action = action .. "-Error",
    ["Error-Code"] = code,
    Error = text,
    ["Message-Id"] = request.id,
  }
  for _, name in ipairs(route.echo or {}) do
    answer[name] = request.input and request.input[name]
  end
  for name, value in pairs(further or {}) do
    answer[name] = value
  end
  return answer
end

--- Serve one request.
--- @param state table the process's state
--- @param action string
--- @param route table
--- @param request table from the guard
--- @return table[] messages to send
--- @return boolean whether the request was accepted and may have changed the state
function dispatch.serve(state, action, route, request)
  local variant = route.variant
  if variant and request.tags[variant.tag] then
    route = variant
  end
  local kind = KINDS[route.kind]
  if request.from == request.process or not (kind.anyone or request.isParty) then
    counters.count(state, "dropped")
    return {}, false
  end
  local messages, further
  local code, text = refusal(state, route, request)
  if not code then
    messages, code, text, further = route.run(state, request)
    if messages then
      return messages, kind.changes
    end
  end
  counters.count(state, code == "tainted" and "tainted" or "refused")
  if code == "tainted" and route.kind == "peer" then
    alarms.raise(state, "tainted-peer", action)
  end
  return kind.answers and { errorAnswer(action, route, request, code, text, further) } or {}, false
end

--- Finish a request that may have changed the state: stop if something in it no longer holds, else do what is due.
-- A process that stops sends nothing: peers ask again, and meet it as its owner repaired it.
--- @param state table
--- @param route table
--- @param request table
--- @param messages table[]
--- @param hooks table
--- @return table[] messages to send
local function conclude(state, route, request, messages, hooks)
  local function holds()
    local problem = hooks.check and hooks.check(state)
    if problem then
      state.Halted = problem
      alarms.raise(state, "halted", problem)
    end
    return not problem
  end
  if not holds() then
    return {}
  end
  if hooks.sweep and not route.quiet then
    for _, message in ipairs(hooks.sweep(state, request)) do
      messages[#messages + 1] = message
    end
    if not holds() then
      return {}
    end
  end
  return messages
end

--- Register a process's handlers: the guard, the routes, and the catch-all that keeps junk out of the Inbox.
-- Safe to repeat when new code is loaded: handlers are replaced by name, and the catch-all is moved back to the end.
-- aos's own Eval handler stays in front of them all, so that no mistake here can lock the owner out.
--- @param state table the process's state, with Now, Height, Counters and, with hooks, Alarms
--- @param routes table<string, table> by action
--- @param hooks table|nil {check, sweep}: `check(state)` says which invariant does not hold, or nil; `sweep(state,
--- request)` does a bounded part of what is due, and returns messages
function dispatch.install(state, routes, hooks)
  for action, route in pairs(routes) do
    assert(KINDS[route.kind] and route.run, "not a route: " .. action)
  end
  local request -- of the message being handled; the guard sets it before any other handler sees the message

  Handlers.add("guard", function()
    return "continue"
  end, function(message)
    request = guard.inspect(state, message)
  end)

  Handlers.add("dispatch", function(message)
    return routes[message.Tags.Action or dispatch.UNTITLED] ~= nil
  end, function(message)
    local action = message.Tags.Action or dispatch.UNTITLED
    local messages, changed = dispatch.serve(state, action, routes[action], request)
    if changed then
      messages = conclude(state, routes[action], request, messages, hooks or {})
    end
    outbox.send(messages)
  end)

  Handlers.remove("catch-all")
  Handlers.add("catch-all", function()
    return true
  end, function()
    counters.count(state, "dropped")
  end)
end

return dispatch
