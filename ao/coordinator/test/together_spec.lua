-- The five processes together, in both modes.

local rig = require("test.rig")
local system = require("test.system")

local ALICE, BOB, CAROL, MALLORY = rig.ALICE, rig.BOB, rig.CAROL, rig.MALLORY

for _, mode in ipairs({ "custody", "lock" }) do
  describe("the five processes in " .. mode .. " mode", function()
    local five

    before_each(function()
      five = system.start(mode)
    end)

    it("mint", function()
      local id = system.mint(five, ALICE, "100")
      assert.equal("completed", system.outcome(five, id))
      assert.same({ "100", "900" }, { system.balances(five, ALICE) })
      assert.equal(id, system.mail(five, ALICE, "Mint-Complete").Tags["Op-Id"])
      assert.equal("100", system.mail(five, ALICE, "Credit-Notice").Tags.Quantity)
      system.check(five, true)
    end)

    it("burn what another minted", function()
      system.mint(five, ALICE, "100")
      rig.ok(five["token-manager"]:send({ From = ALICE, Action = "Transfer", Recipient = BOB, Quantity = "60" }))
      local id = system.burn(five, BOB, "50")
      assert.equal("completed", system.outcome(five, id))
      assert.same({ "10", "1050" }, { system.balances(five, BOB) })
      assert.same({ "40", "900" }, { system.balances(five, ALICE) })
      system.check(five, true)
    end)

    it("refuse a burn of more than there is, and return its room", function()
      system.mint(five, ALICE, "100")
      local id = system.burn(five, BOB, "50")
      assert.equal("rejected", system.outcome(five, id))
      assert.equal("insufficient-balance", system.mail(five, BOB, "Burn-Failed").Tags["Error-Code"])
      assert.equal("0", five.coordinator:read("Tim3.Windows.burnBlock.Sum"))
      system.check(five, true)
    end)

    it("A9 A8 do nothing twice when users repeat themselves", function()
      for _ = 1, 3 do
        system.mint(five, ALICE, "10")
        system.mint(five, CAROL, "7")
        system.burn(five, ALICE, "4")
        system.check(five, true)
      end
      assert.same({ "18", "982" }, { system.balances(five, ALICE) })
    end)

    it("A20 give a rogue coordinator nothing", function()
      system.mint(five, ALICE, "100")
      local commands = {
        { "token-manager", "Mint", { User = MALLORY, Quantity = "50" } },
        { "lock-manager", "Release-Order", { User = MALLORY, Quantity = "50" } },
        { "lock-manager", "Lock-Collateral", { User = BOB, Quantity = "50", Deadline = "1" } },
        { "lock-manager", "Expect-Deposit", { User = MALLORY, Quantity = "50" } },
        { "lock-manager", "Deposit-Decision", { Decision = "accept" } },
        { "token-manager", "Release-Ack", { Result = "failed" } },
        { "token-manager", "Voucher", { User = MALLORY, Quantity = "50" } },
        { "lock-manager", "Voucher-Void", { Quantity = "100" } },
      }
      for number, command in ipairs(commands) do
        for _, id in ipairs({ rig.op(900 + number), five.coordinator:read("next(Tim3.Ops.Records)") }) do
          local tags = rig.merge(command[3], { Action = command[2], ["Op-Id"] = id })
          five.coordinator:eval(("ao.send({ Target = %q, Tags = require('json').decode(%q) })"):format(
            five[command[1]].id,
            require("json").encode(tags)
          ))
        end
      end
      assert.same({ "0", "0" }, { system.balances(five, MALLORY) })
      assert.same({ "0", "1000" }, { system.balances(five, BOB) })
      assert.equal("100", five["token-manager"]:read("Tim3.TotalSupply"))
      system.check(five, false)
    end)

    it("A7 A5 are not moved by answers that strangers have reflected to them", function()
      system.mint(five, ALICE, "100")
      for _, name in ipairs({ "mock-usda", "token-manager", "coordinator", "lock-manager", "state-manager" }) do
        for _, target in ipairs({ "lock-manager", "token-manager", "coordinator" }) do
          for _, action in ipairs({ "Transfer", "Balance", "Mint", "Info", "Claim", "Total-Supply" }) do
            five[name]:send({
              From = MALLORY, Action = action, Recipient = ALICE, Quantity = "5",
              Tags = { ["Reply-To"] = five[target].id, ["X-Reference"] = "7", ["X-Op-Id"] = rig.op(1) },
            })
          end
        end
      end
      assert.same({ "100", "900" }, { system.balances(five, ALICE) })
      system.check(five, false)
    end)

    it("A43 report a ratio, and stop mints when collateral disappears", function()
      system.mint(five, ALICE, "100")
      five["state-manager"]:send({ From = BOB, Action = "Refresh" })
      assert.equal("10000", five["state-manager"]:read("Tim3.Current.ratio"))
      local manager = five["lock-manager"].id
      five["mock-usda"]:eval(([[
        local l = %q
        Usda.Balances[l] = "40"
        if Usda.Locked[l] then Usda.Locked[l], Usda.Pools[l] = "40", "40" end
        Usda.TotalSupply, Usda.Burned = "2940", "60"]]):format(manager))
      for _ = 1, 4 do
        five.network:advance(61000)
        five["state-manager"]:send({ From = BOB, Action = "Refresh" })
      end
      assert.equal("Critical", five["state-manager"]:read("Tim3.Current.level"))
      assert.equal("Critical", five.coordinator:read("Tim3.Risk"))
      local refused = five.coordinator:send({ From = BOB, Action = "Mint", Quantity = "5" })
      assert.equal("paused", rig.find(refused, "Mint-Error").Tags["Error-Code"])
      assert.equal("critical", rig.find(five.coordinator:send({ Action = "Unpause", Scope = "mint" }), "Unpause-Error")
        .Tags["Error-Code"])
    end)

    it("end a mint whose collateral never comes, and take a late deposit for a new one", function()
      if mode == "lock" then
        local id = rig.find(five.coordinator:send({ From = ALICE, Action = "Mint", Quantity = "5" }), "Mint-Pending")
        assert.equal("rejected", system.outcome(five, id.Tags["Op-Id"]))
        assert.equal("insufficient-allowance", system.mail(five, ALICE, "Mint-Failed").Tags["Error-Code"])
        return
      end
      local id = system.request(five, ALICE, "5")
      five.network:advance(300000)
      five.coordinator:send({ From = BOB, Action = "Tick" })
      assert.equal("expired", system.outcome(five, id))
      system.deposit(five, ALICE, "5", { ["X-Op-Id"] = id })
      assert.same({ "5", "995" }, { system.balances(five, ALICE) })
      system.check(five, true)
    end)
  end)
end

describe("deposits without a request", function()
  it("are minted to their sender, or owed to him if they are refused", function()
    local five = system.start("custody")
    system.deposit(five, ALICE, "30")
    assert.same({ "30", "970" }, { system.balances(five, ALICE) })
    five.coordinator:send({ Action = "Pause", Scope = "mint", Reason = "test" })
    system.deposit(five, ALICE, "20")
    local refused = system.mail(five, ALICE, "Mint-Error").Tags
    assert.equal("paused", refused["Error-Code"])
    assert.equal("claimable", refused["Payout-State"])
    rig.ok(five["lock-manager"]:send({ From = ALICE, Action = "Claim" }))
    assert.same({ "30", "970" }, { system.balances(five, ALICE) })
    system.check(five, true)
  end)

  it("A24 A23 are not minted where the token did not announce them", function()
    local five = system.start("custody")
    system.deposit(five, ALICE, "30", { Cast = "true" })
    assert.equal("0", five["token-manager"]:read("Tim3.TotalSupply"))
    system.check(five, false)
  end)

  it("A21 do not take another's operation", function()
    local five = system.start("custody")
    local id = system.request(five, ALICE, "30")
    system.deposit(five, BOB, "30", { ["X-Op-Id"] = id })
    assert.same({ "30", "970" }, { system.balances(five, BOB) })
    assert.is_nil(system.outcome(five, id))
    system.deposit(five, ALICE, "30", { ["X-Op-Id"] = id })
    assert.equal("completed", system.outcome(five, id))
    system.check(five, true)
  end)
end)

describe("activation", function()
  it("A38 fails while a process is configured otherwise", function()
    local sim = require("tim3tool.sim")
    local network = sim.network()
    local five, config = {}, { Action = "Configure", ["Collateral-Mode"] = "custody" }
    for name, tag in pairs(system.TAGS) do
      five[name] = network:spawn({ process = name, name = name })
      config[tag] = five[name].id
    end
    rig.ok(five.coordinator:send(config))
    rig.ok(five["token-manager"]:send(config))
    rig.ok(five["lock-manager"]:send(config))
    local wrong = rig.merge(config, { ["Collateral-Mode"] = "lock" })
    rig.ok(five["state-manager"]:send(wrong))
    local refused = rig.find(five.coordinator:send({ Action = "Activate" }), "Activate-Error").Tags
    assert.equal("not-ready", refused["Error-Code"])
    assert.equal("state-manager", refused.Missing)
    assert.equal("not-active", rig.refusal(five.coordinator:send({ From = ALICE, Action = "Mint", Quantity = "5" })))
    rig.ok(five["state-manager"]:send(rig.merge(config, { Action = "Propose-Config" })))
    rig.ok(five["state-manager"]:send({ Action = "Apply-Config" }))
    rig.ok(five.coordinator:send({ Action = "Activate" }))
    assert.is_true(five.coordinator:read("Tim3.Active"))
  end)
end)
