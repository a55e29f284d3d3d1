-- The last handler: puts a message that nobody handled into the Inbox and prints one line about it.
local type = type
local insert, remove = table.insert, table.remove
local json = require("json")

local INBOX_LIMIT = 10000
local SHOWN = 20 -- bytes of the Action or Data in the notice

return function()
  return function(msg)
    insert(Inbox, msg)
    if #Inbox > INBOX_LIMIT then remove(Inbox, 1) end
    local what, data = "Data", msg.Data or ""
    if msg.Action then
      what, data = "Action", msg.Action
    elseif type(data) == "table" then
      data = json.encode(data)
    end
    local sender = msg.From and msg.From:sub(1, 3) .. "..." .. msg.From:sub(-3) or "unknown"
    print(Colors.gray .. "New Message From " .. Colors.green .. sender .. Colors.gray .. ": "
      .. Colors.gray .. what .. " = " .. Colors.blue .. data:sub(1, SHOWN) .. Colors.reset)
  end
end
