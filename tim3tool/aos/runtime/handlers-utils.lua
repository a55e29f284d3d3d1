-- Handlers.utils: ready-made patterns and replies.
local type, ipairs, assert = type, ipairs, assert
local utils = require(".utils")

local M = { _version = "0.0.2" }

function M.hasMatchingTag(name, value)
  assert(type(name) == "string" and type(value) == "string", "invalid arguments: (name : string, value : string)")
  return function(msg) return msg.Tags[name] == value end
end

function M.hasMatchingTagOf(name, values)
  assert(type(name) == "string" and type(values) == "table", "invalid arguments: (name : string, values : string[])")
  return function(msg)
    for _, value in ipairs(values) do
      if M.hasMatchingTag(name, value)(msg) then return true end
    end
    return 0
  end
end

function M.hasMatchingData(value)
  assert(type(value) == "string", "invalid arguments: (value : string)")
  return function(msg) return msg.Data == value end
end

function M.reply(input)
  assert(type(input) == "table" or type(input) == "string", "invalid arguments: (input : table or string)")
  return function(msg)
    -- A table is sent as it is, so the first sender stays its Target for ever: so does the real module.
    if type(input) == "string" then
      msg.reply({ Data = input })
    else
      msg.reply(input)
    end
  end
end

function M.continue(pattern)
  return function(msg)
    local match = utils.matchesSpec(msg, pattern)
    if not match or match == 0 or match == "skip" then return match end
    return 1
  end
end

return M
