--- Alarms: what an honest peer never causes, or what somebody has to look at. They are counted, and the last are kept.

local counters = require("counters")
local journal = require("journal")

local alarms = {}

--- Raise an alarm. It changes no record, and refuses nothing by itself.
--- @param state table
--- @param code string one of a fixed set
--- @param text string|nil what it is about
function alarms.raise(state, code, text)
  counters.count(state, "alarms")
  counters.count(state, "alarm-" .. code)
  journal.append(state.Alarms, { at = state.Now, code = code, text = text or "" })
end

return alarms
