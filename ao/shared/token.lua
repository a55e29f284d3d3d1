--- What anybody may ask of a token: who it is, and who holds how much. A book is as in `ledger`; its Token is
-- {Name, Ticker, Denomination, Logo}.

local fields = require("fields")
local holders = require("holders")
local ledger = require("ledger")

local token = {}

local PAGE = 100
local MAX_PAGE = 1000

--- Info: the token's description, in the tags that wallets and explorers look for.
--- @param book table
--- @param request table
--- @return table[] messages
function token.info(book, request)
  local described = book.Token
  return {
    {
      Target = request.from,
      Name = described.Name,
      Ticker = described.Ticker,
      Denomination = described.Denomination,
      Logo = described.Logo,
      ["Total-Supply"] = book.TotalSupply,
    },
  }
end

--- Balance: what one account holds.
--- @param book table
--- @param request table
--- @return table[] messages
function token.balance(book, request)
  local tags = request.tags
  local account = tags.Recipient or tags.Target or tags.Address or request.from
  local balance = ledger.balance(book, account)
  return {
    {
      Target = request.from,
      Balance = balance,
      Account = account,
      Ticker = book.Token.Ticker,
      Data = balance,
    },
  }
end

--- Balances: all balances as a JSON object. Addresses and amounts need no escaping, and the `json` library would print
-- an empty object as `[]` and any other in no certain order.
--- @param book table
--- @param request table
--- @return table[] messages
function token.balances(book, request)
  local entries = {}
  for account, balance in pairs(book.Balances) do
    entries[#entries + 1] = ('"%s":"%s"'):format(account, balance)
  end
  table.sort(entries)
  return { { Target = request.from, Ticker = book.Token.Ticker, Data = "{" .. table.concat(entries, ",") .. "}" } }
end

--- Paginated-Balances: some balances as JSON, in the order in which the accounts came to hold one.
--- @param book table
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function token.paginatedBalances(book, request)
  local cursor, limit = request.input.Cursor, request.input.Limit or PAGE
  if cursor and not book.Balances[cursor] then
    return nil, "invalid-cursor", "`Cursor` must be an account that holds a balance"
  end
  if limit < 1 or limit > MAX_PAGE then
    return nil, "invalid-limit", ("`Limit` must be 1 to %d"):format(MAX_PAGE)
  end
  local page, hasMore = holders.page(book.Holders, cursor, limit)
  local items = {}
  for index, account in ipairs(page) do
    items[index] = ('{"address":"%s","balance":"%s"}'):format(account, book.Balances[account])
  end
  local nextCursor = hasMore and ('"%s"'):format(page[#page]) or "null"
  local data = ('{"items":[%s],"limit":%d,"totalItems":%d,"hasMore":%s,"nextCursor":%s}'):format(
    table.concat(items, ","),
    limit,
    book.Holders.Count,
    hasMore,
    nextCursor
  )
  return { { Target = request.from, Ticker = book.Token.Ticker, Data = data } }
end

--- Total-Supply: how much there is. A message with a Ticker is another token's answer to such a question, which anybody
-- can have sent here; two tokens answering each other's answers would never stop.
--- @param book table
--- @param request table
--- @return table[] messages
function token.totalSupply(book, request)
  if request.tags.Ticker then
    return {}
  end
  local supply = book.TotalSupply
  return { { Target = request.from, Action = "Total-Supply", Ticker = book.Token.Ticker, Data = supply } }
end

--- Return the routes of a token's reads.
--- @return table<string, table>
function token.routes()
  return {
    Info = { kind = "read", run = token.info },
    Balance = { kind = "read", run = token.balance },
    Balances = { kind = "read", run = token.balances },
    ["Paginated-Balances"] = {
      kind = "read",
      takes = { { "Cursor", fields.optional(fields.party) }, { "Limit", fields.optional(fields.integer) } },
      run = token.paginatedBalances,
    },
    ["Total-Supply"] = { kind = "read", run = token.totalSupply },
  }
end

return token
