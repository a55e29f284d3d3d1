--- Spies, stubs and mocks, and the assertions on their calls.

local kit, format, deep, match = ...

local Spy = {}
Spy.__index = Spy

local planted = {} -- every spy that sits in a table, oldest first, so that a test's own can be taken out after it

local function isSpy(value) return getmetatable(value) == Spy end

local function fits(expected, values)
  if values.n ~= expected.n then return false end
  for index = 1, expected.n do
    if match.isMatcher(expected[index]) then
      if not expected[index](values[index]) then return false end
    elseif not deep.same(expected[index], values[index]) then
      return false
    end
  end
  return true
end

local function answer(self, args)
  for index = #self.special, 1, -1 do
    if fits(self.special[index].args, args) then return self.special[index].callback end
  end
  return self.callback
end

function Spy.__call(self, ...)
  local args = table.pack(...)
  local values = { n = args.n }
  for index = 1, args.n do values[index] = deep.copy(args[index]) end
  self.calls[#self.calls + 1] = { vals = values, refs = args }
  local results = table.pack(answer(self, args)(...))
  self.returnvals[#self.returnvals + 1] = { vals = results, refs = results }
  return table.unpack(results, 1, results.n)
end

--- A spy around a function: it calls it, and remembers arguments and results.
local function newSpy(callback)
  if not kit.isCallable(callback) then error("`spy.new` needs a function and got a " .. type(callback), 0) end
  local self = setmetatable({ calls = {}, returnvals = {}, special = {}, callback = callback }, Spy)

  function self.clear()
    self.calls, self.returnvals = {}, {}
    return self
  end

  function self.revert()
    if self.home then
      self.home.table[self.home.key] = self.home.value
      self.home = nil
    end
    return self.callback
  end

  return self
end

local function plant(self, t, key)
  self.home = { table = t, key = key, value = rawget(t, key) }
  t[key] = self
  planted[#planted + 1] = self
  return self
end

local function placed(word, t, key)
  if type(t) ~= "table" or key == nil then
    error("`" .. word .. "` needs a table and the name of a function in it", 0)
  end
  if t[key] ~= nil and not kit.isCallable(t[key]) then
    error(("`%s` needs a function, and `%s` is a %s"):format(word, tostring(key), type(t[key])), 0)
  end
  return t[key]
end

local function returning(...)
  local results = table.pack(...)
  return function() return table.unpack(results, 1, results.n) end
end

--- Lets a spy answer by itself.
local function withAnswers(self, ...)
  self.callback = returning(...)

  function self.returns(...)
    self.callback = returning(...)
    return self
  end

  function self.invokes(callback)
    self.callback = callback
    return self
  end

  self.by_default = { returns = self.returns, invokes = self.invokes }

  function self.on_call_with(...)
    local case = { args = table.pack(...), callback = returning() }
    self.special[#self.special + 1] = case
    return {
      returns = function(...) case.callback = returning(...) return self end,
      invokes = function(callback) case.callback = callback return self end,
    }
  end

  return self
end

local spy = {
  new = function(callback) return newSpy(callback or function() end) end,
  on = function(t, key) return plant(newSpy(placed("spy.on", t, key)), t, key) end,
  is_spy = isSpy,
}

local function stubAt(t, key, ...)
  placed("stub", t, key)
  return withAnswers(plant(newSpy(function() end), t, key), ...)
end

local stub = setmetatable({
  new = function(t, ...)
    if t == nil then return withAnswers(newSpy(function() end)) end
    return stubAt(t, ...)
  end,
}, { __call = function(_, ...) return stubAt(...) end })

local function eachSpy(t, act, seen)
  seen = seen or {}
  if seen[t] then return t end
  seen[t] = true
  for _, key in ipairs(format.keys(t)) do
    local value = rawget(t, key)
    if isSpy(value) then act(value) elseif type(value) == "table" then eachSpy(value, act, seen) end
  end
  return t
end

local function mockAll(t, stubbed, seen)
  if seen[t] then return t end
  seen[t] = true
  for _, key in ipairs(format.keys(t)) do
    local value = rawget(t, key)
    if type(value) == "function" then
      if stubbed then stub(t, key) else spy.on(t, key) end
    elseif type(value) == "table" and not isSpy(value) then
      mockAll(value, stubbed, seen)
    end
  end
  return t
end

local mock = setmetatable({
  clear = function(t) return eachSpy(t, function(s) s.clear() end) end,
  revert = function(t) return eachSpy(t, function(s) s.revert() end) end,
}, { __call = function(_, t, stubbed)
  if type(t) ~= "table" then error("`mock` needs a table and got a " .. type(t), 0) end
  return mockAll(t, stubbed, {})
end })

--- A mark for `restore`.
local function snapshot() return #planted end

--- Takes out every spy that was planted after a mark, newest first.
local function restore(mark)
  for index = #planted, mark + 1, -1 do
    planted[index].revert()
    planted[index] = nil
  end
end

-- Assertions on spies -------------------------------------------------------------------------------------------------

local function subject(value)
  if not isSpy(value) then error("`assert.spy` needs a spy or stub and got a " .. type(value), 0) end
  return value
end

kit.subject("spy", subject)
kit.subject("stub", subject)

local function counted(names, words, arity, test)
  kit.define(names, arity, function(args, self)
    if not isSpy(self) then error("`" .. names .. "` is asked of a spy: `assert.spy(s).was.called()`", 0) end
    if args.n > 0 and type(args[1]) ~= "number" then
      error("`" .. names .. "` needs a number and got a " .. type(args[1]), 0)
    end
    return test(#self.calls, args[1])
  end, function(args, negated, _, self)
    local wanted = args[1] or "at least 1"
    return ("Expected %sto be called %s%s time(s), but called %d time(s)"):format(
      negated and "not " or "", words, tostring(wanted), #self.calls)
  end, 1)
end

counted("called", "", 0, function(calls, n) return n == nil and calls > 0 or calls == n end)
counted("called_at_least", "at least ", 1, function(calls, n) return calls >= n end)
counted("called_at_most", "at most ", 1, function(calls, n) return calls <= n end)
counted("called_more_than", "more than ", 1, function(calls, n) return calls > n end)
counted("called_less_than", "less than ", 1, function(calls, n) return calls < n end)

local function recorded(names, field, text)
  kit.define(names, 0, function(args, self)
    if not isSpy(self) then error("`" .. names .. "` is asked of a spy: `assert.spy(s).was.called_with(...)`", 0) end
    for _, record in ipairs(self[field]) do
      if fits(args, record.vals) or fits(args, record.refs) then return true end
    end
    return false
  end, function(args, negated, _, self)
    local last = self[field][#self[field]]
    return ("Expected %s %s.\nLast:\n%s\n%s:\n%s"):format(
      negated and "no" or "a", text, last and format.list(last.vals) or "(never called)",
      negated and "Did not expect" or "Expected", format.list(args))
  end, math.huge)
end

recorded("called_with", "calls", "call with these arguments")
recorded("returned_with", "returnvals", "call that returns these values")

return { spy = spy, stub = stub, mock = mock, snapshot = snapshot, restore = restore }
