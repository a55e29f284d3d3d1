--- Lets a suite's VM count in the files that it loads: `require`, `loadfile` and `dofile` give them with counters.

local _, counted, measure = ...

local select, type, searchpath, package = select, type, package.searchpath, package

-- Nil where the host does not count a file, and where Lua refuses it; then Lua itself says why.
local function compile(path, ...)
  local number, code, size = measure(path)
  if number then return counted.compile(number, code, size, "@" .. path, ...) end
end

local searchers = package.searchers
local plainSearcher, plainLoad, plainDo = searchers[2], loadfile, dofile

searchers[2] = function(name)
  local path = type(name) == "string" and type(package.path) == "string" and searchpath(name, package.path)
  local made = path and compile(path)
  if made then return made, path end
  return plainSearcher(name)
end

function _G.loadfile(path, ...)
  local mode = ...
  if type(path) ~= "string" or mode == "b" then return plainLoad(path, ...) end
  return compile(path, select(2, ...)) or plainLoad(path, ...)
end

function _G.dofile(path, ...)
  local made = type(path) == "string" and compile(path)
  if made then return made() end
  return plainDo(path, ...)
end
