-- Evaluates the Data of a message as Lua: first as an expression, then as a chunk named "aos".
local type, tostring, load = type, tostring, load
local insert = table.insert
local stringify = require(".stringify")

return function(ao)
  return function(msg)
    local expr = msg.Data
    local chunk, failure = load("return " .. expr, "aos", "t", _G)
    if not chunk then
      chunk, failure = load(expr, "aos", "t", _G)
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
      return
    end
    -- Without a value the module builds its output here: what Prompt raises is an error of this Eval.
    ao.outbox.Output = { prompt = Prompt() }
  end
end
