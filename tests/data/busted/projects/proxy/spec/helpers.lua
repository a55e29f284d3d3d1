local say = require "say"
local assert = require "luassert"
local util = require "luassert.util"

_G.ngx = { ERR = 4, ctx = {}, shared = {}, null = setmetatable({}, { __tostring = function() return "ngx.null" end }) }
function _G.ngx.log() end
function _G.ngx.exit(status) return status end

local M = { strategies = { "postgres", "off" } }

function M.each_strategy()
  local at = 0
  return function()
    at = at + 1
    return M.strategies[at]
  end
end

function M.unload(pattern)
  for name in pairs(package.loaded) do
    if name:find(pattern) then package.loaded[name] = nil end
  end
end

say:set("assertion.contains_entry.positive", "Expected %s in:\n%s")
say:set("assertion.contains_entry.negative", "Did not expect %s in:\n%s")
local function contains(_, arguments)
  for _, each in ipairs(arguments[2]) do
    if util.deepcompare(each, arguments[1]) then return true end
  end
  return false
end
assert:register("assertion", "contains_entry", contains, "assertion.contains_entry.positive", "assertion.contains_entry.negative")

local function body(state, arguments)
  assert(arguments.n == 1, "a body is one value")
  state.payload = arguments[1]
  return state
end
assert:register("modifier", "body", body)

local function field(state, arguments)
  local payload = rawget(state, "payload")
  return payload ~= nil and payload[arguments[1]] ~= nil
end
say:set("assertion.field.positive", "no field %s")
assert:register("assertion", "field", field, "assertion.field.positive")

assert:add_formatter(function(value) if value == ngx.null then return "NULL" end end)

return M
