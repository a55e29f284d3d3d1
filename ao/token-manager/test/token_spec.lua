local rig = require("test.rig")
local sim = require("tim3tool.sim")
local support = require("support")

local ALICE, BOB, MALLORY = rig.ALICE, rig.BOB, rig.MALLORY

describe("TIM3 as a token", function()
  local token

  before_each(function()
    token = support.spawn()
    support.mint(token, rig.op(1), ALICE, "100")
  end)

  local function transfer(recipient, quantity, more)
    local message = { From = ALICE, Action = "Transfer", Recipient = recipient, Quantity = quantity }
    return token:send(rig.merge(message, more or {}))
  end

  it("1 describes itself in Title-Case tags", function()
    local info = token:send({ From = BOB, Action = "Info" }).Messages[1]
    assert.equal("TIM3", info.Tags.Ticker)
    assert.equal("TIM3", info.Tags.Name)
    assert.equal("12", info.Tags.Denomination)
    assert.equal(43, #info.Tags.Logo)
    assert.equal("100", info.Tags["Total-Supply"])
    assert.equal("token-manager", info.Tags.Role)
    assert.equal(64, #info.Tags["Config-Hash"])
    assert.is_nil(info.Tags.Transferable)
  end)

  it("2 tells a balance by sender, Recipient, Target and Address", function()
    assert.equal("100", token:send({ From = ALICE, Action = "Balance" }).Messages[1].Tags.Balance)
    for _, name in ipairs({ "Recipient", "Target", "Address" }) do
      local answer = token:send({ From = BOB, Action = "Balance", Tags = { [name] = ALICE } }).Messages[1]
      assert.equal("100", answer.Tags.Balance)
      assert.equal("100", answer.Data)
    end
    assert.equal("0", support.balance(token, BOB))
  end)

  it("3 prints all balances, and pages of them", function()
    support.mint(token, rig.op(2), BOB, "9007199254740993")
    local json = require("json")
    local all = json.decode(token:send({ Action = "Balances" }).Messages[1].Data)
    assert.same({ [ALICE] = "100", [BOB] = "9007199254740993" }, all)
    local page = token:send({ Action = "Paginated-Balances", Limit = "1", Cursor = ALICE }).Messages[1].Data
    assert.same({ { address = BOB, balance = "9007199254740993" } }, json.decode(page).items)
  end)

  it("3 prints no balances as {}", function()
    assert.equal("{}", support.spawn():send({ Action = "Balances" }).Messages[1].Data)
    local page = require("json").decode(support.spawn():send({ Action = "Paginated-Balances" }).Messages[1].Data)
    assert.same({}, page.items)
    assert.equal(0, page.totalItems)
    assert.is_false(page.hasMore)
  end)

  it("4 tells the supply, and does not answer another token's answer", function()
    local answer = token:send({ From = BOB, Action = "Total-Supply" }).Messages[1]
    assert.equal("100", answer.Data)
    assert.same({}, token:send({ From = BOB, Action = "Total-Supply", Ticker = "X" }).Messages)
  end)

  it("5 transfers, tells both, repeats X- tags, and publishes what changed", function()
    local result = transfer(BOB, "30", { ["X-Note"] = "rent", ["X-Reference"] = "9" })
    local debit, credit = rig.find(result, "Debit-Notice"), rig.find(result, "Credit-Notice")
    assert.equal(ALICE, debit.Target)
    assert.equal(BOB, credit.Target)
    assert.equal(ALICE, credit.Tags.Sender)
    assert.equal("30", credit.Tags.Quantity)
    assert.equal("rent", credit.Tags["X-Note"])
    assert.is_nil(credit.Tags["X-Reference"])
    assert.same({ [ALICE] = "70", [BOB] = "30" }, result.Messages[1].Tags.balances)
    assert.equal("70", support.balance(token, ALICE))
    support.checkInvariants(token)
  end)

  it("5 publishes an emptied account as 0", function()
    assert.same({ [ALICE] = "0", [BOB] = "100" }, transfer(BOB, "100").Messages[1].Tags.balances)
    assert.same({ [BOB] = "100" }, token:read("Tim3.Balances"))
  end)

  it("5 tells nobody with Cast, and refuses more X- tags than a notice repeats", function()
    assert.same({}, rig.actions(transfer(BOB, "1", { Cast = "true" })))
    local many = {}
    for index = 1, 17 do
      many["X-Tag-" .. index] = "v"
    end
    assert.equal("too-many-tags", rig.refusal(transfer(BOB, "1", many)))
  end)

  it("6 refuses more than there is, in the standard's shape", function()
    local result = transfer(BOB, "101")
    assert.equal("insufficient-balance", rig.refusal(result))
    local message = result.Messages[1]
    assert.equal("Transfer-Error", message.Action)
    assert.equal(ALICE, message.Target)
    assert.equal(43, #message.Tags["Message-Id"])
  end)

  it("7 refuses the sender itself, what is no address, and the processes of TIM3 as recipients", function()
    assert.equal("self-transfer", rig.refusal(transfer(ALICE, "1")))
    for _, recipient in ipairs({ "bob", "", "__index", token.id, rig.PEERS["Lock-Manager"], rig.PEERS.Usda }) do
      assert.equal("invalid-recipient", rig.refusal(transfer(recipient, "1")))
    end
    assert.equal("100", support.balance(token, ALICE))
  end)

  it("8 A12 takes canonical amounts only, from users and from peers", function()
    local peers = support.peers(token)
    for _, quantity in ipairs(rig.BAD_AMOUNTS) do
      assert.equal("invalid-quantity", rig.refusal(transfer(BOB, quantity)))
      for _, action in ipairs({ "Mint", "Burn" }) do
        assert.same({}, peers.coordinator(action, rig.op(9), ALICE, quantity).Messages)
      end
      assert.same({}, peers.locks("Voucher", rig.op(9), ALICE, quantity).Messages)
    end
    assert.is_nil(token:read(("Tim3.Ops.Records[%q]"):format(rig.op(9))))
    support.checkInvariants(token)
  end)

  it("A13 A14 is exact at 10^30 and does not wrap near the maximum", function()
    token:send({ Action = "Set-Limits", ["Supply-Cap"] = "off" })
    local much = "1" .. string.rep("0", 30)
    support.mint(token, rig.op(2), BOB, much)
    token:send({ From = BOB, Action = "Transfer", Recipient = ALICE, Quantity = "9007199254740993" })
    assert.equal("999999999999990992800745259007", support.balance(token, BOB))
    support.checkInvariants(token)
  end)

  it("A17 reads the first of duplicate tags", function()
    local tags = {
      { name = "Action", value = "Transfer" },
      { name = "Recipient", value = BOB },
      { name = "Quantity", value = "5" },
      { name = "Quantity", value = "99" },
    }
    assert.equal("5", rig.find(token:send({ From = ALICE, Tags = tags }), "Credit-Notice").Tags.Quantity)
  end)

  it("A15 refuses a transfer with a forged clock, and raises an alarm for a peer's", function()
    assert.equal("tainted", rig.refusal(transfer(BOB, "1", { Timestamp = "1" })))
    local peers = support.peers(token)
    assert.same({}, peers.locks("Voucher", rig.op(2), ALICE, "5", { ["Block-Height"] = "1" }).Messages)
    assert.equal(1, token:read("Tim3.Counters['alarm-tainted-peer']"))
  end)

  it("A29 keeps nothing of accounts that were emptied", function()
    for index = 1, 30 do
      local account = sim.address("dust" .. index)
      transfer(account, "1")
      token:send({ From = account, Action = "Transfer", Recipient = ALICE, Quantity = "1" })
    end
    assert.same({ [ALICE] = "100" }, token:read("Tim3.Balances"))
  end)

  it("A30 A32 drops junk, and answers no notice and no error", function()
    local inbox = token:read("#Inbox")
    for _, action in ipairs({ "Credit-Notice", "Transfer-Error", "Mint-Confirmed", "junk", "MINT", "mint" }) do
      assert.same({}, token:send({ From = MALLORY, Action = action, Quantity = "1" }).Messages)
    end
    assert.same({}, token:send({ From = MALLORY, Data = "hello" }).Messages)
    assert.equal(inbox, token:read("#Inbox"))
  end)
end)
