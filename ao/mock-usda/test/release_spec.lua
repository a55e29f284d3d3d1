local support = require("support")

local ALICE, BOB, CAROL, KEEPER, MALLORY = support.ALICE, support.BOB, support.CAROL, support.KEEPER, support.MALLORY

describe("a release", function()
  local usda

  before_each(function()
    usda = support.spawn({ [ALICE] = "100" })
    usda:send({ From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = "80" })
    usda:send({ From = KEEPER, Action = "Lock", ["Lock-Id"] = "l", User = ALICE, Quantity = "60" })
    usda:send({ From = KEEPER, Action = "Capture", ["Lock-Id"] = "l" })
  end)

  after_each(function()
    support.checkInvariants(usda)
  end)

  --- Release from the keeper's pool.
  local function release(id, recipient, quantity, more)
    local message = { From = KEEPER, Action = "Unlock", Recipient = recipient, Quantity = quantity }
    message["Release-Id"] = id
    for name, value in pairs(more or {}) do
      message[name] = value
    end
    return usda:send(message)
  end

  it("pays any holder from the pool, and tells all", function()
    local result = release("r", BOB, "25", { ["X-Op-Id"] = "7-op" })
    assert.equal(3, #result.Messages)
    local debit, credit = support.find(result, "Debit-Notice"), support.find(result, "Credit-Notice")
    local confirmed = support.find(result, "Unlock-Confirmed")
    assert.equal(KEEPER, debit.Target)
    assert.equal(BOB, debit.Tags.Recipient)
    assert.equal(BOB, credit.Target)
    assert.equal(KEEPER, credit.Tags.Sender)
    assert.equal("25", credit.Tags.Quantity)
    assert.equal("7-op", credit.Tags["X-Op-Id"])
    assert.equal(KEEPER, confirmed.Target)
    assert.equal("r", confirmed.Tags["Release-Id"])
    assert.equal("released", confirmed.Tags.Result)
    assert.equal("25", support.balance(usda, BOB))
    assert.equal("35", support.balance(usda, KEEPER))
    usda:send({ From = BOB, Action = "Transfer", Recipient = CAROL, Quantity = "25" })
    assert.equal("25", support.balance(usda, CAROL))
  end)

  it("A9 pays once, and tells the recipient once", function()
    release("r", BOB, "25")
    local again = release("r", BOB, "25")
    assert.equal(1, #again.Messages)
    assert.equal("Unlock-Confirmed", again.Messages[1].Action)
    assert.equal("25", support.balance(usda, BOB))
    assert.equal("35", support.balance(usda, KEEPER))
  end)

  it("conflicts with another under its Release-Id", function()
    release("r", BOB, "25")
    local result = release("r", BOB, "26")
    assert.equal("op-conflict", support.refusal(result, "Unlock", KEEPER))
    assert.equal("r", result.Messages[1].Tags["Release-Id"])
    assert.equal("op-conflict", support.refusal(release("r", CAROL, "25"), "Unlock", KEEPER))
    assert.equal("0", support.balance(usda, CAROL))
  end)

  it("needs enough in the pool, and may be asked for again", function()
    assert.equal("pool-short", support.refusal(release("r", BOB, "61"), "Unlock", KEEPER))
    assert.equal("released", support.find(release("r", BOB, "60"), "Unlock-Confirmed").Tags.Result)
    assert.equal("pool-short", support.refusal(release("r2", BOB, "1"), "Unlock", KEEPER))
    assert.same({}, usda:read("Usda.Pools"))
    assert.same({}, usda:read("Usda.Locked"))
  end)

  it("comes from the pool alone, not from what the spender has itself or holds", function()
    usda:send({ From = ALICE, Action = "Transfer", Recipient = KEEPER, Quantity = "10" })
    usda:send({ From = KEEPER, Action = "Lock", ["Lock-Id"] = "l2", User = ALICE, Quantity = "20" })
    assert.equal("pool-short", support.refusal(release("r", BOB, "61"), "Unlock", KEEPER))
    release("r", BOB, "60")
    assert.equal("10", support.balance(usda, KEEPER))
  end)

  it("A19 comes from no pool but the sender's", function()
    assert.equal("pool-short", support.refusal(release("r", MALLORY, "1", { From = BOB }), "Unlock", BOB))
    assert.equal("60", support.balance(usda, KEEPER))
  end)

  it("goes to no malformed recipient, and not to the spender itself", function()
    assert.equal("self-transfer", support.refusal(release("r", KEEPER, "1"), "Unlock", KEEPER))
    assert.equal("invalid-recipient", support.refusal(release("r", "bob", "1"), "Unlock", KEEPER))
    assert.equal("invalid-release-id", support.refusal(release("", BOB, "1"), "Unlock", KEEPER))
  end)

  it("A31 refuses too many X- tags", function()
    local many = {}
    for index = 1, 17 do
      many["X-" .. index] = "v"
    end
    assert.equal("too-many-tags", support.refusal(release("r", BOB, "1", many), "Unlock", KEEPER))
    assert.equal("60", support.balance(usda, KEEPER))
  end)

  it("may come in parts, and to the first owner too", function()
    release("r1", ALICE, "20")
    release("r2", BOB, "20")
    release("r3", CAROL, "20")
    assert.equal("60", support.balance(usda, ALICE))
    assert.equal("0", support.balance(usda, KEEPER))
  end)

  it("can be looked up", function()
    release("r", BOB, "25")
    local status = { From = KEEPER, Action = "Lock-Status", ["Release-Id"] = "r" }
    local known = usda:send(status).Messages[1]
    assert.equal("Lock-Status-Reply", known.Action)
    assert.equal("released", known.Tags.State)
    assert.equal(BOB, known.Tags.Recipient)
    assert.equal("25", known.Tags.Quantity)
    status["Release-Id"] = "other"
    assert.equal("unknown", usda:send(status).Messages[1].Tags.State)
  end)

  it("I23 has a bounded number of records for each spender", function()
    usda:eval(("Usda.Records[%q] = %d"):format(KEEPER, require("records").MAX))
    assert.equal("too-many-records", support.refusal(release("r", BOB, "1"), "Unlock", KEEPER))
  end)
end)
