local support = require("support")

local ALICE, BOB = support.ALICE, support.BOB

describe("the token", function()
  local usda, network

  before_each(function()
    usda, network = support.spawn()
  end)

  --- Send a message of alice's and return its only answer.
  local function ask(message)
    message.From = message.From or ALICE
    local result = usda:send(message)
    assert.is_nil(result.Error)
    assert.equal(1, #result.Messages)
    assert.equal(message.From, result.Messages[1].Target)
    return result.Messages[1]
  end

  it("describes itself in Title-Case tags", function()
    local info = ask({ Action = "Info" })
    assert.equal("Mock USDA", info.Tags.Name)
    assert.equal("USDA", info.Tags.Ticker)
    assert.equal("12", info.Tags.Denomination)
    assert.equal(43, #info.Tags.Logo)
    assert.equal("0", info.Tags["Total-Supply"])
    assert.is_nil(info.Tags.Transferable)
  end)

  it("tells the sender's balance, and another's by Recipient, Target or Address", function()
    usda:send({ Action = "Mint", Recipient = ALICE, Quantity = "5" })
    usda:send({ Action = "Mint", Recipient = BOB, Quantity = "7" })
    local own = ask({ Action = "Balance" })
    assert.equal("5", own.Tags.Balance)
    assert.equal("5", own.Data)
    assert.equal(ALICE, own.Tags.Account)
    assert.equal("USDA", own.Tags.Ticker)
    for _, name in ipairs({ "Recipient", "Target", "Address" }) do
      local other = ask({ Action = "Balance", Tags = { [name] = BOB } })
      assert.equal("7", other.Tags.Balance)
      assert.equal(BOB, other.Tags.Account)
    end
    local all = ask({ Action = "Balance", Tags = { Recipient = BOB, Target = ALICE, Address = ALICE } })
    assert.equal(BOB, all.Tags.Account)
  end)

  it("tells 0 for an account it does not know", function()
    local absent = ask({ Action = "Balance", Recipient = BOB })
    assert.equal("0", absent.Tags.Balance)
    assert.equal("0", absent.Data)
    assert.equal("0", absent.Tags.Locked)
  end)

  it("A46 knows no account by the name of something in Lua", function()
    for _, name in ipairs({ "__index", "total", "TotalSupply", "Count", "1" }) do
      assert.equal("0", ask({ Action = "Balance", Recipient = name }).Tags.Balance)
    end
  end)

  it("prints no balances as {}", function()
    assert.equal("{}", ask({ Action = "Balances" }).Data)
  end)

  it("prints all balances as JSON", function()
    usda:send({ Action = "Mint", Recipient = ALICE, Quantity = "9007199254740993" })
    usda:send({ Action = "Mint", Recipient = BOB, Quantity = "7" })
    local data = ask({ Action = "Balances" }).Data
    assert.same({ [ALICE] = "9007199254740993", [BOB] = "7" }, require("json").decode(data))
    local before = data:find(ALICE, 1, true) < data:find(BOB, 1, true)
    assert.equal(ALICE < BOB, before)
  end)

  it("pages through the balances", function()
    local sim = require("tim3tool.sim")
    for index = 1, 5 do
      usda:send({ Action = "Mint", Recipient = sim.address("holder" .. index), Quantity = tostring(index) })
    end
    local json = require("json")
    local seen, cursor = {}, nil
    repeat
      local page = json.decode(ask({ Action = "Paginated-Balances", Limit = "2", Cursor = cursor }).Data)
      assert.equal(5, page.totalItems)
      assert.equal(2, page.limit)
      for _, item in ipairs(page.items) do
        seen[#seen + 1] = item
      end
      cursor = page.nextCursor
      assert.equal(cursor ~= nil, page.hasMore)
    until not cursor
    assert.equal(5, #seen)
    assert.same({ address = sim.address("holder5"), balance = "5" }, seen[5])
    assert.equal("invalid-cursor", ask({ Action = "Paginated-Balances", Cursor = BOB }).Tags["Error-Code"])
    assert.equal("invalid-limit", ask({ Action = "Paginated-Balances", Limit = "0" }).Tags["Error-Code"])
    assert.equal("invalid-limit", ask({ Action = "Paginated-Balances", Limit = "-1" }).Tags["Error-Code"])
  end)

  it("tells the total supply", function()
    usda:send({ Action = "Mint", Recipient = BOB, Quantity = "7" })
    local supply = ask({ Action = "Total-Supply" })
    assert.equal("Total-Supply", supply.Action)
    assert.equal("USDA", supply.Tags.Ticker)
    assert.equal("7", supply.Data)
  end)

  it("A32 does not answer another token's answer about its supply", function()
    assert.same({}, usda:send({ From = ALICE, Action = "Total-Supply", Ticker = "FOO", Data = "9" }).Messages)
    local other = network:spawn({ process = "mock-usda", name = "other" })
    local result = usda:send({ From = other.id, Action = "Total-Supply" }) -- returns when all mail is delivered
    assert.equal(other.id, result.Messages[1].Target)
  end)

  it("A7 answers the sender, whatever Reply-To says, and repeats no reference", function()
    local answer = ask({ Action = "Balance", Tags = { ["Reply-To"] = BOB, ["X-Reference"] = "7", ["X-Origin"] = BOB } })
    assert.is_nil(answer.Tags["X-Reference"])
    assert.is_nil(answer.Tags["X-Origin"])
    answer = ask({ Action = "Transfer", Recipient = BOB, Quantity = "1", Tags = { ["Reply-To"] = BOB } })
    assert.equal("Transfer-Error", answer.Action)
  end)

  it("answers a dry run by a caller that is no address", function()
    local result = usda:dry_run({ From = "1234", Action = "Balance", Recipient = ALICE })
    assert.equal("0", result.Messages[1].Tags.Balance)
  end)

  it("I26 sends strings only", function()
    usda:send({ Action = "Mint", Recipient = ALICE, Quantity = "5" })
    for _, action in ipairs({ "Info", "Balance", "Balances", "Paginated-Balances", "Total-Supply" }) do
      for _, tag in ipairs(ask({ Action = action }).TagArray) do
        assert.equal("string", type(tag.value))
      end
    end
  end)
end)
