--- What the admin may set here. Amounts are in base units; times in milliseconds.

local fields = require("fields")
local settings = require("settings")

local limits = {}

--- Write whole units as an amount.
--- @param units integer
--- @return string
local function tim3(units)
  return ("%d"):format(units) .. string.rep("0", 12)
end

--- Define an amount that must not be exceeded.
--- @param units integer
--- @return table
local function most(units)
  return { read = fields.quantity, default = tim3(units), looser = "higher", off = true }
end

--- Define a number.
--- @param default integer
--- @param looser string
--- @return table
local function number(default, looser)
  return { read = fields.integer, default = default, looser = looser }
end

limits.DEFINITIONS = {
  ["Min-Amount"] = { read = fields.quantity, default = tim3(1), looser = "lower" },
  ["Max-Per-Op"] = most(10000),
  ["User-Mint-24h"] = most(25000),
  ["User-Burn-24h"] = most(50000),
  ["Block-Mint"] = most(50000),
  ["Block-Burn"] = most(50000),
  ["User-Share-Percent"] = number(20, "higher"), -- of what a block holds
  ["Net-Mint-1h"] = most(100000),
  ["Net-Burn-4h"] = most(25000), -- or, where that is more:
  ["Net-Burn-4h-Percent"] = number(30, "higher"), -- of the supply
  ["Supply-Cap"] = most(100000),
  ["Unfunded-Percent"] = number(50, "higher"), -- of what a limit leaves for mints without collateral yet
  ["Max-In-Flight"] = number(1, "higher"), -- of one user
  ["Max-In-Flight-Total"] = number(500, "higher"),
  ["Cooldown-Ms"] = number(30000, "lower"),
  ["Flood-Requests"] = { read = fields.integer, default = 20, looser = "higher", off = true },
  ["Flood-Ms"] = number(300000, "lower"),
  ["Op-Timeout-Ms"] = number(300000, "higher"),
  ["Breaker-Faults"] = number(5, "higher"),
  ["Breaker-Ms"] = number(600000, "lower"),
  ["Breaker-Pause-Ms"] = number(900000, "lower"),
  ["Breaker-Trial"] = most(100),
  ["Loosen-Delay-Ms"] = number(86400000, "lower"),
  ["Keep-Ops"] = number(50000, "lower"),
  ["Keep-Ms"] = number(1209600000, "lower"), -- 14 days
}

--- Return a limit in force.
--- @param state table
--- @param name string
--- @return any nil where it is off
function limits.get(state, name)
  return settings.get(state, limits.DEFINITIONS, name)
end

--- Return how long finished operations are kept.
--- @param state table
--- @return table {count, ms} as `opbook` takes it
function limits.keep(state)
  return { count = limits.get(state, "Keep-Ops"), ms = limits.get(state, "Keep-Ms") }
end

return limits
