--- What the admin may set here: when a shortage of backing is a warning, and when it is critical. In hundredths of a
-- percent of the supply.

local fields = require("fields")
local settings = require("settings")

local limits = {}

limits.DEFINITIONS = {
  ["Warning-Bps"] = { read = fields.integer, default = 10000, looser = "lower" },
  ["Critical-Bps"] = { read = fields.integer, default = 9900, looser = "lower" },
  ["Critical-After-Ms"] = { read = fields.integer, default = 600000, looser = "higher" },
  ["Refresh-Ms"] = { read = fields.integer, default = 10000, looser = "lower" },
}

--- Return a limit in force.
--- @param tim3 table state
--- @param name string
--- @return integer
function limits.get(tim3, name)
  return settings.get(tim3, limits.DEFINITIONS, name)
end

return limits
