--- The state of the state-manager: one global table, which survives new code.

local journal = require("journal")
local store = require("store")

local state = {}

--- The number of the layout of the state this code works on.
state.SCHEMA = 1

--- Make the state of a new process.
--- @param owner string
--- @return table
function state.new(owner)
  local tim3 = store.new("state-manager", owner)
  tim3.Round = 0 -- the number of the last round that began
  tim3.RoundAt = nil -- milliseconds when it began
  tim3.Step = nil -- what it waits for: first, locks, second; nil when it is complete
  tim3.Gathered = {} -- [step] = report of the running round
  tim3.Latest = {} -- [role] = the newest report: a table of its tags
  tim3.Current = { level = "Normal", ratio = "none", net = "none", supply = "0", backing = "0", round = 0, at = 0 }
  tim3.Bad = nil -- {rounds, since, code}: how long things have not been as they should
  tim3.History = journal.new(288) -- one entry for each five minutes
  tim3.Published = {} -- [key] = what the last patch of it said
  return tim3
end

--- Return the state of this process: the one it has, or that of a new process.
--- @return table
function state.open()
  Tim3 = store.open(Tim3, state.SCHEMA, function()
    return state.new(Owner)
  end)
  return Tim3
end

return state
