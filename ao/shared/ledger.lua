--- The ledger of a token: who holds how much, and how much there is.
-- A book is the state table that holds Balances (by account, never "0"), TotalSupply and Holders. The sum of the
-- balances is the total supply after every function here. Callers check first; these functions do not refuse.

local amounts = require("amounts")
local holders = require("holders")

local ledger = {}

--- Return the fields of an empty book.
--- @return table book
function ledger.new()
  return { Balances = {}, TotalSupply = "0", Holders = holders.new() }
end

--- Return what an account holds.
--- @param book table
--- @param account string
--- @return string amount
function ledger.balance(book, account)
  return book.Balances[account] or "0"
end

--- Add to a balance.
--- @param book table
--- @param account string
--- @param quantity string
local function credit(book, account, quantity)
  local balance = book.Balances[account]
  if not balance then
    holders.add(book.Holders, account)
  end
  book.Balances[account] = balance and amounts.add(balance, quantity) or quantity
end

--- Take from a balance that is large enough.
--- @param book table
--- @param account string
--- @param quantity string
local function debit(book, account, quantity)
  local rest = amounts.subtract(book.Balances[account], quantity)
  if rest == "0" then
    holders.remove(book.Holders, account)
    rest = nil
  end
  book.Balances[account] = rest
end

--- Move an amount the sender holds to another account.
--- @param book table
--- @param sender string
--- @param recipient string another account
--- @param quantity string
function ledger.move(book, sender, recipient, quantity)
  debit(book, sender, quantity)
  credit(book, recipient, quantity)
end

--- Tell whether the supply may grow by an amount.
--- @param book table
--- @param quantity string
--- @return boolean
function ledger.canMint(book, quantity)
  return amounts.add(book.TotalSupply, quantity) ~= nil
end

--- Create an amount in an account.
--- @param book table
--- @param account string
--- @param quantity string for which `canMint` holds
function ledger.mint(book, account, quantity)
  book.TotalSupply = amounts.add(book.TotalSupply, quantity)
  credit(book, account, quantity)
end

--- Destroy an amount an account holds.
--- @param book table
--- @param account string
--- @param quantity string
function ledger.burn(book, account, quantity)
  debit(book, account, quantity)
  book.TotalSupply = amounts.subtract(book.TotalSupply, quantity)
end

return ledger
