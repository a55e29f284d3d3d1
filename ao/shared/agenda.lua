--- What is due when: a heap of moments, so that the next due thing is found without looking at the others.
-- An entry is never taken out before it is due; whoever is woken looks whether there is still something to do.

local agenda = {}

--- Make an empty agenda.
--- @return table agenda
function agenda.new()
  return { Count = 0, Serial = 0, Heap = {} }
end

--- Tell whether one entry comes before another; equal moments in the order in which they were added.
--- @param left table entry
--- @param right table entry
--- @return boolean
local function precedes(left, right)
  if left.at ~= right.at then
    return left.at < right.at
  end
  return left.serial < right.serial
end

--- Add an entry.
--- @param book table agenda
--- @param at integer milliseconds
--- @param id string
function agenda.add(book, at, id)
  book.Count, book.Serial = book.Count + 1, book.Serial + 1
  local heap, place = book.Heap, book.Count
  heap[place] = { at = at, serial = book.Serial, id = id }
  while place > 1 and precedes(heap[place], heap[place // 2]) do
    heap[place], heap[place // 2] = heap[place // 2], heap[place]
    place = place // 2
  end
end

--- Return the place of the earliest of an entry and its two children.
--- @param book table agenda
--- @param place integer
--- @return integer
local function earliest(book, place)
  local best = place
  for child = 2 * place, math.min(2 * place + 1, book.Count) do
    if precedes(book.Heap[child], book.Heap[best]) then
      best = child
    end
  end
  return best
end

--- Take the first entry that is due.
--- @param book table agenda
--- @param now integer milliseconds
--- @return string|nil id, nil where nothing is due
--- @return integer|nil milliseconds when it was due
function agenda.take(book, now)
  local heap, first = book.Heap, book.Heap[1]
  if not first or first.at > now then
    return nil
  end
  heap[1] = heap[book.Count]
  heap[book.Count] = nil
  book.Count = book.Count - 1
  local place, best = 1, earliest(book, 1)
  while best ~= place do
    heap[place], heap[best] = heap[best], heap[place]
    place, best = best, earliest(book, best)
  end
  return first.id, first.at
end

return agenda
