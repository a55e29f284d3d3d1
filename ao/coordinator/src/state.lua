--- The state of the coordinator: one global table, which survives new code.

local agenda = require("agenda")
local holders = require("holders")
local opbook = require("opbook")
local store = require("store")
local window = require("window")

local state = {}

--- The number of the layout of the state this code works on.
state.SCHEMA = 1

--- Make the state of a new process.
--- @param owner string
--- @return table
function state.new(owner)
  local tim3 = store.new("coordinator", owner)
  -- [Op-Id] = {kind = mint | burn, state, user, qty, message, ref, deadline, asked, sentAt, tries, retryAt, history,
  -- ...}
  tim3.Ops = opbook.new()
  tim3.OpSeq = 0 -- the number of the last operation
  tim3.ByMessage = {} -- [id of the user's message] = Op-Id
  tim3.Agenda = agenda.new()
  tim3.Outcomes = {} -- [kind-outcome] = how many

  tim3.Users = {} -- [user] = {open, cooldownUntil, mint, burn, mintBlock, burnBlock: windows}
  tim3.Recent = holders.new() -- users, the one whose operation was accepted last at the end
  tim3.Flood = {} -- [user] = {moments of its last requests, next}
  tim3.Flooders = holders.new() -- users of Flood, the one who asked last at the end

  tim3.Reserved = "0" -- by mints that are not finished
  tim3.Unfunded = "0" -- the part of it for which no collateral has been seen
  tim3.Minted, tim3.Burned, tim3.Restored = "0", "0", "0" -- amounts since ever, as far as it was told
  tim3.Windows = {
    mintHour = window.new(), -- accepted
    burnHours = window.new(),
    mintBlock = window.new(),
    burnBlock = window.new(),
    mintedHours = window.new(), -- done
    burnedHour = window.new(),
  }

  tim3.Paused = {} -- mint, burn = why no new one is accepted
  tim3.Refunding = false -- whether mints under way are cancelled
  tim3.Risk = "Normal" -- as the state-manager said last
  tim3.Breaker = { state = "closed", faults = {} } -- faults: moments; openedAt; trial = Op-Id
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
