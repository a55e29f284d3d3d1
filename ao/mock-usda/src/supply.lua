--- Mint, Faucet and Burn, which change how much there is.

local accounts = require("accounts")
local amounts = require("amounts")
local ledger = require("ledger")
local notices = require("notices")

local supply = {}

--- Create an amount, and tell the account it came to. The notice names the token as sender and says by X-Action what
-- it is, so that a receiver of deposits cannot take it for one.
--- @param usda table state
--- @param request table
--- @param recipient string
--- @param action string Mint or Faucet
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
local function create(usda, request, recipient, action)
  local quantity = request.input.Quantity
  if not ledger.canMint(usda, quantity) then
    return nil, "above-maximum", "the supply would exceed " .. amounts.MAX
  end

  ledger.mint(usda, recipient, quantity)
  usda.Minted = amounts.total(usda.Minted, quantity)
  return {
    notices.credit(request.process, recipient, quantity, { ["X-Action"] = action }),
    {
      Target = request.from,
      Action = action .. "-Confirmed",
      Recipient = recipient,
      Quantity = quantity,
      ["Total-Supply"] = usda.TotalSupply,
    },
  }
end

--- Mint: the admin creates an amount for the recipient, by default for itself.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function supply.mint(usda, request)
  return create(usda, request, request.input.Recipient or request.from, "Mint")
end

--- Faucet: anybody creates an amount for itself, all its draws together up to the cap.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
--- @return table|nil further tags of the error
function supply.faucet(usda, request)
  local account = request.from
  local drawn = usda.Drawn[account] or "0"
  local total = amounts.add(drawn, request.input.Quantity)
  if not total or amounts.isLess(usda.FaucetCap, total) then
    local remaining = amounts.subtract(usda.FaucetCap, drawn) or "0"
    local text = ("the faucet gives this account %s more"):format(remaining)
    return nil, "faucet-limit", text, { Limit = usda.FaucetCap, Remaining = remaining }
  end
  local messages, problem, text = create(usda, request, account, "Faucet")
  if messages then
    usda.Drawn[account] = total
  end
  return messages, problem, text
end

--- Burn: destroy an available amount of the sender's.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function supply.burn(usda, request)
  local account, quantity = request.from, request.input.Quantity
  local problem, text = accounts.refuse(usda, account, quantity)
  if problem then
    return nil, problem, text
  end

  ledger.burn(usda, account, quantity)
  usda.Burned = amounts.total(usda.Burned, quantity)
  return {
    notices.debit(account, nil, quantity, { ["X-Action"] = "Burn" }),
    { Target = account, Action = "Burn-Confirmed", Quantity = quantity, ["Total-Supply"] = usda.TotalSupply },
  }
end

--- Say which invariant of the supply does not hold.
--- @param usda table state
--- @return string|nil
function supply.check(usda)
  if usda.TotalSupply ~= amounts.subtract(usda.Minted, usda.Burned) then
    return "the supply is not what was minted less what was burned"
  end
end

return supply
