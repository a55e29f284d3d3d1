--- What the admin may set here: how long finished operations are remembered, and what may be paid out without a claim.

local fields = require("fields")
local settings = require("settings")

local limits = {}

limits.DEFINITIONS = {
  ["Push-Max-Per-Op"] = { read = fields.amount, default = "0", looser = "higher" },
  ["Push-Max-Per-Day"] = { read = fields.amount, default = "0", looser = "higher" },
  ["Keep-Ops"] = { read = fields.integer, default = 50000, looser = "lower" },
  ["Keep-Ms"] = { read = fields.integer, default = 1209600000, looser = "lower" }, -- 14 days
}

--- Return a limit in force.
--- @param tim3 table state
--- @param name string
--- @return any
function limits.get(tim3, name)
  return settings.get(tim3, limits.DEFINITIONS, name)
end

--- Return how long finished operations are kept.
--- @param tim3 table state
--- @return table {count, ms} as `opbook` takes it
function limits.keep(tim3)
  return { count = limits.get(tim3, "Keep-Ops"), ms = limits.get(tim3, "Keep-Ms") }
end

return limits
