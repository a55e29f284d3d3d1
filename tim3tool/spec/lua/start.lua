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

local lists = run("lists")
local deep = run("deep")
local say = run("say", lists)
local state = run("state")
local failure = run("failure")
local format = run("format", deep, lists, state)
local registry = run("registry", failure)
local chain = run("chain", registry, lists)
local checks = run("checks", say, format, failure)
run("modifiers", registry)
local assertions = run("assertions", registry, say, deep, checks, failure)
run("raising", assertions, checks, deep)
local match = run("match", registry, chain, checks, deep, format)
run("message", registry, match, format, failure)
local spy = run("spy", checks, deep, lists, match, state)
local stub, mock = run("doubles", checks, deep, failure, lists, spy)
run("calls", registry, say, assertions, failure, lists, spy)
local assert = run("assert", registry, chain, lists, format, state, say, failure)
local guard = run("guard", format, tick)
local dialect = run("dialect", guard, state, suite)

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

_G.assert, _G.spy, _G.stub, _G.mock, _G.match = assert, spy, stub, mock, match
for word, meaning in pairs(dialect.words) do _G[word] = meaning end

run("modules", package.preload, dialect.words, {
  assert = assert, binary = run("binary"), checks = checks, deep = deep, failure = failure, format = format,
  lists = lists, match = match, mock = mock, registry = registry, say = say, spy = spy, state = state, stub = stub,
})

return dialect
