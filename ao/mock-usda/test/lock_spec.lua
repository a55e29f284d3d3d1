local support = require("support")

local ALICE, BOB, KEEPER, MALLORY = support.ALICE, support.BOB, support.KEEPER, support.MALLORY

describe("a lock", function()
  local usda

  before_each(function()
    usda = support.spawn({ [ALICE] = "100" })
    usda:send({ From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = "80" })
  end)

  after_each(function()
    support.checkInvariants(usda)
  end)

  --- Send a message about a lock, by default of the keeper's.
  local function send(action, id, more)
    local message = { From = KEEPER, Action = action, ["Lock-Id"] = id }
    for name, value in pairs(more or {}) do
      message[name] = value
    end
    return usda:send(message)
  end

  local function lock(id, quantity, more)
    local message = { User = ALICE, Quantity = quantity }
    for name, value in pairs(more or {}) do
      message[name] = value
    end
    return send("Lock", id, message)
  end

  local function state(id)
    return usda:dry_run({ From = KEEPER, Action = "Lock-Status", ["Lock-Id"] = id }).Messages[1].Tags.State
  end

  local function locked(account)
    return usda:dry_run({ Action = "Balance", Recipient = account }).Messages[1].Tags.Locked
  end

  it("holds part of a balance in place, within the allowance", function()
    local result = lock("l", "60")
    assert.equal(1, #result.Messages)
    local confirmed = result.Messages[1]
    assert.equal("Lock-Confirmed", confirmed.Action)
    assert.equal(KEEPER, confirmed.Target)
    assert.equal("l", confirmed.Tags["Lock-Id"])
    assert.equal(ALICE, confirmed.Tags.User)
    assert.equal("60", confirmed.Tags.Quantity)
    assert.equal("100", support.balance(usda, ALICE))
    assert.equal("60", locked(ALICE))
    assert.equal("20", usda:read(("Usda.Allowances[%q][%q].qty"):format(ALICE, KEEPER)))
    assert.equal("held", state("l"))
  end)

  it("A19 needs an allowance of its own spender", function()
    local result = lock("l", "10", { From = MALLORY })
    assert.equal("insufficient-allowance", support.refusal(result, "Lock", MALLORY))
    assert.equal("l", result.Messages[1].Tags["Lock-Id"])
    assert.equal("insufficient-allowance", support.refusal(lock("l", "81"), "Lock", KEEPER))
    assert.equal("insufficient-allowance", support.refusal(lock("l", "10", { User = BOB }), "Lock", KEEPER))
    assert.equal("0", locked(ALICE))
    assert.equal("unknown", state("l"))
  end)

  it("A19 uses its allowance up", function()
    lock("l1", "50")
    assert.equal("insufficient-allowance", support.refusal(lock("l2", "31"), "Lock", KEEPER))
    lock("l2", "30")
    assert.same({}, usda:read("Usda.Allowances"))
    assert.equal("80", locked(ALICE))
  end)

  it("needs an available balance", function()
    usda:send({ From = ALICE, Action = "Transfer", Recipient = BOB, Quantity = "50" })
    local result = lock("l", "51")
    assert.equal("insufficient-balance", support.refusal(result, "Lock", KEEPER))
    assert.equal("Lock-Confirmed", lock("l", "50").Messages[1].Action)
  end)

  it("A9 is made once, however often it is asked for", function()
    lock("l", "60")
    local again = lock("l", "60").Messages[1]
    assert.equal("Lock-Confirmed", again.Action)
    assert.equal("60", locked(ALICE))
    assert.equal("20", usda:read(("Usda.Allowances[%q][%q].qty"):format(ALICE, KEEPER)))
  end)

  it("conflicts with another under its Lock-Id", function()
    lock("l", "60")
    local result = lock("l", "10")
    assert.equal("op-conflict", support.refusal(result, "Lock", KEEPER))
    assert.equal("l", result.Messages[1].Tags["Lock-Id"])
    assert.equal("op-conflict", support.refusal(lock("l", "60", { User = BOB }), "Lock", KEEPER))
    assert.equal("60", locked(ALICE))
  end)

  it("belongs to its spender; others have Lock-Ids of their own", function()
    lock("l", "60")
    local theft = send("Capture", "l", { From = MALLORY, Spender = KEEPER, User = ALICE })
    assert.equal("unknown-lock", support.refusal(theft, "Capture", MALLORY))
    assert.equal("never-locked", send("Unlock", "l", { From = MALLORY }).Messages[1].Tags.Result)
    assert.equal("held", state("l"))
    local status = { From = MALLORY, Action = "Lock-Status", ["Lock-Id"] = "l", Spender = KEEPER }
    assert.equal("held", usda:send(status).Messages[1].Tags.State)
  end)

  it("needs a proper Lock-Id and user", function()
    for _, id in ipairs({ "", "a b", string.rep("a", 129), "é" }) do
      assert.equal("invalid-lock-id", support.refusal(lock(id, "1"), "Lock", KEEPER))
    end
    assert.equal("invalid-lock-id", support.refusal(lock(nil, "1"), "Lock", KEEPER))
    assert.equal("invalid-user", support.refusal(lock("l", "1", { User = "alice" }), "Lock", KEEPER))
  end)

  describe("unlocked", function()
    it("goes back to its owner", function()
      lock("l", "60")
      local confirmed = send("Unlock", "l").Messages[1]
      assert.equal("Unlock-Confirmed", confirmed.Action)
      assert.equal("returned", confirmed.Tags.Result)
      assert.equal("l", confirmed.Tags["Lock-Id"])
      assert.equal("60", confirmed.Tags.Quantity)
      assert.equal(ALICE, confirmed.Tags.User)
      assert.equal("0", locked(ALICE))
      assert.equal("returned", state("l"))
      usda:send({ From = ALICE, Action = "Transfer", Recipient = BOB, Quantity = "100" })
      assert.equal("100", support.balance(usda, BOB))
    end)

    it("A9 goes back once", function()
      lock("l1", "40")
      lock("l2", "40")
      send("Unlock", "l1")
      assert.equal("returned", send("Unlock", "l1").Messages[1].Tags.Result)
      assert.equal("40", locked(ALICE))
    end)

    it("does not give the allowance back", function()
      lock("l", "60")
      send("Unlock", "l")
      assert.equal("20", usda:read(("Usda.Allowances[%q][%q].qty"):format(ALICE, KEEPER)))
    end)

    it("is over: a Lock that comes again has no effect", function()
      lock("l", "60")
      send("Unlock", "l")
      assert.equal("returned", support.refusal(lock("l", "60"), "Lock", KEEPER))
      assert.equal("op-conflict", support.refusal(lock("l", "61"), "Lock", KEEPER))
      assert.equal("returned", support.refusal(send("Capture", "l"), "Capture", KEEPER))
      assert.equal("0", locked(ALICE))
    end)

    it("A10 before it was made, leaves a tombstone for the Lock that comes late", function()
      local confirmed = send("Unlock", "l").Messages[1]
      assert.equal("Unlock-Confirmed", confirmed.Action)
      assert.equal("never-locked", confirmed.Tags.Result)
      assert.equal("cancelled", state("l"))
      assert.equal("never-locked", send("Unlock", "l").Messages[1].Tags.Result)
      assert.equal("cancelled", support.refusal(lock("l", "60"), "Lock", KEEPER))
      assert.equal("cancelled", support.refusal(send("Capture", "l"), "Capture", KEEPER))
      assert.equal("0", locked(ALICE))
    end)
  end)

  describe("captured", function()
    before_each(function()
      lock("l", "60")
    end)

    it("moves into the spender's pool, and stays locked there", function()
      local result = send("Capture", "l")
      assert.equal(1, #result.Messages)
      local confirmed = result.Messages[1]
      assert.equal("Capture-Confirmed", confirmed.Action)
      assert.equal("l", confirmed.Tags["Lock-Id"])
      assert.equal("60", confirmed.Tags.Quantity)
      assert.equal("40", support.balance(usda, ALICE))
      assert.equal("0", locked(ALICE))
      assert.equal("60", support.balance(usda, KEEPER))
      assert.equal("60", locked(KEEPER))
      assert.equal("captured", state("l"))
    end)

    it("cannot be transferred by the spender", function()
      send("Capture", "l")
      local result = usda:send({ From = KEEPER, Action = "Transfer", Recipient = BOB, Quantity = "1" })
      assert.equal("insufficient-balance", support.refusal(result, "Transfer", KEEPER))
      assert.equal("insufficient-balance", support.refusal(send("Burn", nil, { Quantity = "1" }), "Burn", KEEPER))
    end)

    it("A9 moves once", function()
      send("Capture", "l")
      assert.equal("Capture-Confirmed", send("Capture", "l").Messages[1].Action)
      assert.equal("60", support.balance(usda, KEEPER))
      assert.equal("Lock-Confirmed", lock("l", "60").Messages[1].Action)
      assert.equal("60", support.balance(usda, KEEPER))
    end)

    it("is too late to unlock", function()
      send("Capture", "l")
      local result = send("Unlock", "l")
      assert.equal("too-late", support.refusal(result, "Unlock", KEEPER))
      assert.equal("l", result.Messages[1].Tags["Lock-Id"])
      assert.equal("60", support.balance(usda, KEEPER))
    end)

    it("must exist", function()
      assert.equal("unknown-lock", support.refusal(send("Capture", "other"), "Capture", KEEPER))
      assert.equal("unknown", state("other"))
    end)
  end)

  it("I23 has a bounded number of records for each spender", function()
    local records = require("records")
    usda:eval(("Usda.Records[%q] = %d"):format(KEEPER, records.MAX))
    assert.equal("too-many-records", support.refusal(lock("l", "1"), "Lock", KEEPER))
    assert.equal("too-many-records", support.refusal(send("Unlock", "l"), "Unlock", KEEPER))
    assert.equal("0", locked(ALICE))
  end)
end)
