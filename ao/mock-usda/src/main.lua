--- mock-usda: a complete token process in the part of USDA, with locks. This is all that it answers to.

local accounts = require("accounts")
local admin = require("admin")
local allowances = require("allowances")
local dispatch = require("dispatch")
local fields = require("fields")
local locks = require("locks")
local process = require("process")
local releases = require("releases")
local roles = require("roles")
local state = require("state")
local supply = require("supply")
local token = require("token")
local transfers = require("transfers")

local optional = fields.optional
local LOCK_ID = { "Lock-Id", fields.id }
local QUANTITY = { "Quantity", fields.quantity }
local RECIPIENT = { "Recipient", fields.party }
local RELEASE_ID = { "Release-Id", fields.id }
local SPENDER = { "Spender", fields.party }
local USER = { "User", fields.party }

--- Name a tag that may be absent.
--- @param field table {name, reader}
--- @return table {name, reader}
local function maybe(field)
  return { field[1], optional(field[2]) }
end

local routes = token.routes()
for action, route in pairs({
  -- the token
  Balance = { kind = "read", run = accounts.describe },
  Transfer = transfers.route(function(usda, sender, _, quantity)
    return accounts.refuse(usda, sender, quantity)
  end),

  -- how much there is
  Mint = { kind = "command", from = roles.isAdmin, takes = { maybe(RECIPIENT), QUANTITY }, run = supply.mint },
  Faucet = { kind = "command", takes = { QUANTITY }, run = supply.faucet },
  Burn = { kind = "command", takes = { QUANTITY }, run = supply.burn },

  -- locks
  Approve = {
    kind = "command",
    takes = { SPENDER, { "Quantity", fields.amount }, { "Expires-At", optional(fields.integer) } },
    run = allowances.approve,
  },
  Allowance = { kind = "read", takes = { maybe(USER), SPENDER }, run = allowances.status },
  Lock = { kind = "command", takes = { LOCK_ID, USER, QUANTITY }, echo = { "Lock-Id" }, run = locks.lock },
  Capture = { kind = "command", takes = { LOCK_ID }, echo = { "Lock-Id" }, run = locks.capture },
  Unlock = {
    kind = "command",
    takes = { LOCK_ID },
    echo = { "Lock-Id" },
    run = locks.unlock,
    variant = {
      tag = "Release-Id",
      kind = "command",
      takes = { RELEASE_ID, RECIPIENT, QUANTITY },
      echo = { "Release-Id" },
      run = releases.release,
    },
  },
  ["Lock-Status"] = {
    kind = "read",
    takes = { maybe(SPENDER), LOCK_ID },
    run = locks.status,
    variant = { tag = "Release-Id", kind = "read", takes = { maybe(SPENDER), RELEASE_ID }, run = releases.status },
  },

  -- the admin
  ["Faucet-Cap"] = {
    kind = "command",
    from = roles.isAdmin,
    takes = { { "Quantity", fields.amount } },
    run = admin.setFaucetCap,
  },
  ["Transfer-Admin"] = {
    kind = "command",
    from = roles.isAdmin,
    takes = { { "Admin", fields.party } },
    run = roles.transferAdmin,
  },
}) do
  routes[action] = route
end

for action, route in pairs(process.journals()) do
  routes[action] = route
end

dispatch.install(state.open(), routes, { check = supply.check })
