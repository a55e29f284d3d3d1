-- Closes the VM: nothing below reaches the host's files, clock, environment or bytecode loader, and every coroutine
-- counts towards one instruction budget. Runs first, before any other code; what it returns is for host.lua alone.
local matcherSource, boundedSource, systemSource = ...
local type, select, rawget, rawset, getmetatable, next, error, tostring, assert =
  type, select, rawget, rawset, getmetatable, next, error, tostring, assert
local sort, sethook, getinfo = table.sort, debug.sethook, debug.getinfo
local max = math.max
local find, gsub, gmatch, concat, byte = string.find, string.gsub, string.gmatch, table.concat, string.byte
local match = string.match

-- Arguments ----------------------------------------------------------------------------------------------------------

local matcher
local function fail(text) matcher.fail(text) end -- with the place of the call

-- Raises what Lua itself raises about an argument of one of its functions. `full` is the function's name where the call
-- tells none, and `above` its level seen from here.
local function bad(number, full, text, above)
  local level = above or 2
  local at = getinfo(level, "nt")
  local name = at.name or at.istailcall and match(full, "[^.]*$") or full -- a call of C is never a tail call
  if at.namewhat == "method" then
    number = number - 1
    if number == 0 then fail("calling '" .. name .. "' on bad self") end
  end
  fail("bad argument #" .. number .. " to '" .. name .. "' (" .. text .. ")")
end

local function expected(kind, ...)
  return kind .. " expected, got " .. (select("#", ...) == 0 and "no value" or type((...)))
end

-- Instruction budget ---------------------------------------------------------------------------------------------

local SLICE = 2000 -- instructions between two looks at the budget, in each coroutine
local EXCEEDED = "limit exceeded"
local budget = { limit = math.huge, used = 0, exceeded = false, where = nil, plans = {}, planned = 0, slice = SLICE }

-- Chunk names of the runtime, which are never the place to show a user.
budget.ours = {
  ["=sandbox"] = true, ["=matcher"] = true, ["=bounded"] = true, ["=system"] = true, ["=host"] = true, ["=boot"] = true,
}

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

function coroutine.create(...)
  if type((...)) ~= "function" then bad(1, "coroutine.create", expected("function", ...)) end
  return newThread((...))
end

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
  if type(thread) ~= "thread" then bad(1, "coroutine.resume", "thread expected") end
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
  if type(why) == "string" then fail(why) end
  error(why, 0)
end

function coroutine.wrap(...)
  if type((...)) ~= "function" then bad(1, "coroutine.wrap", expected("function", ...)) end
  local thread = newThread((...))
  return function(...)
    if status(thread) == "running" then return unwrapped(false, "cannot resume dead coroutine") end
    return unwrapped(resumeCounted(thread, ...))
  end
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

local BINARY = 27 -- the first byte of bytecode

-- `place` is that of the call, for what Lua says with a place of its own.
local function loaded(place, f, ...)
  if f ~= nil then return f, ... end
  local why = ...
  if place and type(why) == "string" then why = gsub(why, "^sandbox:%d+: ", (gsub(place, "%%", "%%%%"))) end
  caught(false, why)
  return nil, why
end

-- Compiling takes time by the byte, and `goto` time by the label: each is looked up in a list.
local function chargeSource(text, before)
  local total = before + #text
  if total <= 1000 then return total end
  local _, jumps = gsub(text, "goto", "")
  charge(#text * 4 + jumps * (total // 8))
  return total
end

-- Only text is ever compiled. Mode "b" allows none, and Lua says so itself where there is no bytecode.
local function modeFor(mode, chunk)
  if mode == "b" and type(chunk) == "string" and byte(chunk) ~= BINARY then return "b" end
  return (mode == nil or mode == "bt" or mode == "b") and "t" or mode
end

local function placeOfCaller()
  local at = getinfo(3, "Sl")
  return at.currentline > 0 and at.short_src .. ":" .. at.currentline .. ": " or ""
end

local function loadPieces(place, read, name, mode, ...)
  local total, refused = 0, nil
  local function piece()
    local text = read()
    if type(text) ~= "string" then return text end
    if mode == "b" and text ~= "" and byte(text) ~= BINARY then
      refused = "attempt to load a text chunk (mode is 'b')"
      return nil
    end
    total = chargeSource(text, total)
    return text
  end
  local function settle(...)
    if refused then return nil, refused end
    return loaded(place, ...)
  end
  return settle(load(piece, name, modeFor(mode), ...))
end

function _G.load(...)
  local chunk, name, mode = ...
  if type(chunk) == "function" then return loadPieces(placeOfCaller(), ...) end
  if type(chunk) ~= "string" and type(chunk) ~= "number" then bad(1, "load", expected("function", ...)) end
  if type(chunk) == "string" then chargeSource(chunk, 0) end
  return loaded(nil, load(chunk, name, modeFor(mode, chunk), select(4, ...)))
end

-- io, os and files ---------------------------------------------------------------------------------------------------

local ENVIRONMENT = {
  HOME = "/home/web_user", LANG = "C.UTF-8", LOGNAME = "web_user", PATH = "/", PWD = "/", USER = "web_user",
  _ = "./this.program",
}
local streams = assert(load(systemSource, "=system", "t"))(debug, ENVIRONMENT, bad, fail, _G.load)

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
  debug = nothing,
}

-- C code that no hook can stop ---------------------------------------------------------------------------------------

matcher = assert(load(matcherSource, "=matcher", "t"))(charge, budget.ours)
local bounded = assert(load(boundedSource, "=bounded", "t"))(budget, charge, matcher)

-- require ------------------------------------------------------------------------------------------------------------

package.loaded.io, package.loaded.os, package.loaded.debug = io, os, debug
package.path = "/usr/local/share/lua/5.3/?.lua;/usr/local/share/lua/5.3/?/init.lua;/usr/local/lib/lua/5.3/?.lua;"
  .. "/usr/local/lib/lua/5.3/?/init.lua;./?.lua;./?/init.lua"
package.cpath = "/usr/local/lib/lua/5.3/?.so;/usr/local/lib/lua/5.3/loadall.so;./?.so"

local function literal(text) return (gsub(text, "%%", "%%%%")) end

-- Returns the places where a Lua module was looked for in vain.
local function absent(name, path, separator, replacement)
  local tried = {}
  if separator ~= "" then name = gsub(name, (gsub(separator, "%W", "%%%0")), literal(replacement)) end
  for template in gmatch(path, "[^;]+") do
    tried[#tried + 1] = "\n\tno file '" .. gsub(template, "%?", literal(name)) .. "'"
  end
  return concat(tried)
end

local function text(n, full, default, ...)
  local value = (select(n, ...))
  if value == nil and default then return default end
  if type(value) == "string" or type(value) == "number" then return tostring(value) end
  bad(n, full, "string expected, got " .. (n > select("#", ...) and "no value" or type(value)), 3)
end

function package.searchpath(...)
  local full = "package.searchpath"
  local name, path = text(1, full, nil, ...), text(2, full, nil, ...)
  return nil, absent(name, path, text(3, full, ".", ...), text(4, full, "/", ...))
end

function package.loadlib(...)
  text(1, "package.loadlib", nil, ...)
  text(2, "package.loadlib", nil, ...)
  return nil, "dynamic libraries not enabled; check your Lua installation", "absent"
end

local constants = { budget.ours, raw, matcher, COLLECTOR }

-- Installs the runtime's own Lua modules. Each is called with its name and the version switches.
local function install(sources, version)
  order.state = version.shuffle
  version.places = setmetatable({}, { __mode = "k" })
  version.placeOfUser = function() return firstPlaceOfUser(4) end
  for name in next, sources do budget.ours[name] = true end
  budget.ours.private = true
  constants[#constants + 1], constants[#constants + 2] = sources, version
  local privates = {} -- Lua modules of the runtime that AO does not have
  version.private = function(name)
    privates[name] = privates[name] or assert(load(sources[".private." .. name], "private", "t"))(name, version)
    return privates[name]
  end
  local searchers = package.searchers
  for index = #searchers, 2, -1 do searchers[index] = nil end
  function searchers.embedded(name)
    local own = name == "ao" and ".ao" or name
    local source = sources[own] or sources[own .. ".init"]
    if not source or find(own, "^%.private%.") then return "module " .. tostring(name) .. " not found" end
    if name == "ao" then return function() return require(".ao") end end
    return assert(load(source, name, "t")), version
  end
  searchers[2], searchers.embedded = searchers.embedded, nil
  searchers[3] = function(name) return absent(name, package.path, ".", "/") end
  searchers[4] = function(name) return absent(name, package.cpath, ".", "/") end
  searchers[5] = function(name)
    local root = match(name, "^([^.]*)%.")
    return root and absent(root, package.cpath, ".", "/")
  end
end

-- What the host itself counts and watches, which is no state of the process.
local hidden = { [watch] = true, [budget] = true }

return {
  budget = budget, install = install, load = load, debug = raw, watch = watch, bounded = bounded, constants = constants,
  streams = streams, hidden = hidden,
}
