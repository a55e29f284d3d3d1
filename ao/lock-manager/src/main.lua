--- lock-manager: holds the collateral of TIM3. This is all that it answers to.

local audits = require("audits")
local claims = require("claims")
local collateral = require("collateral")
local deposits = require("deposits")
local dispatch = require("dispatch")
local fields = require("fields")
local limits = require("limits")
local locking = require("locking")
local locks = require("locks")
local opbook = require("opbook")
local process = require("process")
local releases = require("releases")
local retries = require("retries")
local roles = require("roles")
local settings = require("settings")
local setup = require("setup")
local state = require("state")
local sums = require("sums")

local OP_ID = { "Op-Id", fields.opId }
local USER = { "User", fields.party }
local QUANTITY = { "Quantity", fields.quantity }
local LOCK_ID = { "Lock-Id", fields.opId }
local RELEASE_ID = { "Release-Id", fields.opId }

local tim3 = state.open()

--- Make a predicate: the coordinator asks, in one of the modes.
--- @param mode string
--- @return function
local function coordinatorIn(mode)
  local isCoordinator = setup.from("coordinator")
  return function(book, request)
    return isCoordinator(book, request) and book.Config.mode == mode
  end
end

--- Make a route of the token's.
--- @param kind string
--- @param takes table[]|nil
--- @param run function
--- @param variant table|nil
--- @return table route
local function usda(kind, takes, run, variant)
  return { kind = kind, from = setup.from("usda"), takes = takes, run = audits.seen(run), variant = variant }
end

--- Make the variant of a route of the token's that is about a release.
--- @param run function
--- @return table variant
local function aboutRelease(run)
  local variant = usda("peer", { RELEASE_ID }, run)
  variant.tag = "Release-Id"
  return variant
end

--- Info: the process and its sums.
--- @param book table state
--- @param request table
--- @return table[] messages
local function info(book, request)
  local answer = process.describe(book, request)
  for _, name in ipairs({ "Collateral", "Pending", "Quarantined", "Buffer", "Vouched", "Released" }) do
    answer[name] = book[name]
  end
  answer.Claimable, answer.Deficit = book.Owed, book.Audit.deficit
  return { settings.describe(book, limits.DEFINITIONS, answer) }
end

--- Send again what a record waits for an answer to.
--- @param book table state
--- @param id string Op-Id
--- @param record table
--- @return table[] messages
local function resend(book, id, record)
  if record.state == "held" then
    return { collateral.voucher(book, id, record) }
  elseif record.state == "asking" then
    return deposits.ask(book, id, record)
  end
  return locking.ask(book, id, record)
end

local routes = {
  Info = { kind = "read", run = info },

  -- the coordinator asks
  ["Lock-Collateral"] =
    { kind = "peer", from = coordinatorIn("lock"), takes = { OP_ID, USER, QUANTITY }, run = collateral.open },
  ["Expect-Deposit"] =
    { kind = "peer", from = coordinatorIn("custody"), takes = { OP_ID, USER, QUANTITY }, run = collateral.open },
  ["Cancel-Collateral"] =
    { kind = "peer", from = setup.from("coordinator"), takes = { OP_ID }, run = collateral.cancel },
  ["Deposit-Decision"] = {
    kind = "peer",
    from = coordinatorIn("custody"),
    takes = { OP_ID, { "Decision", fields.word("accept", "refuse") }, { "As", fields.optional(fields.opId) } },
    run = deposits.decided,
  },

  -- the token-manager says
  ["Voucher-Ack"] =
    { kind = "peer", from = setup.from("token-manager"), takes = { OP_ID }, run = collateral.acknowledged },
  ["Voucher-Used"] =
    { kind = "peer", from = setup.from("token-manager"), takes = { OP_ID, QUANTITY }, run = collateral.used },
  ["Voucher-Void"] =
    { kind = "peer", from = setup.from("token-manager"), takes = { OP_ID, QUANTITY }, run = collateral.voided },
  ["Release-Order"] =
    { kind = "peer", from = setup.from("token-manager"), takes = { OP_ID, USER, QUANTITY }, run = releases.order },

  -- the collateral token answers
  ["Credit-Notice"] = usda("notice", nil, deposits.credited),
  ["Debit-Notice"] = usda("notice", nil, claims.debited),
  ["Transfer-Error"] = usda("notice", nil, claims.disputed),
  ["Lock-Confirmed"] = usda("peer", { LOCK_ID }, locks.locked),
  ["Lock-Error"] = usda("peer", { LOCK_ID }, locks.refused),
  ["Capture-Confirmed"] = usda("peer", { LOCK_ID }, locks.captured),
  ["Capture-Error"] = usda("peer", { LOCK_ID }, locks.contradicted),
  ["Unlock-Confirmed"] = usda("peer", { LOCK_ID }, locks.unlocked, aboutRelease(releases.confirmed)),
  ["Unlock-Error"] = usda("peer", { LOCK_ID }, locks.contradicted, aboutRelease(releases.refused)),
  [dispatch.UNTITLED] = { kind = "peer", from = setup.from("usda"), run = audits.answered },

  -- users
  Claim = {
    kind = "command",
    from = setup.isUser,
    takes = { { "Quantity", fields.optional(fields.quantity) }, { "Account", fields.optional(fields.party) } },
    run = claims.claim,
  },
  Claimable = { kind = "read", takes = { { "User", fields.optional(fields.party) } }, run = claims.claimable },
  ["Set-Payee"] =
    { kind = "command", from = setup.isUser, takes = { { "Payee", fields.party } }, run = claims.setPayee },

  -- the admin, and the state-manager
  Resolve = {
    kind = "command",
    from = roles.isAdmin,
    takes = { { "Payout-Id", fields.id }, { "Verdict", fields.word("resend", "settled", "release") } },
    run = claims.resolvePayout,
    variant = {
      tag = "Credit-Reference",
      kind = "command",
      from = roles.isAdmin,
      takes = { { "Credit-Reference", fields.integer }, USER, { "Verdict", fields.word("release") } },
      run = claims.resolveCredit,
    },
  },
  ["Get-Report"] =
    { kind = "peer", from = setup.from("state-manager"), takes = { { "Round", fields.id } }, run = audits.report },
}

--- Say why another configuration cannot be put in force now.
--- @param book table state
--- @param config table
--- @return string|nil error code
--- @return string|nil text
local function busy(book, config)
  if opbook.open(book.Ops) > 0 then
    return "busy", "operations are not finished"
  end
  local isOther = config.mode ~= book.Config.mode or config.peers.usda ~= book.Config.peers.usda
  if isOther and sums.booked(book) ~= "0" then
    return "collateral-held", "the mode and the collateral token change only while nothing is held"
  end
end

process.start(tim3, {
  routes = routes,
  settings = limits.DEFINITIONS,
  check = sums.check,
  busy = busy,
  around = audits.asking,
  sweep = retries.sweeper(function(book, id)
    return opbook.get(book.Ops, id)
  end, resend),
})
