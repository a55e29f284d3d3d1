local sim = require("tim3tool.sim")
local support = require("support")

local ALICE, BOB, KEEPER = support.ALICE, support.BOB, support.KEEPER

describe("Approve", function()
  local usda, network

  before_each(function()
    usda, network = support.spawn({ [ALICE] = "100" })
  end)

  --- Approve the keeper, of alice's.
  local function approve(quantity, expires)
    local message = { From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = quantity }
    message["Expires-At"] = expires
    return usda:send(message)
  end

  --- Ask for the keeper's allowance from alice.
  local function allowance()
    return usda:dry_run({ From = ALICE, Action = "Allowance", Spender = KEEPER }).Messages[1].Tags.Allowance
  end

  --- Let the keeper lock of alice's.
  local function lock(id, quantity)
    return usda:send({ From = KEEPER, Action = "Lock", ["Lock-Id"] = id, User = ALICE, Quantity = quantity })
  end

  it("sets an allowance and confirms it", function()
    local result = approve("60")
    assert.equal(1, #result.Messages)
    local confirmed = result.Messages[1]
    assert.equal("Approve-Confirmed", confirmed.Action)
    assert.equal(ALICE, confirmed.Target)
    assert.equal(KEEPER, confirmed.Tags.Spender)
    assert.equal("60", confirmed.Tags.Quantity)
    assert.is_nil(confirmed.Tags["Expires-At"])
    assert.equal("60", allowance())
  end)

  it("may exceed the balance", function()
    approve("1000")
    assert.equal("1000", allowance())
  end)

  it("replaces the allowance, and does not add to it", function()
    approve("60")
    approve("50")
    assert.equal("50", allowance())
  end)

  it("revokes with 0", function()
    approve("60")
    approve("0")
    assert.equal("0", allowance())
    assert.same({}, usda:read("Usda.Allowances"))
    assert.equal("insufficient-allowance", support.refusal(lock("l", "1"), "Lock", KEEPER))
  end)

  it("ends at Expires-At", function()
    local expires = tostring(network:now() + 60000)
    local confirmed = approve("60", expires).Messages[1]
    assert.equal(expires, confirmed.Tags["Expires-At"])
    assert.equal("Lock-Confirmed", lock("l1", "10").Messages[1].Action)
    network:advance(60000)
    assert.equal("insufficient-allowance", support.refusal(lock("l2", "10"), "Lock", KEEPER))
    assert.equal("0", allowance())
  end)

  it("keeps its end when part of it is used", function()
    local expires = network:now() + 60000
    approve("60", tostring(expires))
    lock("l1", "10")
    assert.same({ qty = "50", expires = expires }, usda:read(("Usda.Allowances[%q][%q]"):format(ALICE, KEEPER)))
  end)

  it("refuses an end that has passed or is no moment", function()
    for _, expires in ipairs({ "1", tostring(network:now()), "soon", "-1", "1.5", "" }) do
      assert.equal("invalid-expires-at", support.refusal(approve("60", expires), "Approve", ALICE))
    end
  end)

  it("refuses the owner itself and what is no address as spender", function()
    for _, spender in ipairs({ ALICE, "keeper", usda.id }) do
      local result = usda:send({ From = ALICE, Action = "Approve", Spender = spender, Quantity = "1" })
      assert.equal("invalid-spender", support.refusal(result, "Approve", ALICE))
    end
  end)

  it("I23 bounds the spenders of one owner, and forgets expired ones", function()
    for index = 1, 100 do
      local expires = index <= 50 and tostring(network:now() + 60000) or nil
      local spender = sim.address("spender" .. index)
      usda:send({ From = ALICE, Action = "Approve", Spender = spender, Quantity = "1", ["Expires-At"] = expires })
    end
    assert.equal("too-many-spenders", support.refusal(approve("60"), "Approve", ALICE))
    network:advance(60000)
    assert.equal("Approve-Confirmed", approve("60").Messages[1].Action)
    local spenders = 0
    for _ in pairs(usda:read(("Usda.Allowances[%q]"):format(ALICE))) do
      spenders = spenders + 1
    end
    assert.equal(51, spenders)
  end)

  it("is the owner's alone to give", function()
    usda:send({ From = KEEPER, Action = "Approve", Spender = BOB, Quantity = "60" })
    assert.equal("0", allowance())
    local result = usda:send({ From = BOB, Action = "Lock", ["Lock-Id"] = "l", User = ALICE, Quantity = "1" })
    assert.equal("insufficient-allowance", support.refusal(result, "Lock", BOB))
  end)

  it("can be looked up by anybody", function()
    approve("60", tostring(network:now() + 1000))
    local result = usda:send({ From = BOB, Action = "Allowance", User = ALICE, Spender = KEEPER })
    assert.equal("60", result.Messages[1].Tags.Allowance)
    assert.equal("60", result.Messages[1].Data)
    assert.equal(tostring(network:now() + 1000), result.Messages[1].Tags["Expires-At"])
    assert.equal("invalid-spender", support.refusal(usda:send({ Action = "Allowance" }), "Allowance"))
  end)
end)
