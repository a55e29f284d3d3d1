--- What the host asks for, step by step. Each returns nil, or a list of failures (guard.lua).

local guard, context, dialect, events = ...

--- `each`: what the host wants to happen before every test.
local steps = { root = dialect.root, each = {} }

local EVENTS = { file = "file", it = "test", pending = "test" } -- of what is no `describe`

local function tell(element, moment, status)
  if not events.listened() then return end
  element.descriptor = element.kind
  events.publish({ EVENTS[element.kind] or "describe", moment }, element, element.parent, status)
end

-- Runs every function even when one fails, and adds what failed to a list.
local function runAll(bodies, block, failures)
  for _, body in ipairs(bodies) do
    context.focus(block.env)
    local failure = guard.call(body)
    if failure and failure.pending then
      failure = { message = "'pending' not supported inside current context block: it belongs into a test" }
      failure.frames = {}
    end
    if failure then failures[#failures + 1] = failure end
  end
  return failures
end

local function anyOf(failures) return #failures > 0 and failures or nil end

local function above(test, block)
  local count, parent = 1, test.parent
  while parent ~= block do count, parent = count + 1, parent.parent end
  return count
end

local function chainOf(test)
  local chain, block = {}, test.parent
  while block do
    table.insert(chain, 1, block)
    block = block.parent
  end
  return chain
end

--- Runs the body of a block, which fills its children.
function steps.enter(block)
  block.env = context.inside(block.parent and block.parent.env or context.root)
  if block.kind == "insulate" then block.saved = context.save() end
  block.children, block.random, block.begun, block.reached = {}, nil, nil, nil
  for _, hook in ipairs { "setup", "teardown", "lazy_setup", "lazy_teardown", "before_each", "after_each" } do
    block[hook] = {}
  end
  context.focus(block.env)
  tell(block, "start")
  local failure = dialect.open(block, guard.call, block.body)
  return failure and { failure }
end

--- Ends a block: an insulated one puts back what it found, an exposed one gives its globals away.
function steps.leave(block)
  local parent = block.parent
  tell(block, "end")
  if block.kind == "insulate" then
    context.restore(block.saved)
  elseif block.kind == "expose" then
    context.give(block.env, parent.parent and parent.parent.env or context.root)
    if parent.saved then parent.saved = context.save() end
  end
end

--- Once before the tests of a block.
function steps.setup(block) return anyOf(runAll(block.setup, block, {})) end

--- Once after the tests of a block: `lazy_teardown` where a test ran.
function steps.unwind(block) return anyOf(block.begun and runAll(block.lazy_teardown, block, {}) or {}) end

--- Once after the tests of a block.
function steps.teardown(block) return anyOf(runAll(block.teardown, block, {})) end

-- The `lazy_setup` of a test's blocks, outermost first, once.
local function begin(test)
  for _, block in ipairs(chainOf(test)) do
    if not block.begun then
      block.begun = true
      local failures = anyOf(runAll(block.lazy_setup, block, {}))
      if failures then return failures, block end
    end
  end
end

--- What comes before a test: `lazy_setup`, once, and the `before_each` of its blocks, outermost first, until one fails.
--- @return table|nil failures
--- @return integer|nil how many blocks above the test the one lies whose `lazy_setup` failed
function steps.before(test)
  test.entered = {}
  local failures, block = begin(test)
  if failures then return failures, above(test, block) end
  runAll(steps.each, dialect.root, {})
  for _, each in ipairs(chainOf(test)) do
    table.insert(test.entered, 1, each)
    failures = anyOf(runAll(each.before_each, each, {}))
    if failures then return failures end
  end
end

local function statusOf(failure)
  if not failure then return "success" end
  return failure.pending and "pending" or failure.failed and "failure" or "error"
end

--- The test itself, then what `finally` asked for.
function steps.run(test)
  local last
  test.env = context.inside(test.parent.env)
  function test.env.finally(body)
    if body ~= nil and type(body) ~= "function" then error("`finally` needs a function and got a " .. type(body), 0) end
    last = body
  end
  context.focus(test.env)
  tell(test, "start")
  local failure = guard.call(test.body)
  local late = last and guard.call(last)
  test.env = nil
  if late and late.pending then late = { message = "`pending` inside `finally`", frames = {} } end
  if late then late.failed = nil end -- an error of the test, whatever it was
  if late and (not failure or failure.pending) then failure = late end
  tell(test, "end", statusOf(failure))
  return failure and { failure }
end

--- The `after_each` of the blocks that `before` reached, innermost first.
function steps.after(test)
  local failures = {}
  for _, block in ipairs(test.entered) do runAll(block.after_each, block, failures) end
  return anyOf(failures)
end

--- What a block holds, as a flat list: kind, name, source and line of each child.
function steps.children(block)
  local flat = {}
  for _, child in ipairs(block.children) do
    flat[#flat + 1] = child.kind
    flat[#flat + 1] = child.name
    flat[#flat + 1] = child.source
    flat[#flat + 1] = child.line
  end
  return flat
end

-- Blocks without tests have no items, yet they count: their bodies run, and their `setup` and `teardown`.
local function pass(block)
  if steps.enter(block) then return steps.leave(block) or true end
  local tests = false
  for _, child in ipairs(block.children) do
    if child.kind == "it" then tests = true end
  end
  if not tests then steps.setup(block) end
  for _, child in ipairs(block.children) do
    if child.body and child.kind ~= "it" and pass(child) then tests = true end
  end
  if not tests then steps.teardown(block) end
  steps.leave(block)
  return tests
end

--- Runs the bodies of the blocks that the host left out, up to a child of a block.
function steps.reach(block, index)
  for at = (block.reached or 0) + 1, index - 1 do
    local child = block.children[at]
    if child.kind ~= "it" and child.body and not child.env then pass(child) end
  end
  block.reached = math.max(block.reached or 0, index)
end

return steps
