local busted = require "busted"
local luassert = require "luassert"

local tries = {}
--- Adds words to those of suites.
_G.each = function(values, name, body)
  local it = require "busted".it
  for _, value in ipairs(values) do
    it(name .. " with " .. tostring(value), function() return body(value) end)
  end
end
luassert:register("assertion", "divisible", function(state, args) return args[1] % args[2] == 0 end)
luassert:register("matcher", "even", function() return function(value) return value % 2 == 0 end end)
luassert:add_formatter(function(value) if value == tries then return "TRIES" end end)
_G.tries = tries
assert(type(busted.describe) == "function")
assert(arg[1] == "fast" and arg[2] == "two", "arguments of the helper")
