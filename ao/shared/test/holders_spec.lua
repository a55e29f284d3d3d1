local holders = require("holders")

--- Make a list of accounts.
local function listOf(...)
  local list = holders.new()
  for _, account in ipairs({ ... }) do
    holders.add(list, account)
  end
  return list
end

--- Return all accounts of a list.
local function all(list)
  return (holders.page(list, nil, math.maxinteger))
end

describe("holders", function()
  it("come in the order in which they were added", function()
    assert.same({ "a", "b", "c" }, all(listOf("a", "b", "c")))
    assert.same({}, all(holders.new()))
  end)

  it("can leave from the front, the middle and the end, and come back", function()
    local list = listOf("a", "b", "c", "d")
    holders.remove(list, "b")
    assert.same({ "a", "c", "d" }, all(list))
    holders.remove(list, "a")
    holders.remove(list, "d")
    assert.same({ "c" }, all(list))
    holders.remove(list, "c")
    assert.same({}, all(list))
    holders.add(list, "a")
    assert.same({ "a" }, all(list))
    assert.equal(1, list.Count)
    assert.same({}, list.After)
    assert.same({}, list.Before)
  end)

  it("come in pages that follow a cursor", function()
    local list = listOf("a", "b", "c")
    local page, hasMore = holders.page(list, nil, 2)
    assert.same({ "a", "b" }, page)
    assert.is_true(hasMore)
    page, hasMore = holders.page(list, "b", 2)
    assert.same({ "c" }, page)
    assert.is_false(hasMore)
    page, hasMore = holders.page(list, "c", 2)
    assert.same({}, page)
    assert.is_false(hasMore)
  end)
end)
