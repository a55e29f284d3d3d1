local rig = require("test.rig")
local support = require("support")

local ALICE, BOB = rig.ALICE, rig.BOB
local OP = rig.op(7)

describe("burning TIM3", function()
  local token, network, peers

  before_each(function()
    token, network = support.spawn()
    peers = support.peers(token)
    support.mint(token, rig.op(1), ALICE, "100")
    peers.locks("Ack", rig.op(1))
  end)

  local function ack(id, result, payout)
    return peers.locks("Release-Ack", id, nil, nil, { Result = result, ["Payout-State"] = payout })
  end

  it("16 obeys the coordinator alone", function()
    for _, from in ipairs({ ALICE, rig.OWNER, rig.PEERS["Lock-Manager"] }) do
      local burn = { From = from, Action = "Burn", ["Op-Id"] = OP, User = ALICE, Quantity = "10" }
      assert.same({}, token:send(burn).Messages)
    end
    assert.equal("100", support.balance(token, ALICE))
  end)

  it("16 lowers the supply, then orders the release to the account that was debited", function()
    local result = peers.coordinator("Burn", OP, ALICE, "40")
    assert.same({ "Burn-Confirmed", "Debit-Notice", "Release-Order" }, rig.actions(result))
    local order = rig.find(result, "Release-Order")
    assert.equal(rig.PEERS["Lock-Manager"], order.Target)
    assert.equal(ALICE, order.Tags.User)
    assert.equal("40", order.Tags.Quantity)
    assert.equal("60", token:read("Tim3.TotalSupply"))
    support.checkInvariants(token)
  end)

  it("16 A35 checks the balance at its own step", function()
    token:send({ From = ALICE, Action = "Transfer", Recipient = BOB, Quantity = "90" })
    local result = peers.coordinator("Burn", OP, ALICE, "40")
    assert.same({ "Burn-Rejected" }, rig.actions(result))
    assert.equal("insufficient-balance", result.Messages[1].Tags["Error-Code"])
    token:send({ From = BOB, Action = "Transfer", Recipient = ALICE, Quantity = "90" })
    assert.same({ "Burn-Rejected" }, rig.actions(peers.coordinator("Burn", OP, ALICE, "40")))
    assert.equal("100", support.balance(token, ALICE))
  end)

  it("A34 lets only one of two burns of a whole balance pass", function()
    peers.coordinator("Burn", OP, ALICE, "100")
    assert.same({ "Burn-Rejected" }, rig.actions(peers.coordinator("Burn", rig.op(8), ALICE, "100")))
    assert.equal("0", token:read("Tim3.TotalSupply"))
  end)

  it("17 A9 burns once per operation", function()
    peers.coordinator("Burn", OP, ALICE, "40")
    assert.same({ "Burn-Confirmed" }, rig.actions(peers.coordinator("Burn", OP, ALICE, "40")))
    assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator("Burn", OP, ALICE, "41")))
    assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator("Burn", rig.op(1), ALICE, "100")))
    assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator("Mint", OP, ALICE, "40")))
    assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator("Cancel-Mint", OP)))
    assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator("Cancel-Burn", rig.op(1))))
    assert.same({}, peers.locks("Voucher", OP, ALICE, "40").Messages)
    assert.equal("60", support.balance(token, ALICE))
    support.checkInvariants(token)
  end)

  it("18 repeats Release-Order until it is answered, later and later", function()
    peers.coordinator("Burn", OP, ALICE, "40")
    for _, wait in ipairs({ 30000, 60000, 120000 }) do
      network:advance(wait - 1)
      assert.same({}, rig.actions(token:send({ Action = "Tick" })))
      network:advance(10000)
      assert.same({ "Release-Order" }, rig.actions(token:send({ Action = "Tick" })))
    end
    ack(OP, "done", "claimable")
    network:advance(7200000)
    assert.same({}, rig.actions(token:send({ Action = "Tick" })))
    local confirmed = peers.coordinator("Burn", OP, ALICE, "40").Messages[1]
    assert.equal("claimable", confirmed.Tags["Payout-State"])
  end)

  it("19 A5 restores once, on the lock-manager's word alone", function()
    peers.coordinator("Burn", OP, ALICE, "40")
    for _, from in ipairs({ ALICE, rig.PEERS.Coordinator, rig.PEERS.Usda }) do
      token:send({ From = from, Action = "Release-Ack", ["Op-Id"] = OP, Result = "failed" })
    end
    token:send({ From = rig.PEERS.Usda, Action = "Transfer-Error", ["Op-Id"] = OP })
    assert.equal("60", support.balance(token, ALICE))
    assert.same({ "Burn-Restored", "Credit-Notice" }, rig.actions(ack(OP, "failed")))
    assert.equal("100", support.balance(token, ALICE))
    assert.same({}, rig.actions(ack(OP, "failed")))
    assert.same({}, rig.actions(ack(OP, "done", "claimable")))
    assert.equal("100", support.balance(token, ALICE))
    assert.same({ "Burn-Restored" }, rig.actions(peers.coordinator("Burn", OP, ALICE, "40")))
    assert.same({ "Burn-Restored" }, rig.actions(peers.coordinator("Cancel-Burn", OP)))
    support.checkInvariants(token)
  end)

  it("19 does not restore what was released", function()
    peers.coordinator("Burn", OP, ALICE, "40")
    ack(OP, "done", "unlocked")
    assert.same({}, rig.actions(ack(OP, "done", "unlocked")))
    assert.same({}, rig.actions(ack(OP, "failed")))
    assert.equal("60", support.balance(token, ALICE))
    assert.equal(1, token:read("Tim3.Counters['alarm-unexpected-release-ack']"))
    assert.same({}, rig.actions(ack(rig.op(99), "done", "unlocked")))
  end)

  it("19 A14 restores only when the supply has room for it", function()
    rig.ok(token:send({ Action = "Set-Limits", ["Supply-Cap"] = "off" }))
    peers.coordinator("Burn", OP, ALICE, "40")
    support.mint(token, rig.op(2), BOB, string.rep("9", 36) .. "39") -- with the 60 that are left, the maximum
    assert.equal(string.rep("9", 38), token:read("Tim3.TotalSupply"))
    assert.same({}, rig.actions(ack(OP, "failed")))
    assert.equal("60", support.balance(token, ALICE))
    assert.equal(1, token:read("Tim3.Counters['alarm-cannot-restore']"))
    support.checkInvariants(token)
    peers.coordinator("Burn", rig.op(3), BOB, "40")
    assert.same({ "Burn-Restored", "Credit-Notice" }, rig.actions(ack(OP, "failed")))
    assert.equal("100", support.balance(token, ALICE))
    support.checkInvariants(token)
  end)

  it("A10 lets a cancelled burn never happen", function()
    assert.same({ "Burn-Cancelled" }, rig.actions(peers.coordinator("Cancel-Burn", OP)))
    assert.same({ "Burn-Cancelled" }, rig.actions(peers.coordinator("Burn", OP, ALICE, "40")))
    assert.equal("100", support.balance(token, ALICE))
    peers.coordinator("Burn", rig.op(8), ALICE, "40")
    assert.same({ "Burn-Confirmed" }, rig.actions(peers.coordinator("Cancel-Burn", rig.op(8))))
  end)

  it("20 A7 refuses users' Mint and Burn without an answer to anybody", function()
    for _, action in ipairs({ "Mint", "Burn", "Cancel-Mint", "Release-Ack", "Voucher" }) do
      local result = token:send({
        From = rig.MALLORY,
        Action = action,
        Quantity = "1",
        Tags = { ["Reply-To"] = rig.PEERS["Lock-Manager"], ["Op-Id"] = OP, ["X-Reference"] = "7" },
      })
      assert.same({}, result.Messages)
    end
  end)
end)
