--- state-manager: watches over TIM3. This is all that it answers to.

local fields = require("fields")
local journal = require("journal")
local limits = require("limits")
local process = require("process")
local rounds = require("rounds")
local settings = require("settings")
local setup = require("setup")
local state = require("state")

-- What a report holds; which of the sums a role must tell is in `rounds`.
local REPORT = {
  { "Role", fields.word("coordinator", "lock-manager", "token-manager") },
  { "Seq", fields.integer },
  { "Round", fields.id },
  { "Config-Hash", fields.id },
  { "Risk", fields.optional(fields.word("Normal", "Warning", "Critical")) },
}
for _, names in pairs(rounds.SUMS) do
  for _, name in ipairs(names) do
    REPORT[#REPORT + 1] = { name, fields.optional(fields.total) }
  end
end

--- Say how things stand.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
local function status(tim3, request)
  local current = tim3.Current
  return {
    {
      Target = request.from,
      Action = "Status-Reply",
      Level = current.level,
      Ratio = current.ratio,
      ["Net-Ratio"] = current.net,
      Supply = current.supply,
      Backing = current.backing,
      Round = tostring(current.round),
      At = tostring(current.at),
      ["Age-Ms"] = tostring(request.now - current.at),
      Code = tim3.Bad and tim3.Bad.code or "sound",
    },
  }
end

--- Print a page of the history.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
local function history(tim3, request)
  local data = journal.page(tim3.History, request.input.After)
  return { { Target = request.from, Action = "History-Reply", Last = tostring(tim3.History.Last), Data = data } }
end

--- Say who the process is, and what it works with.
--- @param tim3 table state
--- @param request table
--- @return table[] messages
local function info(tim3, request)
  return { settings.describe(tim3, limits.DEFINITIONS, process.describe(tim3, request)) }
end

local refresh = { kind = "command", run = rounds.refresh }

process.start(state.open(), {
  routes = {
    Info = { kind = "read", run = info },
    Status = { kind = "read", run = status },
    History = { kind = "read", takes = { { "After", fields.optional(fields.integer) } }, run = history },
    Refresh = refresh,
    Tick = refresh,
    Cron = refresh,
    Report = {
      kind = "peer",
      from = setup.from("coordinator", "lock-manager", "token-manager"),
      takes = REPORT,
      run = rounds.report,
    },
  },
  settings = limits.DEFINITIONS,
  busy = function() end, -- it keeps no operations
})
