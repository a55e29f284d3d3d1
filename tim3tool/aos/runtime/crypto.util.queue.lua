-- .crypto.util.queue: first in, first out. The head is the next place to write, the tail the next to read, from 0.

--- Return an empty queue; its functions take no self.
return function()
  local items, head, tail = {}, 0, 0
  local queue = {}

  function queue.push(item)
    items[head] = item
    head = head + 1
  end

  --- Return the oldest item, nil if there is none.
  function queue.pop()
    if tail >= head then return nil end
    local item = items[tail]
    items[tail] = nil
    tail = tail + 1
    return item
  end

  function queue.size() return head - tail end

  function queue.getHead() return head end

  function queue.getTail() return tail end

  function queue.reset()
    items, head, tail = {}, 0, 0
  end

  return queue
end
