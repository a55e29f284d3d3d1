local amounts = require("amounts")

local MAX = string.rep("9", 38)

describe("an amount", function()
  it("A12 is a canonical decimal of one or more to be asked for", function()
    for _, good in ipairs({ "1", "10", "9007199254740993", MAX }) do
      assert.is_true(amounts.isQuantity(good), good)
    end
    local bad = {
      "", "0", "00", "01", "-1", "+1", "0x10", "1e3", "1.0", " 1", "1 ", "1\n", "1\0", "nan", "inf", "１",
      "1" .. string.rep("0", 38), string.rep("9", 1000), 1, 1.5, true, {},
    }
    for _, value in ipairs(bad) do
      assert.is_false(amounts.isQuantity(value), tostring(value))
    end
    assert.is_false(amounts.isQuantity(nil))
  end)

  it("may be zero to be stored", function()
    assert.is_true(amounts.isAmount("0"))
    assert.is_true(amounts.isAmount("7"))
    assert.is_false(amounts.isAmount("00"))
    assert.is_false(amounts.isAmount(0))
  end)

  it("compares by value, not by text", function()
    assert.is_true(amounts.isLess("9", "10"))
    assert.is_false(amounts.isLess("10", "9"))
    assert.is_false(amounts.isLess("10", "10"))
    assert.is_true(amounts.isLess("0", "1"))
    assert.is_true(amounts.isLess("9007199254740992", "9007199254740993"))
  end)

  it("A13 keeps every digit", function()
    assert.equal("9007199254740994", amounts.add("9007199254740993", "1"))
    assert.equal("9007199254740993", amounts.subtract("9007199254740994", "1"))
    local big = "1" .. string.rep("0", 30)
    assert.equal("1000000000000000000000000000001", amounts.add(big, "1"))
    assert.equal(string.rep("9", 30), amounts.subtract(big, "1"))
  end)

  it("A14 never grows beyond the maximum and never wraps", function()
    assert.equal(MAX, amounts.add(MAX, "0"))
    assert.is_nil(amounts.add(MAX, "1"))
    assert.is_nil(amounts.add(MAX, MAX))
    assert.equal(MAX, amounts.MAX)
  end)

  it("never becomes negative", function()
    assert.equal("0", amounts.subtract("5", "5"))
    assert.is_nil(amounts.subtract("4", "5"))
    assert.is_nil(amounts.subtract("0", "1"))
  end)

  it("are shared and compared without rounding up", function()
    assert.equal("30", amounts.share("100", 30))
    assert.equal("0", amounts.share("1", 99))
    assert.equal("9999", amounts.perTenThousand(string.rep("9", 30), "1" .. string.rep("0", 30)))
    assert.equal("15000", amounts.perTenThousand("3", "2"))
  end)

  it("have totals beyond the largest amount", function()
    local total = amounts.total(amounts.MAX, amounts.MAX)
    assert.equal("1" .. string.rep("9", 37) .. "8", total)
    assert.equal(amounts.MAX, amounts.subtract(total, amounts.MAX))
    assert.is_true(amounts.isLess(amounts.MAX, total))
  end)
end)
