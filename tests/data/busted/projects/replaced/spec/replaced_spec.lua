describe("replaced functions", function()
  local time, printed = os.time, {}
  before_each(function() os.time = function() return 1000 end end)
  after_each(function() os.time = time end)

  it("os.time", function() assert.equal(1000, os.time()) end)
  it("os.time of a block", function()
    os.time = function() return 5 end
    assert.equal(5, os.time())
  end)
  it("print", function()
    local old = _G.print
    finally(function() _G.print = old end)
    _G.print = function(...) printed[#printed + 1] = table.concat({ ... }, ",") end
    print("a", "b")
    assert.same({ "a,b" }, printed)
  end)
  it("require", function()
    local old = require
    finally(function() _G.require = old end)
    _G.require = function(name) return name == "fake" and { fake = true } or old(name) end
    assert.is_true(require("fake").fake)
    assert.is_false(pcall(require, "no.such.module"))
  end)
  it("pcall and error", function()
    local old = _G.error
    finally(function() _G.error = old end)
    _G.error = function() return "silent" end
    assert.equal("silent", error("x"))
    assert.is_true(pcall(error, "x"))
  end)
  it("string methods", function()
    local old = string.format
    finally(function() string.format = old end)
    string.format = function() return "formatted" end
    assert.equal("formatted", ("x"):format())
  end)
  it("assert", function()
    local plain = _G.assert
    assert.equal("function", type(plain))
    assert.has_error(function() plain(false, "plain") end, "plain")
  end)
  it("coroutines", function()
    local co = coroutine.create(function(x) local y = coroutine.yield(x + 1) assert.equal(5, y) end)
    assert.same({ true, 2 }, { coroutine.resume(co, 1) })
    local ok = coroutine.resume(co, 6)
    assert.is_false(ok)
    coroutine.wrap(function() assert.equal(1, 2) end)()
  end)
  it("errors in coroutines", function() coroutine.wrap(function() error("deep") end)() end)
  it("errors with levels", function() error("level 2", 2) end)
  it("stack overflow", function() local function f() return 1 + f() end f() end)
  it("errors while shown", function()
    error(setmetatable({}, { __tostring = function() error("no text") end }))
  end)
  it("tostring of errors", function() error(setmetatable({}, { __tostring = function() return "an object" end })) end)
end)
