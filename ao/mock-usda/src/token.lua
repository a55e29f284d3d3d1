--- What anybody may ask of the token: who it is, and who holds how much.

local accounts = require("accounts")
local holders = require("holders")
local ledger = require("ledger")

local token = {}

token.TICKER = "USDA"

local PAGE = 100
local MAX_PAGE = 1000

--- Info: the token's description, in the tags that wallets and explorers look for.
--- @param usda table state
--- @param request table
--- @return table[] messages
function token.info(usda, request)
  return {
    {
      Target = request.from,
      Name = "Mock USDA",
      Ticker = token.TICKER,
      Denomination = "12",
      Logo = "SBCCXwwecBlDqRLUjb8dYABExTJXLieawf7m2aBJ-KY",
      ["Total-Supply"] = usda.TotalSupply,
    },
  }
end

--- Balance: what one account holds, and how much of it is locked.
--- @param usda table state
--- @param request table
--- @return table[] messages
function token.balance(usda, request)
  local tags = request.tags
  local account = tags.Recipient or tags.Target or tags.Address or request.from
  local balance = ledger.balance(usda, account)
  return {
    {
      Target = request.from,
      Balance = balance,
      Locked = accounts.locked(usda, account),
      Account = account,
      Ticker = token.TICKER,
      Data = balance,
    },
  }
end

--- Balances: all balances as a JSON object. Addresses and amounts need no escaping, and the `json` library would print
-- an empty object as `[]` and any other in no certain order.
--- @param usda table state
--- @param request table
--- @return table[] messages
function token.balances(usda, request)
  local entries = {}
  for account, balance in pairs(usda.Balances) do
    entries[#entries + 1] = ('"%s":"%s"'):format(account, balance)
  end
  table.sort(entries)
  return { { Target = request.from, Ticker = token.TICKER, Data = "{" .. table.concat(entries, ",") .. "}" } }
end

--- Paginated-Balances: some balances as JSON, in the order in which the accounts came to hold one.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function token.paginatedBalances(usda, request)
  local cursor, limit = request.input.Cursor, request.input.Limit or PAGE
  if cursor and not usda.Balances[cursor] then
    return nil, "invalid-cursor", "`Cursor` must be an account that holds a balance"
  end
  if limit < 1 or limit > MAX_PAGE then
    return nil, "invalid-limit", ("`Limit` must be 1 to %d"):format(MAX_PAGE)
  end
  local page, hasMore = holders.page(usda.Holders, cursor, limit)
  local items = {}
  for index, account in ipairs(page) do
    items[index] = ('{"address":"%s","balance":"%s"}'):format(account, usda.Balances[account])
  end
  local nextCursor = hasMore and ('"%s"'):format(page[#page]) or "null"
  local data = ('{"items":[%s],"limit":%d,"totalItems":%d,"hasMore":%s,"nextCursor":%s}'):format(
    table.concat(items, ","),
    limit,
    usda.Holders.Count,
    hasMore,
    nextCursor
  )
  return { { Target = request.from, Ticker = token.TICKER, Data = data } }
end

--- Total-Supply: how much there is. A message with a Ticker is another token's answer to such a question, which anybody
-- can have sent here; two tokens answering each other's answers would never stop.
--- @param usda table state
--- @param request table
--- @return table[] messages
function token.totalSupply(usda, request)
  if request.tags.Ticker then
    return {}
  end
  local supply = usda.TotalSupply
  return { { Target = request.from, Action = "Total-Supply", Ticker = token.TICKER, Data = supply } }
end

return token
