local rig = require("test.rig")
local sim = require("tim3tool.sim")
local support = require("support")

local OWNER, MALLORY, PEERS = rig.OWNER, rig.MALLORY, rig.PEERS

describe("the token-manager's administration", function()
  local token, network, config

  before_each(function()
    token, network, config = rig.spawn("token-manager", "Token-Manager")
  end)

  --- Greet as a peer.
  local function hello(role, address, hash)
    return token:send({
      From = address,
      Action = "Hello",
      Role = role,
      ["Config-Hash"] = hash or token:read("Tim3.Config.hash"),
      Version = "1",
    })
  end

  it("greets its peers when it is configured", function()
    local fresh = sim.network():spawn({ process = "token-manager" })
    local result = fresh:send(rig.merge(config, { ["Token-Manager"] = fresh.id }))
    assert.same({ "Configure-Ok", "Hello", "Hello", "Hello" }, rig.actions(result))
    rig.checkStrings(result)
  end)

  it("A38 is configured once, by the admin, with five different ids of which one is its own", function()
    local fresh = sim.network():spawn({ process = "token-manager" })
    local right = rig.merge(config, { ["Token-Manager"] = fresh.id })
    assert.equal("unauthorised", rig.refusal(fresh:send(rig.merge(right, { From = MALLORY }))))
    assert.equal("invalid-token-manager", rig.refusal(fresh:send(rig.merge(right, { ["Token-Manager"] = rig.BOB }))))
    assert.equal("invalid-usda", rig.refusal(fresh:send(rig.merge(right, { Usda = "typo" }))))
    assert.equal("invalid-usda", rig.refusal(fresh:send(rig.merge(right, { Usda = PEERS.Coordinator }))))
    assert.equal("invalid-collateral-mode", rig.refusal(fresh:send(rig.merge(right, { ["Collateral-Mode"] = "x" }))))
    rig.ok(fresh:send(right))
    rig.ok(fresh:send(right))
    assert.equal("configured", rig.refusal(fresh:send(rig.merge(right, { Usda = sim.address("other") }))))
  end)

  it("A38 answers greetings, and believes in peers of the same configuration only", function()
    assert.same({ "Hello-Ack" }, rig.actions(hello("coordinator", PEERS.Coordinator)))
    hello("lock-manager", PEERS["Lock-Manager"])
    assert.is_false(token:read("Tim3.Active"))
    hello("state-manager", PEERS["State-Manager"], string.rep("0", 64))
    assert.is_false(token:read("Tim3.Active"))
    assert.equal(1, token:read("Tim3.Counters['alarm-config-mismatch']"))
    assert.same({}, rig.actions(hello("coordinator", PEERS["State-Manager"])))
    assert.same({}, rig.actions(hello("state-manager", MALLORY)))
    hello("state-manager", PEERS["State-Manager"])
    assert.is_true(token:read("Tim3.Active"))
  end)

  it("changes its configuration a day after it was proposed, when idle", function()
    hello("coordinator", PEERS.Coordinator)
    hello("lock-manager", PEERS["Lock-Manager"])
    hello("state-manager", PEERS["State-Manager"])
    assert.equal("no-proposal", rig.refusal(token:send({ Action = "Apply-Config" })))
    local proposal = rig.merge(config, { Action = "Propose-Config", Usda = sim.address("other") })
    assert.equal("unauthorised", rig.refusal(token:send(rig.merge(proposal, { From = MALLORY }))))
    assert.equal("invalid-usda", rig.refusal(token:send(rig.merge(proposal, { Usda = PEERS.Coordinator }))))
    assert.equal("no-proposal", rig.refusal(token:send({ Action = "Apply-Config" })))
    rig.ok(token:send(proposal))
    assert.equal("too-early", rig.refusal(token:send({ Action = "Apply-Config" })))
    network:advance(86400000)
    support.peers(token).locks("Voucher", rig.op(1), rig.ALICE, "5")
    assert.equal("busy", rig.refusal(token:send({ Action = "Apply-Config" })))
    support.peers(token).coordinator("Cancel-Mint", rig.op(1))
    assert.same({ "Apply-Config-Ok", "Hello", "Hello", "Hello" }, rig.actions(token:send({ Action = "Apply-Config" })))
    assert.equal(sim.address("other"), token:read("Tim3.Config.peers.usda"))
    assert.is_false(token:read("Tim3.Active"))
  end)

  it("tightens limits at once and loosens them after a day", function()
    assert.equal("unauthorised", rig.refusal(token:send({ From = MALLORY, Action = "Set-Limits", ["Keep-Ops"] = "1" })))
    assert.equal("invalid-keep-ops", rig.refusal(token:send({ Action = "Set-Limits", ["Keep-Ops"] = "-1" })))
    assert.equal("invalid-limits", rig.refusal(token:send({ Action = "Set-Limits" })))
    token:eval("Tim3.Active = true")
    rig.ok(token:send({ Action = "Set-Limits", ["Supply-Cap"] = "5" }))
    local function cap()
      return token:send({ Action = "Info" }).Messages[1].Tags["Supply-Cap"]
    end
    assert.equal("5", cap())
    rig.ok(token:send({ Action = "Set-Limits", ["Supply-Cap"] = "off" }))
    assert.equal("5", cap())
    network:advance(86400000)
    assert.equal("off", cap())
  end)

  it("A36 keeps a journal that anybody can read", function()
    rig.ok(token:send({ Action = "Set-Limits", ["Keep-Ops"] = "7" }))
    rig.ok(token:send({ Action = "Transfer-Admin", Admin = rig.BOB }))
    assert.equal("unauthorised", rig.refusal(token:send({ Action = "Transfer-Admin", Admin = OWNER })))
    local log = require("json").decode(token:send({ From = MALLORY, Action = "Admin-Log" }).Messages[1].Data)
    assert.equal("Configure", log[1].act)
    assert.equal("Keep-Ops=7", log[2].detail)
    assert.equal(OWNER, log[3].by)
    assert.same({}, token:send({ From = MALLORY, Action = "Eval", Data = "Tim3 = nil" }).Messages)
    assert.equal(rig.BOB, token:read("Tim3.Admin"))
  end)

  it("A4 gives no right to a message for its owner", function()
    token:send({ From = MALLORY, Owner = OWNER, Action = "Transfer-Admin", Admin = MALLORY })
    assert.equal(OWNER, token:read("Tim3.Admin"))
  end)

  it("A3 gives the network's authority nothing", function()
    local authority = token:read("ao.authorities[1]")
    assert.same({}, token:send({ From = authority, Action = "Transfer", Recipient = rig.BOB, Quantity = "1" }).Messages)
  end)

  it("reports to the state-manager alone", function()
    support.mint(token, rig.op(1), rig.ALICE, "10")
    local ask = { From = PEERS["State-Manager"], Action = "Get-Report", Round = "7" }
    local report = token:send(ask).Messages[1].Tags
    assert.equal("10", report.Minted)
    assert.equal("0", report.Burned)
    assert.equal("10", report.Supply)
    assert.equal("1", report.Holders)
    assert.equal("7", report.Round)
    assert.equal("1", report.Seq)
    assert.equal("2", token:send(ask).Messages[1].Tags.Seq)
    assert.same({}, token:send(rig.merge(ask, { From = MALLORY })).Messages)
  end)

  it("stops when an invariant does not hold, says nothing wrong, and still answers reads", function()
    support.mint(token, rig.op(1), rig.ALICE, "10")
    token:eval("Tim3.TotalSupply = '11'")
    local transfer = { From = rig.ALICE, Action = "Transfer", Recipient = rig.BOB, Quantity = "1" }
    assert.same({}, token:send(transfer).Messages)
    assert.is_string(token:read("Tim3.Halted"))
    assert.equal("halted", rig.refusal(token:send(transfer)))
    assert.equal("11", token:send({ Action = "Total-Supply" }).Messages[1].Data)
    local alarms = require("json").decode(token:send({ Action = "Alarms" }).Messages[1].Data)
    assert.equal("halted", alarms[1].code)
  end)

  it("A41 looks for what is due at most every ten seconds, whoever asks", function()
    local peers = support.peers(token)
    support.mint(token, rig.op(1), rig.ALICE, "10")
    peers.coordinator("Burn", rig.op(2), rig.ALICE, "10")
    network:advance(30000)
    local sent = 0
    for _ = 1, 100 do
      sent = sent + #token:send({ From = MALLORY, Action = "Cron" }).Messages
    end
    assert.equal(2, sent)
  end)

  it("A39 keeps its state and handlers under new code", function()
    support.mint(token, rig.op(1), rig.ALICE, "10")
    rig.checkReload(token)
    assert.equal("10", support.balance(token, rig.ALICE))
    assert.same({ "Mint-Confirmed" }, rig.actions(support.peers(token).coordinator("Mint", rig.op(1), rig.ALICE, "10")))
  end)

  it("A39 refuses a state of a layout it does not know", function()
    token:eval("Tim3.Schema = 99")
    local result = token:send({ Action = "Eval", Data = rig.bundle() })
    assert.is_truthy(result.Error:find("schema 99", 1, true))
  end)
end)
