local rig = require("test.rig")
local support = require("support")

local ALICE, BOB, KEEPER, OWNER = support.ALICE, support.BOB, support.KEEPER, support.OWNER

describe("new code in a running mock-usda", function()
  local usda
  local CODE = rig.bundle()

  before_each(function()
    usda = support.spawn({ [ALICE] = "100" })
    usda:send({ From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = "80" })
    usda:send({ From = KEEPER, Action = "Lock", ["Lock-Id"] = "held", User = ALICE, Quantity = "20" })
    usda:send({ From = KEEPER, Action = "Lock", ["Lock-Id"] = "captured", User = ALICE, Quantity = "30" })
    usda:send({ From = KEEPER, Action = "Capture", ["Lock-Id"] = "captured" })
    usda:send({ From = KEEPER, Action = "Unlock", ["Lock-Id"] = "cancelled" })
  end)

  --- List the names of the handlers.
  local function handlers()
    return usda:read("(function() local t = {} for i, h in ipairs(Handlers.list) do t[i] = h.name end return t end)()")
  end

  it("A39 keeps the state", function()
    usda:send({ Action = "Transfer-Admin", Admin = BOB })
    local before = usda:read("Usda")
    usda:eval(CODE)
    local after = usda:read("Usda")
    assert.equal("New-Code", after.Log.Items[after.Log.Last].act)
    after.Log = before.Log
    assert.same(before, after)
    support.checkInvariants(usda)
  end)

  it("A39 goes on where the old code was", function()
    usda:eval(CODE)
    local lock = { From = KEEPER, Action = "Lock", ["Lock-Id"] = "cancelled", User = ALICE, Quantity = "1" }
    assert.equal("cancelled", support.refusal(usda:send(lock), "Lock", KEEPER))
    usda:send({ From = KEEPER, Action = "Capture", ["Lock-Id"] = "held" })
    usda:send({ From = KEEPER, Action = "Unlock", ["Release-Id"] = "r", Recipient = BOB, Quantity = "50" })
    assert.equal("50", support.balance(usda, BOB))
    usda:send({ From = ALICE, Action = "Transfer", Recipient = BOB, Quantity = "50" })
    assert.equal("100", support.balance(usda, BOB))
    support.checkInvariants(usda)
  end)

  it("A39 keeps the handlers and their order", function()
    local expected = { "_eval", "_default", "guard", "dispatch", "catch-all" }
    assert.same(expected, handlers())
    usda:eval(CODE)
    usda:eval(CODE)
    assert.same(expected, handlers())
    assert.equal(1, #usda:send({ From = ALICE, Action = "Balance" }).Messages)
  end)

  it("A39 keeps the catch-all behind whatever came since", function()
    usda:eval("Handlers.add('extra', 'Extra', function() end)")
    usda:eval(CODE)
    assert.same({ "_eval", "_default", "guard", "dispatch", "extra", "catch-all" }, handlers())
  end)

  it("A39 brings a state of the first layout to this one", function()
    usda:eval("Usda.Schema = 1 Usda.Token, Usda.Minted, Usda.Burned, Usda.Log, Usda.Alarms = nil, nil, nil, nil, nil")
    usda:eval(CODE)
    assert.equal(2, usda:read("Usda.Schema"))
    assert.equal("100", usda:read("Usda.Minted"))
    assert.equal("USDA", usda:send({ From = ALICE, Action = "Info" }).Messages[1].Tags.Ticker)
    usda:send({ Action = "Burn", From = ALICE, Quantity = "1" })
    assert.is_nil(usda:read("Usda.Halted"))
  end)

  it("A39 refuses a state of another schema, and the old code goes on", function()
    usda:eval("Usda.Schema = 99")
    local result = usda:send({ From = OWNER, Action = "Eval", Data = CODE })
    assert.is_truthy(result.Error:find("schema 99", 1, true))
    assert.equal("30", support.balance(usda, KEEPER))
  end)
end)
