-- The libraries that reach for the host: io, os, loadfile and dofile answer what they answer in the module, where there
-- is no file, no program and a fake clock.
local raw, environment, bad, fail, load = ...
local type, next, select, tostring, tonumber, error, pcall =
  type, next, select, tostring, tonumber, error, pcall
local find, sub, gsub, match = string.find, string.sub, string.gsub, string.match
local setmetatable, unpack, tointeger = raw.setmetatable, table.unpack, math.tointeger

local NO_INFORMATION, NOT_IMPLEMENTED = "No error information", "Function not implemented"

-- What type errors call the n-th of some arguments.
local function kindOf(n, ...) return n > select("#", ...) and "no value" or type((select(n, ...))) end

-- Returns the n-th argument as a text; `name` is the function's, as Lua's own errors know it, and `above` its level
-- seen from `bad`.
local function textAt(above, n, name, ...)
  local value = (select(n, ...))
  if type(value) == "string" or type(value) == "number" then return tostring(value) end
  bad(n, name, "string expected, got " .. kindOf(n, ...), above)
end

local function kept(...) return ... end

-- io -----------------------------------------------------------------------------------------------------------------
-- The three streams are those of Lua, bare of what they can do: a process sees userdata, as in the module.

local streams = { stdin = io.stdin, stdout = io.stdout, stderr = io.stderr }
local names, addresses = {}, { stdin = "0x59460", stdout = "0x59398", stderr = "0x592d0" }
for name, stream in next, streams do names[stream] = name end
local input, output = streams.stdin, streams.stdout

local function checkStream(name, ...)
  local stream = ...
  if names[stream] == nil then bad(1, name, "FILE* expected, got " .. kindOf(1, ...), 3) end
  return stream
end

local function noSuch(path) return nil, path .. ": " .. NO_INFORMATION, 0 end
local function cannotOpen(path) fail("cannot open file '" .. path .. "' (" .. NO_INFORMATION .. ")") end

-- Reads in each format until one finds nothing; nothing is ever there, and only "a" is content with that.
local function readAll(stream, first, name, ...)
  if names[stream] ~= "stdin" then return nil, NO_INFORMATION, 0 end
  local count = select("#", ...)
  if count < first then return nil end
  local found = {}
  for n = first, count do
    local format = (select(n, ...))
    if type(format) ~= "number" then
      local letter = sub(gsub(textAt(4, n, name, ...), "^%*", ""), 1, 1)
      if not find(letter, "^[nlLa]$") then bad(n, name, "invalid format", 3) end
      if letter ~= "a" then return unpack(found, 1, n - first + 1) end
      found[n - first + 1] = ""
    else
      return unpack(found, 1, n - first + 1)
    end
  end
  return unpack(found, 1, count - first + 1)
end

local function writeAll(stream, first, name, ...)
  for n = first, select("#", ...) do textAt(4, n, name, ...) end
  if names[stream] == "stdin" then return nil, NO_INFORMATION, 0 end
  return stream
end

local function nothing() end

local methods = { __name = "FILE*", __gc = nothing }
methods.__index = methods

function methods.__tostring(...)
  return "file (" .. addresses[names[checkStream("?", ...)]] .. ")"
end

function methods.close(...)
  checkStream("?", ...)
  return nil, "cannot close standard file"
end

function methods.flush(...)
  checkStream("?", ...)
  return true
end

function methods.lines(...)
  checkStream("?", ...)
  return nothing
end

function methods.read(...) return kept(readAll(checkStream("?", ...), 2, "?", ...)) end
function methods.write(...) return kept(writeAll(checkStream("?", ...), 2, "?", ...)) end

local WHENCE, BUFFERING = { set = true, cur = true, ["end"] = true }, { no = true, full = true, line = true }

local function option(n, known, default, ...)
  local value = (select(n, ...))
  if value == nil and default then return default end
  value = textAt(4, n, "?", ...)
  if not known[value] then bad(n, "?", "invalid option '" .. value .. "'", 3) end
  return value
end

function methods.seek(...)
  checkStream("?", ...)
  option(2, WHENCE, "cur", ...)
  return 0
end

function methods.setvbuf(...)
  checkStream("?", ...)
  option(2, BUFFERING, nil, ...)
  return true
end

for _, stream in next, streams do setmetatable(stream, methods) end

io = { stdin = streams.stdin, stdout = streams.stdout, stderr = streams.stderr }

function io.open(...)
  local path, mode = textAt(3, 1, "io.open", ...), "r"
  if (select(2, ...)) ~= nil then mode = textAt(3, 2, "io.open", ...) end
  if not find(mode, "^[rwa]%+?b*$") then bad(2, "io.open", "invalid mode") end
  return noSuch(path)
end

function io.popen() fail("'popen' not supported") end

function io.lines(...)
  if (...) ~= nil then cannotOpen(textAt(3, 1, "io.lines", ...)) end
  return nothing
end

function io.read(...) return kept(readAll(input, 1, "io.read", ...)) end
function io.write(...) return kept(writeAll(output, 1, "io.write", ...)) end

function io.close(...)
  if select("#", ...) > 0 then checkStream("io.close", ...) end
  return nil, "cannot close standard file"
end

function io.flush() return true end

function io.input(...)
  local chosen = ...
  if type(chosen) == "string" or type(chosen) == "number" then cannotOpen(chosen) end
  if chosen ~= nil then input = checkStream("io.input", ...) end
  return input
end

function io.output(...)
  local chosen = ...
  if type(chosen) == "string" or type(chosen) == "number" then cannotOpen(chosen) end
  if chosen ~= nil then output = checkStream("io.output", ...) end
  return output
end

function io.tmpfile() return nil, NOT_IMPLEMENTED, 52 end

function io.type(...)
  if select("#", ...) == 0 then bad(1, "io.type", "value expected") end
  return names[...] and "file" or nil
end

function _G.loadfile(...)
  if (...) == nil then return load("", "=stdin") end
  return nil, "cannot open " .. textAt(3, 1, "loadfile", ...) .. ": " .. NO_INFORMATION
end

function _G.dofile(...)
  if (...) ~= nil then error("cannot open " .. textAt(3, 1, "dofile", ...) .. ": " .. NO_INFORMATION, 0) end
end

-- os -----------------------------------------------------------------------------------------------------------------

local date = os.date
local BOOT_SECONDS = 10 -- the module's own clock stands near 1970-01-01 00:00:10
local CATEGORIES = { all = true, collate = true, ctype = true, monetary = true, numeric = true, time = true }
local locale = "C"

os = { difftime = os.difftime }

function os.clock() return 0.001 end

function os.date(...)
  local format, time = "%c", BOOT_SECONDS
  if (...) ~= nil then format = textAt(3, 1, "os.date", ...) end
  if (select(2, ...)) ~= nil then
    local given = tonumber((select(2, ...)))
    if not given then bad(2, "os.date", "number expected, got " .. kindOf(2, ...)) end
    time = tointeger(given)
    if not time then bad(2, "os.date", "number has no integer representation") end
  end
  if sub(format, 1, 1) ~= "!" then format = "!" .. format end
  local ok, shown = pcall(date, format, time)
  if ok then return shown end
  local number, why = match(shown, "^bad argument #(%d+) to '[^']*' %((.*)%)$")
  if number then bad(tonumber(number), "os.date", why) end
  error(shown, 2)
end

function os.execute(...)
  if (...) == nil then return false end
  textAt(3, 1, "os.execute", ...)
  return nil, NOT_IMPLEMENTED, 52
end

function os.exit() error("os.exit is not available in a process", 2) end
function os.getenv(...) return environment[textAt(3, 1, "os.getenv", ...)] end
function os.remove(...) return nil, textAt(3, 1, "os.remove", ...) .. ": " .. NOT_IMPLEMENTED, 52 end

function os.rename(...)
  textAt(3, 1, "os.rename", ...)
  textAt(3, 2, "os.rename", ...)
  return nil, NOT_IMPLEMENTED, 52
end

function os.setlocale(...)
  local name = ...
  if name ~= nil then name = textAt(3, 1, "os.setlocale", ...) end
  local category = "all"
  if (select(2, ...)) ~= nil then category = textAt(3, 2, "os.setlocale", ...) end
  if not CATEGORIES[category] then bad(2, "os.setlocale", "invalid option '" .. category .. "'") end
  if name == "" then name = "C.UTF-8;C;C;C;C;C" end
  if name == "POSIX" then name = "C" end
  locale = name or locale
  return locale
end

function os.time() return BOOT_SECONDS end
function os.tmpname() fail("unable to generate a unique filename") end

return streams
