--- What the token-manager tells the state-manager, and which of its invariants hold.

local amounts = require("amounts")

local reports = {}

--- Get-Report: the cumulative amounts. Sequence numbers tell a later report from an earlier one.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
function reports.report(tim3, request)
  tim3.Seq = tim3.Seq + 1
  return {
    {
      Target = request.from,
      Action = "Report",
      Role = tim3.Role,
      Seq = tostring(tim3.Seq),
      Round = request.input.Round,
      Minted = tim3.Minted,
      Burned = tim3.Burned,
      Restored = tim3.Restored,
      Supply = tim3.TotalSupply,
      Holders = tostring(tim3.Holders.Count),
      Ops = tostring(tim3.Ops.Size),
      Alarms = tostring(tim3.Counters.alarms or 0),
      ["Config-Hash"] = tim3.Config.hash,
    },
  }
end

--- Say which invariant does not hold.
--- @param tim3 table state
--- @return string|nil
function reports.check(tim3)
  local issued = amounts.total(tim3.Minted, tim3.Restored)
  if tim3.TotalSupply ~= amounts.subtract(issued, tim3.Burned) then
    return "the supply is not what was minted, less what was burned, and what was restored"
  elseif amounts.isLess(tim3.Vouched, tim3.Minted) then
    return "more was minted than vouched for"
  elseif amounts.isLess(tim3.Burned, tim3.Restored) then
    return "more was restored than burned"
  end
end

return reports
