local support = require("support")

local ALICE, BOB, KEEPER = support.ALICE, support.BOB, support.KEEPER

describe("Transfer", function()
  local usda

  before_each(function()
    usda = support.spawn({ [ALICE] = "100" })
  end)

  --- Send a transfer of alice's.
  local function transfer(recipient, quantity, more)
    local message = { From = ALICE, Action = "Transfer", Recipient = recipient, Quantity = quantity }
    for name, value in pairs(more or {}) do
      message[name] = value
    end
    return usda:send(message)
  end

  it("moves the amount and tells both", function()
    local result = transfer(BOB, "30")
    assert.equal(2, #result.Messages)
    assert.message(result).has({ Action = "Debit-Notice", Target = ALICE, Recipient = BOB, Quantity = "30" })
    assert.message(result).has({
      Action = "Credit-Notice",
      Target = BOB,
      Sender = ALICE,
      Quantity = "30",
      Reference = match.is_string(),
    })
    assert.equal("70", support.balance(usda, ALICE))
    assert.equal("30", support.balance(usda, BOB))
    support.checkInvariants(usda)
  end)

  it("accepts a recipient of the 0x kind", function()
    local wallet = "0x" .. string.rep("aB", 20)
    transfer(wallet, "1")
    assert.equal("1", support.balance(usda, wallet))
  end)

  it("repeats X- tags in both notices, but no reference", function()
    local result = transfer(BOB, "1", { ["X-Note"] = "rent", ["X-Reference"] = "7", ["X-Origin"] = BOB, Other = "no" })
    for _, action in ipairs({ "Debit-Notice", "Credit-Notice" }) do
      assert.message(result).has({
        Action = action,
        ["X-Note"] = "rent",
        ["X-Reference"] = false,
        ["X-Origin"] = false,
        Other = false,
      })
    end
  end)

  it("A31 refuses 60 X- tags, and more than 2 KiB of them", function()
    local many, fat = {}, {}
    for index = 1, 60 do
      many["X-Tag-" .. index] = "v"
    end
    for index = 1, 3 do
      fat["X-Fat-" .. index] = string.rep("v", 1000)
    end
    assert.equal("too-many-tags", support.refusal(transfer(BOB, "1", many), "Transfer", ALICE))
    assert.equal("too-many-tags", support.refusal(transfer(BOB, "1", fat), "Transfer", ALICE))
    assert.equal("100", support.balance(usda, ALICE))
  end)

  it("A31 refuses 100 KiB of data and a tag of 2 KiB", function()
    for _, large in ipairs({ { Data = string.rep("x", 102400) }, { Note = string.rep("x", 2048) } }) do
      assert.equal("too-large", support.refusal(transfer(BOB, "1", large), "Transfer", ALICE))
    end
    assert.equal("100", support.balance(usda, ALICE))
  end)

  it("tells nobody when the sender says Cast", function()
    assert.same({}, transfer(BOB, "30", { Cast = "true" }).Messages)
    assert.equal("30", support.balance(usda, BOB))
  end)

  it("refuses more than there is, in the standard's shape", function()
    local result = transfer(BOB, "101")
    assert.equal("insufficient-balance", support.refusal(result, "Transfer", ALICE))
    assert.equal(43, #result.Messages[1].Tags["Message-Id"])
    assert.equal("100", support.balance(usda, ALICE))
    assert.equal("0", support.balance(usda, BOB))
  end)

  it("refuses the locked part of a balance", function()
    usda:send({ From = ALICE, Action = "Approve", Spender = KEEPER, Quantity = "60" })
    usda:send({ From = KEEPER, Action = "Lock", ["Lock-Id"] = "l", User = ALICE, Quantity = "60" })
    assert.equal("insufficient-balance", support.refusal(transfer(BOB, "41"), "Transfer", ALICE))
    assert.equal("Debit-Notice", transfer(BOB, "40").Messages[1].Action)
    assert.equal("60", support.balance(usda, ALICE))
    support.checkInvariants(usda)
  end)

  it("A29 moves a whole balance and forgets the empty account", function()
    transfer(BOB, "100")
    assert.equal("0", support.balance(usda, ALICE))
    assert.same({ [BOB] = "100" }, usda:read("Usda.Balances"))
    assert.equal(1, usda:read("Usda.Holders.Count"))
  end)

  it("refuses the sender itself", function()
    assert.equal("self-transfer", support.refusal(transfer(ALICE, "1"), "Transfer", ALICE))
  end)

  it("A47 refuses a recipient that is no address", function()
    local bad = { "", "bob", BOB .. "a", BOB:sub(1, 42), BOB:sub(1, 39) .. "😀", " " .. BOB, "0x" .. BOB:sub(1, 40) }
    for _, recipient in ipairs(bad) do
      assert.equal("invalid-recipient", support.refusal(transfer(recipient, "1"), "Transfer", ALICE))
    end
    assert.equal("invalid-recipient", support.refusal(transfer(nil, "1"), "Transfer", ALICE))
    assert.equal("100", support.balance(usda, ALICE))
  end)

  it("A46 refuses recipients named like something in Lua", function()
    for _, recipient in ipairs({ "__index", "__gc", "total", "nil", "1" }) do
      assert.equal("invalid-recipient", support.refusal(transfer(recipient, "1"), "Transfer", ALICE))
    end
  end)

  it("A3 refuses the token itself and the network's authority as recipients", function()
    assert.equal("invalid-recipient", support.refusal(transfer(usda.id, "1"), "Transfer", ALICE))
    local authority = usda:read("ao.authorities[1]")
    assert.equal("invalid-recipient", support.refusal(transfer(authority, "1"), "Transfer", ALICE))
  end)

  it("A13 is exact beyond 2^53 and at 10^30", function()
    usda:send({ Action = "Mint", Recipient = ALICE, Quantity = "999999999999999999999999999900" }) -- 10^30 - 100
    transfer(BOB, "9007199254740993")
    assert.equal("9007199254740993", support.balance(usda, BOB))
    assert.equal("999999999999990992800745259007", support.balance(usda, ALICE))
    support.checkInvariants(usda)
  end)

  it("A14 does not wrap near the maximum", function()
    local rest = string.rep("9", 35) .. "899" -- what the supply lacks of 38 nines
    usda:send({ Action = "Mint", Recipient = BOB, Quantity = rest })
    assert.equal(string.rep("9", 38), usda:read("Usda.TotalSupply"))
    transfer(BOB, "100")
    assert.equal(string.rep("9", 38), support.balance(usda, BOB))
    support.checkInvariants(usda)
  end)

  it("A17 reads the first of duplicate tags, and tells the amount that moved", function()
    local result = usda:send({
      From = ALICE,
      Tags = {
        { name = "Action", value = "Transfer" },
        { name = "Recipient", value = BOB },
        { name = "Quantity", value = "5" },
        { name = "Quantity", value = "99" },
      },
    })
    assert.equal("5", support.find(result, "Credit-Notice").Tags.Quantity)
    assert.equal("5", support.balance(usda, BOB))
  end)

  it("A18 takes nothing from data, be it text or JSON", function()
    local data = '{"Recipient":"' .. BOB .. '","Quantity":"99"}'
    for _, contentType in ipairs({ "text/plain", "application/json" }) do
      local result = usda:send({ From = ALICE, Action = "Transfer", Data = data, ["Content-Type"] = contentType })
      assert.equal("invalid-recipient", support.refusal(result, "Transfer", ALICE))
      transfer(BOB, "1", { Data = data, ["Content-Type"] = contentType })
    end
    assert.equal("2", support.balance(usda, BOB))
  end)

  it("A18 survives data that is not the JSON it claims to be", function()
    transfer(BOB, "1", { Data = "{", ["Content-Type"] = "application/json" })
    assert.equal("0", support.balance(usda, BOB))
    transfer(BOB, "1")
    assert.equal("1", support.balance(usda, BOB))
  end)
end)
