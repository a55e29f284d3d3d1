--- Counters of things worth watching. They are the only state that a refused message may change, and they are bounded.

local counters = {}

counters.MAX = 1000000000000000

--- Count one occurrence.
--- @param state table the process's state; its `Counters` holds the numbers by name
--- @param name string one of a fixed set of names, never anything a sender chose
function counters.count(state, name)
  state.Counters[name] = math.min((state.Counters[name] or 0) + 1, counters.MAX)
end

return counters
