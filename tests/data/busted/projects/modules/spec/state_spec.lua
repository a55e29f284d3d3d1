local outer = require "counter"
outer.next()

insulate("first", function()
  local inner = require "counter"
  package.loaded.counter = nil
  local fresh = require "counter"
  it("shares what was loaded", function() assert.equal(outer, inner) end)
  it("loads anew", function() assert.equal(1, fresh.next()) assert.are_not.equal(fresh, outer) end)
end)

insulate("second", function()
  it("has the one from outside", function() assert.equal(outer, require "counter") end)
  it("counts on", function() assert.equal(2, require "counter".next()) end)
  describe("a block inside", function()
    _G.leak = "leak"
    it("sees it", function() assert.equal("leak", leak) end)
  end)
  it("still sees it", function() assert.equal("leak", _G.leak) end)
end)

describe("after", function()
  it("sees no leak", function() assert.is_nil(_G.leak) end)
  it("counts on", function() assert.equal(3, outer.next()) end)
end)

expose("exposed", function()
  shared = { "shared" }
  it("has it", function() assert.same({ "shared" }, shared) end)
end)

describe("after it", function()
  it("has it, too", function() assert.same({ "shared" }, shared) end)
  it("writes", function() shared = nil written = 1 assert.equal(1, written) end)
  it("does not share what a test wrote", function() assert.is_nil(written) assert.same({ "shared" }, shared) end)
end)
