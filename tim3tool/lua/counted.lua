--- The counters of one VM: it compiles what the host measures with counters in it, and hands over what they count.
--- All that it knows is in `state`, which a process's roll-back must not see (see `hide`).

local load, next, concat, sort, getupvalue = load, next, table.concat, table.sort, debug.getupvalue

local state = { units = {}, byText = {}, flushes = {}, saved = nil, hidden = {} }

local counted = {}

local function newCounters(size)
  -- An `else` of a loop condition and the like never finds nil: every counter starts at 0.
  local counters = {}
  for index = 1, size do counters[index] = 0 end
  state.hidden[counters] = true
  return counters
end

-- Adds to the tables what counters that are locals have counted.
local function flush()
  for index = 1, #state.flushes do state.flushes[index]() end
end

--- Compiles a wrapped source with its counters; the same unit always has the same ones.
--- @param number integer the host's number of the unit
--- @param code string a chunk that takes counters and gives a function, and one that adds to them
--- @param size integer how many counters
--- @return function|nil
function counted.compile(number, code, size, name, ...)
  local make = load(code, name, "t", ...)
  if not make then return nil end
  local counters = state.units[number] or newCounters(size)
  state.units[number] = counters
  local run, add = make(counters)
  state.flushes[#state.flushes + 1] = add
  local index, upvalue = 1, add and getupvalue(add, 1)
  while upvalue do
    state.hidden[upvalue] = true
    index = index + 1
    upvalue = getupvalue(add, index)
  end
  return run
end

--- From now on `load` counts a text.
--- @param text string
function counted.learn(text, number, code, size)
  state.byText[text] = { number = number, code = code, size = size }
end

--- Lua's `load`, which counts the texts it has learnt.
function counted.load(text, name, mode, ...)
  local unit = state.byText[text]
  if unit then
    local made = counted.compile(unit.number, unit.code, unit.size, name, ...)
    if made then return made end
  end
  return load(text, name, mode, ...)
end

--- Takes what was counted since the last time.
--- @return string lines of `unit counter hits`
function counted.take()
  flush()
  local lines = {}
  for number, counters in next, state.units do
    for index = 1, #counters do
      local hits = counters[index]
      if hits ~= 0 then
        lines[#lines + 1] = number .. " " .. index - 1 .. " " .. hits
        counters[index] = 0
      end
    end
  end
  sort(lines)
  return concat(lines, "\n")
end

--- What is counted from now to `resume` does not matter: what runs has run before.
function counted.pause()
  if state.saved then return end
  flush()
  local saved = {}
  for number, counters in next, state.units do saved[number] = table.move(counters, 1, #counters, 1, {}) end
  state.saved = saved
end

--- Counts again.
function counted.resume()
  local saved = state.saved
  if not saved then return end
  flush()
  for number, counters in next, state.units do
    local before = saved[number]
    for index = 1, #counters do counters[index] = before and before[index] or 0 end
  end
  state.saved = nil
end

--- Tells a roll-back what is no state of the program: tables, and names of upvalues.
--- @param hidden table a set that the roll-back leaves alone
function counted.hide(hidden)
  for table in next, state.hidden do hidden[table] = true end
  hidden[state], state.hidden = true, hidden
end

return counted
