local rig = require("test.rig")
local support = require("support")

-- What no message leads to; each is noticed with the next that may change anything.
local BROKEN = {
  ["the supply is not what was minted, less what was burned, and what was restored"] = { TotalSupply = "1" },
  ["more was minted than vouched for"] = { TotalSupply = "5", Minted = "5", Vouched = "4" },
  ["more was restored than burned"] = { TotalSupply = "1", Restored = "1" },
}

describe("the token-manager stops", function()
  for text, sums in pairs(BROKEN) do
    it("where " .. text, function()
      local token = support.spawn()
      for name, value in pairs(sums) do
        token:eval(("Tim3[%q] = %q"):format(name, value))
      end
      assert.same({}, token:send({ From = rig.ALICE, Action = "Tick" }).Messages)
      assert.equal(text, token:read("Tim3.Halted"))
      local transfer = { From = rig.ALICE, Action = "Transfer", Recipient = rig.BOB, Quantity = "1" }
      assert.equal("halted", rig.refusal(token:send(transfer)))
    end)
  end
end)
