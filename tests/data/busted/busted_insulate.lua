-- Insulation: what `insulate` puts back, what `expose` gives away, what `describe` leaves.
package.preload["counted"] = function()
  _G.loads = (_G.loads or 0) + 1
  return { number = _G.loads }
end
local first = require("counted")
it("is loaded once", function() assert.equal(1, first.number) end)

insulate("an insulated block", function()
  package.loaded["counted"] = nil
  local again = require("counted")
  _G.fromInsulate = "yes"
  own = "own"
  it("loads anew", function() assert.equal(2, again.number) end)
  it("sees its global", function() assert.equal("yes", fromInsulate) end)
  it("writes", function() _G.fromTest = 1 end)
  it("keeps between its tests", function() assert.equal(1, _G.fromTest) end)
  it("sets loaded", function() package.loaded["made"] = "made" assert.equal("made", require("made")) end)
  describe("inner", function()
    it("sees loaded", function() assert.equal("made", package.loaded["made"]) end)
  end)
end)

it("loaded is put back", function() assert.equal(first, require("counted")) end)
it("the global is gone", function() assert.is_nil(_G.fromInsulate) end)
it("the test's is gone", function() assert.is_nil(_G.fromTest) end)
it("the body's own is gone", function() assert.is_nil(own) end)
it("what it loaded is gone", function() assert.is_nil(package.loaded["made"]) end)
it("the count is put back", function() assert.equal(1, _G.loads) end)

describe("a describe", function()
  _G.fromDescribe = "yes"
  package.loaded["kept"] = "kept"
  it("x", function() end)
end)
it("keeps its global", function() assert.equal("yes", _G.fromDescribe) end)
it("keeps what it loaded", function() assert.equal("kept", package.loaded["kept"]) end)

expose("an exposed block", function()
  _G.fromExpose = "G"
  exposed = "env"
  package.loaded["exposed"] = "exposed"
  it("x", function() assert.equal("env", exposed) exposedByTest = 1 end)
  setup(function() exposedBySetup = 1 end)
end)
it("sees its global in _G", function() assert.equal("G", _G.fromExpose) end)
it("sees its environment's", function() assert.equal("env", exposed) end)
it("not in _G", function() assert.is_nil(rawget(_G, "exposed")) end)
it("sees what setup wrote", function() assert.equal(1, exposedBySetup) end)
it("not what a test wrote", function() assert.is_nil(exposedByTest) end)
it("sees what it loaded", function() assert.equal("exposed", package.loaded["exposed"]) end)

insulate("an insulated block around", function()
  expose("an exposed one", function()
    inner = "inner"
    _G.innerG = "inner"
    package.loaded["inner"] = "inner"
    it("x", function() end)
  end)
  it("sees the exposed", function() assert.equal("inner", inner) end)
  it("sees _G", function() assert.equal("inner", _G.innerG) end)
  it("sees loaded", function() assert.equal("inner", package.loaded["inner"]) end)
end)
it("the exposed is gone outside", function() assert.is_nil(inner) end)
it("of _G gone too", function() assert.is_nil(_G.innerG) end)
it("of loaded gone too", function() assert.is_nil(package.loaded["inner"]) end)

describe("a describe around", function()
  expose("exposes to its parent", function()
    toParent = 1
    it("x", function() end)
  end)
  it("is seen in the parent", function() assert.equal(1, toParent) end)
  describe("and in siblings after", function() it("y", function() assert.equal(1, toParent) end) end)
end)
it("and not further", function() assert.is_nil(toParent) end)

insulate("replaces functions", function()
  local before = print -- luacheck: ignore
  _G.print = function() end
  it("sees the replaced", function() assert.is_false(print == before) end)
  it("and through _G", function() assert.equal(print, _G.print) end)
end)
it("print is back", function() assert.is_not_nil(print) assert.equal(print, _G.print) end)

insulate("does not copy deep", function()
  os.added = 1
  string.added = 2
  it("x", function() assert.equal(1, os.added) end)
end)
it("deep changes stay", function() assert.equal(1, os.added) assert.equal(2, string.added) os.added, string.added = nil, nil end)

insulate(function() it("without a name", function() end) end)
expose(function() it("without a name", function() end) end)
insulate("bodies and tests take turns", function()
  package.loaded["turn"] = "one"
  it("sees one", function() assert.equal("one", require("turn")) end)
end)
insulate("bodies and tests take turns again", function()
  it("sees nothing", function() assert.is_nil(package.loaded["turn"]) end)
  package.loaded["turn"] = "two"
end)
