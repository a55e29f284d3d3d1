-- Blocks and tests: names, nesting, order, and what may stand where.
local log = {}
local function note(x) log[#log + 1] = x end

describe("a block", function()
  it("holds a test", function() note("a") end)
  spec("holds a spec", function() note("b") end)
  test("holds a test of the third word", function() note("c") end)
  it("runs in order", function() assert.equal("a,b,c", table.concat(log, ",", 1, 3)) end)
end)

context("a context", function()
  describe("in it", function()
    context("deeper", function()
      it("holds a test", function() end)
    end)
  end)
end)

describe("same name", function()
  it("same test", function() end)
  it("same test", function() error("the second") end)
  describe("same name", function() it("same test", function() end) end)
  describe("same name", function() it("same test", function() assert.equal(1, 2) end) end)
end)
describe("same name", function()
  it("same test", function() end)
end)

it("stands outside of a describe", function() end)

describe("", function()
  it("", function() end)
  it("  spaces  around  ", function() end)
  it("new\nline", function() end)
  it("a::b [c] {d} <e> 'f' \"g\" \\h %d %s /i", function() end)
  it("ünïcödé ☃", function() end)
  it("tab\tinside", function() end)
end)

describe("empty block", function() end)

describe("tests without a body", function()
  it("nobody")
  spec("nobody spec")
  test("nobody test")
  it("somebody", function() end)
end)

describe("made by a loop", function()
  for i = 1, 12 do
    it("number " .. i, function() assert.is_true(i % 5 ~= 0) end)
  end
  for _, word in ipairs { "x", "y" } do
    describe("block " .. word, function()
      for i = 1, 3 do
        it("test " .. i, function() assert.equal("x", word) end)
      end
    end)
  end
end)

describe("bodies run when their turn comes", function()
  local seen = {}
  describe("first", function()
    seen[#seen + 1] = "first body"
    it("runs", function() seen[#seen + 1] = "first test" end)
  end)
  describe("second", function()
    seen[#seen + 1] = "second body"
    it("sees the test of the first before its own body", function()
      assert.same({ "first body", "first test", "second body" }, seen)
    end)
  end)
  it("comes last", function() assert.equal(3, #seen) end)
end)

describe("tests before and after blocks", function()
  local order = {}
  it("one", function() order[#order + 1] = 1 end)
  describe("inner", function()
    it("two", function() order[#order + 1] = 2 end)
  end)
  it("three", function() order[#order + 1] = 3 end)
  it("keep the order they are written in", function() assert.same({ 1, 2, 3 }, order) end)
end)

describe("what setup makes", function()
  local cases
  setup(function() cases = { "p", "q" } end)
  describe("inner bodies see", function()
    for _, case in ipairs(cases) do
      it("case " .. case, function() assert.equal("p", case) end)
    end
  end)
end)

describe("what a test makes", function()
  local made
  it("makes", function() made = { "r", "s" } end)
  describe("inner bodies see", function()
    for _, case in ipairs(made) do
      it("case " .. case, function() end)
    end
  end)
end)

describe("words inside a test", function()
  for _, word in ipairs { "describe", "context", "insulate", "expose", "it", "spec", "test", "setup", "teardown",
    "lazy_setup", "lazy_teardown", "strict_setup", "strict_teardown", "before_each", "after_each" } do
    it(word, function() _ENV[word]("x", function() end) end)
    it(word .. " with a function only", function() _ENV[word](function() end) end)
  end
  it("randomize", function() randomize() end)
  it("the test after", function() end)
end)

describe("words with odd arguments", function()
  for _, word in ipairs { "describe", "context", "insulate", "expose", "it", "spec", "test", "pending", "setup", "teardown",
    "before_each", "after_each" } do
    for kind, value in pairs { } do it(kind, value) end
    it(word .. " is a callable", function()
      local meta = getmetatable(_ENV[word])
      assert.is_true(type(_ENV[word]) == "function" or (meta and meta.__call ~= nil))
    end)
    it(word .. " is of type " .. type(_ENV[word]), function() end)
  end
end)

describe("a number as name", function()
  it("before", function() end)
  describe(5, function() it("inner", function() end) end)
  it("after", function() end)
end)
describe("a number as name of a test", function()
  it("before", function() end)
  it(7, function() end)
  it("after", function() end)
end)
describe("no name", function()
  it("before", function() end)
  it(function() end)
  it("after", function() end)
end)
describe("no name of a block", function()
  it("before", function() end)
  describe(function() it("inside", function() end) end)
  it("after", function() end)
end)
describe("no arguments", function()
  it("before", function() end)
  it()
  it("after", function() end)
end)
describe("no arguments of a block", function()
  it("before", function() end)
  describe()
  it("after", function() end)
end)
describe("a block without body", function()
  it("before", function() end)
  describe("nothing")
  it("after", function() end)
end)
describe("nil as name", function()
  it("before", function() end)
  it(nil, function() end)
  it("after", function() end)
end)
describe("a table as body", function()
  it("before", function() end)
  it("table", {})
  it("after", function() end)
end)
describe("a callable table as body", function()
  it("before", function() end)
  it("callable", setmetatable({}, { __call = function() error("called") end }))
  it("after", function() end)
end)
describe("a string as body", function()
  it("before", function() end)
  it("string", "body")
  it("after", function() end)
end)
describe("a callable block", setmetatable({}, { __call = function() it("inside a callable", function() end) end }))
it("returns nothing", function() return 1, 2, 3 end)
describe("returns are ignored", function() it("x", function() return nil, "error" end) return 5 end)
