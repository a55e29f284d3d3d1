--- `assert`: a callable table whose fields are assertions, with modifiers in any order, by dots or underscores:
--- `assert.is_true(v)`, `assert.are_not.equal(a, b)`, `assert.has.no.errors(f)`.

local registry, chain, lists, format, state, say, failure = ...

local Level = {} -- the metatable of what says how far out a failure is reported

local function text(message)
  return type(message) == "string" and message or format.value(message)
end

-- What a failed assertion says; the user's own message comes first. An assertion may choose the `text` itself.
local function explain(word, asked, arguments)
  local name = word.negative_message
  if asked.mod then name = word.positive_message end
  local message = say(arguments.text or name, format.arguments(arguments))
  local own = rawget(asked, "failure_message")
  if own == nil then return message or "assertion failed!" end
  return message and text(own) .. "\n" .. message or text(own)
end

local root = chain("assertion", function(word, asked, arguments, level)
  local holds, returned = word.callback(asked, arguments, level)
  if (not holds) == asked.mod then failure.raise(explain(word, asked, arguments)) end
  return lists.unpack(returned or arguments)
end)

local assert = { _VERSION = "Luassert 1.8.0" } -- as version 1.9 calls itself

--- Adds an assertion, a modifier or a matcher.
--- @param space string `assertion`, `modifier` or `matcher`
--- @param name string
--- @param callback function (state, arguments, level): an assertion returns whether it holds, and what to return in
--- place of its arguments; a modifier the state; a matcher a function of the value
--- @param positive string|nil the name in `say` of the text for when it fails
--- @param negative string|nil the same where it is negated
function assert:register(space, name, callback, positive, negative) -- luacheck: ignore 212/self
  registry.register(space, name, callback, positive, negative)
end

function assert:unregister(space, name) -- luacheck: ignore 212/self
  registry.unregister(space, name)
end

--- Turns arguments into text, in place.
function assert:format(arguments) -- luacheck: ignore 212/self
  return format.arguments(arguments)
end

--- What to give `assert(v, message, level)` so that a failure is reported that many calls further out.
function assert:level(level) -- luacheck: ignore 212/self
  return setmetatable({ level = level }, Level)
end

function assert:get_level(level) -- luacheck: ignore 212/self
  return getmetatable(level) == Level and level.level or nil
end

--- A fresh state without any modifier.
function assert.state() return root.is() end

for _, name in ipairs { "set_parameter", "get_parameter", "add_formatter", "remove_formatter", "add_spy" } do
  assert[name] = function(_, ...) return state[name](...) end
end

--- A mark of parameters, formatters and spies; its method `revert` brings them back.
function assert.snapshot() return state.snapshot() end

return setmetatable(assert, {
  __index = function(_, key) return root[key] end,
  __call = function(_, ...)
    local value, message, level = ...
    if value then return ... end
    if message == nil then message = "assertion failed!" end
    failure.raise(message, assert:get_level(level))
  end,
})
