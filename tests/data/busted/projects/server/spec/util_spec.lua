local logged = {}
_G.prosody = { log = function(x) logged[#logged + 1] = x end }
package.preload["util.hashes"] = function() return { sha1 = function(x) return "sha1:" .. x end } end

describe("util", function()
  local util = require "util"
  it("signs", function()
    assert.are.equal("sha1:x", util.sign("x"))
    assert.are.same({ "x" }, logged)
  end)
  it("keeps what was logged", function() assert.are.equal(1, #logged) end)
  insulate("strict", function()
    setmetatable(_G, { __newindex = function(_, k) error("attempt to set global " .. k, 2) end })
    it("finds accidental globals", function() assert.has_error(util.global) end)
    it("can still use locals of its own", function() own = 1 assert.equal(1, own) end)
    teardown(function() setmetatable(_G, nil) end)
  end)
  it("is not strict", function() util.global() assert.equal(1, _G.undeclared) end)
end)
