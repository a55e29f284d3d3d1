insulate("in an insulated block", function()
  _G.ngx.ctx.marked = "yes"
  _G.leaked = 1
  local balancer = require "proxy.balancer"
  it("builds anew", function() assert.equal(1, balancer.built) end)
  it("sees its own", function() assert.equal(1, leaked) end)
end)
describe("after it", function()
  it("has none of it", function() assert.is_nil(leaked) assert.is_nil(package.loaded["proxy.balancer"]) end)
  it("shares tables", function() assert.equal("yes", ngx.ctx.marked) end)
  it("counts from the start", function() assert.equal(1, require("proxy.balancer").built) end)
end)
expose("in an exposed block", function()
  _G.kept = require "proxy.balancer"
  it("is there", function() assert.is_table(kept) end)
end)
describe("after that", function()
  it("is kept", function() assert.equal(kept, package.loaded["proxy.balancer"]) end)
  it("counts on", function()
    package.loaded["proxy.balancer"] = nil
    assert.equal(2, require("proxy.balancer").built)
  end)
end)
