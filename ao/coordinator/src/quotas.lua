--- The limits on volume. What is accepted is reserved at once in every window, and returned if nothing comes of it.
-- Mints and burns have windows of their own, so that neither can use up the other's.

local amounts = require("amounts")
local limits = require("limits")
local users = require("users")
local window = require("window")

local quotas = {}

local TICK_MS = 300000
local HOUR, HOURS, DAY = 12, 48, 288 -- ticks: 1 hour, 4 hours, 24 hours
local BLOCK_MS = 120000 -- about

--- Return the supply, as far as the coordinator was told.
--- @param tim3 table state
--- @return string amount
function quotas.supply(tim3)
  return amounts.subtract(amounts.total(tim3.Minted, tim3.Restored), tim3.Burned) or "0"
end

--- Return how far a number exceeds another.
--- @param left string
--- @param right string
--- @return string amount
local function excess(left, right)
  return amounts.subtract(left, right) or "0"
end

--- Return the larger of two amounts.
--- @param left string
--- @param right string
--- @return string
local function larger(left, right)
  return amounts.isLess(left, right) and right or left
end

--- Describe one limit.
--- @param name string what it is called
--- @param code string error code
--- @param limit string|nil nil where it is off
--- @param used string
--- @param book table|nil window that empties
--- @param wait table|nil {ticks, milliseconds of one} of the window
--- @return table
local function line(name, code, limit, used, book, wait)
  return { name = name, code = code, limit = limit, used = used, book = book, wait = wait }
end

--- Return the limits on a user's next operation, and what of each is used.
--- @param tim3 table state
--- @param kind string mint or burn
--- @param user string
--- @param request table its clock
--- @return table[] lines
function quotas.lines(tim3, kind, user, request)
  local tick, height, windows = request.now // TICK_MS, request.height, tim3.Windows
  local known, isMint = users.get(tim3, user), kind == "mint"
  local function get(name)
    return limits.get(tim3, name)
  end
  local block = get(isMint and "Block-Mint" or "Block-Burn")
  local share = block and amounts.share(block, get("User-Share-Percent"))
  local blocks, own = windows[kind .. "Block"], known[kind .. "Block"]
  local daily = isMint and "User-Mint-24h" or "User-Burn-24h"
  local lines = {
    line(daily, "user-limit", get(daily), window.sum(known[kind], tick, DAY), known[kind], { DAY, TICK_MS }),
    line("User-Share", "block-limit", share, window.sum(own, height, 1), own, { 1, BLOCK_MS }),
    line("Block", "block-limit", block, window.sum(blocks, height, 1), blocks, { 1, BLOCK_MS }),
  }
  local supply = quotas.supply(tim3)
  if isMint then
    local hour = window.sum(windows.mintHour, tick, HOUR)
    local net = excess(hour, window.sum(windows.burnedHour, tick, HOUR))
    lines[4] = line("Net-Mint-1h", "global-limit", get("Net-Mint-1h"), net, windows.mintHour, { HOUR, TICK_MS })
    lines[5] = line("Supply-Cap", "global-limit", get("Supply-Cap"), amounts.total(supply, tim3.Reserved))
  else
    local floor = get("Net-Burn-4h")
    local most = floor and larger(floor, amounts.share(supply, get("Net-Burn-4h-Percent")))
    local hours = window.sum(windows.burnHours, tick, HOURS)
    local net = excess(hours, window.sum(windows.mintedHours, tick, HOURS))
    lines[4] = line("Net-Burn-4h", "global-limit", most, net, windows.burnHours, { HOURS, TICK_MS })
  end
  return lines
end

--- Return the further limits on a mint for which no collateral has been seen: together such mints leave a part of every
-- limit to those who have paid.
--- @param tim3 table state
--- @return table[] lines
local function unfundedLines(tim3)
  local lines, percent = {}, limits.get(tim3, "Unfunded-Percent")
  for _, name in ipairs({ "Block-Mint", "Net-Mint-1h", "Supply-Cap" }) do
    local limit = limits.get(tim3, name)
    lines[#lines + 1] = line("Unfunded", "global-limit", limit and amounts.share(limit, percent), tim3.Unfunded)
  end
  return lines
end

--- Say how long it takes until an amount fits under a limit.
--- @param entry table line
--- @param quantity string
--- @param request table its clock
--- @return string|nil milliseconds
local function waitFor(entry, quantity, request)
  local tick = entry.book and window.fits(entry.book, entry.limit, quantity)
  if not tick then
    return nil
  end
  local ticks, ms = entry.wait[1], entry.wait[2]
  if ms == BLOCK_MS then
    return tostring(BLOCK_MS)
  end
  return tostring(math.max((tick + ticks) * ms - request.now, 1))
end

--- Refuse an amount that a limit leaves no room for.
--- @param tim3 table state
--- @param kind string
--- @param user string
--- @param quantity string
--- @param request table
--- @param isUnfunded boolean
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags
function quotas.refuse(tim3, kind, user, quantity, request, isUnfunded)
  local lines = quotas.lines(tim3, kind, user, request)
  for _, entry in ipairs(isUnfunded and unfundedLines(tim3) or {}) do
    lines[#lines + 1] = entry
  end
  for _, entry in ipairs(lines) do
    local remaining = entry.limit and excess(entry.limit, entry.used)
    if remaining and amounts.isLess(remaining, quantity) then
      local text = ("%s leaves room to %s %s more now"):format(entry.name, kind, remaining)
      local further = {
        Limit = entry.limit,
        Remaining = remaining,
        ["Retry-After-Ms"] = waitFor(entry, quantity, request),
      }
      return entry.code, text, further
    end
  end
end

--- Reserve room for an operation that is accepted.
--- @param tim3 table state
--- @param op table
--- @param request table
function quotas.reserve(tim3, op, request)
  local tick, known = request.now // TICK_MS, tim3.Users[op.user]
  op.tick, op.height = tick, request.height
  window.add(known[op.kind], tick, op.qty)
  window.add(known[op.kind .. "Block"], request.height, op.qty)
  window.add(tim3.Windows[op.kind .. "Block"], request.height, op.qty)
  window.add(tim3.Windows[op.kind == "mint" and "mintHour" or "burnHours"], tick, op.qty)
  if op.kind == "mint" then
    tim3.Reserved = amounts.total(tim3.Reserved, op.qty)
    if op.isUnfunded then
      tim3.Unfunded = amounts.total(tim3.Unfunded, op.qty)
    end
  end
end

--- Note that the collateral of an operation has been seen.
--- @param tim3 table state
--- @param op table
function quotas.fund(tim3, op)
  if op.isUnfunded then
    op.isUnfunded = nil
    tim3.Unfunded = amounts.subtract(tim3.Unfunded, op.qty)
  end
end

--- Note that an operation is finished; if nothing came of it, its room is returned.
--- @param tim3 table state
--- @param op table
--- @param now integer milliseconds
function quotas.settle(tim3, op, now)
  if op.kind == "mint" then
    quotas.fund(tim3, op)
    tim3.Reserved = amounts.subtract(tim3.Reserved, op.qty)
  end
  if op.state == "completed" then
    local done = tim3.Windows[op.kind == "mint" and "mintedHours" or "burnedHour"]
    window.add(done, now // TICK_MS, op.qty)
    return
  end
  local known = tim3.Users[op.user]
  window.remove(known[op.kind], op.tick, op.qty)
  window.remove(known[op.kind .. "Block"], op.height, op.qty)
  window.remove(tim3.Windows[op.kind .. "Block"], op.height, op.qty)
  window.remove(tim3.Windows[op.kind == "mint" and "mintHour" or "burnHours"], op.tick, op.qty)
end

return quotas
