-- Handlers: the list of (name, pattern, handle), its editing functions and the evaluation of a message.
local type, select, ipairs, pairs, error, pcall, assert = type, select, ipairs, pairs, error, pcall, assert
local insert, remove = table.insert, table.remove
local runningCoroutine, resume, yield = coroutine.running, coroutine.resume, coroutine.yield
local utils = require(".utils")
local _, version = ...

local handlers = { _version = "0.0.5", list = {}, coroutines = {}, onceNonce = 0 }
handlers.utils = require(".handlers-utils")

local EXPECTED = "Invalid arguments given. Expected: \n"
  .. "\tname : string, \tpattern : Action : string | MsgMatch : table,\n"
  .. "\t\tfunction(msg: Message) : {-1 = break, 0 = skip, 1 = continue},\n"
  .. "\thandle(msg : Message) : void) | Resolver,\n"
  .. '\tMaxRuns? : number | "inf" | nil'

local PATTERN_TYPES = { ["function"] = true, string = true, table = true }

local function find(name)
  for index, entry in ipairs(handlers.list) do
    if entry.name == name then return index, entry end
  end
end

-- Two arguments, nil included, mean that the name is also the Action to match.
local function arguments(...)
  local name, pattern, handle, maxRuns
  if select("#", ...) == 2 then
    name, handle = ...
    pattern = name
  else
    name, pattern, handle, maxRuns = ...
  end
  if type(name) ~= "string" or not PATTERN_TYPES[type(pattern)] then error(EXPECTED, 2) end
  return name, pattern, handlers.generateResolver(handle), maxRuns
end

local function put(place, name, pattern, handle, maxRuns)
  local _, entry = find(name)
  if entry then
    entry.pattern, entry.handle, entry.maxRuns = pattern, handle, maxRuns
  else
    local new = { name = name, pattern = pattern, handle = handle, maxRuns = maxRuns }
    insert(handlers.list, place or #handlers.list + 1, new)
  end
end

function handlers.generateResolver(spec)
  return function(msg)
    if type(spec) == "function" then return spec(msg) end
    for matchSpec, func in pairs(spec) do
      if utils.matchesSpec(msg, matchSpec) then return func(msg) end
    end
  end
end

function handlers.add(...)
  put(nil, arguments(...))
  return #handlers.list
end

function handlers.append(...) put(nil, arguments(...)) end

function handlers.prepend(...) put(1, arguments(...)) end

function handlers.once(...)
  local name, pattern, handle
  if select("#", ...) == 3 then
    name, pattern, handle = ...
  else
    local nonce = handlers.onceNonce
    handlers.onceNonce = nonce + 1
    name = "_once_" .. nonce
    pattern, handle = ...
  end
  handlers.prepend(name, pattern, handle, 1)
end

local function beside(anchor, offset)
  return {
    add = function(...)
      local name, pattern, handle, maxRuns = arguments(...)
      local index = find(anchor)
      if not index then return end
      insert(handlers.list, index + offset, { name = name, pattern = pattern, handle = handle, maxRuns = maxRuns })
    end,
  }
end

function handlers.before(name)
  assert(type(name) == "string", "Handler name MUST be a string")
  return beside(name, 0)
end

function handlers.after(name)
  assert(type(name) == "string", "Handler name MUST be a string")
  return beside(name, 1)
end

function handlers.remove(name)
  assert(type(name) == "string", "name MUST be string")
  local index = find(name)
  if index then remove(handlers.list, index) end
end

function handlers.receive(pattern)
  local waiting = runningCoroutine()
  handlers.once(pattern, function(msg)
    local _, success, failure = resume(waiting, msg)
    if not success then error(failure) end
  end)
  return yield(pattern)
end

local NUMBERS = { continue = 1, ["break"] = -1 }

local function decision(result)
  local kind = type(result)
  if kind == "number" then return result end
  if kind == "boolean" then return result and -1 or 0 end
  if kind == "string" then return NUMBERS[result] or 0 end
  error("Pattern result is not valid, it MUST be string, number, or boolean")
end

local function run(entry, msg)
  if version.observer then version.observer.runs(entry, msg) end
  local ok, failure = pcall(entry.handle, msg)
  if not ok then error(failure) end
  if entry.maxRuns ~= nil and entry.maxRuns ~= "inf" then
    entry.maxRuns = entry.maxRuns - 1
    if entry.maxRuns == 0 then handlers.remove(entry.name) end
  end
end

function handlers.evaluate(msg, env)
  assert(type(msg) == "table", "msg is not valid")
  assert(type(env) == "table", "env is not valid")
  -- ipairs walks the live list on purpose: what a handler adds or removes shows at once, as on AO.
  for _, entry in ipairs(handlers.list) do
    if entry.name ~= "_default" then
      local match = decision(utils.matchesSpec(msg, entry.pattern))
      if match ~= 0 then
        run(entry, msg)
        if match < 0 then return true end
      end
    end
  end
  local index = find("_default")
  handlers.list[index].handle(msg, env)
end

return handlers
