local support = require("support")

local ALICE, BOB, KEEPER, OWNER = support.ALICE, support.BOB, support.KEEPER, support.OWNER

local BAD = {
  "", "00", "01", "007", "-1", "+1", "+007", "0x10", "1e3", "1E3", "1.0", ".5", "5.", "1,000", "1_000", " 1", "1 ",
  "\t1", "1\n", "\n1", "nan", "NaN", "inf", "-inf", "Infinity", "nil", "１２", "٣", "5\0", "1\1",
  "1" .. string.rep("0", 38), -- one digit too many
  "115792089237316195423570985008687907853269984665640564039457584007913129639941", -- 2^256 + 5
}

-- Every amount field of every action, in a message that is right but for the amount.
local MESSAGES = {
  { From = ALICE, Action = "Transfer", Recipient = BOB },
  { From = OWNER, Action = "Mint", Recipient = BOB },
  { From = ALICE, Action = "Faucet" },
  { From = OWNER, Action = "Faucet-Cap", zero = true },
  { From = ALICE, Action = "Burn" },
  { From = ALICE, Action = "Approve", Spender = BOB, zero = true },
  { From = KEEPER, Action = "Lock", User = ALICE, ["Lock-Id"] = "new" },
  { From = KEEPER, Action = "Unlock", Recipient = BOB, ["Release-Id"] = "new" },
}

describe("an amount", function()
  local usda

  before_each(function()
    usda = support.spawn({ [ALICE] = "100" })
    usda:send({ From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = "80" })
    usda:send({ From = KEEPER, Action = "Lock", User = ALICE, ["Lock-Id"] = "old", Quantity = "50" })
    usda:send({ From = KEEPER, Action = "Capture", ["Lock-Id"] = "old" })
  end)

  --- Send a message with an amount, and return the result.
  local function send(message, quantity)
    local sent = { Quantity = quantity }
    for name, value in pairs(message) do
      if name ~= "zero" then
        sent[name] = value
      end
    end
    return usda:send(sent)
  end

  for _, message in ipairs(MESSAGES) do
    it("A12 of " .. message.Action .. " must be canonical", function()
      local before = usda:read("Usda.Balances")
      for _, quantity in ipairs(BAD) do
        assert.equal("invalid-quantity", support.refusal(send(message, quantity), message.Action, message.From))
      end
      assert.equal("invalid-quantity", support.refusal(send(message, nil), message.Action, message.From))
      if not message.zero then
        assert.equal("invalid-quantity", support.refusal(send(message, "0"), message.Action, message.From))
      end
      assert.same(before, usda:read("Usda.Balances"))
      assert.equal("30", usda:read(("Usda.Allowances[%q][%q].qty"):format(ALICE, KEEPER)))
      support.checkInvariants(usda)

      local last = send(message, "1") -- the message was right but for the amount
      assert.is_nil(support.find(last, message.Action .. "-Error"))
    end)
  end

  it("may be zero where zero takes something back", function()
    for _, message in ipairs(MESSAGES) do
      if message.zero then
        assert.is_nil(support.find(send(message, "0"), message.Action .. "-Error"))
      end
    end
  end)
end)
