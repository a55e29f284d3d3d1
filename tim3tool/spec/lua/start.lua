--- Turns a fresh open VM into one for a suite: the dialect's words and Lua modules, and a `print` that the host
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

local guard = run("guard", luassert.format, tick, luassert.failed)
local context = run("context", _G)
local dialect = run("dialect", guard, context, suite)
local busted, listened = run("busted", dialect, "2.1.1")
local steps = run("steps", guard, context, dialect, { publish = busted.publish, listened = listened })

local tostring, pack, unpack, concat = tostring, table.pack, table.unpack, table.concat

function _G.print(...)
  local values = pack(...)
  for index = 1, values.n do values[index] = tostring(values[index]) end
  write(concat(values, "\t", 1, values.n) .. "\n")
end

-- What Lua itself writes must not wait in a buffer of the C library, or the wrong test shows it.
io.stdout:setvbuf("no")
guard.install(_G)

context.give(luassert.words, context.root)

local shared = { ["busted"] = busted, ["busted.core"] = busted, ["busted.runner"] = function() end }
for name, value in pairs(shared) do package.preload[name] = function() return value end end

local setupvalue = debug.setupvalue

--- Makes a compiled file the body of the root block, in the environment of suites.
function steps.take(file)
  setupvalue(file, 1, context.environment)
  dialect.root.body = file
end

--- Calls what runs before a suite: a `.busted` file or a helper.
--- @return table|nil failures
--- @return any what it returned
function steps.prepare(call, ...)
  local arguments, returned = pack(...), nil
  context.focus(context.root)
  local failure = guard.call(function() returned = call(unpack(arguments, 1, arguments.n)) end)
  return failure and { failure }, returned
end

steps.beLazy = dialect.beLazy

return steps
