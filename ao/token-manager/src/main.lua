--- token-manager: the token TIM3. This is all that it answers to.

local amounts = require("amounts")
local burns = require("burns")
local fields = require("fields")
local ledger = require("ledger")
local limits = require("limits")
local messages = require("messages")
local mints = require("mints")
local opbook = require("opbook")
local process = require("process")
local reports = require("reports")
local retries = require("retries")
local settings = require("settings")
local setup = require("setup")
local state = require("state")
local token = require("token")
local transfers = require("transfers")

local OP_ID = { "Op-Id", fields.opId }
local USER = { "User", fields.party }
local QUANTITY = { "Quantity", fields.quantity }

local tim3 = state.open()

--- Refuse a transfer that the sender cannot pay, or to a process that could not give it back.
--- @param book table state
--- @param account string
--- @param recipient string
--- @param quantity string
--- @return string|nil error code
--- @return string|nil text
local function refuse(book, account, recipient, quantity)
  if setup.isPeer(book, recipient) then
    return "invalid-recipient", "`Recipient` is a process of TIM3, which holds no TIM3"
  elseif amounts.isLess(ledger.balance(book, account), quantity) then
    return "insufficient-balance", ("%s held, %s asked for"):format(ledger.balance(book, account), quantity)
  end
end

--- Publish the balances a transfer changed.
--- @param book table state
--- @param accounts string[]
--- @return table[] messages
local function published(book, accounts)
  return { messages.patch(book, accounts) }
end

--- Info: the token, and the process.
--- @param book table state
--- @param request table
--- @return table[] messages
local function info(book, request)
  local answer = process.describe(book, request)
  for name, value in pairs(token.info(book, request)[1]) do
    answer[name] = value
  end
  return { settings.describe(book, limits.DEFINITIONS, answer) }
end

local routes = token.routes()
routes.Info = { kind = "read", run = info }
routes.Transfer = transfers.route(refuse, published)

-- the coordinator commands
routes.Mint = { kind = "peer", from = setup.from("coordinator"), takes = { OP_ID, USER, QUANTITY }, run = mints.mint }
routes["Cancel-Mint"] = { kind = "peer", from = setup.from("coordinator"), takes = { OP_ID }, run = mints.cancel }
routes.Burn = { kind = "peer", from = setup.from("coordinator"), takes = { OP_ID, USER, QUANTITY }, run = burns.burn }
routes["Cancel-Burn"] = { kind = "peer", from = setup.from("coordinator"), takes = { OP_ID }, run = burns.cancel }

-- the lock-manager attests
routes.Voucher =
  { kind = "peer", from = setup.from("lock-manager"), takes = { OP_ID, USER, QUANTITY }, run = mints.voucher }
routes.Ack = { kind = "peer", from = setup.from("lock-manager"), takes = { OP_ID }, run = mints.acknowledged }
routes["Release-Ack"] = {
  kind = "peer",
  from = setup.from("lock-manager"),
  takes = {
    OP_ID,
    { "Result", fields.word("done", "failed") },
    { "Payout-State", fields.optional(fields.word("unlocked", "claimable", "sent")) },
  },
  run = burns.released,
}

-- the state-manager asks
routes["Get-Report"] =
  { kind = "peer", from = setup.from("state-manager"), takes = { { "Round", fields.id } }, run = reports.report }

process.start(tim3, {
  routes = routes,
  settings = limits.DEFINITIONS,
  check = reports.check,
  sweep = retries.sweeper(function(book, id)
    return opbook.get(book.Ops, id)
  end, function(book, id, record)
    return (record.kind == "mint" and mints or burns).resend(book, id, record)
  end),
  busy = function(book)
    if opbook.open(book.Ops) > 0 then
      return "busy", "operations are not finished"
    end
  end,
})
