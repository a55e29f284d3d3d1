--- Turns a fresh open VM into one for a suite: the dialect's globals and Lua modules, and a `print` that the host
--- captures. The dialect's own files see a copy of the globals, so that nothing a suite replaces reaches them.

local chunks, suite, write, tick = ...

local own = {}
for name, value in pairs(_G) do
  own[name] = value
  if type(value) == "table" and value ~= _G then
    own[name] = {}
    for key, item in pairs(value) do own[name][key] = item end
  end
end

local function run(name, ...)
  local chunk = chunks[name]
  debug.setupvalue(chunk, 1, own)
  return chunk(...)
end

local luassert = run("luassert", run, package.preload)
local guard = run("guard", luassert.format, tick)
local dialect = run("dialect", guard, luassert.state, suite)

local tostring, pack, concat = tostring, table.pack, table.concat

function _G.print(...)
  local values = pack(...)
  for index = 1, values.n do values[index] = tostring(values[index]) end
  write(concat(values, "\t", 1, values.n) .. "\n")
end

-- What Lua itself writes must not wait in a buffer of the C library, or the wrong test shows it.
io.stdout:setvbuf("no")
package.cpath = "" -- C modules are built for another Lua library
guard.install(_G)

for word, meaning in pairs(luassert.words) do _G[word] = meaning end
for word, meaning in pairs(dialect.words) do _G[word] = meaning end

local shared = { ["busted"] = dialect.words, ["busted.runner"] = function() end }
for name, value in pairs(shared) do
  package.preload[name] = function() return value end
end

return dialect
