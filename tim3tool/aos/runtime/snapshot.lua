-- Remembers the state of the process and goes back to it, in place: the contents and metatables of every table, and the
-- upvalues of every function, that can be reached. What Lua cannot look into (a coroutine's stack, C state) is never
-- guessed: where it may have changed, the answer is no, and the host replays the messages instead.
local sandbox = ...
local raw, watch = sandbox.debug, sandbox.watch
local type, next, rawget, rawset, rawequal, status = type, next, rawget, rawset, rawequal, coroutine.status
local numberType = math.type
local getupvalue, setupvalue, upvalueid = raw.getupvalue, raw.setupvalue, raw.upvalueid
local getmetatable, setmetatable = raw.getmetatable, raw.setmetatable

local REFERENCES = { table = true, ["function"] = true, thread = true, userdata = true }

-- Values whose types share one metatable each, and the streams, which have nothing else; nil, which no table holds, is
-- looked after beside them.
local SHARED = { true, 0, "", print, coroutine.create(print) }
for _, stream in next, sandbox.streams do SHARED[#SHARED + 1] = stream end

-- The runtime's own functions never change, and neither do the functions they hold: only their other upvalues are
-- looked at. What the host itself counts and watches is no state of the process. C functions with upvalues that were
-- there from the start hold nothing that changes; one that is made later (gmatch) may.
local known, slots = sandbox.hidden, { functions = {}, indexes = {}, ids = {} }

-- One record, written over by each save: most of the state is as it was, and what has not changed keeps its copy.
local record = {
  tables = {}, copies = {}, metas = {}, tableCount = 0,
  functions = {}, indexes = {}, values = {}, upvalueCount = 0,
  suspended = {}, shared = {}, isSaved = false,
}
-- The latest copy of each table, the number of its entries, and what it refers to beside the runtime.
local WEAK = { __mode = "k" }
local copyOf, sizeOf, heldBy = setmetatable({}, WEAK), setmetatable({}, WEAK), setmetatable({}, WEAK)
local seen, round = setmetatable({}, { __mode = "k" }), 0

-- What `==` calls equal may be another object, an integer beside a float, or zeros of two signs.
local function isSame(a, b)
  if not rawequal(a, b) then return false end
  local kind = numberType(a)
  return not kind or kind == numberType(b) and (a ~= 0 or 1 / a == 1 / b)
end

local function isUnchanged(t, old)
  local count = 0
  for key, item in next, t do
    if not isSame(old[key], item) then return false end
    count = count + 1
  end
  return count == sizeOf[t]
end

local function copyAnew(t)
  local copy, held, count, n = copyOf[t] or {}, {}, 0, 0
  for key in next, copy do
    if rawget(t, key) == nil then copy[key] = nil end
  end
  for key, item in next, t do
    count = count + 1
    copy[key] = item
    if REFERENCES[type(key)] then
      n = n + 1
      held[n] = key
    end
    if REFERENCES[type(item)] and not known[item] then
      n = n + 1
      held[n] = item
    end
  end
  copyOf[t], sizeOf[t], heldBy[t] = copy, count, held
  return copy, held
end

local function copied(t)
  local old = copyOf[t]
  if old and isUnchanged(t, old) then return old, heldBy[t] end
  return copyAnew(t)
end

-- Records everything that can be reached from `roots`; false where something cannot be remembered.
local function walk(roots, visitFunction)
  round = round + 1
  local stack, top, t = { roots }, 1, 0
  local tables, copies, metas = record.tables, record.copies, record.metas
  local function push(item)
    if seen[item] ~= round and not known[item] then
      seen[item] = round
      top = top + 1
      stack[top] = item
    end
  end
  while top > 0 do
    local value = stack[top]
    top = top - 1
    local kind = type(value)
    if kind == "table" then
      local meta = getmetatable(value)
      local copy, held = copied(value)
      t = t + 1
      tables[t], copies[t], metas[t] = value, copy, meta or false
      for n = 1, #held do
        local item = held[n]
        if seen[item] ~= round then push(item) end
      end
      if meta then push(meta) end
    elseif kind == "function" then
      if not visitFunction(value, push) then return false end
    elseif kind == "thread" then
      if status(value) == "suspended" then record.suspended[value] = true end
    else
      return false
    end
  end
  for n = t + 1, record.tableCount do tables[n], copies[n], metas[n] = nil, nil, nil end
  record.tableCount = t
  return true
end

local function recordUpvalue(f, index, item)
  local n = record.upvalueCount + 1
  record.functions[n], record.indexes[n], record.values[n], record.upvalueCount = f, index, item, n
end

local function visitKnown(f, push)
  known[f] = true
  local index, name, item = 1, getupvalue(f, 1)
  while name and name ~= "" do -- only C functions have upvalues without names
    local id = upvalueid(f, index) -- functions share upvalues
    if type(item) ~= "function" and not slots.ids[id] then
      slots.ids[id] = true
      slots.functions[#slots.functions + 1], slots.indexes[#slots.indexes + 1] = f, index
    end
    if REFERENCES[type(item)] then push(item) end
    index = index + 1
    name, item = getupvalue(f, index)
  end
  return true
end

local function visitNew(f, push)
  local index, name, item = 1, getupvalue(f, 1)
  if name == "" then return false end
  while name do
    if not known[name] then recordUpvalue(f, index, item) end -- unless the host counts in it
    if REFERENCES[type(item)] then push(item) end
    index = index + 1
    name, item = getupvalue(f, index)
  end
  return true
end

local M = {}

-- Learns what the runtime is made of; called once, before any message. Nothing writes to the tables in `constants`, and
-- no code of the process can reach them.
function M.learn(constants, ...)
  for _, constant in next, constants do known[constant] = true end
  for _, stream in next, sandbox.streams do known[stream] = true end
  walk({ _G, ... }, visitKnown)
end

-- Returns how many things were remembered, or 0 when this state cannot be.
function M.save()
  watch.threads, watch.touched = {}, false
  local shared, held, upvalues = record.shared, {}, record.upvalueCount
  for index, value in next, SHARED do shared[index] = getmetatable(value) or false end
  shared.none = getmetatable(nil) or false
  record.suspended, record.upvalueCount = {}, 0
  for n, f in next, slots.functions do
    local _, item = getupvalue(f, slots.indexes[n])
    recordUpvalue(f, slots.indexes[n], item)
    if REFERENCES[type(item)] then held[#held + 1] = item end
  end
  record.isSaved = walk({ _G, shared, held }, visitNew)
  if not record.isSaved then return 0 end
  for n = record.upvalueCount + 1, upvalues do
    record.functions[n], record.indexes[n], record.values[n] = nil, nil, nil
  end
  watch.threads = record.suspended
  return record.tableCount + record.upvalueCount
end

function M.restore()
  if not record.isSaved or watch.touched then return false end
  for n = 1, record.tableCount do
    local t, copy, meta, count = record.tables[n], record.copies[n], record.metas[n] or nil, 0
    for key, value in next, t do
      local before = copy[key]
      if before ~= nil then count = count + 1 end
      if not isSame(before, value) then rawset(t, key, before) end
    end
    if count ~= sizeOf[t] then
      for key, value in next, copy do
        if rawget(t, key) == nil then rawset(t, key, value) end
      end
    end
    if not rawequal(getmetatable(t), meta) then setmetatable(t, meta) end
  end
  for n = 1, record.upvalueCount do setupvalue(record.functions[n], record.indexes[n], record.values[n]) end
  for index, value in next, SHARED do setmetatable(value, record.shared[index] or nil) end
  setmetatable(nil, record.shared.none or nil)
  return true
end

return M
