local rig = require("test.rig")
local window = require("window")

describe("a window", function()
  it("sums the last ticks", function()
    local book = window.new()
    window.add(book, 1, "10")
    window.add(book, 1, "5")
    window.add(book, 3, "7")
    assert.equal("22", window.sum(book, 3, 3))
    assert.equal("7", window.sum(book, 4, 3))
    assert.equal("0", window.sum(book, 6, 3))
  end)

  it("takes back what is still in it, and nothing else", function()
    local book = window.new()
    for tick = 1, 9 do
      window.add(book, tick, "10")
    end
    window.remove(book, 4, "10")
    assert.equal("80", window.sum(book, 9, 9))
    window.sum(book, 9, 3)
    window.remove(book, 2, "10")
    window.remove(book, 11, "10")
    assert.equal("30", window.sum(book, 9, 3))
    window.remove(window.new(), 1, "10")
  end)

  it("tells when an amount fits", function()
    local book = window.new()
    window.add(book, 1, "50")
    window.add(book, 2, "40")
    assert.equal(1, window.fits(book, "100", "60"))
    assert.equal(2, window.fits(book, "100", "61"))
    assert.is_nil(window.fits(book, "100", "101"))
    assert.is_nil(window.fits(window.new(), "100", "101"))
  end)

  it("agrees with counting anew, and keeps no more than its span", function()
    local book, random, all = window.new(), rig.generator(5), {}
    local tick = 0
    for _ = 1, 500 do
      tick = tick + random(3) - 1
      local quantity = random(50)
      window.add(book, tick, tostring(quantity))
      all[#all + 1] = { tick, quantity }
      local expected = 0
      for _, item in ipairs(all) do
        expected = expected + (item[1] > tick - 10 and item[2] or 0)
      end
      assert.equal(tostring(expected), window.sum(book, tick, 10))
      assert.is_true(book.Last - book.First + 1 <= 10)
    end
  end)
end)
