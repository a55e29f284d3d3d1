--- The assertions on the calls that spies and stubs remember.

local registry, say, assertions, failure, lists, spy = ...

local define, texts = assertions.define, assertions.texts

local function spyOf(state, name)
  local payload = rawget(state, "payload")
  if not spy.is_spy(payload) then failure.misuse(("'%s' must be chained after 'spy(aspy)'"):format(name)) end
  return payload
end

local function show(arguments, ...)
  local shown = table.pack(...)
  arguments.n, arguments.nofmt = shown.n, {}
  for index = 1, shown.n do arguments[index], arguments.nofmt[index] = tostring(shown[index]), true end
end

texts("called", "Expected to be called %s time(s), but was called %s time(s)",
  "Expected not to be called exactly %s time(s), but it was.")
define("called", "called", function(state, arguments)
  local count, times = #spyOf(state, "called").calls, arguments[1]
  local mod = state.mod
  local holds = count > 0
  if times ~= nil then holds = count == times end
  if holds == mod then return holds end
  if times == nil then
    times = mod and ">0" or 0
    arguments.text = "assertion.called.positive"
  end
  show(arguments, times, count)
  return holds
end)

for name, counter in pairs {
  called_at_least = { "called_less_than", "at least", function(count, times) return count >= times end },
  called_at_most = { "called_more_than", "at most", function(count, times) return count <= times end },
  called_more_than = { "called_at_most", "more than", function(count, times) return count > times end },
  called_less_than = { "called_at_least", "less than", function(count, times) return count < times end },
} do
  local opposite, words, compare = counter[1], counter[2], counter[3]
  say:set("assertion." .. name .. ".positive",
    "Expected to be called " .. words .. " %s time(s), but was called %s time(s)")
  registry.register("assertion", name, function(state, arguments)
    local count, times = #spyOf(state, name).calls, arguments[1]
    if type(times) ~= "number" then
      failure.misuse(("'%s' needs a number and got a %s"):format(name, type(times)))
    end
    local holds = compare(count, times)
    if holds ~= state.mod then show(arguments, times, count) end
    return holds
  end, "assertion." .. name .. ".positive", "assertion." .. opposite .. ".positive")
end

local function remembered(name, field)
  define(name, name, function(state, arguments)
    local calls = spyOf(state, name)[field]
    local found = spy.find(calls, arguments)
    if (found ~= nil) ~= state.mod then
      local told = found or calls[#calls]
      local wanted = lists.arguments(lists.unpack(arguments))
      arguments[1], arguments[2], arguments.n = told and told.vals, wanted, 2
    end
    return found ~= nil
  end)
end

texts("called_with", "Function was never called with matching arguments.\n"
  .. "Called with (last call if any):\n%s\nExpected:\n%s",
  "Function was called with matching arguments at least once.\n"
  .. "Called with (last matching call):\n%s\nDid not expect:\n%s")
remembered("called_with", "calls")

texts("returned_with", "Function never returned matching arguments.\n"
  .. "Returned (last call if any):\n%s\nExpected:\n%s",
  "Function returned matching arguments at least once.\n"
  .. "Returned (last matching call):\n%s\nDid not expect:\n%s")
remembered("returned_with", "returnvals")
