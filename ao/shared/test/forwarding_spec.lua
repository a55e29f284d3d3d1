local forwarding = require("forwarding")

describe("forwarding", function()
  it("takes X- tags and nothing else", function()
    local tags = { Action = "Transfer", Quantity = "1", ["X-Note"] = "hello", Xylophone = "no" }
    assert.same({ ["X-Note"] = "hello" }, forwarding.collect(tags))
    assert.same({}, forwarding.collect({}))
  end)

  it("never takes X-Reference or X-Origin, however they are spelled", function()
    local tags = { ["X-Reference"] = "7", ["x_reference"] = "7", ["X-ORIGIN"] = "p", ["x-origin"] = "p" }
    assert.same({}, forwarding.collect(tags))
  end)

  it("A31 refuses more than 16 tags or 2 KiB", function()
    local tags = {}
    for index = 1, 16 do
      tags["X-" .. index] = "v"
    end
    assert.same(tags, forwarding.collect(tags))
    tags["X-17"] = "v"
    local forwarded, code = forwarding.collect(tags)
    assert.is_nil(forwarded)
    assert.equal("too-many-tags", code)

    assert.same({ ["X-A"] = string.rep("v", 2045) }, forwarding.collect({ ["X-A"] = string.rep("v", 2045) }))
    forwarded, code = forwarding.collect({ ["X-A"] = string.rep("v", 2046) })
    assert.is_nil(forwarded)
    assert.equal("too-many-tags", code)
  end)
end)
