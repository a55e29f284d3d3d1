local agenda = require("agenda")
local rig = require("test.rig")

describe("an agenda", function()
  it("gives what is due in the order of its moments", function()
    local book, random = agenda.new(), rig.generator(3)
    local moments = {}
    for index = 1, 500 do
      moments[index] = random(100)
      agenda.add(book, moments[index], tostring(index))
    end
    table.sort(moments)
    for _, moment in ipairs(moments) do
      local id, at = agenda.take(book, 100)
      assert.is_string(id)
      assert.equal(moment, at)
    end
    assert.is_nil(agenda.take(book, 100))
    assert.equal(0, book.Count)
    assert.same({}, book.Heap)
  end)

  it("gives nothing before it is due, and equal moments in the order in which they came", function()
    local book = agenda.new()
    for _, id in ipairs({ "a", "b", "c" }) do
      agenda.add(book, 7, id)
    end
    agenda.add(book, 5, "first")
    assert.is_nil(agenda.take(book, 4))
    local taken = {}
    for index = 1, 4 do
      taken[index] = agenda.take(book, 7)
    end
    assert.same({ "first", "a", "b", "c" }, taken)
  end)
end)
