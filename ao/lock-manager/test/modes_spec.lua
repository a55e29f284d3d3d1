-- What holds in both modes: the same suite runs in each.

local rig = require("test.rig")
local support = require("support")

local ALICE, BOB, PEERS = rig.ALICE, rig.BOB, rig.PEERS
local OP = rig.op(1)

for _, mode in ipairs({ "custody", "lock" }) do
  describe("collateral in " .. mode .. " mode", function()
    local manager, network, peers
    local command = mode == "lock" and "Lock-Collateral" or "Expect-Deposit"

    before_each(function()
      manager, network, peers = support.spawn(mode)
    end)

    local function hold(id, reference)
      return support.hold(mode, peers, id or OP, ALICE, "10", reference or "101")
    end

    local function use(id)
      peers.token("Voucher-Used", id, { Quantity = "10" })
      if mode == "lock" then
        peers.usda("Capture-Confirmed", id, { User = ALICE, Quantity = "10" })
      end
    end

    it("1 A20 A22 obeys each peer in its own part alone, and answers no stranger", function()
      local fields = { ["Op-Id"] = OP, User = ALICE, Quantity = "10", Decision = "accept", Recipient = ALICE }
      local theirs = {
        [command] = { PEERS.Coordinator },
        ["Cancel-Collateral"] = { PEERS.Coordinator },
        ["Deposit-Decision"] = { PEERS.Coordinator },
        ["Release-Order"] = { PEERS["Token-Manager"] },
        ["Voucher-Used"] = { PEERS["Token-Manager"] },
        ["Voucher-Void"] = { PEERS["Token-Manager"] },
        ["Credit-Notice"] = { PEERS.Usda },
        ["Lock-Confirmed"] = { PEERS.Usda },
        ["Unlock-Confirmed"] = { PEERS.Usda },
        ["Get-Report"] = { PEERS["State-Manager"] },
      }
      local senders = { ALICE, rig.OWNER }
      for _, peer in pairs(PEERS) do
        senders[#senders + 1] = peer
      end
      for action, owner in pairs(theirs) do
        for _, from in ipairs(senders) do
          if from ~= owner[1] then
            assert.same({}, manager:send(rig.merge(fields, { From = from, Action = action })).Messages)
          end
        end
      end
      assert.equal(0, manager:read("Tim3.Ops.Size"))
    end)

    it("2 vouches once collateral is there", function()
      local result = hold()
      assert.same({ "Collateral-Held", "Voucher" }, rig.actions(result))
      local voucher = rig.find(result, "Voucher")
      assert.equal(PEERS["Token-Manager"], voucher.Target)
      assert.equal(ALICE, voucher.Tags.User)
      assert.equal("10", voucher.Tags.Quantity)
      assert.equal(OP, voucher.Tags["Op-Id"])
      rig.checkStrings(result)
      support.checkInvariants(manager)
    end)

    it("4 A9 answers a repeated command from the record, and a different one with a conflict", function()
      hold()
      local fields = { User = ALICE, Quantity = "10" }
      assert.same({ "Collateral-Held" }, rig.actions(peers.coordinator(command, OP, fields)))
      for _, other in ipairs({ { User = BOB, Quantity = "10" }, { User = ALICE, Quantity = "11" } }) do
        assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator(command, OP, other)))
      end
      assert.equal("10", manager:read("Tim3.Collateral"))
    end)

    it("5 A10 I13 cancels before there was anything, for ever", function()
      assert.equal("never-held", peers.coordinator("Cancel-Collateral", OP).Messages[1].Tags.Result)
      local late = peers.coordinator(command, OP, { User = ALICE, Quantity = "10" })
      assert.equal("Collateral-Cancelled", late.Messages[1].Action)
      assert.same({ "Collateral-Cancelled" }, rig.actions(peers.coordinator("Cancel-Collateral", OP)))
      assert.equal("0", manager:read("Tim3.Collateral"))
    end)

    it("5 says that it is too late once a voucher is out", function()
      hold()
      assert.equal("too-late", peers.coordinator("Cancel-Collateral", OP).Messages[1].Tags.Result)
      use(OP)
      assert.equal("too-late", peers.coordinator("Cancel-Collateral", OP).Messages[1].Tags.Result)
      assert.equal("10", manager:read("Tim3.Collateral"))
    end)

    it("6 sends the voucher again until it is acknowledged", function()
      hold()
      network:advance(30000)
      assert.same({ "Voucher" }, rig.actions(manager:send({ Action = "Tick" })))
      peers.token("Voucher-Ack", OP)
      network:advance(3600000)
      assert.same({}, rig.actions(manager:send({ Action = "Tick" })))
    end)

    it("6 is stuck after ten attempts, and goes on every hour", function()
      hold()
      for _ = 1, 12 do
        network:advance(3600000)
        assert.same({ "Voucher" }, rig.actions(manager:send({ Action = "Tick" })))
      end
      assert.equal(1, manager:read("Tim3.Counters['alarm-stuck']"))
    end)

    it("7 gives back what was voided, and acknowledges that every time", function()
      hold()
      assert.same({ "Ack" }, rig.actions(peers.token("Voucher-Void", OP, { Quantity = "11" })))
      local result = peers.token("Voucher-Void", OP, { Quantity = "10" })
      assert.is_truthy(rig.find(result, "Ack"))
      if mode == "lock" then
        assert.equal(OP, rig.find(result, "Unlock").Tags["Lock-Id"])
        result = peers.usda("Unlock-Confirmed", OP, { Result = "returned" })
      else
        assert.equal("10", manager:read(("Tim3.Claimable[%q]"):format(ALICE)))
      end
      assert.equal("returned", rig.find(result, "Collateral-Returned").Tags.Result)
      assert.same({ "Ack" }, rig.actions(peers.token("Voucher-Void", OP, { Quantity = "10" })))
      assert.same({ "Collateral-Returned" }, rig.actions(peers.coordinator("Cancel-Collateral", OP)))
      assert.equal("0", manager:read("Tim3.Collateral"))
      support.checkInvariants(manager)
    end)

    it("8 keeps what was used, and does not give it back afterwards", function()
      hold()
      local result = peers.token("Voucher-Used", OP, { Quantity = "10" })
      assert.same(mode == "lock" and { "Ack", "Capture" } or { "Ack" }, rig.actions(result))
      assert.same({ "Ack" }, rig.actions(peers.token("Voucher-Used", OP, { Quantity = "10" })))
      assert.same({ "Ack" }, rig.actions(peers.token("Voucher-Void", OP, { Quantity = "10" })))
      assert.equal(1, manager:read("Tim3.Counters['alarm-voucher-contradiction']"))
      assert.equal("10", manager:read("Tim3.Collateral"))
      support.checkInvariants(manager)
    end)

    it("18 releases once per order", function()
      hold()
      use(OP)
      local order = { User = BOB, Quantity = "4" }
      local first = peers.token("Release-Order", rig.op(2), order)
      if mode == "lock" then
        local unlock = rig.find(first, "Unlock")
        assert.equal(BOB, unlock.Tags.Recipient)
        assert.equal("4", unlock.Tags.Quantity)
        assert.same({}, rig.actions(peers.token("Release-Order", rig.op(2), order)))
        local done = { ["Release-Id"] = rig.op(2), Result = "released", Recipient = BOB, Quantity = "4" }
        first = peers.usda("Unlock-Confirmed", nil, done)
        assert.same({}, rig.actions(peers.usda("Unlock-Confirmed", nil, done)))
      end
      assert.same({ "Release-Ack", "Release-Ack" }, rig.actions(first))
      assert.equal(mode == "lock" and "unlocked" or "claimable", rig.find(first, "Release-Ack").Tags["Payout-State"])
      assert.same({ "Release-Ack", "Release-Ack" }, rig.actions(peers.token("Release-Order", rig.op(2), order)))
      assert.equal("6", manager:read("Tim3.Collateral"))
      assert.equal("4", manager:read("Tim3.Released"))
      support.checkInvariants(manager)
    end)

    it("19 I10 pays nobody else under a known order, and no process of TIM3", function()
      hold()
      use(OP)
      peers.token("Release-Order", rig.op(2), { User = BOB, Quantity = "4" })
      assert.same({}, rig.actions(peers.token("Release-Order", rig.op(2), { User = rig.MALLORY, Quantity = "4" })))
      assert.same({}, rig.actions(peers.token("Release-Order", OP, { User = ALICE, Quantity = "10" })))
      local failed = peers.token("Release-Order", rig.op(3), { User = PEERS.Usda, Quantity = "1" })
      assert.equal("failed", rig.find(failed, "Release-Ack").Tags.Result)
    end)

    it("21 refuses a release that the books do not cover, and says the same for ever", function()
      hold()
      use(OP)
      for _ = 1, 2 do
        local failed = peers.token("Release-Order", rig.op(2), { User = BOB, Quantity = "11" })
        assert.same({ "Release-Ack", "Release-Ack" }, rig.actions(failed))
        assert.equal("failed", failed.Messages[1].Tags.Result)
        assert.equal("ledger-shortage", failed.Messages[1].Tags["Error-Code"])
      end
      assert.equal("10", manager:read("Tim3.Collateral"))
      support.checkInvariants(manager)
    end)

    it("20 A6 A5 moves nothing for notices and errors that anybody can have reflected", function()
      hold()
      use(OP)
      peers.token("Release-Order", rig.op(2), { User = ALICE, Quantity = "4" })
      local before = manager:read("Tim3")
      for _, tags in ipairs({
        { Action = "Transfer-Error", Error = "x", ["X-Reference"] = "1", ["Message-Id"] = "m" },
        { Action = "Debit-Notice", Recipient = ALICE, Quantity = "4", ["X-Op-Id"] = rig.op(2) },
        { Balance = "999", Account = BOB, Ticker = "USDA" },
        { Action = "Mint-Confirmed", ["Op-Id"] = OP, Quantity = "10" },
      }) do
        assert.same({}, peers.usda(tags.Action, nil, tags).Messages)
      end
      local after = manager:read("Tim3")
      for _, sum in ipairs({ "Collateral", "Releasing", "Released", "Owed", "Payouts", "Credits", "Ops" }) do
        assert.same(before[sum], after[sum])
      end
    end)

    it("A12 takes canonical amounts only", function()
      for _, quantity in ipairs(rig.BAD_AMOUNTS) do
        for _, action in ipairs({ command, "Release-Order" }) do
          local tell = action == command and peers.coordinator or peers.token
          assert.same({}, tell(action, OP, { User = ALICE, Quantity = quantity }).Messages)
        end
      end
      assert.equal(0, manager:read("Tim3.Ops.Size"))
    end)

    it("A48 does not take a replay for a new operation after pruning", function()
      manager:send({ Action = "Set-Limits", ["Keep-Ops"] = "1", ["Keep-Ms"] = "0" })
      for number = 1, 6 do
        hold(rig.op(number), tostring(100 + number))
        use(rig.op(number))
        network:advance(1000)
      end
      assert.is_nil(support.state(manager, OP))
      local fields = { User = ALICE, Quantity = "10" }
      assert.same({ "Collateral-Failed" }, rig.actions(peers.coordinator(command, OP, fields)))
      assert.same({ "Op-Conflict" }, rig.actions(peers.coordinator("Cancel-Collateral", OP)))
      assert.same({}, rig.actions(peers.token("Release-Order", OP, fields)))
      if mode == "custody" then
        assert.same({}, rig.actions(peers.usda("Credit-Notice", nil, support.deposit(ALICE, "10", "101"))))
      end
      assert.equal("60", manager:read("Tim3.Collateral"))
    end)

    it("reports its sums to the state-manager, and asks the token for the balance once a minute", function()
      hold()
      local ask = { From = PEERS["State-Manager"], Action = "Get-Report", Round = "3" }
      local result = manager:send(ask)
      assert.same({ "Balance", "Report" }, rig.actions(result))
      local report = rig.find(result, "Report").Tags
      assert.equal("10", report.Vouched)
      assert.equal("10", report.Backing)
      assert.equal("10", report.Collateral)
      assert.equal("lock-manager", report.Role)
      assert.same({ "Report" }, rig.actions(manager:send(ask)))
      rig.checkStrings(result)
    end)

    it("A43 sees a deficit in the token's own answer, and not in an old one", function()
      hold()
      use(OP)
      local function told(balance, reference)
        local tags = { Balance = balance, Account = manager.id, Reference = reference }
        tags.Locked = mode == "lock" and balance or nil
        peers.usda(nil, nil, tags)
        return manager:read("Tim3.Audit.deficit")
      end
      assert.equal("0", told("3", "1"))
      assert.equal("0", told("10", "500"))
      assert.equal("0", told("12", "501"))
      assert.equal("7", told("3", "502"))
      assert.equal(1, manager:read("Tim3.Counters['alarm-audit-deficit']"))
    end)

    it("A39 keeps its state and handlers under new code", function()
      hold()
      rig.checkReload(manager)
      assert.same({ "Ack" }, { rig.actions(peers.token("Voucher-Used", OP, { Quantity = "10" }))[1] })
    end)
  end)
end
