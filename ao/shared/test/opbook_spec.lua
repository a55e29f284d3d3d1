local opbook = require("opbook")
local rig = require("test.rig")

describe("a book of operations", function()
  local book
  local KEEP = { count = 3, ms = 100 }

  before_each(function()
    book = opbook.new()
  end)

  it("knows what an Op-Id is", function()
    assert.same({ "n", 12 }, { opbook.parse(rig.op(12)) })
    assert.same({ "d", 7 }, { opbook.parse("d7") })
    for _, id in ipairs({ "", "d", "x1", "0-abc", "01-a", "1-", "1234567890123456-a", "d1234567890123456", "1-a b" }) do
      assert.is_nil(opbook.parse(id))
    end
  end)

  it("forgets the oldest finished records that are more than to be kept, and old", function()
    for number = 1, 6 do
      opbook.put(book, rig.op(number), {})
      opbook.finish(book, rig.op(number), number * 10, KEEP)
    end
    assert.equal(6, book.Size) -- none is old enough
    opbook.put(book, rig.op(7), {})
    assert.same({ rig.op(1), rig.op(2) }, opbook.finish(book, rig.op(7), 500, KEEP))
    assert.equal(5, book.Size)
    assert.is_true(opbook.isStale(book, rig.op(1)))
    assert.is_false(opbook.isStale(book, rig.op(3)))
    assert.is_false(opbook.isStale(book, rig.op(8)))
    assert.is_false(opbook.isStale(book, "d1"))
  end)

  it("never forgets a record that is not finished", function()
    opbook.put(book, rig.op(1), {})
    for number = 2, 30 do
      opbook.put(book, rig.op(number), {})
      opbook.finish(book, rig.op(number), number * 1000, KEEP)
    end
    assert.is_truthy(opbook.get(book, rig.op(1)))
    assert.is_false(opbook.isStale(book, rig.op(1)))
    assert.equal(1, opbook.open(book))
  end)

  it("holds four times what is to be kept at most, however young", function()
    for number = 1, 50 do
      opbook.put(book, rig.op(number), {})
      opbook.finish(book, rig.op(number), 1, KEEP)
    end
    assert.equal(12, book.Size)
  end)

  it("counts a record that is finished twice once", function()
    opbook.put(book, rig.op(1), {})
    opbook.finish(book, rig.op(1), 1, KEEP)
    assert.same({}, opbook.finish(book, rig.op(1), 2, KEEP))
    assert.equal(0, opbook.open(book))
  end)
end)
