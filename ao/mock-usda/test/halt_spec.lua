local rig = require("test.rig")
local support = require("support")

local ALICE, OWNER = support.ALICE, support.OWNER

describe("mock-usda's books", function()
  local usda

  before_each(function()
    usda = support.spawn({ [ALICE] = "100" })
  end)

  it("hold through mints, burns and draws from the faucet", function()
    usda:send({ From = ALICE, Action = "Faucet", Quantity = "5" })
    usda:send({ From = ALICE, Action = "Burn", Quantity = "7" })
    assert.equal("105", usda:read("Usda.Minted"))
    assert.equal("7", usda:read("Usda.Burned"))
    assert.is_nil(usda:read("Usda.Halted"))
  end)

  it("halt the process when they do not, which then answers reads alone", function()
    usda:eval("Usda.TotalSupply = '99'")
    assert.same({}, usda:send({ From = ALICE, Action = "Burn", Quantity = "1" }).Messages)
    assert.is_string(usda:read("Usda.Halted"))
    assert.equal("halted", support.refusal(usda:send({ From = ALICE, Action = "Burn", Quantity = "1" }), "Burn", ALICE))
    assert.equal("99", support.balance(usda, ALICE))
    local alarms = usda:send({ From = ALICE, Action = "Alarms" }).Messages[1]
    assert.equal("halted", require("json").decode(alarms.Data)[1].code)
  end)

  it("A36 come with a journal of what the admin did", function()
    rig.ok(usda:send({ Action = "Faucet-Cap", Quantity = "5" }))
    rig.ok(usda:send({ Action = "Transfer-Admin", Admin = ALICE }))
    local log = require("json").decode(usda:send({ From = ALICE, Action = "Admin-Log" }).Messages[1].Data)
    assert.equal("Faucet-Cap", log[1].act)
    assert.equal("5", log[1].detail)
    assert.equal("Transfer-Admin", log[2].act)
    assert.equal(OWNER, log[2].by)
  end)
end)
