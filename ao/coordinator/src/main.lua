--- coordinator: takes users' requests, and leads each operation to its end. This is all that it answers to.

local control = require("control")
local fields = require("fields")
local flows = require("flows")
local limits = require("limits")
local opbook = require("opbook")
local process = require("process")
local reads = require("reads")
local requests = require("requests")
local roles = require("roles")
local setup = require("setup")
local state = require("state")

local OP_ID = { "Op-Id", fields.opId }
local QUANTITY = { "Quantity", fields.quantity }
local USER = { "User", fields.party }
local SCOPE = { "Scope", fields.word("mint", "burn", "all") }

--- Make the route of a user's request.
--- @param run function
--- @return table route
local function user(run)
  local takes = { QUANTITY, { "Client-Ref", fields.optional(fields.id) } }
  return { kind = "command", from = setup.isUser, takes = takes, run = run }
end

--- Make the route of a peer's answer about an operation.
--- @param role string
--- @param ... string the results it can have
--- @return table route
local function answer(role, ...)
  local takes = { OP_ID }
  if ... then
    takes[2] = { "Result", fields.word(...) }
  end
  return { kind = "peer", from = setup.from(role), takes = takes, run = flows.answered }
end

--- Make the route of an admin's command.
--- @param takes table[]
--- @param run function
--- @return table route
local function admin(takes, run)
  return { kind = "command", from = roles.isAdmin, takes = takes, run = run }
end

process.start(state.open(), {
  routes = {
    -- users
    Mint = user(requests.mint),
    Burn = user(requests.burn),
    Nudge = { kind = "command", takes = { OP_ID }, run = flows.nudge },

    -- anybody
    Info = { kind = "read", run = reads.info },
    Limits = { kind = "read", takes = { { "User", fields.optional(fields.party) } }, run = reads.limits },
    ["Op-Status"] = {
      kind = "read",
      takes = { { "Op-Id", fields.optional(fields.opId) }, { "Message-Id", fields.optional(fields.id) } },
      run = reads.status,
    },

    -- the lock-manager
    ["Deposit-Received"] = {
      kind = "peer",
      from = setup.from("lock-manager"),
      takes = { OP_ID, USER, QUANTITY, { "Claimed-Op-Id", fields.optional(fields.opId) } },
      run = requests.deposit,
    },
    ["Collateral-Held"] = answer("lock-manager"),
    ["Collateral-Failed"] = answer("lock-manager"),
    ["Collateral-Cancelled"] = answer("lock-manager", "never-held", "returning", "too-late"),
    ["Collateral-Returned"] = answer("lock-manager", "returned", "never-held"),
    ["Release-Ack"] = answer("lock-manager", "done", "failed"),

    -- the token-manager
    ["Mint-Confirmed"] = answer("token-manager"),
    ["Mint-Waiting"] = answer("token-manager"),
    ["Mint-Rejected"] = answer("token-manager"),
    ["Mint-Cancelled"] = answer("token-manager", "never", "voided"),
    ["Burn-Confirmed"] = answer("token-manager"),
    ["Burn-Rejected"] = answer("token-manager"),
    ["Burn-Cancelled"] = answer("token-manager"),
    ["Burn-Restored"] = answer("token-manager"),

    -- both
    ["Op-Conflict"] = {
      kind = "peer",
      from = setup.from("lock-manager", "token-manager"),
      takes = { OP_ID },
      run = flows.conflict,
    },

    -- the state-manager
    ["Risk-Alert"] = {
      kind = "peer",
      from = setup.from("state-manager"),
      takes = { { "Level", fields.word("Normal", "Warning", "Critical") } },
      run = control.alerted,
    },
    ["Get-Report"] =
      { kind = "peer", from = setup.from("state-manager"), takes = { { "Round", fields.id } }, run = reads.report },

    -- the admin and the guardian
    Activate = admin({}, control.activate),
    Pause = {
      kind = "command",
      from = roles.isGuardian,
      takes = { SCOPE, { "Mode", fields.optional(fields.word("drain", "refund")) } },
      run = control.pause,
    },
    Unpause = admin({ SCOPE, { "Force", fields.optional(fields.word("yes")) } }, control.unpause),
    ["Set-Guardian"] = admin({ { "Guardian", fields.party } }, roles.setGuardian),
  },
  settings = limits.DEFINITIONS,
  check = reads.check,
  sweep = flows.sweep,
  busy = function(tim3)
    if opbook.open(tim3.Ops) > 0 then
      return "busy", "operations are under way"
    end
  end,
})
