--- What the admin may set here: how long finished operations are remembered, and the largest supply.

local fields = require("fields")
local settings = require("settings")

local limits = {}

limits.DEFINITIONS = {
  ["Supply-Cap"] = { read = fields.quantity, default = "100000000000000000", looser = "higher", off = true }, -- 100,000
  ["Keep-Ops"] = { read = fields.integer, default = 50000, looser = "lower" },
  ["Keep-Ms"] = { read = fields.integer, default = 1209600000, looser = "lower" }, -- 14 days
}

--- Return the largest supply.
--- @param tim3 table state
--- @return string|nil amount, nil where there is no limit but the amounts'
function limits.supplyCap(tim3)
  return settings.get(tim3, limits.DEFINITIONS, "Supply-Cap")
end

--- Return how long finished operations are kept.
--- @param tim3 table state
--- @return table {count, ms} as `opbook` takes it
function limits.keep(tim3)
  return {
    count = settings.get(tim3, limits.DEFINITIONS, "Keep-Ops"),
    ms = settings.get(tim3, limits.DEFINITIONS, "Keep-Ms"),
  }
end

return limits
