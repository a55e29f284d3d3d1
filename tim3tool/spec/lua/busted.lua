--- What `require "busted"` gives: the words, and the events of a run.

local dialect, version = ...

local busted = { version = version }
for word, meaning in pairs(dialect.words) do busted[word] = meaning end

local channels, listening = {}, false

local function known(channel)
  if type(channel) ~= "table" then error("a channel is a table of names, such as { 'test', 'end' }", 3) end
  local name = table.concat(channel, ":")
  channels[name] = channels[name] or {}
  return channels[name]
end

--- Calls a function at an event: `suite`, `file`, `describe` or `test`, then `start` or `end`.
--- @param channel table the event's names, such as `{ "test", "end" }`
--- @param listener function gets the element, its parent and, at an end, its status
--- @return table what `unsubscribe` takes
function busted.subscribe(channel, listener)
  local listeners = known(channel)
  listeners[#listeners + 1] = listener
  listening = true
  return { id = listener }
end

--- Ends what `subscribe` began.
function busted.unsubscribe(channel, id)
  local listeners = known(channel)
  for index = #listeners, 1, -1 do
    if listeners[index] == (type(id) == "table" and id.id or id) then table.remove(listeners, index) end
  end
end

--- Tells of an event.
function busted.publish(channel, ...)
  for _, listener in ipairs { table.unpack(known(channel)) } do listener(...) end
end

return busted, function() return listening end
