--- The assertions on what a function raises.

local assertions, checks, deep = ...

local define, texts, note = assertions.define, assertions.texts, assertions.note

texts("error", "Expected a different error.\nCaught:\n%s\nExpected:\n%s", "Expected no error, but caught:\n%s")

--- Raised text without the `file:line: ` that Lua puts in front.
local function bare(raised)
  return type(raised) == "string" and raised:gsub("^.-:%d+: ", "", 1) or raised
end

-- Shows what was caught beside what was to be; `(no error)` and `(error)` stand for themselves.
local function show(arguments, threw, caught, expected, any)
  arguments[1], arguments[2], arguments.n = caught, expected, math.max(arguments.n, 2)
  arguments.nofmt = {}
  if not threw then arguments[1], arguments.nofmt[1] = "(no error)", true end
  if any then arguments[2], arguments.nofmt[2] = "(error)", true end
end

-- An object that says how it is shown matches that text, and a numeral in a text its number.
local function saysTheSame(expected, caught)
  if type(expected) == "number" and type(caught) == "string" then
    return tostring(tonumber(caught)) == tostring(expected)
  end
  return type(expected) == "string" and type(caught) == "table" and checks.hasText(caught)
    and tostring(caught) == expected
end

define("error errors", "error", function(state, arguments)
  local expected = arguments[2]
  checks.call(arguments[1], "error")
  note(state, arguments[3])
  local ok, caught = pcall(arguments[1])
  if not ok then caught = bare(caught) end
  local holds = not ok and (expected == nil or deep.same(expected, caught, true) or saysTheSame(expected, caught))
  if holds == state.mod then
    arguments[1] = type(expected) == "string" and holds and expected or caught
  else
    show(arguments, not ok, caught, expected, expected == nil)
  end
  return holds
end)

local function search(caught, pattern, init, plain)
  local kind = type(caught)
  if kind == "number" or kind == "boolean" or kind == "table" and checks.hasText(caught) then
    caught = tostring(caught)
  end
  if type(caught) ~= "string" then return caught == nil and pattern == nil and { n = 0 } or nil end
  return checks.find(caught, pattern, init, plain)
end

define("error_matches error_match matches_error match_error", "error", function(state, arguments)
  checks.count(arguments, 2, "error_matches")
  checks.call(arguments[1], "error_matches")
  local pattern = arguments[2]
  if pattern ~= nil and type(pattern) ~= "string" then checks.wrong(2, "error", "string", type(pattern)) end
  local init, plain, message = checks.search(arguments, 3)
  note(state, message)
  local ok, caught = pcall(arguments[1])
  if not ok then caught = bare(caught) end
  local found = not ok and search(caught, pattern, init, plain) or nil
  local holds = found ~= nil
  if holds ~= state.mod then
    show(arguments, not ok, caught, pattern, pattern == nil)
  elseif not holds then
    arguments[1] = caught
  end
  return holds, found
end)

texts("returned_arguments", "Expected to be called with %s argument(s), but was called with %s",
  "Expected not to be called with %s argument(s), but was called with %s")
define("returned_arguments", "returned_arguments", function(state, arguments)
  local count = arguments.n - 1
  local holds = arguments[1] == count
  if holds ~= state.mod then
    arguments[1], arguments[2], arguments.n = tostring(arguments[1]), tostring(count), 2
    arguments.nofmt = { true, true }
  end
  return holds
end)
