local helpers = require "spec.helpers"

for strategy in helpers.each_strategy() do
  describe("Proxy [#" .. strategy .. "]", function()
    local proxy, balancer
    lazy_setup(function()
      helpers.unload("^proxy")
      proxy, balancer = require "proxy", require "proxy.balancer"
      balancer.add("a.test", { "10.0.0.1", "10.0.0.2" })
    end)
    lazy_teardown(function() ngx.ctx = {} end)
    before_each(function() ngx.ctx = { host = "a.test", strategy = strategy } end)

    it("picks in turn", function()
      assert.equal("10.0.0.1", proxy.run("access"))
      assert.equal("10.0.0.2", proxy.run("access"))
      assert.body(ngx.ctx).has.field("target")
    end)
    it("has no such field", function() assert.body(ngx.ctx).has.field("target") end)
    it("has not", function() assert.body(ngx.ctx).has_no.field("target") end)
    it("wants one body", function() assert.body(1, 2).has.field("x") end)
    it("answers 502", function()
      ngx.ctx.host = "b.test"
      local exit = spy.on(ngx, "exit")
      local status, why = proxy.run("access")
      exit:revert()
      assert.equal(502, status)
      assert.equal("no upstream named b.test", why)
      assert.spy(exit).was.called_with(502)
    end)
    it("mocks a Lua module", function()
      local mocked = mock(balancer, true)
      mocked.pick.returns("mocked")
      assert.equal("mocked", proxy.run("access"))
      mock.revert(mocked)
      assert.not_equal("mocked", proxy.run("access"))
    end)
    for _, phase in ipairs { "rewrite", "log" } do
      it("has no phase " .. phase .. (phase == "log" and " #slow" or ""), function()
        local ok, why = proxy.run(phase)
        assert.falsy(ok)
        assert.equal("unknown phase: " .. phase, why)
      end)
    end
    pending("websockets on " .. strategy)
    it("errors", function() proxy.run(nil) end)
  end)
end
