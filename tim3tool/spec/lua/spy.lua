--- Spies: they stand in for functions, call them, and remember arguments and results.

local checks, deep, lists, match, state = ...

local Spy = {}
deep.keep(Spy)

local spy = {}

--- Whether a value is a spy or a stub.
function spy.is_spy(value) return type(value) == "table" and debug.getmetatable(value) == Spy end

local function fitsOne(wanted, call, index)
  if match.is_ref_matcher(wanted) then return wanted(call.refs[index]) end
  if match.is_matcher(wanted) then return wanted(call.vals[index]) end
  return deep.same(wanted, call.vals[index])
end

--- Whether arguments or matchers fit a remembered call.
function spy.fits(wanted, call)
  if wanted.n ~= call.vals.n then return false end
  for index = 1, wanted.n do
    if not fitsOne(wanted[index], call, index) then return false end
  end
  return true
end

--- The last remembered call that fits, or nil.
function spy.find(calls, wanted)
  for index = #calls, 1, -1 do
    if spy.fits(wanted, calls[index]) then return calls[index] end
  end
end

local function remember(...) return lists.remember(lists.arguments(...), deep.copy) end

local function returned(self, ...)
  table.insert(self.returnvals, remember(...))
  return ...
end

function Spy.__call(self, ...)
  table.insert(self.calls, remember(...))
  return returned(self, self.callback(...))
end

-- What a spy says of the calls it remembers: whether one fits, and that one, or else the last.
local function asked(calls, wanted)
  local found = spy.find(calls, wanted)
  local told = found or calls[#calls]
  return found ~= nil, told and told.vals
end

--- A spy around a function.
--- @param callback function|table|nil what it calls; without one, it does nothing
function spy.new(callback)
  if callback == nil then callback = function() end end
  if not checks.callable(callback) then
    error(("Cannot spy on type '%s', only on functions or callable elements"):format(type(callback)), 2)
  end
  local self = { calls = {}, returnvals = {}, callback = callback }

  --- Forgets all calls.
  function self.clear()
    self.calls, self.returnvals = {}, {}
    return self
  end

  --- Puts back what the spy stood in for.
  function self.revert() return self.callback end

  function self.called(_, times, compare)
    local count = #self.calls
    if compare then return compare(count, times), count end
    if times then return count == times, count end
    return count > 0, count
  end

  function self.called_with(_, wanted) return asked(self.calls, wanted) end

  function self.returned_with(_, wanted) return asked(self.returnvals, wanted) end

  return setmetatable(self, Spy)
end

--- Puts a spy into a table, until it is reverted.
function spy.plant(self, t, key)
  local original, planted = t[key], true
  self.target_table, self.target_key = t, key
  function self.revert()
    if planted then t[key], planted = original, false end
    return original
  end
  t[key] = self
  state.add_spy(self)
  return self
end

--- A spy in place of a function in a table.
function spy.on(t, key)
  if type(t) ~= "table" or key == nil then
    error("`spy.on` needs a table and the name of a function in it", 2)
  end
  if t[key] ~= nil and not checks.callable(t[key]) then
    error(("Cannot spy on type '%s', only on functions or callable elements"):format(type(t[key])), 2)
  end
  return spy.plant(spy.new(t[key]), t, key)
end

return setmetatable(spy, { __call = function(_, ...) return spy.new(...) end })
