--- mock-usda: a complete token process in the part of USDA, with locks. This is all that it answers to.

local admin = require("admin")
local allowances = require("allowances")
local dispatch = require("dispatch")
local fields = require("fields")
local locks = require("locks")
local releases = require("releases")
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

dispatch.install(state.open(), {
  -- the token
  Info = { kind = "read", run = token.info },
  Balance = { kind = "read", run = token.balance },
  Balances = { kind = "read", run = token.balances },
  ["Paginated-Balances"] = {
    kind = "read",
    takes = { { "Cursor", optional(fields.party) }, { "Limit", optional(fields.integer) } },
    run = token.paginatedBalances,
  },
  ["Total-Supply"] = { kind = "read", run = token.totalSupply },
  Transfer = { kind = "command", takes = { RECIPIENT, QUANTITY }, run = transfers.transfer },

  -- how much there is
  Mint = { kind = "command", from = admin.is, takes = { maybe(RECIPIENT), QUANTITY }, run = supply.mint },
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
    from = admin.is,
    takes = { { "Quantity", fields.amount } },
    run = admin.setFaucetCap,
  },
  ["Transfer-Admin"] = {
    kind = "command",
    from = admin.is,
    takes = { { "Admin", fields.party } },
    run = admin.transfer,
  },
})
