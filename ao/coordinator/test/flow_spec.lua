local rig = require("test.rig")
local support = require("support")

local ALICE, BOB, MALLORY, PEERS = rig.ALICE, rig.BOB, rig.MALLORY, rig.PEERS

for _, mode in ipairs({ "custody", "lock" }) do
  describe("the coordinator's operations in " .. mode .. " mode", function()
    local coordinator, network, peers

    before_each(function()
      coordinator, network, peers = support.spawn(mode)
    end)

    local function state(id)
      return support.state(coordinator, id)
    end

    local function tick()
      return coordinator:send({ From = BOB, Action = "Tick" })
    end

    it("3 opens a mint, and asks for collateral in the mode's way", function()
      local id, result = support.open(coordinator, "Mint", ALICE, "10")
      local command = rig.find(result, mode == "lock" and "Lock-Collateral" or "Expect-Deposit")
      assert.equal(PEERS["Lock-Manager"], command.Target)
      assert.equal(ALICE, command.Tags.User)
      assert.equal("10", command.Tags.Quantity)
      assert.equal(id, command.Tags["Op-Id"])
      local pending = rig.find(result, "Mint-Pending").Tags
      assert.equal(mode, pending["Collateral-Mode"])
      assert.equal(mode == "custody" and PEERS["Lock-Manager"] or nil, pending["Deposit-To"])
      assert.equal(mode == "custody" and PEERS.Usda or nil, pending["Deposit-Token"])
      assert.equal(tostring(network:now() + 300000), pending.Deadline)
      assert.is_truthy(id:find("^1%-"))
      rig.checkStrings(result)
      support.checkInvariants(coordinator)
    end)

    it("3 leads a mint to its end", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      local held = peers.locks("Collateral-Held", id)
      assert.same({ "Mint" }, rig.actions(held))
      assert.equal(PEERS["Token-Manager"], held.Messages[1].Target)
      peers.token("Mint-Waiting", id)
      assert.equal("minting", state(id))
      local done = peers.token("Mint-Confirmed", id)
      assert.same({ "Mint-Complete" }, rig.actions(done))
      assert.equal(ALICE, done.Messages[1].Target)
      assert.equal("completed", done.Messages[1].Tags.Outcome)
      support.checkInvariants(coordinator)
    end)

    it("4 leads a burn to its end, whichever answer comes first", function()
      local id, result = support.open(coordinator, "Burn", ALICE, "10")
      assert.equal(PEERS["Token-Manager"], rig.find(result, "Burn").Target)
      peers.token("Burn-Confirmed", id)
      assert.equal("releasing", state(id))
      local done = peers.locks("Release-Ack", id, { Result = "done", ["Payout-State"] = "claimable" })
      assert.equal("claimable", rig.find(done, "Burn-Complete").Tags["Payout-State"])
      local other = support.open(coordinator, "Burn", BOB, "10")
      assert.same({ "Burn-Complete" }, rig.actions(peers.locks("Release-Ack", other, { Result = "done" })))
      peers.token("Burn-Confirmed", other)
      assert.equal("20", coordinator:read("Tim3.Burned"))
      assert.equal(1, coordinator:read("Tim3.Counters.late"))
    end)

    it("4 tells a burn that was restored", function()
      local id = support.open(coordinator, "Burn", ALICE, "10")
      peers.token("Burn-Confirmed", id)
      peers.locks("Release-Ack", id, { Result = "failed" })
      assert.equal("restoring", state(id))
      local restored = peers.token("Burn-Restored", id)
      assert.equal("restored", rig.find(restored, "Burn-Failed").Tags.Outcome)
      assert.equal("10", coordinator:read("Tim3.Restored"))
      support.checkInvariants(coordinator)
    end)

    it("17 asks at the deadline, and takes no outcome for granted", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      network:advance(299999)
      assert.is_nil(rig.find(tick(), "Cancel-Collateral"))
      network:advance(10001)
      assert.same({ "Cancel-Collateral" }, rig.actions(tick()))
      assert.equal("cancelling", state(id))
      local burn = support.open(coordinator, "Burn", BOB, "10")
      network:advance(300000)
      assert.is_truthy(rig.find(tick(), "Cancel-Burn"))
      assert.equal("cancelling", state(burn))
    end)

    it("17 asks the token-manager once the collateral is held", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      peers.locks("Collateral-Held", id)
      network:advance(300000)
      assert.is_truthy(rig.find(tick(), "Cancel-Mint"))
    end)

    it("18 ends as the answer to Cancel-Collateral says", function()
      local outcomes = {
        { "Collateral-Cancelled", "never-held", "expired" },
        { "Collateral-Returned", "returned", "refunded" },
        { "Collateral-Returned", "never-held", "expired" },
      }
      for _, case in ipairs(outcomes) do
        local id = support.open(coordinator, "Mint", ALICE, "10")
        network:advance(300000)
        tick()
        assert.same({}, rig.actions(peers.locks("Collateral-Cancelled", id, { Result = "returning" })))
        local failed = peers.locks(case[1], id, { Result = case[2] })
        assert.equal(case[3], rig.find(failed, "Mint-Failed").Tags.Outcome)
        support.checkInvariants(coordinator)
      end
    end)

    it("18 asks the token-manager if it was too late, and ends as it says", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      network:advance(300000)
      tick()
      assert.same({ "Cancel-Mint" }, rig.actions(peers.locks("Collateral-Cancelled", id, { Result = "too-late" })))
      assert.same({}, rig.actions(peers.token("Mint-Cancelled", id, { Result = "voided" })))
      assert.same({}, rig.actions(peers.locks("Collateral-Cancelled", id, { Result = "too-late" })))
      assert.equal("cancelling", state(id))
      network:advance(30000)
      assert.same({ "Cancel-Collateral" }, rig.actions(tick()))
      local failed = peers.locks("Collateral-Returned", id, { Result = "returned" })
      assert.equal("refunded", rig.find(failed, "Mint-Failed").Tags.Outcome)
      local other = support.open(coordinator, "Mint", ALICE, "10")
      network:advance(300000)
      tick()
      peers.locks("Collateral-Cancelled", other, { Result = "too-late" })
      assert.same({ "Mint-Complete" }, rig.actions(peers.token("Mint-Confirmed", other)))
    end)

    it("18 ends as the answer to Cancel-Burn says", function()
      local ends = { ["Burn-Cancelled"] = "expired", ["Burn-Rejected"] = "rejected", ["Burn-Restored"] = "restored" }
      for action, outcome in pairs(ends) do
        local id = support.open(coordinator, "Burn", ALICE, "10")
        network:advance(300000)
        tick()
        assert.equal(outcome, rig.find(peers.token(action, id), "Burn-Failed").Tags.Outcome)
      end
      local id = support.open(coordinator, "Burn", ALICE, "10")
      network:advance(300000)
      tick()
      peers.token("Burn-Confirmed", id)
      assert.equal("releasing", state(id))
      support.checkInvariants(coordinator)
    end)

    it("19 I14 changes nothing in a final state", function()
      local id = support.complete(coordinator, peers, "Mint", ALICE, "10")
      assert.same({}, rig.actions(peers.locks("Collateral-Returned", id, { Result = "returned" })))
      assert.same({}, rig.actions(peers.locks("Collateral-Cancelled", id, { Result = "never-held" })))
      assert.same({}, rig.actions(peers.locks("Collateral-Failed", id)))
      assert.same({}, rig.actions(peers.token("Mint-Cancelled", id, { Result = "never" })))
      for _, late in ipairs({ "Mint-Rejected", "Mint-Confirmed", "Burn-Restored" }) do
        assert.same({}, rig.actions(peers.token(late, id)))
      end
      assert.equal("completed", state(id))
      assert.equal(7, coordinator:read("Tim3.Counters.late"))
      assert.equal("10", coordinator:read("Tim3.Minted"))
    end)

    it("20 A1 takes answers from the peer they belong to alone", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      local burn = support.open(coordinator, "Burn", BOB, "10")
      local answers = {
        locks = { { "Collateral-Held", id }, { "Release-Ack", burn, { Result = "done" } } },
        token = { { "Mint-Confirmed", id }, { "Burn-Confirmed", burn }, { "Burn-Rejected", burn } },
      }
      local own = { locks = PEERS["Lock-Manager"], token = PEERS["Token-Manager"] }
      for owner, list in pairs(answers) do
        for _, answer in ipairs(list) do
          for _, from in ipairs({ ALICE, rig.OWNER, PEERS.Usda, PEERS["Lock-Manager"], PEERS["Token-Manager"] }) do
            if from ~= own[owner] then
              local forged = rig.merge({ From = from, Action = answer[1], ["Op-Id"] = answer[2] }, answer[3] or {})
              assert.same({}, coordinator:send(forged).Messages)
            end
          end
        end
      end
      assert.equal("collateral", state(id))
      assert.equal("burning", state(burn))
    end)

    it("21 A9 opens one operation for one message", function()
      local mint = { From = ALICE, Action = "Mint", Quantity = "10", ["Client-Ref"] = "mine" }
      local first = rig.ok(coordinator:send(mint))
      local id = rig.find(first, "Mint-Pending").Tags["Op-Id"]
      local message = id:match("^%d+%-(.+)$")
      assert.equal(id, coordinator:read(("Tim3.ByMessage[%q]"):format(message)))
      assert.equal("mine", rig.find(first, "Mint-Pending").Tags["Client-Ref"])
      coordinator:eval(([[
        local again = { Id = %q, From = %q, Owner = %q, Target = ao.id, Data = " ", Timestamp = Tim3.Now,
          ["Block-Height"] = Tim3.Height, Tags = { Action = "Mint", Quantity = "10" }, TagArray = {}, Action = "Mint" }
        Handlers.evaluate(again, ao.env)]]):format(message, ALICE, ALICE))
      assert.equal(1, coordinator:read("Tim3.OpSeq"))
    end)

    it("23 asks again after 30 seconds, twice as long each time, until it is stuck", function()
      local id = support.open(coordinator, "Burn", ALICE, "10")
      peers.token("Burn-Confirmed", id)
      local waits, sent = {}, 0
      for _ = 1, 3000 do
        network:advance(10000)
        waits[#waits + 1] = 1
        local actions = rig.actions(tick())
        if #actions > 0 then
          assert.same({ "Burn" }, actions)
          sent = sent + 1
          if sent <= 3 then
            assert.equal(({ 3, 6, 12 })[sent], #waits)
          end
          waits = {}
        end
        if sent == 11 then
          break
        end
      end
      assert.equal(1, coordinator:read("Tim3.Counters['alarm-stuck']"))
      assert.equal("true", coordinator:send({ Action = "Op-Status", ["Op-Id"] = id }).Messages[1].Tags.Stuck)
    end)

    it("22 A15 A16 is not moved by a forged clock, nor by a clock that jumps", function()
      local tainted = coordinator:send({ From = ALICE, Action = "Mint", Quantity = "10", Timestamp = "99999999999999" })
      assert.equal("tainted", rig.refusal(tainted))
      local id = support.open(coordinator, "Mint", ALICE, "10")
      coordinator:send({ From = MALLORY, Action = "Info", Timestamp = "99999999999999", ["Block-Height"] = "99999999" })
      assert.is_nil(rig.find(tick(), "Cancel-Collateral"))
      assert.equal("collateral", state(id))
      network:advance(31536000000)
      assert.is_truthy(rig.find(tick(), "Cancel-Collateral"))
      assert.equal("cancelling", state(id))
    end)

    it("26 tells how an operation stands, by either id", function()
      local id = support.complete(coordinator, peers, "Mint", ALICE, "10")
      local byOp = coordinator:send({ From = BOB, Action = "Op-Status", ["Op-Id"] = id }).Messages[1]
      local byMessage = coordinator:send({ From = BOB, Action = "Op-Status", ["Message-Id"] = id:sub(3) }).Messages[1]
      assert.equal("completed", byOp.Tags.State)
      assert.equal(id, byMessage.Tags["Op-Id"])
      local history = require("json").decode(byOp.Data)
      assert.same({ "collateral", "held", "completed" }, { history[1].state, history[2].state, history[3].state })
      local unknown = coordinator:send({ From = BOB, Action = "Op-Status", ["Op-Id"] = rig.op(99) })
      assert.equal("unknown-op", rig.refusal(unknown))
    end)

    it("A44 shows no operation as final before it is", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      local function status()
        return coordinator:dry_run({ From = BOB, Action = "Op-Status", ["Op-Id"] = id }).Messages[1].Tags
      end
      assert.equal("none", status().Outcome)
      peers.locks("Collateral-Held", id)
      assert.equal("none", status().Outcome)
      network:advance(300000)
      tick()
      assert.equal("cancelling", status().State)
      assert.equal("none", status().Outcome)
      peers.token("Mint-Confirmed", id)
      assert.equal("completed", status().Outcome)
    end)

    it("26 lets anybody nudge an operation, every ten seconds", function()
      local id = support.open(coordinator, "Burn", ALICE, "10")
      local nudge = { From = BOB, Action = "Nudge", ["Op-Id"] = id }
      assert.same({ "Nudge-Ok" }, rig.actions(coordinator:send(nudge)))
      network:advance(10000)
      assert.same({ "Burn", "Nudge-Ok" }, rig.actions(coordinator:send(nudge)))
      assert.same({ "Nudge-Ok" }, rig.actions(coordinator:send(nudge)))
      network:advance(290000)
      assert.same({ "Cancel-Burn", "Nudge-Ok" }, rig.actions(coordinator:send(nudge)))
      assert.equal("unknown-op", rig.refusal(coordinator:send(rig.merge(nudge, { ["Op-Id"] = rig.op(99) }))))
    end)

    it("26 A48 forgets old operations, and ignores what comes for them", function()
      rig.ok(coordinator:send({ Action = "Set-Limits", ["Keep-Ops"] = "2", ["Keep-Ms"] = "1" }))
      coordinator:eval("Tim3.Settings['Keep-Ops'], Tim3.Settings['Keep-Ms'] = 2, 1")
      local first = support.complete(coordinator, peers, "Mint", ALICE, "10")
      for _ = 1, 5 do
        network:advance(1000)
        support.complete(coordinator, peers, "Mint", ALICE, "10")
      end
      assert.is_nil(coordinator:read(("Tim3.Ops.Records[%q]"):format(first)))
      assert.same({}, rig.actions(peers.token("Mint-Confirmed", first)))
      local count = "(function() local n = 0 for _ in pairs(Tim3.ByMessage) do n = n + 1 end return n end)()"
      assert.equal(coordinator:read("Tim3.Ops.Size"), coordinator:read(count))
    end)

    it("A39 keeps its state and handlers under new code, in the middle of an operation", function()
      local id = support.open(coordinator, "Mint", ALICE, "10")
      rig.checkReload(coordinator)
      assert.same({ "Mint" }, rig.actions(peers.locks("Collateral-Held", id)))
    end)

    it("reports to the state-manager", function()
      support.complete(coordinator, peers, "Mint", ALICE, "10")
      local report = peers.state("Get-Report", nil, { Round = "4-end" }).Messages[1].Tags
      assert.equal("Normal", report.Risk)
      assert.equal("1", report["Mint-Completed"])
      assert.equal("0", report["In-Flight"])
      assert.equal("4-end", report.Round)
    end)

    it("A30 drops junk, and gives the processes of TIM3 no operations", function()
      local inbox = coordinator:read("#Inbox")
      for index = 1, 200 do
        assert.same({}, coordinator:send({ From = MALLORY, Action = "Junk-" .. index }).Messages)
      end
      assert.equal(inbox, coordinator:read("#Inbox"))
      assert.equal("unauthorised", support.refused(coordinator, "Mint", PEERS.Usda, "5"))
    end)
  end)
end

describe("deposits the lock-manager asks about", function()
  local coordinator, network, peers

  before_each(function()
    coordinator, network, peers = support.spawn("custody")
  end)

  local function ask(reference, user, quantity, claimed)
    local tags = { User = user, Quantity = quantity, ["Claimed-Op-Id"] = claimed }
    return rig.find(peers.locks("Deposit-Received", "d" .. reference, tags), "Deposit-Decision").Tags
  end

  it("are booked under the operation that announced them, every time they are asked about", function()
    local id = support.open(coordinator, "Mint", ALICE, "10")
    for _ = 1, 2 do
      local decision = ask("7", ALICE, "10", id)
      assert.equal("accept", decision.Decision)
      assert.equal(id, decision.As)
    end
    assert.equal("0", coordinator:read("Tim3.Unfunded"))
    assert.equal("refuse", ask("8", ALICE, "10", id).Decision)
    support.checkInvariants(coordinator)
  end)

  it("A21 do not use another's operation", function()
    local id = support.open(coordinator, "Mint", ALICE, "10")
    assert.is_nil(ask("7", MALLORY, "10", id).As)
    assert.equal("1", tostring(coordinator:read(("Tim3.Users[%q].open"):format(ALICE))))
  end)

  it("A21 do not use an operation of another amount", function()
    local id = support.open(coordinator, "Mint", ALICE, "10")
    assert.same({ "refuse", "in-flight" }, { ask("7", ALICE, "9", id).Decision, ask("7", ALICE, "9", id).Reason })
    assert.equal("collateral", support.state(coordinator, id))
    support.checkInvariants(coordinator)
  end)

  it("become operations of their own", function()
    assert.equal("accept", ask("7", ALICE, "10").Decision)
    assert.equal("collateral", support.state(coordinator, "d7"))
    assert.equal("accept", ask("7", ALICE, "10").Decision)
    peers.locks("Collateral-Held", "d7")
    assert.same({ "Mint-Complete" }, rig.actions(peers.token("Mint-Confirmed", "d7")))
    support.checkInvariants(coordinator)
  end)

  it("are asked about until the lock-manager says that it holds them", function()
    local id = support.open(coordinator, "Mint", ALICE, "10")
    assert.equal("accept", ask("7", ALICE, "10", id).Decision)
    assert.equal("accept", ask("8", BOB, "10").Decision)
    network:advance(31000)
    local asked = {}
    for _, message in ipairs(coordinator:send({ From = BOB, Action = "Tick" }).Messages) do
      asked[#asked + 1] = message.Action .. " " .. message.Tags["Op-Id"]
    end
    assert.same({ "Expect-Deposit " .. id, "Expect-Deposit d8" }, asked)
    peers.locks("Collateral-Held", id)
    peers.locks("Collateral-Held", "d8")
    assert.equal("held", support.state(coordinator, id))
    assert.equal("held", support.state(coordinator, "d8"))
    support.checkInvariants(coordinator)
  end)

  it("are refused with the reason, and stay refused", function()
    rig.ok(coordinator:send({ Action = "Pause", Scope = "mint", Reason = "x" }))
    local result = peers.locks("Deposit-Received", "d7", { User = ALICE, Quantity = "10" })
    local notice = rig.find(result, "Mint-Error").Tags
    assert.equal("paused", notice["Error-Code"])
    assert.equal("refunded", notice.Outcome)
    assert.equal("claimable", notice["Payout-State"])
    rig.ok(coordinator:send({ Action = "Unpause", Scope = "mint" }))
    assert.equal("refuse", ask("7", ALICE, "10").Decision)
    support.checkInvariants(coordinator)
  end)

  it("A48 are refused where they may have been decided on before, and were forgotten", function()
    rig.ok(coordinator:send({ Action = "Set-Limits", ["Keep-Ops"] = "1", ["Keep-Ms"] = "0" }))
    coordinator:eval("Tim3.Settings['Keep-Ops'], Tim3.Settings['Keep-Ms'] = 1, 0")
    for reference = 1, 4 do
      assert.equal("accept", ask(reference, ALICE, "10").Decision)
      peers.locks("Collateral-Held", "d" .. reference)
      peers.token("Mint-Confirmed", "d" .. reference)
      network:advance(1000)
    end
    assert.is_nil(coordinator:read("Tim3.Ops.Records.d1"))
    local decision = ask(1, ALICE, "10")
    assert.equal("refuse", decision.Decision)
    assert.equal("stale-op", decision.Reason)
    assert.is_nil(coordinator:read("Tim3.Ops.Records.d1"))
    support.checkInvariants(coordinator)
  end)

  it("A48 are refused where the operation they may have been booked under was forgotten", function()
    rig.ok(coordinator:send({ Action = "Set-Limits", ["Keep-Ops"] = "1", ["Keep-Ms"] = "0" }))
    coordinator:eval("Tim3.Settings['Keep-Ops'], Tim3.Settings['Keep-Ms'] = 1, 0")
    local first = support.open(coordinator, "Mint", ALICE, "10")
    assert.equal(first, ask(1, ALICE, "10", first).As)
    peers.locks("Collateral-Held", first)
    peers.token("Mint-Confirmed", first)
    for _ = 1, 3 do
      network:advance(1000)
      support.complete(coordinator, peers, "Mint", ALICE, "10")
    end
    assert.is_nil(coordinator:read(("Tim3.Ops.Records[%q]"):format(first)))
    local decision = ask(1, ALICE, "10", first)
    assert.same({ "refuse", "stale-op" }, { decision.Decision, decision.Reason })
    assert.is_nil(coordinator:read("Tim3.Ops.Records.d1"))
    support.checkInvariants(coordinator)
  end)

  it("are new ones after their operation expired", function()
    local id = support.open(coordinator, "Mint", ALICE, "10")
    network:advance(300000)
    coordinator:send({ From = BOB, Action = "Tick" })
    peers.locks("Collateral-Cancelled", id, { Result = "never-held" })
    local decision = ask("7", ALICE, "10", id)
    assert.equal("accept", decision.Decision)
    assert.is_nil(decision.As)
  end)
end)
