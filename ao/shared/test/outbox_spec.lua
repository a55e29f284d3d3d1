local outbox = require("outbox")

describe("the outbox", function()
  local real, sent

  before_each(function()
    real, sent = ao, {}
    _G.ao = {
      send = function(message)
        sent[#sent + 1] = message
      end,
    }
  end)

  after_each(function()
    _G.ao = real
  end)

  it("sends tags in the order of their names, and Target and Data apart from them", function()
    outbox.send({ { Target = "bob", Data = "hi", Quantity = "5", Action = "Credit-Notice", ["X-Note"] = "n" } })
    assert.same({
      {
        Target = "bob",
        Data = "hi",
        Tags = {
          { name = "Action", value = "Credit-Notice" },
          { name = "Quantity", value = "5" },
          { name = "X-Note", value = "n" },
        },
      },
    }, sent)
  end)

  it("sends messages in their order", function()
    outbox.send({ { Target = "a" }, { Target = "b" } })
    assert.equal("a", sent[1].Target)
    assert.equal("b", sent[2].Target)
    outbox.send({})
    assert.equal(2, #sent)
  end)
end)
