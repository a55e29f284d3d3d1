--- The Lua modules that suites of busted expect from C libraries: `lfs`, `system` and `term`, backed by the host.

local _, host = ...

local error, setmetatable, type, tostring = error, setmetatable, type, tostring
local format = string.format

-- A path as C libraries take one: a string, or a number that becomes one.
local function text(value, index, name)
  if type(value) == "number" then return tostring(value) end
  if type(value) == "string" then return value end
  local kind = value == nil and "no value" or type(value)
  error(format("bad argument #%d to '%s' (string expected, got %s)", index, name, kind), 3)
end

local lfs = { _VERSION = "LuaFileSystem 1.8.0", _COPYRIGHT = "", _DESCRIPTION = "LuaFileSystem, as tim3tool has it" }

local FIELDS = { "mode", "dev", "ino", "nlink", "uid", "gid", "rdev", "access", "modification", "change", "size",
  "permissions", "blocks", "blksize" }
local KNOWN = { target = true }
for _, name in ipairs(FIELDS) do KNOWN[name] = true end

local function attributes(operation, path, wanted)
  if type(wanted) == "string" and not KNOWN[wanted] then
    error(format("invalid attribute name '%s'", wanted), 3)
  end
  local found = { host(operation, path) }
  if not found[1] then
    return nil, format("cannot obtain information from file '%s': %s", path, found[2]), found[3]
  end
  local made = type(wanted) == "table" and wanted or {}
  for index, name in ipairs(FIELDS) do made[name] = found[index] end
  made.target = found[#FIELDS + 1]
  if type(wanted) == "string" then return made[wanted] end
  return made
end

--- What a file is.
function lfs.attributes(path, wanted) return attributes("stat", text(path, 1, "attributes"), wanted) end

--- What a file is, or a link itself.
function lfs.symlinkattributes(path, wanted)
  return attributes("lstat", text(path, 1, "symlinkattributes"), wanted)
end

function lfs.currentdir() return host("currentdir") end
function lfs.mkdir(path) return host("mkdir", text(path, 1, "mkdir")) end
function lfs.rmdir(path) return host("rmdir", text(path, 1, "rmdir")) end
function lfs.touch(path, access, modified) return host("touch", text(path, 1, "touch"), access, modified) end
function lfs.link(old, new, symbolic)
  return host("link", text(old, 1, "link"), text(new, 2, "link"), symbolic and true)
end

function lfs.chdir(path)
  local done, message = host("chdir", text(path, 1, "chdir"))
  if done then return true end
  return nil, format("Unable to change working directory to '%s'\n%s\n", path, message)
end

local Directory = {}
Directory.__index = Directory

function Directory:next()
  if not self.names then error("closed directory", 2) end
  self.at = self.at + 1
  local name = self.names[self.at]
  if name == nil then self.names = nil end
  return name
end

function Directory:close() self.names = nil end

--- Goes over the names in a folder.
function lfs.dir(path)
  local names = { host("dir", text(path, 1, "dir")) }
  if not names[1] then error(format("cannot open %s: %s", path, names[2]), 2) end
  local directory = setmetatable({ names = names, at = 0 }, Directory)
  return Directory.next, directory
end

--- Locks a folder for programs that do the same.
function lfs.lock_dir(path)
  local file = text(path, 1, "lock_dir") .. "/lockfile.lfs"
  local done, message = host("link", "lock", file, true)
  if not done then return nil, message end
  return { free = function() os.remove(file) end }
end

-- An open file, as C libraries take one.
local function open(file, name)
  local state = io.type(file)
  if not state then
    local kind = file == nil and "no value" or type(file)
    error(format("bad argument #1 to '%s' (FILE* expected, got %s)", name, kind), 3)
  end
  if state == "closed file" then error(name .. ": closed file", 3) end
end

--- Sets how a file is read and written; the systems that tim3tool runs on know one way.
function lfs.setmode(file, mode)
  open(file, "setmode")
  local name = text(mode, 2, "setmode")
  if name ~= "binary" and name ~= "text" then
    error(format("bad argument #2 to 'setmode' (invalid option '%s')", name), 2)
  end
  return true, "binary"
end

-- The host cannot reach the descriptor of a file that Lua has opened.
function lfs.lock(file, mode)
  open(file, "lock")
  if not text(mode, 2, "lock"):find("^[rw]") then error("lock: invalid mode", 2) end
  return nil, "tim3tool cannot lock an open file"
end

function lfs.unlock(file)
  open(file, "unlock")
  return nil, "tim3tool cannot lock an open file"
end

local system = { _VERSION = "0.2.1" }
function system.gettime() return host("gettime") end
function system.monotime() return host("monotime") end

function system.sleep(seconds)
  if type(seconds) ~= "number" then
    local kind = seconds == nil and "no value" or type(seconds)
    error(format("bad argument #1 to 'sleep' (number expected, got %s)", kind), 2)
  end
  host("sleep", seconds)
end

local term = { colors = {}, cursor = {} }
function term.isatty(file) return host("isatty", file == io.stdout and 1 or file == io.stderr and 2 or 0) end
function term.clear() io.write("\27[2J") end
function term.cleareol() io.write("\27[K") end
function term.cursor.jump(y, x) io.write("\27[", y, ";", x, "H") end

local CODES = {
  reset = 0, clear = 0, default = 39, bright = 1, dim = 2, underscore = 4, blink = 5, reverse = 7, hidden = 8,
  black = 30, red = 31, green = 32, yellow = 33, blue = 34, magenta = 35, cyan = 36, white = 37,
  onblack = 40, onred = 41, ongreen = 42, onyellow = 43, onblue = 44, onmagenta = 45, oncyan = 46, onwhite = 47,
}
local Color = {
  __tostring = function(color) return color.code end,
  __concat = function(a, b) return tostring(a) .. tostring(b) end,
  __call = function(color, what) return color.code .. what .. "\27[0m" end,
}
for name, code in pairs(CODES) do term.colors[name] = setmetatable({ code = "\27[" .. code .. "m" }, Color) end

_G.lfs = lfs -- as LuaFileSystem sets it, which busted loads

local made = { lfs = lfs, system = system, term = term, ["term.colors"] = term.colors, ["term.cursor"] = term.cursor }
for name, module in pairs(made) do
  package.preload[name] = function() return module end
end

local load, cjson = load, nil
for _, name in ipairs { "cjson", "cjson.safe" } do
  package.preload[name] = function()
    if not cjson then
      local readDecoder = load(host("source", "cjson_decode"), "=[tim3tool cjson]")
      cjson = load(host("source", "cjson"), "=[tim3tool cjson]")(readDecoder)
    end
    return cjson[name]
  end
end

local Pipe = {}
Pipe.__index = Pipe
function Pipe:read(...) return self.file:read(...) end
function Pipe:lines(...) return self.file:lines(...) end
function Pipe:close() self.file:close() return table.unpack(self.status, 1, 3) end

--- Runs a shell command to its end; what it writes can then be read.
function io.popen(command, mode)
  if mode ~= nil and mode ~= "r" then error("tim3tool's `io.popen` can only read", 2) end
  local output, done, kind, code = host("popen", text(command, 1, "popen"))
  if not output then return nil, done, kind end
  local file = io.tmpfile()
  file:write(output)
  file:seek("set")
  return setmetatable({ file = file, status = { done or nil, kind, code } }, Pipe)
end

-- The two searchers for C libraries make place for one that says why they cannot be had.
local gsub, searchpath = string.gsub, package.searchpath

package.searchers[3] = function(name)
  local file = type(package.cpath) == "string" and searchpath(name, package.cpath)
  if file then return "\n\t'" .. gsub(file, "%%", "%%%%") .. "' is a C module, which the embedded Lua cannot load" end
end

-- Suites that load LuaCov themselves run without it too: coverage is an option here.
local luacov = setmetatable({}, { __index = function() return function() end end })

package.searchers[4] = function(name)
  if name:find("^luacov%.") or name == "luacov" then return function() return luacov end end
  if name:find("^pl%.") or name == "pl" then
    return "\n\tPenlight is not part of tim3tool: install it, and add where it lies to LUA_PATH or --lpath"
  end
end

