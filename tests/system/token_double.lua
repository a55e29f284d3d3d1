-- Tokens that are not mock-usda, with the habits that tokens on the network were seen to have. `Kind` chooses one.

local bint = require(".bint")(256)

local HABITS = {
  blueprint = { forwards = true },
  ["without X- tags"] = { mintNotice = true },
  ["strict, with zeros"] = { forwards = true, zero = true, strict = true, anyoneMints = true, burnNotice = true },
}
local habits = HABITS[Kind]

Balances = Balances or {}
Denomination = Denomination or "12"

local function balance(account)
  return bint(Balances[account] or "0")
end

local function move(account, quantity)
  Balances[account] = tostring(balance(account) + quantity)
end

local function notice(msg, target, action, more)
  local message = { Target = target, Action = action, Quantity = msg.Tags.Quantity } -- as the sender wrote it
  for name, value in pairs(habits.forwards and msg.Tags or {}) do
    if name:find("^X%-") then
      message[name] = value
    end
  end
  for name, value in pairs(more) do
    message[name] = value
  end
  ao.send(message)
end

Handlers.add("Info", "Info", function(msg)
  msg.reply({ Name = Kind, Ticker = "USDA", Logo = "none", Denomination = Denomination })
end)

Handlers.add("Balance", "Balance", function(msg)
  local account = msg.Tags.Recipient or msg.Tags.Target or msg.From
  local held = tostring(balance(account))
  msg.reply({ Balance = held, Ticker = "USDA", Account = account, Data = held })
end)

Handlers.add("Transfer", "Transfer", function(msg)
  local quantity, recipient = bint(msg.Tags.Quantity), msg.Tags.Recipient
  assert(quantity > bint(0) or habits.zero and quantity == bint(0), "Quantity must be greater than 0")
  local enough = quantity <= balance(msg.From) and not (habits.strict and quantity == balance(msg.From))
  if not enough then
    local error = { Action = "Transfer-Error", ["Message-Id"] = msg.Id, Error = "Insufficient Balance!" }
    return msg.reply(error)
  end
  move(msg.From, -quantity)
  move(recipient, quantity)
  if not msg.Tags.Cast then
    notice(msg, msg.From, "Debit-Notice", { Recipient = recipient })
    notice(msg, recipient, "Credit-Notice", { Sender = msg.From })
  end
end)

Handlers.add("Mint", "Mint", function(msg)
  assert(habits.anyoneMints or msg.From == Owner, "Only the owner may mint")
  local recipient = msg.Tags.Recipient or msg.From
  move(recipient, bint(msg.Tags.Quantity))
  if habits.mintNotice then
    notice(msg, recipient, "Credit-Notice", { Sender = msg.From })
  end
end)

Handlers.add("Burn", "Burn", function(msg)
  move(msg.From, -bint(msg.Tags.Quantity))
  if habits.burnNotice then
    notice(msg, msg.Tags.Recipient or msg.From, "Credit-Notice", {})
  end
end)
