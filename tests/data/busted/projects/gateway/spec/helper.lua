local say = require "say"
local luassert = require "luassert"

_G.ngx = { var = {}, said = {}, log = function() end, null = {},
  req = { get_headers = function() return { host = "h" } end } }
function _G.ngx.say(text) table.insert(ngx.said, text) end
function _G.ngx.exit(status) ngx.status = status return status end

say:set_namespace "en"
say:set("assertion.response.status.negative", [[
Invalid response status code.
Status received:
%s]])
local function status(state, args)
  assert(args.n == 1, "status wants one argument")
  local got = ngx.status
  if got == args[1] then return true end
  table.insert(args, 1, got)
  args.n = 2
  return false
end
luassert:register("assertion", "status", status, "assertion.response.status.negative", "assertion.response.status.positive")
luassert:register("modifier", "response", function(state) return state end)
math.randomseed(12)
