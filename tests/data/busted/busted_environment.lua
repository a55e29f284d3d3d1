-- Globals: what is written where, and who sees it.
inFile = "file"
function helper() return inFile end
local function upvalue() return inFile end
local function writer(value) written = value end

it("sees what the file wrote", function() assert.equal("file", inFile) end)
it("the file does not write into _G", function() assert.is_nil(rawget(_G, "inFile")) end)
it("_G does not see it", function() assert.is_nil(_G.inFile) end)
it("_ENV is not _G in a test", function() assert.is_false(_ENV == _G) end)
it("calls a helper of the file", function() assert.equal("file", helper()) end)
it("calls a local function", function() assert.equal("file", upvalue()) end)
it("writes a global", function() leak = 1 assert.equal(1, leak) end)
it("which the next test does not see", function() assert.is_nil(leak) end)
it("writes over one of the file", function() inFile = "test" assert.equal("test", inFile) end)
it("which stays as it was", function() assert.equal("file", inFile) end)
it("a helper sees the file's, not the test's", function() inFile = "test" assert.equal("file", helper()) end)
it("writes through a helper", function() writer(5) assert.equal(5, written) end)
it("which the next test sees", function() assert.equal(5, written) end)
it("writes into _G", function() _G.shared = 7 assert.equal(7, shared) end)
it("which the next test sees too", function() assert.equal(7, shared) end)

describe("a block", function()
  inBlock = "block"
  inFile = "file of block"
  before_each(function() inBefore = (inBefore or 0) + 1 end)
  setup(function() inSetup = "setup" end)
  it("sees its own", function() assert.equal("block", inBlock) end)
  it("and what setup wrote", function() assert.equal("setup", inSetup) end)
  it("and what before_each wrote and counts", function() assert.equal(3, inBefore) end)
  it("and its own of the same name", function() assert.equal("file of block", inFile) end)
  it("a helper does not", function() assert.equal("file", helper()) end)
  it("nor does _G", function() assert.is_nil(rawget(_G, "inBlock")) end)
  describe("inside", function()
    it("sees the outer block's", function() assert.equal("block", inBlock) end)
    it("writes", function() inBlock = "changed" end)
    it("and the write is gone", function() assert.equal("block", inBlock) end)
    inBlock = "inner"
    it("but one of the body stays", function() assert.equal("inner", inBlock) end)
  end)
  it("and not outside of it", function() assert.equal("block", inBlock) end)
end)

it("does not see the block's", function() assert.is_nil(inBlock) end)
it("does not see its setup's", function() assert.is_nil(inSetup) end)
it("does not see its before_each's", function() assert.is_nil(inBefore) end)
it("sees the file's still", function() assert.equal("file", inFile) end)

describe("hooks", function()
  setup(function() a = 1 end)
  before_each(function() b = a + 1 end)
  after_each(function() c = b + 1 b = nil end)
  it("one", function() assert.equal(2, b) assert.is_nil(c) d = 1 end)
  it("two", function() assert.equal(3, c) assert.is_nil(d) end)
  describe("inner hooks", function()
    before_each(function() e = b + 10 end)
    it("see outer", function() assert.equal(12, e) end)
    it("write in their block", function() b = 5 assert.equal(12, e) end)
  end)
  it("is not seen outside", function() assert.is_nil(e) end)
end)

describe("loaded code", function()
  it("writes into _G", function()
    load("fromLoad = 3")()
    assert.equal(3, _G.fromLoad)
    assert.equal(3, fromLoad)
  end)
  it("does not see the file's", function() assert.is_nil(load("return inFile")()) end)
  it("runs in a given environment", function() assert.equal("file", load("return inFile", "x", "t", _ENV)()) end)
end)

describe("functions shared by tests", function()
  local function shared() mine = (mine or 0) + 1 return mine end
  it("first", shared)
  it("second", shared)
  it("third", function() assert.is_nil(mine) end)
  it("fourth", function() assert.equal(1, shared()) end)
end)

describe("nested functions", function()
  it("write in the test's", function()
    local function inner() deep = 1 end
    inner()
    assert.equal(1, deep)
  end)
  it("are gone", function() assert.is_nil(deep) end)
  it("coroutines too", function()
    coroutine.wrap(function() cor = 1 end)()
    assert.equal(1, cor)
  end)
  it("gone too", function() assert.is_nil(cor) end)
  it("pcall too", function() pcall(function() pc = 1 end) assert.equal(1, pc) end)
  it("which is gone", function() assert.is_nil(pc) end)
end)

describe("pairs over globals", function()
  it("sees none in _ENV", function()
    local count = 0
    for _ in pairs(_ENV) do count = count + 1 end
    assert.equal(0, count)
  end)
  it("next of _ENV is nil", function() assert.is_nil(next(_ENV)) end)
  it("rawget of _ENV misses", function() assert.is_nil(rawget(_ENV, "print")) end)
  it("_ENV has a metatable", function() assert.is_table(getmetatable(_ENV)) end)
  it("_G has none", function() assert.is_nil(getmetatable(_G)) end)
  it("_G._G is _G", function() assert.equal(_G, _G._G) end)
  it("_G has print", function() assert.is_function(rawget(_G, "print")) end)
  it("_G has no describe of its own", function() assert.is_nil(rawget(_G, "describe")) end)
  it("_G has no it of its own", function() assert.is_nil(rawget(_G, "it")) end)
  it("_G.assert is luassert", function() assert.is_table(_G.assert) end)
  it("_G.spy", function() assert.is_table(rawget(_G, "spy")) end)
  it("_G.describe by index", function() assert.is_nil(_G.describe) end)
end)

describe("which words stand where", function()
  for _, word in ipairs { "describe", "context", "it", "spec", "test", "pending", "setup", "teardown", "before_each",
    "after_each", "insulate", "expose", "finally", "randomize", "lazy_setup", "lazy_teardown", "strict_setup",
    "strict_teardown", "assert", "spy", "stub", "mock", "match", "busted", "file", "async", "done", "say", "luassert", "_TEST", "getDescriptor",
    "suite", "subscribe", "publish", "export", "setloop", "settimeout", "arg" } do
    it(word .. " is a global of a test: " .. type(_ENV[word]), function() end)
    it(word .. " in a test: " .. type(_ENV[word]), function() assert.is_not_nil(_ENV[word]) end)
    it(word .. " in _G", function() assert.is_not_nil(rawget(_G, word)) end)
  end
end)

describe("a module", function()
  package.preload["busted_environment.module"] = function()
    return { words = function() return describe, it, assert end, write = function() moduleGlobal = 1 end, file = function() return inFile end }
  end
  local module = require("busted_environment.module")
  it("made by a function of the file sees words", function()
    local d, i, a = module.words()
    assert.is_not_nil(d) assert.is_not_nil(i) assert.is_not_nil(a)
  end)
  it("writes", function() module.write() assert.is_nil(rawget(_G, "moduleGlobal")) end)
  it("read back", function() assert.is_nil(moduleGlobal) end)
end)

describe("setmetatable on _G", function()
  it("strict mode", function()
    setmetatable(_G, { __newindex = function(_, k) error("write " .. k, 2) end, __index = function(_, k) error("read " .. k, 2) end })
  end)
  it("next test", function() assert.is_nil(getmetatable(_G)) end)
  it("restores", function() setmetatable(_G, nil) end)
end)
