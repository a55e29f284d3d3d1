local rig = require("test.rig")
local sim = require("tim3tool.sim")
local support = require("support")

local ALICE, BOB, CAROL, MALLORY = rig.ALICE, rig.BOB, rig.CAROL, rig.MALLORY

describe("the coordinator's limits", function()
  local coordinator, network, peers

  --- Start with limits.
  local function start(limits)
    coordinator, network, peers = support.spawn("lock", limits)
  end

  local function mint(user, quantity)
    return support.complete(coordinator, peers, "Mint", user, quantity)
  end

  local function burn(user, quantity)
    return support.complete(coordinator, peers, "Burn", user, quantity)
  end

  local function refused(action, user, quantity)
    return support.refused(coordinator, action, user, quantity)
  end

  it("5 keep an amount between the least and the largest", function()
    start({ ["Min-Amount"] = "5", ["Max-Per-Op"] = "10" })
    local code, tags = refused("Mint", ALICE, "4")
    assert.equal("below-minimum", code)
    assert.equal("5", tags.Limit)
    assert.equal("above-maximum", (refused("Burn", ALICE, "11")))
    mint(ALICE, "5")
    burn(ALICE, "10")
  end)

  it("5 are one whole unit at first", function()
    start({ ["Min-Amount"] = "1000000000000" })
    assert.equal("below-minimum", (refused("Mint", ALICE, "999999999999")))
    mint(ALICE, "1000000000000")
  end)

  it("6 A12 take canonical amounts only", function()
    start()
    for _, quantity in ipairs(rig.BAD_AMOUNTS) do
      assert.equal("invalid-quantity", (refused("Mint", ALICE, quantity)))
      assert.equal("invalid-quantity", (refused("Burn", ALICE, quantity)))
    end
    assert.equal(0, coordinator:read("Tim3.OpSeq"))
  end)

  it("7 hold a user to a day's volume, and let it go after a day", function()
    start({ ["User-Mint-24h"] = "100" })
    mint(ALICE, "60")
    network:advance(3600000)
    mint(ALICE, "30")
    local code, tags = refused("Mint", ALICE, "20")
    assert.equal("user-limit", code)
    assert.equal("100", tags.Limit)
    assert.equal("10", tags.Remaining)
    local wait = tonumber(tags["Retry-After-Ms"])
    assert.is_true(wait > 22 * 3600000 and wait <= 24 * 3600000)
    mint(BOB, "20")
    network:advance(wait)
    mint(ALICE, "20")
    support.checkInvariants(coordinator)
  end)

  it("7 A26 belong to the sender alone, and cost nothing when refused", function()
    start({ ["User-Mint-24h"] = "100" })
    for _ = 1, 5 do
      local forged = { From = MALLORY, Action = "Mint", Quantity = "60", User = ALICE, Sender = ALICE }
      coordinator:send(forged)
      refused("Mint", MALLORY, "101")
    end
    local limits = coordinator:send({ From = BOB, Action = "Limits", User = ALICE }).Messages[1].Tags
    assert.equal("100", limits["Mint-Remaining"])
  end)

  it("8 hold a block to its volume, and start anew with the next", function()
    start({ ["Block-Mint"] = "100", ["User-Share-Percent"] = "100" })
    mint(ALICE, "60")
    local code, tags = refused("Mint", BOB, "50")
    assert.equal("block-limit", code)
    assert.equal("40", tags.Remaining)
    mint(BOB, "40")
    assert.equal("block-limit", (refused("Mint", CAROL, "1")))
    network:advance(120000)
    mint(CAROL, "100")
  end)

  it("9 hold the net of mints and burns to an hour's volume", function()
    start({ ["Net-Mint-1h"] = "100" })
    mint(ALICE, "90")
    assert.equal("global-limit", (refused("Mint", BOB, "20")))
    burn(ALICE, "50")
    mint(BOB, "20")
    network:advance(3900000)
    mint(BOB, "100")
  end)

  it("9 hold burns to a part of the supply, or to an amount where that is more", function()
    start({ ["Net-Burn-4h"] = "10", ["Net-Burn-4h-Percent"] = "30" })
    mint(ALICE, "100")
    network:advance(86400000)
    burn(ALICE, "30")
    local code, tags = refused("Burn", ALICE, "1")
    assert.equal("global-limit", code)
    assert.equal("21", tags.Limit)
    network:advance(15000000)
    burn(ALICE, "20")
  end)

  it("10 A25 leave every user his share of a block, and burns a room of their own", function()
    start({ ["Block-Mint"] = "100", ["Block-Burn"] = "100", ["User-Share-Percent"] = "20" })
    mint(MALLORY, "20")
    burn(MALLORY, "20")
    assert.equal("block-limit", (refused("Mint", MALLORY, "1")))
    assert.equal("block-limit", (refused("Burn", MALLORY, "1")))
    for index = 1, 4 do
      mint(sim.address("sybil" .. index), "20")
    end
    assert.equal("block-limit", (refused("Mint", ALICE, "1")))
    burn(ALICE, "20")
  end)

  it("10 hold the supply, with all that is under way, to its cap", function()
    start({ ["Supply-Cap"] = "100" })
    mint(ALICE, "60")
    support.open(coordinator, "Mint", BOB, "30")
    assert.equal("global-limit", (refused("Mint", CAROL, "11")))
    burn(ALICE, "10")
    mint(CAROL, "20")
  end)

  it("11 make a user wait after an accepted operation only", function()
    start({ ["Cooldown-Ms"] = "30000" })
    assert.equal("invalid-quantity", (refused("Mint", ALICE, "0")))
    mint(ALICE, "10")
    local code, tags = refused("Mint", ALICE, "10")
    assert.equal("cooldown", code)
    assert.equal("30000", tags["Retry-After-Ms"])
    network:advance(30000)
    mint(ALICE, "10")
  end)

  it("12 A34 let a user have one operation under way", function()
    start()
    local id = support.open(coordinator, "Burn", ALICE, "10")
    assert.equal("in-flight", (refused("Burn", ALICE, "10")))
    assert.equal("in-flight", (refused("Mint", ALICE, "10")))
    support.open(coordinator, "Burn", BOB, "10")
    peers.token("Burn-Rejected", id)
    support.open(coordinator, "Burn", ALICE, "10")
    support.checkInvariants(coordinator)
  end)

  it("12 hold all users together to a number of operations under way", function()
    start({ ["Max-In-Flight-Total"] = "2" })
    support.open(coordinator, "Burn", ALICE, "10")
    support.open(coordinator, "Burn", BOB, "10")
    assert.equal("in-flight", (refused("Burn", CAROL, "10")))
  end)

  it("13 slow a user who asks too often, whatever the answers were", function()
    start({ ["Flood-Requests"] = "3", ["Flood-Ms"] = "60000", ["Min-Amount"] = "5" })
    for _ = 1, 3 do
      assert.equal("below-minimum", (refused("Mint", ALICE, "1")))
      network:advance(10000)
    end
    local code, tags = refused("Mint", ALICE, "10")
    assert.equal("flood", code)
    assert.equal("30000", tags["Retry-After-Ms"])
    mint(BOB, "10")
    network:advance(30000)
    mint(ALICE, "10")
  end)

  it("13 I23 remember 200 users' requests", function()
    start({ ["Flood-Requests"] = "2" })
    for index = 1, 230 do
      coordinator:send({ From = sim.address("flood" .. index), Action = "Mint", Quantity = "99999999999999999999" })
    end
    assert.equal(200, coordinator:read("Tim3.Flooders.Count"))
    local kept = coordinator:read("(function() local n = 0 for _ in pairs(Tim3.Flood) do n = n + 1 end return n end)()")
    assert.equal(200, kept)
  end)

  it("14 I19 I20 return what was reserved when nothing comes of it", function()
    start({ ["User-Mint-24h"] = "10", ["Block-Mint"] = "10", ["User-Share-Percent"] = "100", ["Supply-Cap"] = "10" })
    local ends = {
      function(id)
        peers.locks("Collateral-Failed", id, { ["Error-Code"] = "insufficient-balance" })
      end,
      function(id)
        network:advance(300000)
        coordinator:send({ From = BOB, Action = "Tick" })
        peers.locks("Collateral-Cancelled", id, { Result = "never-held" })
      end,
      function(id)
        peers.locks("Collateral-Held", id)
        peers.token("Mint-Rejected", id, { ["Error-Code"] = "supply-cap" })
        peers.locks("Collateral-Returned", id, { Result = "returned" })
      end,
    }
    for _, fail in ipairs(ends) do
      local id = support.open(coordinator, "Mint", ALICE, "10")
      fail(id)
      assert.is_string(coordinator:read(("Tim3.Ops.Records[%q].outcome"):format(id)))
      support.checkInvariants(coordinator)
    end
    mint(ALICE, "10")
    assert.equal("10", coordinator:read("Tim3.Windows.mintBlock.Sum"))
  end)

  it("I23 forget users of whom nothing was heard for a day", function()
    start()
    for index = 1, 20 do
      mint(sim.address("user" .. index), "1")
    end
    network:advance(86400001)
    for index = 1, 20 do
      mint(sim.address("later" .. index), "1")
    end
    assert.equal(20, coordinator:read("Tim3.Recent.Count"))
  end)

  it("26 tell what is left", function()
    start({ ["User-Mint-24h"] = "100", ["Max-Per-Op"] = "80" })
    mint(ALICE, "70")
    local limits = coordinator:send({ From = ALICE, Action = "Limits" }).Messages[1].Tags
    assert.equal("30", limits["Mint-Remaining"])
    assert.equal("80", limits["Burn-Remaining"])
    assert.equal("100", limits["User-Mint-24h"])
    assert.equal("0", limits["User-In-Flight"])
  end)

  it("tighten at once, and loosen after their delay", function()
    start({ ["Loosen-Delay-Ms"] = "3600000" })
    rig.ok(coordinator:send({ Action = "Set-Limits", ["Max-Per-Op"] = "10" }))
    assert.equal("above-maximum", (refused("Mint", ALICE, "11")))
    rig.ok(coordinator:send({ Action = "Set-Limits", ["Max-Per-Op"] = "20" }))
    assert.equal("above-maximum", (refused("Mint", ALICE, "11")))
    local limits = coordinator:send({ From = ALICE, Action = "Limits" }).Messages[1].Tags
    assert.is_string(limits["Pending-Max-Per-Op"])
    network:advance(3600000)
    mint(ALICE, "11")
  end)

  it("hold at once where there was none before", function()
    start({ ["Max-Per-Op"] = "off" })
    mint(ALICE, "1000")
    local set = rig.ok(coordinator:send({ Action = "Set-Limits", ["Max-Per-Op"] = "10" })).Messages[1]
    assert.equal("10", set.Tags["Max-Per-Op"])
    assert.equal("above-maximum", (refused("Mint", ALICE, "11")))
  end)

  it("A27 leave room for those who have paid, whatever is announced", function()
    coordinator, network, peers = support.spawn("custody", { ["Net-Mint-1h"] = "100" })
    local accepted = 0
    for index = 1, 30 do
      local request = { From = sim.address("squatter" .. index), Action = "Mint", Quantity = "10" }
      if rig.find(coordinator:send(request), "Mint-Pending") then
        accepted = accepted + 1
      end
    end
    assert.equal(5, accepted)
    local result = peers.locks("Deposit-Received", "d7", { User = ALICE, Quantity = "40" })
    assert.equal("accept", rig.find(result, "Deposit-Decision").Tags.Decision)
    support.checkInvariants(coordinator)
  end)
end)
