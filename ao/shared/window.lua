--- How much there was in the last so many ticks: a queue of amounts by tick, with its sum. A tick is a number that
-- grows, such as a block's height or five minutes of the clock.

local amounts = require("amounts")

local window = {}

--- Make an empty window.
--- @return table window
function window.new()
  return { First = 1, Last = 0, Items = {}, Sum = "0" }
end

--- Forget what is older than the window.
--- @param book table window
--- @param tick integer now
--- @param span integer number of ticks
local function expire(book, tick, span)
  local item = book.Items[book.First]
  while item and item.tick <= tick - span do
    book.Sum = amounts.subtract(book.Sum, item.qty)
    book.Items[book.First] = nil
    book.First = book.First + 1
    item = book.Items[book.First]
  end
end

--- Return the sum of the last ticks.
--- @param book table window
--- @param tick integer now
--- @param span integer number of ticks
--- @return string amount
function window.sum(book, tick, span)
  expire(book, tick, span)
  return book.Sum
end

--- Add an amount to the current tick.
--- @param book table window
--- @param tick integer now, never less than before
--- @param quantity string
function window.add(book, tick, quantity)
  local last = book.Items[book.Last]
  if last and last.tick == tick then
    last.qty = amounts.add(last.qty, quantity)
  else
    book.Last = book.Last + 1
    book.Items[book.Last] = { tick = tick, qty = quantity }
  end
  book.Sum = amounts.add(book.Sum, quantity)
end

--- Take an amount back that was added at a tick, if that is still in the window.
--- @param book table window
--- @param tick integer when it was added
--- @param quantity string
function window.remove(book, tick, quantity)
  local low, high = book.First, book.Last
  while low < high do -- ticks grow: search by halves
    local middle = (low + high) // 2
    if book.Items[middle].tick < tick then
      low = middle + 1
    else
      high = middle
    end
  end
  local item = book.Items[low]
  if item and item.tick == tick then
    item.qty = amounts.subtract(item.qty, quantity)
    book.Sum = amounts.subtract(book.Sum, quantity)
  end
end

--- Return the moment at which enough of the window has passed that an amount fits under a limit.
--- @param book table window
--- @param limit string
--- @param quantity string
--- @return integer|nil the tick whose end it is, nil where it never fits
function window.fits(book, limit, quantity)
  local sum = book.Sum
  for place = book.First, book.Last do
    sum = amounts.subtract(sum, book.Items[place].qty)
    local total = amounts.add(sum, quantity)
    if total and not amounts.isLess(limit, total) then
      return book.Items[place].tick
    end
  end
  return nil
end

return window
