--- Stubs, which answer in place of a function, and mocks, which are tables full of spies or stubs.

local checks, deep, failure, lists, spy = ...

local function returning(...)
  local results = table.pack(...)
  return function() return table.unpack(results, 1, results.n) end
end

local function nothing() end

-- The functions that say how a stub answers; `set` takes the answer.
local function answers(self, set)
  return {
    invokes = function(callback)
      set(callback or nothing)
      return self
    end,
    returns = function(...)
      set(returning(...))
      return self
    end,
  }
end

local function withAnswers(self, first)
  local default, special = first, {}

  function self.callback(...)
    local call = { vals = lists.arguments(...), refs = lists.arguments(...) }
    for _, case in ipairs(special) do
      if spy.fits(case.wanted, call) then return case.answer(...) end
    end
    return default(...)
  end

  local byDefault = answers(self, function(answer) default = answer end)
  self.invokes, self.returns, self.by_default = byDefault.invokes, byDefault.returns, byDefault

  --- How to answer calls with certain arguments; the first case that fits counts.
  function self.on_call_with(...)
    local case = { wanted = lists.arguments(...), answer = default }
    for index = 1, case.wanted.n do case.wanted[index] = deep.copy(case.wanted[index]) end
    table.insert(special, case)
    return answers(self, function(answer) case.answer = answer end)
  end

  return self
end

local stub = {}

--- A stub in place of a function in a table.
--- @param t table|nil without one, the stub stands for itself
--- @param key any|nil
--- @param ... any what it returns, or a function that answers
function stub.new(t, key, ...)
  if t == nil and key == nil then t, key = {}, "" end
  if type(t) ~= "table" or key == nil then
    failure.raise("stub.new(): Can only create stub on a table key, call with 2 params; table, key")
  end
  if t[key] ~= nil and not checks.callable(t[key]) then
    failure.raise("stub.new(): The element for which to create a stub must either be callable, or be nil")
  end
  local answer = ...
  if select("#", ...) ~= 1 or not checks.callable(answer) then answer = returning(...) end
  return spy.plant(withAnswers(spy.new(), answer), t, key)
end

local function mockAll(value, stubbed, answer, seen)
  if spy.is_spy(value) or seen[value] then return value end
  if type(value) == "function" then return spy.new(value) end
  if type(value) ~= "table" then return value end
  seen[value] = true
  for _, key in ipairs(deep.keys(value)) do
    local item = rawget(value, key)
    if type(item) == "table" then
      mockAll(item, stubbed, answer, seen)
    elseif type(item) == "function" then
      if stubbed then stub.new(value, key, answer) else spy.on(value, key) end
    end
  end
  return value
end

local function eachSpy(t, act, seen)
  if type(t) ~= "table" or seen[t] then return t end
  seen[t] = true
  if spy.is_spy(t) then
    act(t)
    return t
  end
  for _, key in ipairs(deep.keys(t)) do eachSpy(rawget(t, key), act, seen) end
  return t
end

local mock = {
  --- Puts spies, or stubs, in place of the functions in a table and the tables in it.
  new = function(t, stubbed, answer)
    if t == nil then return nil end
    return mockAll(t, stubbed, answer, {})
  end,
  clear = function(t) return eachSpy(t, function(each) each:clear() end, {}) end,
  revert = function(t) return eachSpy(t, function(each) each:revert() end, {}) end,
}

return setmetatable(stub, { __call = function(_, ...) return stub.new(...) end }),
  setmetatable(mock, { __call = function(_, ...) return mock.new(...) end })
