--- The state of mock-usda: one global table, which survives new code.

local journal = require("journal")
local ledger = require("ledger")
local store = require("store")

local state = {}

--- The number of the layout of the state this code works on.
state.SCHEMA = 2

local TOKEN = {
  Name = "Mock USDA",
  Ticker = "USDA",
  Denomination = "12",
  Logo = "SBCCXwwecBlDqRLUjb8dYABExTJXLieawf7m2aBJ-KY",
}

-- 1,000 USDA
local FAUCET_CAP = "1000000000000000"

local MIGRATIONS = {
  -- 2: the token's description, alarms, the admin's journal, and the cumulative amounts that the supply is checked by
  [1] = function(usda)
    usda.Token = TOKEN
    usda.Minted, usda.Burned = usda.TotalSupply, "0"
    usda.Alarms, usda.Log = journal.new(64), journal.new(256)
  end,
}

--- Make the state of a new process.
--- @param admin string the address that may mint
--- @return table
function state.new(admin)
  local usda = ledger.new() -- Balances, TotalSupply, Holders
  usda.Token = TOKEN
  usda.Admin = admin
  usda.Now, usda.Height = 0, 0 -- the clock: milliseconds, blocks
  usda.Counters = {} -- see `counters`
  usda.Minted, usda.Burned = "0", "0" -- amounts since ever
  usda.Alarms, usda.Log = journal.new(64), journal.new(256)
  usda.FaucetCap = FAUCET_CAP -- an amount
  usda.Drawn = {} -- [account] = amount had from the faucet
  usda.Locked = {} -- [account] = amount of its balance that cannot move, never "0"
  usda.Allowances = {} -- [owner][spender] = {qty = amount, expires = milliseconds or nil}
  usda.Locks = {} -- [spender][Lock-Id] = {owner, qty, state = held | captured | returned} or {state = cancelled}
  usda.Pools = {} -- [spender] = amount captured and not yet released, never "0"
  usda.Releases = {} -- [spender][Release-Id] = {recipient, qty}
  usda.Records = {} -- [spender] = number of its locks and releases
  return usda
end

--- Return the state of this process: the one it has, or that of a new process administered by its owner.
--- @return table
function state.open()
  Usda = store.open(Usda, state.SCHEMA, function()
    return state.new(Owner)
  end, MIGRATIONS)
  return Usda
end

return state
