local fields = require("fields")

--- Tell whether a reader accepts a value as it is.
local function accepts(reader, value)
  local read, problem = reader(value)
  return read == value and problem == nil
end

--- Tell whether a reader refuses a value with a reason.
local function refuses(reader, value)
  local read, problem = reader(value)
  return read == nil and type(problem) == "string"
end

describe("a reader", function()
  it("of quantities refuses zero, of amounts accepts it", function()
    assert.is_true(refuses(fields.quantity, "0"))
    assert.is_true(accepts(fields.amount, "0"))
    assert.is_true(accepts(fields.quantity, "12"))
    assert.is_true(accepts(fields.amount, "12"))
    assert.is_true(refuses(fields.amount, "00"))
  end)

  it("refuses what is absent, unless it is optional", function()
    for _, reader in ipairs({ fields.quantity, fields.amount, fields.party, fields.id, fields.integer }) do
      assert.is_true(refuses(reader, nil))
      assert.is_true(accepts(fields.optional(reader), nil))
      assert.is_true(refuses(fields.optional(reader), ""))
    end
  end)

  it("of identifiers accepts letters, digits, - and _ up to 128", function()
    assert.is_true(accepts(fields.id, "12-" .. string.rep("a", 43)))
    assert.is_true(accepts(fields.id, string.rep("a", 128)))
    for _, bad in ipairs({ "", "a b", "a.b", "é", "a\n", string.rep("a", 129) }) do
      assert.is_true(refuses(fields.id, bad), bad)
    end
  end)

  it("of integers returns a Lua integer", function()
    assert.equal("integer", math.type(fields.integer("1700000000000")))
    assert.equal(0, fields.integer("0"))
    for _, bad in ipairs({ "01", "-1", "1.0", "1e3", "0x1", string.rep("9", 16) }) do
      assert.is_true(refuses(fields.integer, bad), bad)
    end
  end)

  it("of totals accepts more digits than an amount has, up to 60", function()
    for _, good in ipairs({ "0", "7", string.rep("9", 39), string.rep("9", 60) }) do
      assert.is_true(accepts(fields.total, good), good)
    end
    for _, bad in ipairs({ "", "00", "07", "-1", "1.0", "1e3", "1\n", string.rep("9", 61), 7 }) do
      assert.is_true(refuses(fields.total, bad), bad)
    end
    assert.is_true(refuses(fields.total, nil))
  end)
end)
