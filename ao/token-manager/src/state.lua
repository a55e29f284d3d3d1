--- The state of the token-manager: one global table, which survives new code.

local agenda = require("agenda")
local ledger = require("ledger")
local opbook = require("opbook")
local store = require("store")

local state = {}

--- The number of the layout of the state this code works on.
state.SCHEMA = 1

--- Make the state of a new process.
--- @param owner string
--- @return table
function state.new(owner)
  local tim3 = store.new("token-manager", owner)
  for name, value in pairs(ledger.new()) do -- Balances, TotalSupply, Holders
    tim3[name] = value
  end
  tim3.Token = {
    Name = "TIM3",
    Ticker = "TIM3",
    Denomination = "12",
    Logo = "SBCCXwwecBlDqRLUjb8dYABExTJXLieawf7m2aBJ-KY",
  }
  -- amounts since ever; TotalSupply = Minted - Burned + Restored
  tim3.Vouched, tim3.Minted, tim3.Burned, tim3.Restored = "0", "0", "0", "0"
  -- [Op-Id] = {kind = mint | burn, state, user, qty, tries, retryAt}; see `mints` and `burns` for the states
  tim3.Ops = opbook.new()
  tim3.Agenda = agenda.new()
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
