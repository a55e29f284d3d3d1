--- The words of a suite: they build a tree of blocks and tests, which the host walks and runs step by step.

local guard, spies, suite = ...

local dialect, words = {}, {}

local HOOKS = { "setup", "teardown", "before_each", "after_each" }

local open -- the block whose body runs now; nil while tests run
local running -- the test that runs now

local function newBlock(name, place, parent, body)
  local block = { kind = "describe", name = name, place = place, parent = parent, body = body, children = {} }
  for _, hook in ipairs(HOOKS) do block[hook] = {} end
  return block
end

dialect.root = newBlock("", { source = suite, line = 0 })

-- The line in the suite's own file, even where a helper from elsewhere writes the tests.
local function place()
  local outer
  for level = 3, math.huge do
    local info = debug.getinfo(level, "Sl")
    if not info then return outer or { source = suite, line = 0 } end
    local here = { source = info.source, line = info.currentline }
    if info.source == suite then return here end
    if info.what ~= "C" and not outer then outer = here end
  end
end

local function where(word)
  if open then return open end
  error("`" .. word .. "` belongs into a file or a `describe`, not into a running test", 0)
end

local function add(word, kind, name, body)
  local block = where(word)
  if type(name) ~= "string" then error("`" .. word .. "` needs a name and got a " .. type(name), 0) end
  if body ~= nil and type(body) ~= "function" then
    error("`" .. word .. "` needs a function after its name and got a " .. type(body), 0)
  end
  local node
  if kind == "describe" then
    if not body then error("`" .. word .. "` needs a function after its name", 0) end
    node = newBlock(name, place(), block, body)
  else
    node = { kind = body and kind or "pending", name = name, place = place(), parent = block, body = body }
  end
  block.children[#block.children + 1] = node
end

for _, word in ipairs { "describe", "context", "insulate", "expose" } do
  words[word] = function(name, body)
    if body == nil and type(name) == "function" then name, body = word, name end
    add(word, "describe", name, body)
  end
end

for _, word in ipairs { "it", "spec", "test" } do
  words[word] = function(name, body) add(word, "it", name, body) end
end

--- At the level of blocks, a test that is not written yet; inside a test, the end of it.
function words.pending(name, body)
  if open then return add("pending", "pending", name, body) end
  guard.pend(name ~= nil and tostring(name) or "")
end

local ALIASES = {
  setup = "setup", lazy_setup = "setup", strict_setup = "setup",
  teardown = "teardown", lazy_teardown = "teardown", strict_teardown = "teardown",
  before_each = "before_each", after_each = "after_each",
}

for word, hook in pairs(ALIASES) do
  words[word] = function(body)
    local block = where(word)
    if type(body) ~= "function" then error("`" .. word .. "` needs a function and got a " .. type(body), 0) end
    table.insert(block[hook], body)
  end
end

--- Something to do when the running test is over, however it ends.
function words.finally(body)
  if not running then error("`finally` belongs into a running test", 0) end
  if type(body) ~= "function" then error("`finally` needs a function and got a " .. type(body), 0) end
  table.insert(running.last, body)
end

dialect.words = words

-- Steps, each returning nil or a failure (guard.lua) --------------------------------------------------------------

local function inside(block, body)
  open = block
  local failure = guard.call(body)
  open = nil
  return failure
end

--- Runs the suite's file.
function dialect.load(file) return inside(dialect.root, file) end

--- Runs the body of a block, which fills its children.
function dialect.enter(block) return inside(block, block.body) end

-- Runs every function even when one fails, and keeps the first failure.
local function runAll(bodies)
  local first
  for _, body in ipairs(bodies) do
    local failure = guard.call(body)
    first = first or failure
  end
  return first
end

local function runUntilFailure(bodies)
  for _, body in ipairs(bodies) do
    local failure = guard.call(body)
    if failure then return failure end
  end
end

--- Once before the tests of a block.
function dialect.setup(block)
  block.mark = spies.snapshot()
  return runUntilFailure(block.setup)
end

--- Once after the tests of a block.
function dialect.teardown(block)
  local failure = runAll(block.teardown)
  spies.restore(block.mark)
  return failure
end

--- The `before_each` of a test's blocks, outermost first, as far as they go well.
function dialect.before(test)
  test.mark, test.last, test.entered = spies.snapshot(), {}, {}
  local chain, block = {}, test.parent
  while block do
    table.insert(chain, 1, block)
    block = block.parent
  end
  for _, each in ipairs(chain) do
    table.insert(test.entered, 1, each)
    local failure = runUntilFailure(each.before_each)
    if failure then return failure end
  end
end

--- The test itself, then what `finally` asked for.
function dialect.run(test)
  running = test
  local failure = guard.call(test.body)
  local late = runAll(test.last)
  running = nil
  return failure or late
end

--- The `after_each` of the blocks that `before` reached, innermost first; spies of this test leave.
function dialect.after(test)
  local first
  for _, block in ipairs(test.entered) do
    local failure = runAll(block.after_each)
    first = first or failure
  end
  spies.restore(test.mark)
  return first
end

return dialect
