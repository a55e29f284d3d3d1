--- The state of mock-usda: one global table, which survives new code.

local ledger = require("ledger")

local state = {}

--- The number of the layout of the state this code works on.
state.SCHEMA = 1

-- 1,000 USDA
local FAUCET_CAP = "1000000000000000"

--- Make the state of a new process.
--- @param admin string the address that may mint
--- @return table
function state.new(admin)
  local usda = ledger.new() -- Balances, TotalSupply, Holders
  usda.Schema = state.SCHEMA
  usda.Admin = admin
  usda.Now, usda.Height = 0, 0 -- the clock: milliseconds, blocks
  usda.Counters = {} -- see `counters`
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
  Usda = Usda or state.new(Owner)
  assert(Usda.Schema == state.SCHEMA, "this code cannot read a state of schema " .. tostring(Usda.Schema))
  return Usda
end

return state
