--- A list of what happened, numbered from 1, of which the newest entries are kept.

local journal = {}

local PAGE = 50

--- Make an empty journal.
--- @param capacity integer how many entries it keeps
--- @return table journal
function journal.new(capacity)
  return { Capacity = capacity, Last = 0, Items = {} }
end

--- Append an entry, and forget the one that is too old.
--- @param book table journal
--- @param entry table of strings and integers by name
function journal.append(book, entry)
  book.Last = book.Last + 1
  book.Items[book.Last] = entry
  book.Items[book.Last - book.Capacity] = nil
end

--- Write text as JSON.
--- @param text string
--- @return string
local function quote(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(character)
    return ("\\u%04x"):format(character:byte())
  end) .. '"'
end

--- Write an entry as a JSON object, its members by name.
--- @param number integer
--- @param entry table
--- @return string
local function write(number, entry)
  local parts = { ('"n":%d'):format(number) }
  local names = {}
  for name in pairs(entry) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = entry[name]
    parts[#parts + 1] = quote(name) .. ":" .. (math.type(value) and ("%d"):format(value) or quote(tostring(value)))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Print a page of entries, oldest first.
--- @param book table journal
--- @param after integer|nil number of the entry before the page; nil starts with the oldest that is kept
--- @return string JSON array
function journal.page(book, after)
  local first = math.max((after or 0) + 1, book.Last - book.Capacity + 1, 1)
  local parts = {}
  for number = first, math.min(book.Last, first + PAGE - 1) do
    parts[#parts + 1] = write(number, book.Items[number])
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

return journal
