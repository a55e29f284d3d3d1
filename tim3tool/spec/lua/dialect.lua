--- The words of a suite. They build a tree of blocks and tests, which the host runs by the steps of steps.lua.

local guard, context, suite = ...

local words = {}
local dialect = { words = words }

local TESTS = { "it", "spec", "test" }
local BLOCKS = { "describe", "context", "insulate", "expose" }
local HOOKS = {
  setup = "setup", strict_setup = "setup", lazy_setup = "lazy_setup",
  teardown = "teardown", strict_teardown = "teardown", lazy_teardown = "lazy_teardown",
  before_each = "before_each", after_each = "after_each",
}

local open -- the block whose body runs now; nil while tests and hooks run

local function newBlock(kind, name, source, line, parent, body)
  return {
    kind = kind, name = name, source = source, line = line, parent = parent, body = body, children = {},
    setup = {}, teardown = {}, lazy_setup = {}, lazy_teardown = {}, before_each = {}, after_each = {},
  }
end

--- The block of the whole file.
dialect.root = newBlock("file", "", suite, 0)

-- The line in the suite's own file, even where a helper from elsewhere writes the tests.
local function place()
  local source, line
  for level = 3, math.huge do
    local info = debug.getinfo(level, "Sl")
    if not info then return source or suite, line or 0 end
    if info.source == suite then return info.source, info.currentline end
    if info.what ~= "C" and not source then source, line = info.source, info.currentline end
  end
end

local function where(word)
  if open then return open end
  error("'" .. word .. "' not supported inside current context block: it belongs into a file or a `describe`", 0)
end

-- A name may be left out, and then the word stands for it.
local function named(word, name, body)
  if body == nil and type(name) ~= "string" and type(name) ~= "number" then name, body = nil, name end
  return tostring(name == nil and word or name), body
end

local function callable(value)
  if type(value) == "function" then return true end
  local meta = getmetatable(value)
  return type(meta) == "table" and meta.__call ~= nil
end

for _, word in ipairs(BLOCKS) do
  words[word] = function(first, second)
    local block = where(word)
    local name, body = named(word, first, second)
    if not callable(body) then return end
    local source, line = place()
    block.children[#block.children + 1] = newBlock(word, name, source, line, block, body)
  end
end

for _, word in ipairs(TESTS) do
  words[word] = function(first, second)
    local block = where(word)
    local name, body = named(word, first, second)
    if type(body) ~= "function" then return end
    local source, line = place()
    local test = { kind = "it", name = name, source = source, line = line, parent = block, body = body }
    block.children[#block.children + 1] = test
  end
end

--- At the level of blocks, a test that is not written yet; inside a test, the end of it.
function words.pending(first, ...)
  if not open then return guard.pend(first) end
  local name = named("pending", first, ...)
  local source, line = place()
  open.children[#open.children + 1] = { kind = "pending", name = name, source = source, line = line, parent = open }
end

for word, hook in pairs(HOOKS) do
  words[word] = function(first, second)
    local block = where(word)
    local _, body = named(word, first, second)
    if callable(body) then table.insert(block[hook], body) end
  end
end

--- Lets the tests and blocks of a block run in random order.
--- @param seed integer|boolean|nil what the order follows from; false for the order they are written in
function words.randomize(seed)
  local block = where("randomize")
  if seed == nil then seed = true end
  block.random = seed
end

--- Lets the words build inside a block while a function runs.
function dialect.open(block, call, body)
  local outer = open
  open = block
  local failure = call(body)
  open = outer
  return failure
end

--- Makes the plain `setup` and `teardown` the lazy ones.
function dialect.beLazy()
  context.give({ setup = words.lazy_setup, teardown = words.lazy_teardown }, context.root)
end

context.give(words, context.root)

return dialect
