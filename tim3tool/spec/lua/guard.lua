--- Calls a suite's functions so that nothing they do escapes: errors come back as plain tables with their place, an
--- endless loop is stopped, and `os.exit` fails what called it.

local format, tick, failed = ...

local guard = {}

local TICK = 1000000 -- VM instructions between two looks at the clock
local INNER, OUTER = 12, 8 -- how many frames of a deep stack are kept at its two ends

local sethook, getinfo = debug.sethook, debug.getinfo

local stopped -- what ends the running function, whatever `pcall` it is in

local Pending = {} -- the metatable of what `pending()` raises inside a test

-- Once stopped, every further instruction raises, so that no `pcall` of the suite can go on.
local function stop(raised)
  stopped = raised
  sethook(guard.hook, "", 1)
  error(raised, 0)
end

function guard.hook()
  if stopped then error(stopped, 0) end
  sethook(guard.hook, "", TICK)
  local ok, verdict = pcall(tick)
  if not ok or verdict then stop(verdict) end
end

-- A coroutine does not inherit the hook.
local create, resume = coroutine.create, coroutine.resume

local function hooked(f)
  local thread = create(f)
  sethook(thread, guard.hook, "", TICK)
  return thread
end

local function handOn(ok, ...)
  if ok then return ... end
  error((...), 0)
end

--- Puts the guarded versions into the suite's globals.
function guard.install(globals)
  globals.coroutine.create = hooked
  function globals.coroutine.wrap(f)
    local thread = hooked(f)
    return function(...) return handOn(resume(thread, ...)) end
  end
  function globals.os.exit(code)
    stop("the suite called `os.exit(" .. (code == nil and "" or tostring(code)) .. ")`")
  end
end

--- Ends the running test as pending.
function guard.pend(reason)
  if type(reason) ~= "string" and type(reason) ~= "number" then
    error("`pending` needs a reason inside a test and got a " .. type(reason), 0)
  end
  error(setmetatable({ reason = tostring(reason) }, Pending))
end

local function depth()
  local low, high = 1, 2
  while getinfo(high, "l") do low, high = high, high * 2 end
  while low < high - 1 do
    local middle = (low + high) // 2
    if getinfo(middle, "l") then low = middle else high = middle end
  end
  return low
end

local function frame(level)
  local info = getinfo(level, "Slnt")
  return {
    source = info.source, short = info.short_src, line = info.currentline, what = info.what,
    name = info.name, namewhat = info.namewhat, defined = info.linedefined,
  }
end

-- Innermost first, without the first `skip` levels as the caller of this function counts them.
local function frames(skip)
  local list, last = {}, depth() - 1
  for level = skip + 2, last do
    if #list < INNER or level > last - OUTER then
      list[#list + 1] = frame(level + 1)
    else
      list.cut = INNER
    end
  end
  return list
end

local function textOf(raised)
  if type(raised) == "string" or type(raised) == "number" then return tostring(raised) end
  local meta = getmetatable(raised)
  if type(meta) == "table" and meta.__tostring then return tostring(raised) end
  return "error object is " .. format.value(raised):gsub("^%(table: %w+%)", "(table)")
end

local function describe(raised)
  sethook()
  if getmetatable(raised) == Pending then return { pending = true, message = raised.reason } end
  local ok, text = pcall(textOf, raised)
  if not ok then text = "error object is a " .. type(raised) .. " value" end
  return { message = text, frames = frames(1), raised = raised, failed = failed(raised) }
end

--- Calls a function.
--- @return table|nil failure nil when it went well; else `message`, `frames` (innermost first), what was `raised` and
--- whether an assertion `failed`, or `pending` and its reason as `message`
function guard.call(f)
  stopped = nil
  sethook(guard.hook, "", TICK)
  local ok, failure = xpcall(f, describe)
  sethook()
  if ok then
    -- A suite may have caught the error that was to end it.
    return stopped and { message = tostring(stopped), frames = {}, raised = stopped } or nil
  end
  if type(failure) == "table" then return failure end
  return { message = tostring(failure), frames = {} }
end

return guard
