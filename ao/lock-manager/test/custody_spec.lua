local rig = require("test.rig")
local sim = require("tim3tool.sim")
local support = require("support")

local ALICE, BOB, MALLORY, PEERS = rig.ALICE, rig.BOB, rig.MALLORY, rig.PEERS
local OP = rig.op(1)
local FIELDS = { User = ALICE, Quantity = "10" }

describe("custody mode", function()
  local manager, network, peers

  before_each(function()
    manager, network, peers = support.spawn("custody")
  end)

  local function deposit(sender, quantity, reference, more)
    return peers.usda("Credit-Notice", nil, support.deposit(sender, quantity, reference, more))
  end

  local function owed(account)
    return manager:dry_run({ From = account, Action = "Claimable" }).Messages[1].Data
  end

  --- Make an amount claimable.
  local function refund(account, quantity, reference)
    deposit(account, quantity, reference)
    return peers.coordinator("Deposit-Decision", "d" .. reference, { Decision = "refuse" })
  end

  it("9 asks about a deposit that an operation awaits, and books it there", function()
    assert.same({}, rig.actions(peers.coordinator("Expect-Deposit", OP, FIELDS)))
    local asked = deposit(ALICE, "10", "7", { ["X-Op-Id"] = OP, ["X-Action"] = "Mint" })
    assert.same({ "Deposit-Received" }, rig.actions(asked))
    assert.equal("d7", asked.Messages[1].Tags["Op-Id"])
    assert.equal(OP, asked.Messages[1].Tags["Claimed-Op-Id"])
    assert.equal(ALICE, asked.Messages[1].Tags.User)
    local held = peers.coordinator("Deposit-Decision", "d7", { Decision = "accept", As = OP })
    assert.same({ "Collateral-Held", "Voucher" }, rig.actions(held))
    assert.equal(OP, rig.find(held, "Voucher").Tags["Op-Id"])
    assert.equal("merged", support.state(manager, "d7"))
    support.checkInvariants(manager)
  end)

  it("9 books a deposit that came before the operation was announced", function()
    assert.equal(OP, deposit(ALICE, "10", "7", { ["X-Op-Id"] = OP }).Messages[1].Tags["Claimed-Op-Id"])
    local held = peers.coordinator("Deposit-Decision", "d7", { Decision = "accept", As = OP })
    assert.equal(OP, rig.find(held, "Voucher").Tags["Op-Id"])
    assert.same({ "Collateral-Held" }, rig.actions(peers.coordinator("Expect-Deposit", OP, FIELDS)))
  end)

  it("10 A21 drops the claim to another's operation, or of another amount", function()
    peers.coordinator("Expect-Deposit", OP, FIELDS)
    assert.is_nil(deposit(MALLORY, "10", "7", { ["X-Op-Id"] = OP }).Messages[1].Tags["Claimed-Op-Id"])
    assert.is_nil(deposit(ALICE, "11", "8", { ["X-Op-Id"] = OP }).Messages[1].Tags["Claimed-Op-Id"])
    assert.is_nil(deposit(ALICE, "10", "9", { ["X-Op-Id"] = "nonsense" }).Messages[1].Tags["Claimed-Op-Id"])
    assert.same({}, rig.actions(peers.coordinator("Deposit-Decision", "d7", { Decision = "accept", As = OP })))
    assert.equal("expected", support.state(manager, OP))
    assert.equal("asking", support.state(manager, "d7"))
    support.checkInvariants(manager)
  end)

  it("10 drops the claim to an operation that was cancelled", function()
    peers.coordinator("Expect-Deposit", OP, FIELDS)
    peers.coordinator("Cancel-Collateral", OP)
    assert.is_nil(deposit(ALICE, "10", "7", { ["X-Op-Id"] = OP }).Messages[1].Tags["Claimed-Op-Id"])
    assert.same({}, rig.actions(peers.coordinator("Deposit-Decision", "d7", { Decision = "accept", As = OP })))
    assert.equal("asking", support.state(manager, "d7"))
  end)

  it("11 makes a deposit without operation one of its own, when accepted", function()
    deposit(ALICE, "10", "7")
    local held = peers.coordinator("Deposit-Decision", "d7", { Decision = "accept" })
    assert.equal("d7", rig.find(held, "Voucher").Tags["Op-Id"])
    local late = peers.coordinator("Deposit-Decision", "d7", { Decision = "refuse" })
    assert.same({ "Collateral-Held" }, rig.actions(late))
    assert.equal("10", manager:read("Tim3.Collateral"))
  end)

  it("11 owes a refused deposit to its sender, whatever is decided later", function()
    assert.same({ "Collateral-Returned" }, rig.actions(refund(ALICE, "10", "7")))
    assert.equal("10", owed(ALICE))
    peers.coordinator("Deposit-Decision", "d7", { Decision = "accept" })
    peers.coordinator("Deposit-Decision", "d7", { Decision = "refuse" })
    assert.equal("10", owed(ALICE))
    assert.equal("0", manager:read("Tim3.Collateral"))
    support.checkInvariants(manager)
  end)

  it("11 asks again until the coordinator decided", function()
    deposit(ALICE, "10", "7")
    network:advance(30000)
    assert.same({ "Deposit-Received" }, rig.actions(manager:send({ Action = "Tick" })))
    peers.coordinator("Deposit-Decision", "d7", { Decision = "refuse" })
    network:advance(3600000)
    assert.same({}, rig.actions(manager:send({ Action = "Tick" })))
  end)

  it("5 gives a deposit back when it is cancelled before it was decided on", function()
    deposit(ALICE, "10", "7")
    local result = peers.coordinator("Cancel-Collateral", "d7")
    assert.same({ "Collateral-Cancelled", "Collateral-Returned" }, rig.actions(result))
    assert.equal("10", owed(ALICE))
  end)

  it("12 A8 I16 counts a replayed notice once, with whatever id and pushed for whatever", function()
    deposit(ALICE, "10", "7")
    for index = 1, 3 do
      assert.same({}, deposit(ALICE, "10", "7", { ["Pushed-For"] = sim.address("push" .. index) }).Messages)
    end
    assert.equal("10", manager:read("Tim3.Credits"))
    assert.equal(3, manager:read("Tim3.Counters['replayed-credits']"))
  end)

  it("13 raises an alarm for another notice with a known reference", function()
    deposit(ALICE, "10", "7")
    assert.same({}, deposit(ALICE, "11", "7").Messages)
    assert.same({}, deposit(BOB, "10", "7").Messages)
    assert.equal("10", manager:read("Tim3.Credits"))
    assert.equal(2, manager:read("Tim3.Counters['alarm-credit-collision']"))
  end)

  it("14 counts nothing without a reference", function()
    for _, reference in ipairs({ "", "x", "-1", "1.5", "1e3" }) do
      assert.same({}, deposit(ALICE, "10", reference).Messages)
    end
    assert.equal("0", manager:read("Tim3.Credits"))
    assert.equal(5, manager:read("Tim3.Counters['alarm-credit-without-reference']"))
  end)

  it("15 A11 A12 counts nothing for an amount that is not canonical", function()
    for index, quantity in ipairs(rig.BAD_AMOUNTS) do
      assert.same({}, deposit(ALICE, quantity, tostring(100 + index)).Messages)
      assert.equal("quarantined", support.state(manager, "d" .. 100 + index))
    end
    assert.equal("0", manager:read("Tim3.Credits"))
    support.checkInvariants(manager)
  end)

  it("A23 counts nothing for a notice without a sender, and quarantines what the token itself sends", function()
    assert.same({}, peers.usda("Credit-Notice", nil, { Quantity = "10", Reference = "7" }).Messages)
    assert.equal("0", manager:read("Tim3.Credits"))
    assert.same({}, deposit(PEERS.Usda, "10", "8", { ["X-Action"] = "Mint" }).Messages)
    assert.equal("10", manager:read("Tim3.Quarantined"))
  end)

  it("16 A1 drops notices of others without an answer", function()
    local fake = network:spawn({ source = [[
      Handlers.add("any", function() return true end, function(m)
        ao.send({ Target = m.Tags.To, Tags = {
          { name = "Action", value = "Credit-Notice" }, { name = "Sender", value = m.From },
          { name = "Quantity", value = "10" } } })
      end)]] })
    for _, from in ipairs({ MALLORY, rig.OWNER }) do
      local notice = rig.merge(support.deposit(MALLORY, "10", "7"), { From = from, Action = "Credit-Notice" })
      assert.same({}, manager:send(notice).Messages)
    end
    fake:send({ From = MALLORY, To = manager.id })
    assert.equal("0", manager:read("Tim3.Credits"))
    assert.equal(0, manager:read("Tim3.Ops.Size"))
  end)

  it("17 A46 A47 quarantines what no user sent", function()
    local senders = { PEERS.Coordinator, PEERS.Usda, manager.id, "__index", "bob", BOB .. "x", "😀" }
    for index, sender in ipairs(senders) do
      assert.same({}, deposit(sender, "1", tostring(index)).Messages)
    end
    assert.equal(tostring(#senders), manager:read("Tim3.Quarantined"))
    support.checkInvariants(manager)
  end)

  it("A22 mints to the sender alone, whatever other tags say", function()
    local asked = deposit(ALICE, "10", "7", { ["X-Sender"] = BOB, ["X-Recipient"] = BOB, Recipient = BOB })
    assert.equal(ALICE, asked.Messages[1].Tags.User)
  end)

  it("A15 takes a deposit with a forged clock, and believes none of it", function()
    local before = manager:read("Tim3.Now")
    assert.same({ "Deposit-Received" }, rig.actions(deposit(ALICE, "10", "7", { Timestamp = "99999999999999" })))
    assert.is_true(manager:read("Tim3.Now") <= before)
  end)

  it("22 I8 I11 sends a claim once, to its sender", function()
    refund(ALICE, "10", "7")
    local result = manager:send({ From = ALICE, Action = "Claim" })
    assert.same({ "Claim-Sent", "Transfer" }, rig.actions(result))
    local transfer = rig.find(result, "Transfer")
    assert.equal(PEERS.Usda, transfer.Target)
    assert.equal(ALICE, transfer.Tags.Recipient)
    assert.equal("10", transfer.Tags.Quantity)
    assert.equal("nothing-to-claim", rig.refusal(manager:send({ From = ALICE, Action = "Claim" })))
    assert.equal("0", owed(ALICE))
    support.checkInvariants(manager)
  end)

  it("22 A9 sends nothing more when the same claim comes again", function()
    refund(ALICE, "10", "7")
    local claim = { From = ALICE, Action = "Claim", Quantity = "4" }
    local id = rig.find(manager:send(claim), "Claim-Sent").Tags["Payout-Id"]
    local again = manager:send({ Action = "Eval", Data = ([[
      local again = { Id = %q, From = %q, Owner = %q, Target = ao.id, Data = " ", Timestamp = Tim3.Now,
        ["Block-Height"] = Tim3.Height, Tags = { Action = "Claim", Quantity = "4" }, TagArray = {}, Action = "Claim" }
      Handlers.evaluate(again, ao.env)]]):format(id, ALICE, ALICE) })
    assert.same({ "Claim-Sent" }, rig.actions(again))
    assert.equal(id, again.Messages[1].Tags["Payout-Id"])
    assert.equal("4", again.Messages[1].Tags.Quantity)
    assert.equal("6", owed(ALICE))
    support.checkInvariants(manager)
  end)

  it("22 sends a part of what is owed, and not more than that", function()
    refund(ALICE, "10", "7")
    local part = manager:send({ From = ALICE, Action = "Claim", Quantity = "4" })
    assert.equal("4", rig.find(part, "Transfer").Tags.Quantity)
    assert.equal("nothing-to-claim", rig.refusal(manager:send({ From = ALICE, Action = "Claim", Quantity = "7" })))
    assert.equal("nothing-to-claim", rig.refusal(manager:send({ From = BOB, Action = "Claim", Quantity = "1" })))
    assert.equal("6", owed(ALICE))
  end)

  it("22 A50 A49 refuses a claim that was pushed", function()
    refund(ALICE, "10", "7")
    for _, name in ipairs({ "From-Process", "Pushed-For" }) do
      local pushed = { From = ALICE, Action = "Claim", [name] = sim.address("x") }
      if name == "From-Process" then
        pushed[name] = ALICE
      end
      assert.equal("not-root", rig.refusal(manager:send(pushed)))
    end
    local proxy = network:spawn({ source = [[
      Handlers.add("any", function(m) return m.Tags.To ~= nil end, function(m)
        ao.send({ Target = m.Tags.To, Action = "Claim", Account = m.Tags.Account })
      end)]] })
    proxy:send({ From = MALLORY, To = manager.id, Account = ALICE })
    assert.equal("10", owed(ALICE))
    assert.equal("0", manager:read("Tim3.Payouts"))
  end)

  it("22 lets a process name a wallet once, which claims for it", function()
    local process = network:spawn({ source = [[
      Handlers.add("any", function(m) return m.Tags.To ~= nil end, function(m)
        ao.send({ Target = m.Tags.To, Action = "Set-Payee", Payee = m.Tags.Payee })
      end)]] })
    process:send({ To = manager.id, Payee = BOB })
    assert.same({}, manager:read("Tim3.Payees"))
    refund(process.id, "10", "7")
    process:send({ To = manager.id, Payee = BOB })
    process:send({ To = manager.id, Payee = MALLORY })
    assert.same({ [process.id] = BOB }, manager:read("Tim3.Payees"))
    assert.equal("not-payee", rig.refusal(manager:send({ From = MALLORY, Action = "Claim", Account = process.id })))
    local sent = manager:send({ From = BOB, Action = "Claim", Account = process.id })
    assert.equal(BOB, rig.find(sent, "Transfer").Tags.Recipient)
  end)

  it("22 A43 makes claims wait while the collateral is short", function()
    refund(ALICE, "10", "7")
    peers.usda(nil, nil, { Balance = "9", Account = manager.id, Reference = "900" })
    assert.equal("deficit", rig.refusal(manager:send({ From = ALICE, Action = "Claim" })))
    peers.usda(nil, nil, { Balance = "10", Account = manager.id, Reference = "901" })
    assert.same({ "Claim-Sent", "Transfer" }, rig.actions(manager:send({ From = ALICE, Action = "Claim" })))
  end)

  it("23 takes the admin's top-up into the buffer, and no other's", function()
    assert.same({}, deposit(rig.OWNER, "5", "7", { ["X-Action"] = "Top-Up" }).Messages)
    assert.same({ "Deposit-Received" }, rig.actions(deposit(ALICE, "5", "8", { ["X-Action"] = "Top-Up" })))
    assert.equal("5", manager:read("Tim3.Buffer"))
    support.checkInvariants(manager)
  end)

  it("24 resolves a payout an hour after it was sent, by the admin's word, once settled no more", function()
    refund(ALICE, "10", "7")
    local id = rig.find(manager:send({ From = ALICE, Action = "Claim" }), "Claim-Sent").Tags["Payout-Id"]
    local resolve = { Action = "Resolve", ["Payout-Id"] = id, Verdict = "resend" }
    assert.equal("unauthorised", rig.refusal(manager:send(rig.merge(resolve, { From = ALICE }))))
    assert.equal("too-early", rig.refusal(manager:send(resolve)))
    network:advance(3600000)
    assert.equal("invalid-verdict", rig.refusal(manager:send(rig.merge(resolve, { Verdict = "release" }))))
    assert.equal("unknown-payout", rig.refusal(manager:send(rig.merge(resolve, { ["Payout-Id"] = "x" }))))
    assert.same({ "Resolve-Ok", "Transfer" }, rig.actions(manager:send(resolve)))
    network:advance(3600000)
    assert.same({ "Resolve-Ok" }, rig.actions(manager:send(rig.merge(resolve, { Verdict = "settled" }))))
    assert.equal("settled", rig.refusal(manager:send(resolve)))
    support.checkInvariants(manager)
  end)

  it("24 A5 A6 takes the token's word on a payout as a hint", function()
    refund(ALICE, "10", "7")
    local id = rig.find(manager:send({ From = ALICE, Action = "Claim" }), "Claim-Sent").Tags["Payout-Id"]
    local payout = ("Tim3.Sent[%q]"):format(id)
    peers.usda("Debit-Notice", nil, { Recipient = MALLORY, Quantity = "10", ["X-Op-Id"] = id })
    assert.is_nil(manager:read(payout .. ".seen"))
    peers.usda("Transfer-Error", nil, { ["X-Op-Id"] = id })
    assert.equal("disputed", manager:read(payout .. ".state"))
    peers.usda("Debit-Notice", nil, { Recipient = ALICE, Quantity = "10", ["X-Op-Id"] = id })
    assert.is_true(manager:read(payout .. ".seen"))
    network:advance(3600000)
    local resend = { Action = "Resolve", ["Payout-Id"] = id, Verdict = "resend" }
    assert.equal("settled", rig.refusal(manager:send(resend)))
    assert.equal("0", owed(ALICE))
  end)

  it("forgets old payouts, as many as the admin says", function()
    rig.ok(manager:send({ Action = "Set-Limits", ["Keep-Ops"] = "1", ["Keep-Ms"] = "0" }))
    network:advance(86400001)
    for reference = 7, 11 do
      refund(ALICE, "10", tostring(reference))
      rig.ok(manager:send({ From = ALICE, Action = "Claim" }))
      network:advance(1)
    end
    local kept = "(function() local n = 0 for _ in pairs(Tim3.Sent) do n = n + 1 end return n end)()"
    assert.is_true(manager:read(kept) <= 2)
    assert.equal("50", manager:read("Tim3.Payouts"))
  end)

  it("24 releases what is in quarantine a week later, to whom the admin says", function()
    deposit("bob", "10", "7")
    local resolve = { Action = "Resolve", ["Credit-Reference"] = "7", User = BOB, Verdict = "release" }
    assert.equal("too-early", rig.refusal(manager:send(resolve)))
    network:advance(604800000)
    assert.same({ "Resolve-Ok" }, rig.actions(manager:send(resolve)))
    assert.equal("unknown-credit", rig.refusal(manager:send(resolve)))
    assert.equal("10", owed(BOB))
    support.checkInvariants(manager)
  end)

  it("A49 pushes payouts only as far as the admin allows, off at first", function()
    support.hold("custody", peers, OP, ALICE, "10", "7")
    peers.token("Voucher-Used", OP, { Quantity = "10" })
    manager:send({ Action = "Set-Limits", ["Push-Max-Per-Op"] = "3", ["Push-Max-Per-Day"] = "5" })
    local states = {}
    for index, quantity in ipairs({ "4", "3", "3" }) do
      local result = peers.token("Release-Order", rig.op(1 + index), { User = BOB, Quantity = quantity })
      states[index] = rig.find(result, "Release-Ack").Tags["Payout-State"]
      assert.equal(states[index] == "sent", rig.find(result, "Transfer") ~= nil)
    end
    assert.same({ "claimable", "sent", "claimable" }, states)
    assert.equal("7", owed(BOB))
    support.checkInvariants(manager)
  end)

  it("A38 greets nobody before the token said that it has 12 decimals", function()
    local fresh, _, config = rig.spawn("lock-manager", "Lock-Manager", "custody")
    assert.is_true(fresh:read("Tim3.Silent"))
    assert.same({ "Configure-Ok", "Info" }, rig.actions(fresh:send(config)))
    local hello = { From = PEERS.Coordinator, Action = "Hello", Role = "coordinator", Version = "1" }
    hello["Config-Hash"] = fresh:read("Tim3.Config.hash")
    assert.same({ "Info" }, rig.actions(fresh:send(hello)))
    assert.same({}, rig.actions(fresh:send({ From = PEERS.Usda, Denomination = "6" })))
    assert.is_true(fresh:read("Tim3.Silent"))
    assert.same({}, rig.actions(fresh:send({ From = MALLORY, Denomination = "12" })))
    local greeted = fresh:send({ From = PEERS.Usda, Denomination = "12" })
    assert.same({ "Hello", "Hello", "Hello" }, rig.actions(greeted)) -- the coordinator's own was not answered
    assert.same({ "Hello-Ack" }, rig.actions(fresh:send(hello)))
  end)

  it("A38 changes token or mode only while nothing is held", function()
    local fresh, net, told, config = support.spawn("custody")
    told.usda("Credit-Notice", nil, support.deposit(ALICE, "5", "70"))
    rig.ok(fresh:send(rig.merge(config, { Action = "Propose-Config", ["Collateral-Mode"] = "lock" })))
    assert.equal("busy", rig.refusal(fresh:send({ Action = "Apply-Config" })))
    told.coordinator("Deposit-Decision", "d70", { Decision = "refuse" })
    assert.equal("collateral-held", rig.refusal(fresh:send({ Action = "Apply-Config" })))
    fresh:send({ From = ALICE, Action = "Claim" })
    assert.same({ "Apply-Config-Ok", "Info" }, rig.actions(fresh:send({ Action = "Apply-Config" })))
    assert.is_true(fresh:read("Tim3.Silent"))
    assert.is_true(net:now() > 0)
  end)

  it("A30 A32 drops junk, and A41 ticks at most every ten seconds", function()
    local inbox = manager:read("#Inbox")
    for _, action in ipairs({ "junk", "Claim-Error", "Release-Ack", "" }) do
      assert.same({}, manager:send({ From = MALLORY, Action = action }).Messages)
    end
    assert.equal(inbox, manager:read("#Inbox"))
    deposit(ALICE, "10", "7")
    network:advance(30000)
    local sent = 0
    for _ = 1, 50 do
      sent = sent + #manager:send({ From = MALLORY, Action = "Tick" }).Messages
    end
    assert.equal(1, sent)
  end)

  it("stops when its sums do not add up", function()
    deposit(ALICE, "10", "7")
    manager:eval("Tim3.Credits = '11'")
    assert.same({}, peers.coordinator("Deposit-Decision", "d7", { Decision = "accept" }).Messages)
    assert.is_string(manager:read("Tim3.Halted"))
    assert.equal("halted", rig.refusal(manager:send({ From = ALICE, Action = "Claim" })))
  end)
end)
