-- Hooks of the file itself.
local log = {}
local function note(word) return function() log[#log + 1] = word end end
local function take() local said = table.concat(log, " ") log = {} return said end
setup(note("s")) lazy_setup(note("ls"))
teardown(note("t")) lazy_teardown(note("lt"))
before_each(note("b")) after_each(note("a"))
it("setup comes first", function() assert.equal("s ls b", take()) end)
describe("a block", function()
  note("body")()
  setup(note("s2"))
  it("hooks of the file are around", function() assert.equal("a body s2 b", take()) end)
  it("again", function() assert.equal("a b", take()) end)
  teardown(note("t2"))
end)
pending("not around this")
it("teardown of the block", function() assert.equal("a t2 b", take()) end)
