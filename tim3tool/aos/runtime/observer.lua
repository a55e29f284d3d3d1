-- Sees which handlers there are and which of them run, for a coverage report. The process cannot tell that it is
-- watched: nothing here is reached from its globals, and the roll-back leaves `state` alone.
local hidden, raw, handlers = ...
local type, next, ipairs, rawget, getmetatable = type, next, ipairs, rawget, raw.getmetatable
local unpack, find, sort, concat = table.unpack, string.find, table.sort, table.concat
local getupvalue, getinfo = raw.getupvalue, raw.getinfo

local OWN = { ["_eval"] = true, ["_boot"] = true, ["_default"] = true }
local MOST = 1000 -- entries of a table that may be one of actions

local state = { ran = {}, known = {} }
hidden[state] = true

local function upvalue(f, wanted)
  for index = 1, 255 do
    local name, value = getupvalue(f, index)
    if not name then return nil end
    if name == wanted then return value end
  end
end

-- The function that the process has written, inside what `Handlers.add` makes of it.
local function written(handle)
  if type(handle) ~= "function" then return nil end
  local spec = getinfo(handle, "S").source == ".handlers" and upvalue(handle, "spec") or handle
  return type(spec) == "function" and spec or nil
end

local function recordOf(entry)
  local record = state.known[entry.name]
  if not record then
    record = { actions = {}, line = 0 }
    state.known[entry.name] = record
  end
  return record
end

-- What a pattern says of the action: its text, its `Action`, or what `Handlers.utils` was given.
local function actionsOf(pattern, actions)
  if type(pattern) == "string" then
    actions[pattern] = true
  elseif type(pattern) == "table" then
    local action = rawget(pattern, "Action")
    if type(action) == "string" then actions[action] = true end
  elseif type(pattern) == "function" and getinfo(pattern, "S").source == ".handlers-utils" then
    local inner = upvalue(pattern, "pattern")
    if inner ~= nil then return actionsOf(inner, actions) end
    if upvalue(pattern, "name") ~= "Action" then return end
    local value, values = upvalue(pattern, "value"), upvalue(pattern, "values")
    if type(value) == "string" then actions[value] = true end
    for _, each in ipairs(type(values) == "table" and values or {}) do
      if type(each) == "string" then actions[each] = true end
    end
  end
end

local function isTableOfActions(candidate, action)
  local kind = type(rawget(candidate, action))
  if kind ~= "function" and kind ~= "table" then return false end
  local count = 0
  for key, value in next, candidate do
    count = count + 1
    if type(key) ~= "string" or type(value) ~= kind or count > MOST then return false end
  end
  return true
end

-- A handler for many actions looks its message's up in a table, directly or in a field of one.
local function findTable(f, action)
  for index = 1, 255 do
    local name, value = getupvalue(f, index)
    if not name then return nil end
    if type(value) == "table" and name ~= "_ENV" and value ~= _G then
      if isTableOfActions(value, action) then return value end
      for key, inner in next, value do
        if type(key) == "string" and type(inner) == "table" and isTableOfActions(inner, action) then return inner end
      end
    end
  end
end

local function addTable(entry, record, action)
  for _, f in ipairs({ type(entry.pattern) == "function" and entry.pattern or written(entry.handle) or false,
    written(entry.handle) or false }) do
    local found = f and findTable(f, action)
    for key in next, found or {} do record.actions[key] = true end
    if found then return end
  end
end

local function learn(entry)
  local record, f = recordOf(entry), written(entry.handle)
  actionsOf(entry.pattern, record.actions)
  if f then
    local info = getinfo(f, "S")
    if info.source == "aos" then record.line = info.linedefined end
  end
  return record
end

local function isOfProcess(entry)
  local name = type(entry) == "table" and entry.name
  return type(name) == "string" and not OWN[name] and not find(name, "^_once_")
end

local observer = {}

--- Called by the runtime when a message matches a handler, before it runs.
function observer.runs(entry, msg)
  if not isOfProcess(entry) then return end
  local record = learn(entry)
  local action = rawget(msg, "Action")
  if type(action) ~= "string" then action = "" end
  if action ~= "" and not record.actions[action] and getmetatable(entry) == nil then addTable(entry, record, action) end
  state.ran[#state.ran + 1] = entry.name
  state.ran[#state.ran + 1] = action
end

--- Takes the handlers that ran since the last time.
--- @return string ... name and action of each
function observer.take()
  local ran = state.ran
  state.ran = {}
  return unpack(ran)
end

--- Every handler known: name, the line of its code, and the actions it is for, joined by line ends.
--- @return any ... three values for each
function observer.all()
  for _, entry in ipairs(type(handlers.list) == "table" and handlers.list or {}) do
    if isOfProcess(entry) then learn(entry) end
  end
  local flat = {}
  for name, record in next, state.known do
    local actions = {}
    for action in next, record.actions do actions[#actions + 1] = action end
    sort(actions)
    flat[#flat + 1], flat[#flat + 2], flat[#flat + 3] = name, record.line, concat(actions, "\n")
  end
  return unpack(flat)
end

return observer
