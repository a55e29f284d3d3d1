-- Evaluates the Data of a message as Lua: first as an expression, then as a chunk named "aos".
local type, tostring, load = type, tostring, load
local insert = table.insert
local stringify = require(".stringify")

return function(ao)
  return function(msg)
    local chunk, failure = load("return " .. msg.Data, "aos", "t", _G)
    if not chunk then
      chunk, failure = load(msg.Data, "aos", "t", _G)
    end
    if not chunk then
      ao.outbox.Error = failure
      return
    end
    local value, fault = chunk()
    if fault then
      ao.outbox.Error = fault
      return
    end
    if value then
      insert(HANDLER_PRINT_LOGS, type(value) == "table" and stringify.format(value) or tostring(value))
    end
    -- The module builds its prompt here: without Prompt or Inbox the Eval itself fails, not the ones after it.
    if type(Prompt) ~= "function" or type(Inbox) ~= "table" then return Prompt(#Inbox) end
  end
end
