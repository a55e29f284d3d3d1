describe("Router #unit", function()
  local router
  before_each(function()
    package.loaded["gateway.router"] = nil
    _G.ngx.var.uri, _G.ngx.said = "/a", {}
    router = require "gateway.router"
  end)

  it("answers 404", function()
    router.exec()
    assert.response().has.status(404)
    assert.equal(1, router.loads)
  end)
  it("is loaded anew", function() assert.equal(2, router.loads) end)
  it("answers", function()
    router.add("/a", function(headers) return "hi " .. headers.host end)
    router.exec()
    assert.status(200)
    assert.same({ "hi h" }, ngx.said)
  end)
  it("fails with a word of its own", function() router.exec() assert.response(1).has.status(500) end)
  it("complains about arguments", function() assert.status() end)

  describe("with stubs", function()
    local snapshot
    before_each(function() snapshot = assert:snapshot() stub(ngx, "exit").returns(204) end)
    after_each(function() snapshot:revert() end)
    it("calls exit", function()
      assert.equal(204, router.exec())
      assert.stub(ngx.exit).was.called_with(404)
      assert.stub(ngx.exit).was_called(1)
    end)
    it("calls exit once more", function() assert.stub(ngx.exit).was_not.called() end)
  end)
end)
