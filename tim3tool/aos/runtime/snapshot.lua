-- Remembers the state of the process and goes back to it, in place: the contents and metatables of every table, and the
-- upvalues of every function, that can be reached. What Lua cannot look into (a coroutine's stack, C state) is never
-- guessed: where it may have changed, the answer is no, and the host replays the messages instead.
local sandbox = ...
local raw, threads = sandbox.debug, sandbox.threads
local type, next, rawset, status = type, next, rawset, coroutine.status
local getupvalue, setupvalue, getinfo = raw.getupvalue, raw.setupvalue, raw.getinfo
local getmetatable, setmetatable = raw.getmetatable, raw.setmetatable

-- Values of the types that share one metatable each.
local SHARED = { true, 0, "", print, coroutine.create(print) }

-- C functions that were there from the start hold nothing that changes; one made later (gmatch) may.
local builtin = {}

local saved

local function collect(roots, visitor)
  local seen, stack, top = { [visitor] = true }, { roots }, 1
  while top > 0 do
    local value = stack[top]
    stack[top], top = nil, top - 1
    local kind = type(value)
    if (kind == "table" or kind == "function" or kind == "thread" or kind == "userdata") and not seen[value] then
      seen[value] = true
      local visit = visitor[kind]
      if not visit then return false end
      local ok = visit(value, function(inner)
        local innerKind = type(inner)
        if innerKind == "table" or innerKind == "function" or innerKind == "thread" or innerKind == "userdata" then
          top = top + 1
          stack[top] = inner
        end
      end)
      if ok == false then return false end
    end
  end
  return true
end

local function visitor(record)
  local V = {}

  function V.table(t, push)
    local copy, meta = {}, getmetatable(t)
    for key, value in next, t do
      copy[key] = value
      push(key)
      push(value)
    end
    push(meta)
    local n = record.tableCount + 1
    record.tableCount = n
    record.tables[n], record.copies[n], record.metas[n] = t, copy, meta or false
  end

  V["function"] = function(f, push)
    if getinfo(f, "S").what == "C" then return builtin[f] == true end
    local index = 1
    while true do
      local name, value = getupvalue(f, index)
      if not name then return end
      local n = record.upvalueCount + 1
      record.upvalueCount = n
      record.functions[n], record.indexes[n], record.values[n] = f, index, value
      push(value)
      index = index + 1
    end
  end

  function V.thread(thread)
    if status(thread) == "suspended" then record.threads[#record.threads + 1] = thread end
  end

  return V
end

local function newRecord()
  return {
    tables = {}, copies = {}, metas = {}, tableCount = 0,
    functions = {}, indexes = {}, values = {}, upvalueCount = 0,
    threads = {}, shared = {},
  }
end

local M = {}

function M.save(...)
  saved = nil
  local record = newRecord()
  for index, value in next, SHARED do record.shared[index] = getmetatable(value) or false end
  record.sharedNil = getmetatable(nil) or false
  if not collect({ record.shared, record.sharedNil, ... }, visitor(record)) then return 0 end
  for thread in next, threads do threads[thread] = nil end
  saved = record
  return record.tableCount + record.upvalueCount
end

function M.restore()
  local record = saved
  if not record then return false end
  for _, thread in next, record.threads do
    if threads[thread] then return false end -- it went on since, and cannot be taken back
  end
  for n = 1, record.tableCount do
    local t, copy, meta = record.tables[n], record.copies[n], record.metas[n] or nil
    for key in next, t do
      if copy[key] == nil then rawset(t, key, nil) end
    end
    for key, value in next, copy do rawset(t, key, value) end
    if getmetatable(t) ~= meta then setmetatable(t, meta) end
  end
  for n = 1, record.upvalueCount do setupvalue(record.functions[n], record.indexes[n], record.values[n]) end
  for index, value in next, SHARED do setmetatable(value, record.shared[index] or nil) end
  setmetatable(nil, record.sharedNil or nil)
  for thread in next, threads do threads[thread] = nil end
  return true
end

collect({ _G }, {
  table = function(t, push)
    for key, value in next, t do
      push(key)
      push(value)
    end
    push(getmetatable(t))
  end,
  ["function"] = function(f, push)
    if getinfo(f, "S").what == "C" then builtin[f] = true end
    local index = 1
    while true do
      local name, value = getupvalue(f, index)
      if not name then return end
      push(value)
      index = index + 1
    end
  end,
  thread = function() end,
  userdata = function() end,
})

return M
