--- Records that a spender makes under keys of its own choice. They are kept for ever, because a message that comes a
-- second time must meet the record of the first; so their number has an end.

local records = {}

--- How many records a spender may have.
records.MAX = 1000000

--- Return a spender's record.
--- @param kind table usda.Locks or usda.Releases
--- @param spender string
--- @param key string
--- @return table|nil record
function records.get(kind, spender, key)
  return (kind[spender] or {})[key]
end

--- Refuse a further record of a spender that has too many.
--- @param usda table state
--- @param spender string
--- @return string|nil error code, nil where there is room
--- @return string|nil text
function records.refuse(usda, spender)
  if (usda.Records[spender] or 0) >= records.MAX then
    return "too-many-records", ("a spender has at most %d locks and releases"):format(records.MAX)
  end
end

--- Keep a new record.
--- @param usda table state
--- @param kind table usda.Locks or usda.Releases
--- @param spender string
--- @param key string
--- @param record table
function records.put(usda, kind, spender, key, record)
  kind[spender] = kind[spender] or {}
  kind[spender][key] = record
  usda.Records[spender] = (usda.Records[spender] or 0) + 1
end

return records
