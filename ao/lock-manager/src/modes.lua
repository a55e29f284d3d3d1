--- The two ways to hold collateral. Each is a table of functions (tim3, id, record, now) -> messages:
--
--   open      begin to get the collateral of a new operation
--   capture   the voucher was used: make the collateral the pool's
--   giveBack  return collateral that is not vouched for (any more)
--   payout    pay a burn's user from the pool; the record is a release

local custody = require("custody")
local locking = require("locking")

local modes = {}

local MODES = { custody = custody, lock = locking }

--- Return the mode of this process.
--- @param tim3 table state
--- @return table
function modes.of(tim3)
  return MODES[tim3.Config.mode]
end

return modes
