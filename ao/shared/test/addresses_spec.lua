local addresses = require("addresses")

local SELF = string.rep("s", 43)
local AUTHORITY = string.rep("m", 43)

describe("an address", function()
  local real

  before_each(function()
    real = ao
    _G.ao = { id = SELF, authorities = { AUTHORITY } }
  end)

  after_each(function()
    _G.ao = real
  end)

  it("A47 has 43 base64url characters, or is 0x and 40 hexadecimal digits", function()
    assert.is_true(addresses.isAddress("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_01234"))
    assert.is_true(addresses.isAddress("0x" .. string.rep("aB", 20)))
    local bad = {
      "", "alice", string.rep("a", 42), string.rep("a", 44), string.rep("a", 42) .. "+", string.rep("a", 42) .. "\n",
      "0x" .. string.rep("g", 40), "1x" .. string.rep("a", 40), string.rep("a", 39) .. "😀", {}, 7,
    }
    for _, value in ipairs(bad) do
      assert.is_false(addresses.isAddress(value), tostring(value))
    end
  end)

  it("A3 is no party where it is an authority or the process itself", function()
    assert.is_true(addresses.isParty(string.rep("a", 43)))
    assert.is_false(addresses.isParty(SELF))
    assert.is_false(addresses.isParty(AUTHORITY))
    assert.is_false(addresses.isParty(nil))
  end)
end)
