--- The assertions on values.

local registry, say, deep, checks, failure = ...

local function texts(name, positive, negative)
  say:set("assertion." .. name .. ".positive", positive)
  say:set("assertion." .. name .. ".negative", negative)
end

local function define(names, text, callback)
  for name in names:gmatch("%S+") do
    registry.register("assertion", name, callback,
      "assertion." .. text .. ".positive", "assertion." .. text .. ".negative")
  end
end

--- Sets the user's own message, where one is given.
local function note(state, message)
  if message ~= nil then rawset(state, "failure_message", message) end
end

-- What is passed in is shown first, so the two change places once the assertion has failed.
local function compared(state, arguments, holds, crumbs)
  if holds ~= state.mod then
    arguments[1], arguments[2] = arguments[2], arguments[1]
    arguments.fmtargs = crumbs and { { crumbs = crumbs }, { crumbs = crumbs } }
  end
  return holds
end

say:set("assertion.internal.argtolittle", "the '%s' function requires a minimum of %s arguments, got: %s")
say:set("assertion.internal.badargtype", "bad argument #%s to '%s' (%s expected, got %s)")

texts("same", "Expected objects to be the same.\nPassed in:\n%s\nExpected:\n%s",
  "Expected objects to not be the same.\nPassed in:\n%s\nDid not expect:\n%s")
define("same", "same", function(state, arguments)
  checks.count(arguments, 2, "same")
  note(state, arguments[3])
  local expected, actual = arguments[1], arguments[2]
  local holds = deep.same(expected, actual, true)
  local crumbs = not holds and state.mod and type(expected) == "table" and type(actual) == "table"
    and deep.difference(expected, actual, true) or nil
  return compared(state, arguments, holds, crumbs)
end)

texts("equals", "Expected objects to be equal.\nPassed in:\n%s\nExpected:\n%s",
  "Expected objects to not be equal.\nPassed in:\n%s\nDid not expect:\n%s")
define("equal equals", "equals", function(state, arguments)
  checks.count(arguments, 2, "equals")
  note(state, arguments[3])
  return compared(state, arguments, arguments[1] == arguments[2])
end)

-- Shows the one value, and beside it what it was to be.
local function against(state, arguments, holds, expected, asIs)
  note(state, arguments[2])
  if holds ~= state.mod then
    arguments[2], arguments.n, arguments.nofmt = expected, 2, { [2] = asIs }
  end
  return holds
end

for _, expected in ipairs { true, false } do
  define(tostring(expected), "same", function(state, arguments)
    return against(state, arguments, arguments[1] == expected, expected)
  end)
end

for kind in ("boolean function nil number string table thread userdata"):gmatch("%S+") do
  define(kind, "same", function(state, arguments)
    return against(state, arguments, type(arguments[1]) == kind, "type " .. kind, true)
  end)
end

for name, wanted in pairs { truthy = true, falsy = false } do
  texts(name, "Expected to be " .. name .. ", but value was:\n%s",
    "Expected to not be " .. name .. ", but value was:\n%s")
  define(name, name, function(state, arguments)
    checks.count(arguments, 1, name)
    note(state, arguments[2])
    return (not arguments[1]) ~= wanted
  end)
end

texts("near", "Expected values to be near.\nPassed in:\n%s\nExpected:\n%s +/- %s",
  "Expected values to not be near.\nPassed in:\n%s\nDid not expect:\n%s +/- %s")
define("near", "near", function(state, arguments)
  checks.count(arguments, 3, "near")
  local expected, actual = checks.number(arguments, 1, "near"), checks.number(arguments, 2, "near")
  local tolerance = checks.number(arguments, 3, "near")
  note(state, arguments[4])
  arguments.nofmt = { [3] = true }
  return compared(state, arguments, actual >= expected - tolerance and actual <= expected + tolerance)
end)

texts("matches", "Expected strings to match.\nPassed in:\n%s\nExpected:\n%s",
  "Expected strings not to match.\nPassed in:\n%s\nDid not expect:\n%s")
define("match matches", "matches", function(state, arguments)
  checks.count(arguments, 2, "matches")
  local pattern = arguments[1]
  if type(pattern) ~= "string" then checks.wrong(1, "matches", "string", type(pattern)) end
  local subject = checks.text(arguments, 2, "matches")
  local init, plain, message = checks.search(arguments, 3)
  note(state, message)
  local found = checks.find(subject, pattern, init, plain)
  return compared(state, arguments, found ~= nil), found
end)

texts("unique", "Expected object to be unique:\n%s", "Expected object to not be unique:\n%s")
define("unique", "unique", function(state, arguments)
  local list, deeply, message = arguments[1], arguments[2], arguments[3]
  if type(deeply) ~= "boolean" then deeply, message = false, deeply end
  checks.table(list, "unique")
  note(state, message)
  return not checks.hasTwins(list, deeply and deep.same or checks.equal)
end)

texts("array_holes", "Expected array to have holes, but none was found.\n",
  "Expected array to not have holes, hole found at position: %s\n")
define("holes", "array_holes", function(state, arguments)
  local array, length = rawget(state, "payload"), arguments[1]
  if array == nil then failure.raise("No array set, please use the array modifier to set the array to validate") end
  checks.table(array, "array")
  if length ~= nil and type(length) ~= "number" then
    failure.raise("expected array length to be of type 'number', got: " .. tostring(length))
  end
  for key in pairs(array) do
    if not length or arguments[1] == nil then
      local whole = math.type(key) ~= nil and key > 0 and math.floor(key) == key
      length = math.max(length or 0, whole and key or 0)
    end
  end
  for index = 1, length or 0 do
    if array[index] == nil then
      arguments[1], arguments.n = index, 1
      return true, { index, n = 1 }
    end
  end
  arguments.n = 0
  return false, { n = 0 }
end)

return { define = define, texts = texts, note = note }
