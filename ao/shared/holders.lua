--- The accounts with a balance, in the order in which they came to hold one: a linked list, so that adding, removing
-- and turning a page cost the same however many there are, and no page skips or repeats an account that stays.

local holders = {}

--- Make an empty list.
--- @return table holders
function holders.new()
  return { Count = 0, First = nil, Last = nil, After = {}, Before = {} }
end

--- Append an account that is not in the list.
--- @param list table holders
--- @param account string
function holders.add(list, account)
  if list.Last then
    list.After[list.Last] = account
    list.Before[account] = list.Last
  else
    list.First = account
  end
  list.Last = account
  list.Count = list.Count + 1
end

--- Remove an account that is in the list.
--- @param list table holders
--- @param account string
function holders.remove(list, account)
  local before, after = list.Before[account], list.After[account]
  if before then
    list.After[before] = after
  else
    list.First = after
  end
  if after then
    list.Before[after] = before
  else
    list.Last = before
  end
  list.Before[account], list.After[account] = nil, nil
  list.Count = list.Count - 1
end

--- Return the accounts that follow one.
--- @param list table holders
--- @param cursor string|nil an account in the list, nil to start with the first
--- @param limit integer how many at most
--- @return string[] accounts
--- @return boolean whether more follow
function holders.page(list, cursor, limit)
  local page = {}
  local account = list.First
  if cursor then
    account = list.After[cursor]
  end
  while account and #page < limit do
    page[#page + 1] = account
    account = list.After[account]
  end
  return page, account ~= nil
end

return holders
