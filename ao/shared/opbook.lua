--- The operations a process knows, by Op-Id: the record that makes a command that comes again harmless.
--
-- An Op-Id is `<number>-<id of the user's message>` where the coordinator opened the operation, or `d<reference>` of a
-- deposit nobody had announced. Both numbers grow, so an unknown Op-Id below what was pruned is an old one, never new.
-- A record that is not finished is never pruned.

local opbook = {}

--- How many times KEEP records there may be, however young.
local EXCESS = 4
local PRUNED_AT_ONCE = 2

--- Make an empty book.
--- @return table book
function opbook.new()
  return { Records = {}, Size = 0, First = 1, Last = 0, Finished = {}, Below = { n = 0, d = 0 } }
end

--- Split an Op-Id.
--- @param id string
--- @return string|nil series: n or d; nil where it is no Op-Id
--- @return integer|nil number
function opbook.parse(id)
  local number = id:match("^([1-9]%d*)%-[%w_-]+$")
  local series = "n"
  if not number then
    number, series = id:match("^d(%d+)$"), "d"
  end
  if not number or #number > 15 then
    return nil
  end
  return series, math.tointeger(tonumber(number))
end

--- Return a record.
--- @param book table
--- @param id string Op-Id
--- @return table|nil
function opbook.get(book, id)
  return book.Records[id]
end

--- Tell whether an Op-Id is one whose record was pruned, or may have been.
--- @param book table
--- @param id string Op-Id
--- @return boolean
function opbook.isStale(book, id)
  local series, number = opbook.parse(id)
  return not book.Records[id] and number < book.Below[series]
end

--- Keep a new record.
--- @param book table
--- @param id string Op-Id without a record
--- @param record table
--- @return table record
function opbook.put(book, id, record)
  book.Records[id] = record
  book.Size = book.Size + 1
  return record
end

--- Forget the oldest finished records that are more than there should be.
--- @param book table
--- @param now integer milliseconds
--- @param keep table {count, ms}
--- @return string[] Op-Ids
local function prune(book, now, keep)
  local pruned = {}
  for _ = 1, PRUNED_AT_ONCE do
    local oldest = book.Finished[book.First]
    local count = book.Last - book.First + 1
    local isOld = oldest and count > keep.count and now - oldest.at > keep.ms
    if not (isOld or count > EXCESS * keep.count) then
      break
    end
    book.Finished[book.First] = nil
    book.First = book.First + 1
    book.Records[oldest.id] = nil
    book.Size = book.Size - 1
    local series, number = opbook.parse(oldest.id)
    book.Below[series] = math.max(book.Below[series], number + 1)
    pruned[#pruned + 1] = oldest.id
  end
  return pruned
end

--- Return how many records are not finished.
--- @param book table
--- @return integer
function opbook.open(book)
  return book.Size - (book.Last - book.First + 1)
end

--- Say that a record is final, and prune. A final record may still change what it says.
--- @param book table
--- @param id string Op-Id
--- @param now integer milliseconds
--- @param keep table {count, ms}: records below both are kept
--- @return string[] Op-Ids of the records that were pruned
function opbook.finish(book, id, now, keep)
  local record = book.Records[id]
  if record.finished then
    return {}
  end
  record.finished = true
  book.Last = book.Last + 1
  book.Finished[book.Last] = { id = id, at = now }
  return prune(book, now, keep)
end

return opbook
