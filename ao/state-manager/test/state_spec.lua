local rig = require("test.rig")

local ALICE, PEERS = rig.ALICE, rig.PEERS

describe("the state-manager", function()
  local manager, network, seq

  before_each(function()
    manager, network = rig.spawn("state-manager", "State-Manager")
    seq = 0
  end)

  --- Send a report as a peer.
  local function report(role, round, sums, more)
    seq = seq + 1
    return manager:send(rig.merge({
      From = manager:read(("Tim3.Config.peers[%q]"):format(role)),
      Action = "Report",
      Role = role,
      Seq = tostring(seq),
      Round = round,
      ["Config-Hash"] = manager:read("Tim3.Config.hash"),
    }, sums, more or {}))
  end

  local function token(minted, burned, restored)
    return { Minted = minted, Burned = burned or "0", Restored = restored or "0" }
  end

  local function locks(held, more)
    local sums = { Vouched = held, Released = "0", Collateral = held, Backing = held, Deficit = "0" }
    return rig.merge(sums, more or {})
  end

  --- Run a whole round; return the result of its last report.
  local function round(first, held, second)
    network:advance(10000)
    rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
    local number = manager:read("Tim3.Round")
    report("token-manager", number .. "-first", first)
    report("lock-manager", number .. "-locks", held)
    return report("token-manager", number .. "-second", second or first)
  end

  local function status()
    return manager:dry_run({ From = ALICE, Action = "Status" }).Messages[1].Tags
  end

  it("1 A42 takes a report from the peer whose role it names", function()
    rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
    report("token-manager", "1-first", token("9"), { From = ALICE })
    assert.equal(0, manager:read("#Tim3.Alarms.Items")) -- strangers raise no alarms
    report("token-manager", "1-first", token("9"), { From = PEERS["Lock-Manager"] })
    assert.equal(1, manager:read("#Tim3.Alarms.Items"))
    report("token-manager", "1-first", token("9"), { Role = "lock-manager" })
    report("token-manager", "1-first", {})
    assert.same({}, manager:read("Tim3.Latest"))
    assert.same({ "Get-Report" }, rig.actions(report("token-manager", "1-first", token("9"))))
  end)

  it("2 A42 ignores a report that is not newer than the last", function()
    rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
    report("token-manager", "0-first", token("1"), { Seq = "7" })
    assert.same({}, rig.actions(report("token-manager", "1-first", token("9"), { Seq = "7" })))
    assert.same({}, rig.actions(report("token-manager", "1-first", token("9"), { Seq = "6" })))
    assert.same({ "Get-Report" }, rig.actions(report("token-manager", "1-first", token("9"), { Seq = "8" })))
    assert.equal(2, manager:read("Tim3.Counters['stale-reports']"))
  end)

  it("asks the token-manager, the lock-manager, the token-manager again, and the coordinator", function()
    local started = manager:send({ From = ALICE, Action = "Refresh" })
    assert.same({ "Get-Report", "Refresh-Ok" }, rig.actions(started))
    assert.equal(PEERS["Token-Manager"], rig.find(started, "Get-Report").Target)
    local second = report("token-manager", "1-first", token("10"))
    assert.equal(PEERS["Lock-Manager"], second.Messages[1].Target)
    assert.same({}, rig.actions(report("token-manager", "1-first", token("10"))))
    local third = report("lock-manager", "1-locks", locks("10"))
    assert.equal(PEERS["Token-Manager"], third.Messages[1].Target)
    local last = report("token-manager", "1-second", token("10"))
    assert.equal(PEERS.Coordinator, rig.find(last, "Get-Report").Target)
    rig.checkStrings(last)
    assert.equal("10000", status().Ratio)
  end)

  it("3 I24 rounds the ratio down, and has none without a supply", function()
    round(token("0"), locks("5"))
    assert.equal("none", status().Ratio)
    round(token("3"), locks("3", { Backing = "5" }))
    assert.equal("16666", status().Ratio)
    round(token("10", "3", "1"), locks("20", { Released = "1", Backing = "9" }))
    assert.equal("8", status().Supply)
    assert.equal("11250", status().Ratio)
  end)

  it("4 is exact at 10^30", function()
    local supply, less = "1" .. string.rep("0", 30), string.rep("9", 30)
    round(token(supply), locks(less, { Vouched = supply }))
    assert.equal("9999", status().Ratio)
    assert.equal(less, status().Backing)
  end)

  it("5 never misfires, whatever happens between the questions", function()
    local random = rig.generator(7)
    local minted, burned, vouched, released = 1000, 0, 1000, 0
    local function happen()
      local mint, burn = random(50), random(50)
      vouched = vouched + mint + random(20) -- vouchers run ahead of mints
      minted = math.min(minted + mint, vouched)
      burned = math.min(burned + burn, minted)
      released = released + random(burned - released + 1) - 1 -- releases lag behind burns
    end
    for _ = 1, 60 do
      network:advance(10000)
      rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
      local number = manager:read("Tim3.Round")
      happen()
      report("token-manager", number .. "-first", token(tostring(minted), tostring(burned)))
      happen()
      local held = tostring(vouched - released)
      local sums = { Vouched = tostring(vouched), Released = tostring(released), Collateral = held, Backing = held }
      report("lock-manager", number .. "-locks", rig.merge(sums, { Deficit = "0" }))
      happen()
      report("token-manager", number .. "-second", token(tostring(minted), tostring(burned)))
      assert.equal("Normal", status().Level)
      assert.equal("sound", status().Code)
    end
  end)

  it("6 A43 warns of a deficit, which becomes critical after ten minutes", function()
    local short = locks("10000", { Deficit = "50" })
    round(token("10000"), short)
    assert.equal("Warning", rig.find(round(token("10000"), short), "Risk-Alert").Tags.Level)
    assert.equal("9950", status().Ratio)
    network:advance(600000)
    local critical = rig.find(round(token("10000"), short), "Risk-Alert")
    assert.equal(PEERS.Coordinator, critical.Target)
    assert.equal("Critical", critical.Tags.Level)
    assert.equal("undercollateralised", critical.Tags.Code)
    assert.is_string(critical.Tags.Evidence)
  end)

  it("6 is critical at once where much is missing, even if what is owed to others hides it", function()
    local short = locks("9000", { Vouched = "10000", Backing = "12000" })
    round(token("10000"), short)
    assert.equal("Critical", rig.find(round(token("10000"), short), "Risk-Alert").Tags.Level)
    assert.equal("12000", status().Ratio)
    assert.equal("9000", status()["Net-Ratio"])
  end)

  it("7 needs two rounds, one after the other", function()
    local short = locks("9000", { Vouched = "10000" })
    for _ = 1, 3 do
      assert.is_nil(rig.find(round(token("10000"), short), "Risk-Alert"))
      assert.is_nil(rig.find(round(token("10000"), locks("10000")), "Risk-Alert"))
    end
  end)

  it("7 is critical when something was minted unbacked or released unburned", function()
    round(token("10"), locks("10", { Vouched = "9" }))
    local minted = rig.find(round(token("10"), locks("10", { Vouched = "9" })), "Risk-Alert")
    assert.equal("minted-unbacked", minted.Tags.Code)
    round(token("10"), locks("10"))
    round(token("10", "2"), locks("10", { Released = "3" }))
    local alert = rig.find(round(token("10", "2"), locks("10", { Released = "3" })), "Risk-Alert")
    assert.equal("released-unburned", alert.Tags.Code)
  end)

  it("8 tells the coordinator once, and again when it changes or the coordinator does not know", function()
    local short = locks("9000", { Vouched = "10000" })
    round(token("10000"), short)
    assert.is_truthy(rig.find(round(token("10000"), short), "Risk-Alert"))
    assert.is_nil(rig.find(round(token("10000"), short), "Risk-Alert"))
    assert.same({ "Risk-Alert" }, rig.actions(report("coordinator", "x", {}, { Risk = "Normal" })))
    assert.same({}, rig.actions(report("coordinator", "x", {}, { Risk = "Critical" })))
    assert.equal("Normal", rig.find(round(token("10000"), locks("10000")), "Risk-Alert").Tags.Level)
    round(token("10000"), short)
    assert.equal("Critical", rig.find(round(token("10000"), short), "Risk-Alert").Tags.Level)
  end)

  it("9 A41 begins a round every ten seconds at most, and gives up one that does not end", function()
    rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
    for _, action in ipairs({ "Refresh", "Tick", "Cron" }) do
      local refused = manager:send({ From = ALICE, Action = action })
      assert.equal("too-soon", rig.refusal(refused))
      assert.equal("60000", refused.Messages[1].Tags["Retry-After-Ms"])
    end
    network:advance(10000)
    assert.equal("too-soon", rig.refusal(manager:send({ From = ALICE, Action = "Refresh" })))
    network:advance(50000)
    rig.ok(manager:send({ From = ALICE, Action = "Tick" }))
    assert.same({}, rig.actions(report("token-manager", "1-first", token("1"))))
    assert.equal(2, manager:read("Tim3.Round"))
  end)

  it("10 I23 keeps one entry for five minutes, and a day of them", function()
    for _ = 1, 3 do
      round(token("10"), locks("10"))
    end
    assert.is_true(manager:read("Tim3.History.Last") <= 2)
    manager:eval("for n = 1, 400 do require('journal').append(Tim3.History, { at = n * 300000 }) end")
    local count = "(function() local n = 0 for _ in pairs(Tim3.History.Items) do n = n + 1 end return n end)()"
    assert.equal(288, manager:read(count))
    local page = manager:send({ From = ALICE, Action = "History" }).Messages[1]
    assert.equal(50, #require("json").decode(page.Data))
  end)

  it("11 answers readers", function()
    round(token("10"), locks("10"))
    local now = status()
    assert.equal("Normal", now.Level)
    assert.equal("10", now.Supply)
    assert.equal("10", now.Backing)
    assert.equal("1", now.Round)
    assert.equal("0", now["Age-Ms"])
    local info = manager:send({ From = ALICE, Action = "Info" }).Messages[1].Tags
    assert.equal("state-manager", info.Role)
    assert.equal("10000", info["Warning-Bps"])
    local history = manager:send({ From = ALICE, Action = "History" }).Messages[1]
    assert.equal("10000", require("json").decode(history.Data)[1].ratio)
  end)

  it("12 is configured and set by its admin alone", function()
    local limit = { Action = "Set-Limits", ["Warning-Bps"] = "10100" }
    assert.equal("unauthorised", rig.refusal(manager:send(rig.merge(limit, { From = ALICE }))))
    rig.ok(manager:send(limit))
    round(token("10000"), locks("10000"))
    assert.equal("Warning", rig.find(round(token("10000"), locks("10000")), "Risk-Alert").Tags.Level)
    assert.equal("invalid-warning-bps", rig.refusal(manager:send(rig.merge(limit, { ["Warning-Bps"] = "x" }))))
    local fresh = require("tim3tool.sim").network():spawn({ process = "state-manager" })
    assert.equal("not-active", rig.refusal(fresh:send({ From = ALICE, Action = "Refresh" })))
  end)

  it("13 publishes what changed, in lower-case keys", function()
    local patch = round(token("10"), locks("10")).Messages[1]
    assert.equal("patch@1.0", patch.Tags.device)
    assert.equal("10000", patch.Tags.ratio)
    patch = round(token("10"), locks("10")).Messages[1]
    assert.is_nil(patch.Tags.ratio)
    assert.equal("2", patch.Tags.round)
    for name, value in pairs(patch.Tags) do
      if not ({ ["Data-Protocol"] = true, Type = true, Variant = true, Reference = true })[name] then
        assert.equal(name:lower(), name)
      end
      assert.is_string(value)
    end
  end)

  it("I28 A38 does not use a report made with another configuration", function()
    rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
    assert.same({}, rig.actions(report("token-manager", "1-first", token("1"), { ["Config-Hash"] = "other" })))
    assert.equal(1, manager:read("Tim3.Counters['alarm-config-mismatch']"))
  end)

  it("A15 does not believe a report with a forged clock", function()
    rig.ok(manager:send({ From = ALICE, Action = "Refresh" }))
    assert.same({}, report("token-manager", "1-first", token("1"), { Timestamp = "1" }).Messages)
  end)

  it("A39 keeps its state and handlers under new code", function()
    round(token("10"), locks("10"))
    rig.checkReload(manager)
    assert.equal("10000", status().Ratio)
  end)
end)
