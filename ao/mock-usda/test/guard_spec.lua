local sim = require("tim3tool.sim")
local support = require("support")

local ALICE, BOB, KEEPER, OWNER = support.ALICE, support.BOB, support.KEEPER, support.OWNER

describe("mock-usda's guard", function()
  local usda, network

  before_each(function()
    usda, network = support.spawn({ [ALICE] = "100" })
  end)

  --- Transfer of alice's to bob with more tags.
  local function transfer(more)
    local message = { From = ALICE, Action = "Transfer", Recipient = BOB, Quantity = "1" }
    for name, value in pairs(more or {}) do
      message[name] = value
    end
    return usda:send(message)
  end

  it("A15 refuses every command with a tag that overwrites the scheduler's word", function()
    local now = usda:read("Usda.Now")
    local forgeable = { "Timestamp", "Id", "Block-Height", "Cron", "Module", "Nonce", "Epoch", "Hash-Chain" }
    for _, name in ipairs(forgeable) do
      for _, value in ipairs({ "1", "99999999999999" }) do
        local result = transfer({ [name] = value })
        assert.equal("tainted", support.refusal(result, "Transfer", ALICE))
        assert.not_equal(value, result.Messages[1].Tags["Message-Id"])
      end
    end
    assert.equal("tainted", support.refusal(usda:send({ Action = "Mint", Quantity = "1", Id = "x" }), "Mint", OWNER))
    assert.equal("100", support.balance(usda, ALICE))
    assert.equal("100", usda:read("Usda.TotalSupply"))
    assert.equal(17, usda:read("Usda.Counters.tainted"))
    assert.is_true(usda:read("Usda.Now") < now + 3600000)
  end)

  it("A15 does not let a forged clock end or extend an allowance", function()
    local expires = tostring(network:now() + 60000)
    usda:send({ From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = "50", ["Expires-At"] = expires })
    usda:send({ From = support.MALLORY, Action = "Info", Timestamp = "99999999999999" })
    local lock = { From = KEEPER, Action = "Lock", User = ALICE, Quantity = "1", ["Lock-Id"] = "l1" }
    assert.equal("Lock-Confirmed", usda:send(lock).Messages[1].Action)
    network:advance(60000)
    lock["Lock-Id"], lock.Timestamp = "l2", "1"
    assert.equal("tainted", support.refusal(usda:send(lock), "Lock", KEEPER))
  end)

  it("A16 I21 moves its clock with the scheduler's and never back", function()
    transfer()
    assert.equal(network:now(), usda:read("Usda.Now"))
    assert.equal(network:height(), usda:read("Usda.Height"))
    local later = network:now() + 31536000000
    network:advance(31536000000)
    transfer()
    assert.equal(later, usda:read("Usda.Now"))
    assert.equal(network:height(), usda:read("Usda.Height"))
  end)

  it("A2 never sees a message that only claims its sender", function()
    transfer({ Owner = support.MALLORY })
    assert.equal("100", support.balance(usda, ALICE))
    usda:send({ From = OWNER, Owner = support.MALLORY, Action = "Mint", Quantity = "1" })
    assert.equal("100", usda:read("Usda.TotalSupply"))
  end)

  it("A3 gives the network's authority no balance, no right and no answer", function()
    local authority = usda:read("ao.authorities[1]")
    assert.same({}, usda:send({ From = authority, Action = "Faucet", Quantity = "1" }).Messages)
    assert.same({}, usda:send({ From = authority, Action = "Approve", Spender = BOB, Quantity = "1" }).Messages)
    local mint = { Action = "Mint", Recipient = authority, Quantity = "1" }
    assert.equal("invalid-recipient", support.refusal(usda:send(mint), "Mint", OWNER))
    assert.equal(2, usda:read("Usda.Counters.dropped"))
  end)

  it("A30 drops 1,000 junk messages without a trace but a count", function()
    local before = usda:read("#Inbox")
    for index = 1, 1000 do
      local result = usda:send({ From = ALICE, Action = "Junk-" .. index % 7, Data = "junk" })
      assert.same({}, result.Messages)
    end
    assert.equal(before, usda:read("#Inbox"))
    assert.equal(1000, usda:read("Usda.Counters.dropped"))
    assert.equal(0, usda:read("#Handlers.coroutines"))
    support.checkInvariants(usda)
  end)

  it("A32 answers no notice, no error, and no message without an action", function()
    for _, action in ipairs({ "Credit-Notice", "Debit-Notice", "Transfer-Error", "Mint-Confirmed", "" }) do
      assert.same({}, usda:send({ From = ALICE, Action = action, Quantity = "1" }).Messages)
    end
    assert.same({}, usda:send({ From = ALICE, Data = "hello" }).Messages)
    assert.same({}, usda:send({ From = usda.id, Action = "Total-Supply" }).Messages)
  end)

  it("A45 knows actions and addresses by their exact spelling only", function()
    for _, action in ipairs({ "MINT", "mint", "Mint ", "^Mint$", "M.nt", "_" }) do
      assert.same({}, usda:send({ Action = action, Quantity = "1" }).Messages)
    end
    local shouted = OWNER:upper() ~= OWNER and OWNER:upper() or OWNER:lower()
    local result = usda:send({ From = shouted, Action = "Mint", Quantity = "1" })
    assert.equal("unauthorised", support.refusal(result, "Mint", shouted))
    assert.equal("100", usda:read("Usda.TotalSupply"))
  end)

  it("A46 knows no action by the name of something in Lua", function()
    for _, action in ipairs({ "__index", "__gc", "pairs", "1", "nil" }) do
      assert.same({}, usda:send({ Action = action }).Messages)
    end
  end)

  it("A40 accepts no assignments", function()
    assert.equal(0, usda:read("#ao.assignables"))
  end)

  it("A41 does nothing when somebody says Cron", function()
    assert.same({}, usda:send({ From = ALICE, Action = "Cron" }).Messages)
  end)

  it("A29 keeps no account for dust that was sent on", function()
    for index = 1, 50 do
      local account = sim.address("dust" .. index)
      usda:send({ From = ALICE, Action = "Transfer", Recipient = account, Quantity = "1" })
      usda:send({ From = account, Action = "Transfer", Recipient = ALICE, Quantity = "1" })
    end
    assert.same({ [ALICE] = "100" }, usda:read("Usda.Balances"))
    assert.equal(1, usda:read("Usda.Holders.Count"))
  end)

  it("keeps the owner's Eval reachable", function()
    assert.equal("2", usda:eval("return 1 + 1"))
    assert.same({}, usda:send({ From = ALICE, Action = "Eval", Data = "Usda = nil" }).Messages)
    assert.equal("100", support.balance(usda, ALICE))
  end)

  it("I22 changes nothing but counters for a refused message", function()
    local before = usda:read("Usda")
    transfer({ Quantity = "0" })
    usda:send({ From = ALICE, Action = "Mint", Quantity = "1" })
    usda:send({ From = ALICE, Action = "Unlock", ["Release-Id"] = "r", Recipient = BOB, Quantity = "1" })
    usda:send({ From = ALICE, Action = "Nonsense" })
    local after = usda:read("Usda")
    assert.same({ refused = 3, dropped = 1 }, after.Counters)
    after.Counters, after.Now, after.Height = before.Counters, before.Now, before.Height
    assert.same(before, after)
  end)
end)
