-- Closes the VM: nothing below reaches the host's files, clock, environment or bytecode loader, and every coroutine
-- counts towards one instruction budget. Runs first, before any other code; what it returns is for host.lua alone.
local matcherSource, boundedSource = ...
local type, rawget, rawset, getmetatable, next, error, tostring, assert =
  type, rawget, rawset, getmetatable, next, error, tostring, assert
local sort, sethook, getinfo = table.sort, debug.sethook, debug.getinfo
local max = math.max
local find, gsub, gmatch, concat = string.find, string.gsub, string.gmatch, table.concat

-- Instruction budget ---------------------------------------------------------------------------------------------

local SLICE = 2000 -- instructions between two looks at the budget, in each coroutine
local EXCEEDED = "limit exceeded"
local budget = { limit = math.huge, used = 0, exceeded = false, where = nil, plans = {}, planned = 0, slice = SLICE }

-- Chunk names of the runtime, which are never the place to show a user.
budget.ours = { ["=sandbox"] = true, ["=matcher"] = true, ["=bounded"] = true, ["=host"] = true, ["=boot"] = true }

local function firstPlaceOfUser(from)
  for level = from, 60 do
    local at = getinfo(level, "Sl")
    if not at then return nil end
    if at.currentline > 0 and not budget.ours[at.source] then return { chunk = at.short_src, line = at.currentline } end
  end
end

local function charge(cost)
  if not budget.exceeded then budget.used = budget.used + (type(cost) == "number" and cost or SLICE) end
  if budget.used < budget.limit then return end
  if not budget.exceeded then
    local at = firstPlaceOfUser(3)
    budget.exceeded, budget.where = true, at and at.chunk .. ":" .. at.line
  end
  -- From here on every instruction raises, so that no pcall in the process can go on.
  sethook(charge, "", 1)
  error(EXCEEDED, 0)
end

-- Work of C that nothing below charges for (`..`, `<`, `sub` of huge strings) shows in the time that instructions take:
-- as long as a message takes less than a second, and no more for each instruction than any machine needs, no clock
-- matters to its result.
local clock, memory = os.clock, collectgarbage
local NANOSECONDS = 20
local LARGE = 16 * 1024 -- KiB of a process from which on one instruction may take long
local SHORT = 200 -- instructions between two looks then
local SHORT_MESSAGE = 20000 -- instructions before which the clock stays unread
local started, looked -- when this message was first and last looked at
local LONG = 0.05 -- seconds between two looks that are too many

local function look()
  local large = memory("count") > LARGE
  if large or budget.slice ~= SLICE then
    budget.used = budget.used - SLICE + budget.slice
    budget.slice = large and SHORT or SLICE
    sethook(look, "", budget.slice)
  end
  if large or budget.used > SHORT_MESSAGE then
    looked = clock()
    started = started or looked
  end
  local seconds = started and looked - started or 0
  if seconds > 1 and seconds * 1e9 > budget.limit * NANOSECONDS and not budget.exceeded then
    budget.used, budget.seconds = budget.limit, max(1, budget.limit * NANOSECONDS / 1e9)
  end
  charge()
end

local create, resume, status = coroutine.create, coroutine.resume, coroutine.status

-- A coroutine has its own count to the next look at the budget, so each one pays for a slice in advance.
local function newThread(f)
  local thread = create(f)
  sethook(thread, budget.exceeded and charge or look, "", budget.exceeded and 1 or budget.slice)
  budget.used = budget.used + SLICE
  return thread
end

-- Protected calls -------------------------------------------------------------------------------------------------
-- The module's C stack holds about 195 of them. Here it would hold thousands, each overflow taking long, and the hook
-- itself fails where the C stack is used up: so they are counted, and whoever catches an overflow pays for the time.

local MAX_DEPTH = 197 -- the runtime itself takes two of them
local OVERFLOW_COST = 1000000
local depth = 0 -- protected calls under way, in this coroutine and those that wait for it
local inner = setmetatable({}, { __mode = "k" }) -- those of each suspended coroutine

local function caught(ok, ...)
  if ok then return ok, ... end
  if budget.exceeded then error(EXCEEDED, 0) end
  local why = ...
  if type(why) == "string" and (find(why, "stack overflow", 1, true) or find(why, "error handling", 1, true)) then
    charge(OVERFLOW_COST)
  end
  return ok, ...
end

local function left(...)
  depth = depth - 1
  return caught(...)
end

local function settled(thread, ok, ...)
  budget.limit = math.huge
  if status(thread) ~= "dead" then return false, "attempt to yield from outside a coroutine" end
  return ok, ...
end

-- Calls f(...) within `limit` instructions; returns as pcall does. The caller's own thread is never armed, so that it
-- goes on after the limit was exceeded.
function budget.run(limit, f, ...)
  budget.limit, budget.used, budget.exceeded, depth = limit, 0, false, 0
  budget.where, budget.seconds = nil, nil
  started, looked = nil, nil
  local thread = newThread(f)
  return settled(thread, resume(thread, ...))
end

local pcall, xpcall = pcall, xpcall

function _G.pcall(...)
  if depth >= MAX_DEPTH then return caught(false, "C stack overflow") end
  depth = depth + 1
  return left(pcall(...))
end

-- A message handler of xpcall runs with hooks off when the hook itself raised: an endless one would hang the host.
function _G.xpcall(f, handler, ...)
  if depth >= MAX_DEPTH then return caught(false, "C stack overflow") end
  depth = depth + 1
  if type(handler) ~= "function" then return left(xpcall(f, handler, ...)) end
  local raised
  local function bounded(why)
    raised = why
    if budget.exceeded then return why end
    return handler(why)
  end
  local function finish(ok, ...)
    left(ok, raised)
    return ok, ...
  end
  return finish(xpcall(f, bounded, ...))
end

function coroutine.create(f) return newThread(f) end

local function suspended(thread, outside, ...)
  local under = depth - outside - 1
  inner[thread] = under ~= 0 and under or nil
  depth = outside
  return caught(...)
end

-- Suspended coroutines of the state that the host remembers, and whether one of them went on since: that cannot be
-- taken back.
local watch = { threads = {}, touched = false }

local function resumeCounted(thread, ...)
  if type(thread) ~= "thread" then return resume(thread, ...) end
  if watch.threads[thread] then watch.touched = true end
  if depth >= MAX_DEPTH then return caught(false, "C stack overflow") end
  local outside = depth
  depth = outside + 1 + (inner[thread] or 0)
  return suspended(thread, outside, resume(thread, ...))
end
coroutine.resume = resumeCounted

local function unwrapped(ok, ...)
  if ok then return ... end
  local why = ...
  error(why, 0)
end

function coroutine.wrap(f)
  local thread = newThread(f)
  return function(...) return unwrapped(resumeCounted(thread, ...)) end
end

-- Finalisers run with hooks off too, and when they run depends on the host: they are never armed.
local function quietly(set)
  return function(value, meta)
    local finaliser = type(meta) == "table" and rawget(meta, "__gc")
    if not finaliser then return set(value, meta) end
    rawset(meta, "__gc", nil)
    local result = set(value, meta)
    rawset(meta, "__gc", finaliser)
    return result
  end
end
local setmetatable = quietly(setmetatable)
_G.setmetatable = setmetatable

-- The process cannot hold the collector still, and each of its rounds sees whether the next look is due: what grows
-- large within one slice (`s = s .. s`) is seen before the slice ends. This watchman is the only finaliser.
local running, rawSet = coroutine.running, debug.setmetatable
local rounds = {}
function rounds.__gc(watchman)
  rawSet(watchman, rounds)
  local _, isHost = running()
  if isHost or budget.exceeded then return end
  looked = looked or clock()
  if clock() - looked > LONG or budget.slice == SLICE and memory("count") > LARGE then sethook(look, "", 1) end
end
rawSet({}, rounds)

local COLLECTOR = { stop = true, restart = true, setpause = true, setstepmul = true }
function _G.collectgarbage(option, ...)
  if COLLECTOR[option] then return 0 end
  if option == nil or option == "collect" or option == "step" then charge(memory("count") * 8) end
  return memory(option, ...)
end

-- pairs in a fixed order: numbers ascending, then strings by bytes, then whatever else as `next` gives it ---------

-- With a seed the strings come in an order that differs from call to call, yet not from run to run: it finds code that
-- relies on an order which Lua never promised.
local order = { state = nil }

local function shuffle(list, n)
  local state = order.state
  for index = n, 2, -1 do
    state = state * 6364136223846793005 + 1442695040888963407
    local other = (state >> 33) % index + 1
    list[index], list[other] = list[other], list[index]
  end
  order.state = state
end

local function orderedKeys(t)
  local numbers, strings, others, n, s, o = {}, {}, nil, 0, 0, 0
  for key in next, t do
    local kind = type(key)
    if kind == "string" then
      s = s + 1
      strings[s] = key
    elseif kind == "number" then
      n = n + 1
      numbers[n] = key
    else
      o = o + 1
      others = others or {}
      others[o] = key
    end
  end
  if s > 1 then
    sort(strings)
    if order.state then shuffle(strings, s) end
  end
  if n == 0 and o == 0 then return strings end
  if n > 1 then sort(numbers) end
  for i = 1, s do numbers[n + i] = strings[i] end
  for i = 1, o do numbers[n + s + i] = others[i] end
  return numbers
end

function _G.pairs(t)
  local meta = getmetatable(t)
  local custom = type(meta) == "table" and rawget(meta, "__pairs")
  if custom then
    local a, b, c = custom(t)
    return a, b, c
  end
  if type(t) ~= "table" then return next, t, nil end
  local keys, i = orderedKeys(t), 0
  return function()
    while true do
      i = i + 1
      local key = keys[i]
      if key == nil then return nil end
      local value = rawget(t, key)
      if value ~= nil then return key, value end
    end
  end, t, nil
end

-- Loading code: text only -------------------------------------------------------------------------------------------

local load = load

local function loaded(f, ...)
  if f == nil then caught(false, ...) end
  return f, ...
end

-- Compiling takes time by the byte, and `goto` time by the label: each is looked up in a list.
local function chargeSource(text, before)
  local total = before + #text
  if total <= 1000 then return total end
  local _, jumps = gsub(text, "goto", "")
  charge(#text * 4 + jumps * (total // 8))
  return total
end

function _G.load(chunk, name, mode, ...)
  if mode == nil or mode == "bt" or mode == "b" then mode = "t" end
  if type(chunk) == "string" then
    chargeSource(chunk, 0)
  elseif type(chunk) == "function" then
    local read, total = chunk, 0
    chunk = function()
      local piece = read()
      if type(piece) == "string" then total = chargeSource(piece, total) end
      return piece
    end
  end
  return loaded(load(chunk, name, mode, ...))
end

local function noFile(path) return nil, tostring(path) .. ": No error information" end

function _G.loadfile(path) return nil, "cannot open " .. tostring(path) end
function _G.dofile(path) error("cannot open " .. tostring(path), 2) end

-- io, os: what the module's own host answers ------------------------------------------------------------------------

local function sink()
  local file = {}
  file.write = function(self) return self end
  file.read = function() return nil end
  file.lines = function() return function() return nil end end
  file.close = function() return true end
  file.flush, file.seek, file.setvbuf = file.write, function() return 0 end, function() return true end
  return file
end
local output = sink()
_G.io = {
  open = noFile,
  popen = function() error("'popen' not supported", 2) end,
  lines = function(path) error(tostring(path) .. ": No error information", 2) end,
  read = function() return nil end,
  write = function() return output end,
  close = function() return true end,
  flush = function() return output end,
  input = function() return output end,
  output = function() return output end,
  tmpfile = function() return noFile("tmpfile") end,
  type = function(value) return value == output and "file" or nil end,
  stdin = sink(),
  stdout = output,
  stderr = output,
}

local date, difftime = os.date, os.difftime
local BOOT_SECONDS = 10 -- the module's own clock stands near 1970-01-01 00:00:10
_G.os = {
  clock = function() return 0.001 end,
  date = function(format, time)
    format = format or "%c"
    if type(format) == "string" and format:sub(1, 1) ~= "!" then format = "!" .. format end
    return date(format, time or BOOT_SECONDS)
  end,
  difftime = difftime,
  execute = function() return nil end,
  exit = function() error("os.exit is not available in a process", 2) end,
  getenv = function(name) return name == "HOME" and "/home/web_user" or nil end,
  remove = noFile,
  rename = noFile,
  setlocale = function(locale) return (locale == nil or locale == "" or locale == "C") and "C" or nil end,
  time = function() return BOOT_SECONDS end,
  tmpname = function() error("unable to generate a unique filename", 2) end,
}

-- debug: looking is allowed, reaching into the runtime is not ---------------------------------------------------------

local raw = debug
local function ofProcess(f)
  return type(f) == "function" and getinfo(f, "S").what ~= "C" and not budget.ours[getinfo(f, "S").source]
end
local function nothing() return nil end
_G.debug = {
  traceback = raw.traceback,
  getinfo = raw.getinfo,
  getmetatable = raw.getmetatable,
  setmetatable = quietly(raw.setmetatable),
  getupvalue = function(f, n) if ofProcess(f) then return raw.getupvalue(f, n) end end,
  setupvalue = function(f, n, value) if ofProcess(f) then return raw.setupvalue(f, n, value) end end,
  upvalueid = nothing,
  upvaluejoin = nothing,
  getlocal = function(f, n) if ofProcess(f) then return raw.getlocal(f, n) end end,
  setlocal = nothing,
  getuservalue = nothing,
  setuservalue = nothing,
  gethook = nothing,
  sethook = nothing,
  getregistry = function() return {} end,
}

-- C code that no hook can stop ----------------------------------------------------------------------------------------

local matcher = assert(load(matcherSource, "=matcher", "t"))(charge, budget.ours)
local bounded = assert(load(boundedSource, "=bounded", "t"))(budget, charge, matcher)

-- require -------------------------------------------------------------------------------------------------------------

package.loaded.io, package.loaded.os, package.loaded.debug = io, os, debug
package.loadlib = nil
package.path = "/usr/local/share/lua/5.3/?.lua;/usr/local/share/lua/5.3/?/init.lua;/usr/local/lib/lua/5.3/?.lua;"
  .. "/usr/local/lib/lua/5.3/?/init.lua;./?.lua;./?/init.lua"
package.cpath = "/usr/local/lib/lua/5.3/?.so;/usr/local/lib/lua/5.3/loadall.so;./?.so"

local function absent(name, path)
  local tried = {}
  local file = gsub(name, "%.", "/")
  for template in gmatch(path, "[^;]+") do
    tried[#tried + 1] = "\n\tno file '" .. gsub(template, "%?", (gsub(file, "%%", "%%%%"))) .. "'"
  end
  return concat(tried)
end
package.searchpath = function(name, path) return nil, absent(name, path) end

local constants = { budget.ours, raw, matcher, COLLECTOR }

-- Installs the runtime's own Lua modules. Each is called with its name and the version switches.
local function install(sources, version)
  order.state = version.shuffle
  version.places = setmetatable({}, { __mode = "k" })
  version.placeOfUser = function() return firstPlaceOfUser(4) end
  for name in next, sources do budget.ours[name] = true end
  constants[#constants + 1], constants[#constants + 2] = sources, version
  local function embedded(name)
    local source = sources[name]
    if not source then return "module " .. tostring(name) .. " not found" end
    return assert(load(source, name, "t")), version
  end
  local searchers = package.searchers
  for index = #searchers, 2, -1 do searchers[index] = nil end
  searchers[2] = embedded
  searchers[3] = function(name) return absent(name, package.path) end
  searchers[4] = function(name) return absent(name, package.cpath) end
  package.preload.ao = function() return require(".ao") end
end

return {
  budget = budget, install = install, load = load, debug = raw, watch = watch, bounded = bounded, constants = constants,
}
