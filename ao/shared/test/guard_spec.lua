local guard = require("guard")

local SELF = string.rep("s", 43)
local ALICE = string.rep("a", 43)

describe("the guard", function()
  local real, state

  --- Make a message as aos hands it to a handler.
  local function message(tags, root)
    local made = { Id = "id-1", From = ALICE, Timestamp = 2000, ["Block-Height"] = 20, Tags = tags, TagArray = {} }
    for name, value in pairs(tags) do
      made[name] = value
      table.insert(made.TagArray, { name = name, value = value })
    end
    for name, value in pairs(root or {}) do
      made[name] = value
    end
    return made
  end

  before_each(function()
    real = ao
    _G.ao = { id = SELF, authorities = {} }
    state = { Now = 1000, Height = 10, Counters = {} }
  end)

  after_each(function()
    _G.ao = real
  end)

  it("takes sender, tags, id and time from a message", function()
    local request = guard.inspect(state, message({ Action = "Info" }))
    assert.equal(ALICE, request.from)
    assert.is_true(request.isParty)
    assert.equal("Info", request.tags.Action)
    assert.equal("id-1", request.id)
    assert.equal(2000, request.now)
    assert.equal(20, request.height)
    assert.equal(SELF, request.process)
    assert.is_false(request.isTainted)
    assert.is_false(request.isLarge)
  end)

  it("A15 sees every tag that overwrites the scheduler's word, and then leaves the clock alone", function()
    local forgeable = { "Timestamp", "Id", "Block-Height", "Cron", "Module", "Nonce", "Epoch", "Hash-Chain" }
    for _, name in ipairs(forgeable) do
      local request = guard.inspect(state, message({ Action = "Info", [name] = "99999999" }))
      assert.is_true(request.isTainted, name)
      assert.equal(1000, request.now, name)
      assert.equal(10, request.height, name)
    end
    assert.is_nil(guard.inspect(state, message({ Id = "forged" })).id)
    assert.equal("id-1", guard.inspect(state, message({ Timestamp = "1" })).id)
  end)

  it("A15 exempts the message that spawned the process, and no message that only says so", function()
    assert.is_false(guard.inspect(state, message({ Module = "m" }, { Id = SELF })).isTainted)
    assert.is_true(guard.inspect(state, message({ Module = "m", Id = SELF })).isTainted)
    assert.is_true(guard.inspect(state, message({ Module = "m", Timestamp = "1" }, { Id = SELF })).isTainted)
  end)

  it("A16 never lets the clock go back", function()
    guard.inspect(state, message({}, { Timestamp = 500, ["Block-Height"] = 5 }))
    assert.equal(1000, state.Now)
    assert.equal(10, state.Height)
    guard.inspect(state, message({}, { Timestamp = 32000000000, ["Block-Height"] = 300000 }))
    assert.equal(32000000000, state.Now)
    assert.equal(300000, state.Height)
    guard.inspect(state, message({}, { Timestamp = 2000, ["Block-Height"] = 20 }))
    assert.equal(32000000000, state.Now)
    assert.equal(300000, state.Height)
  end)

  it("accepts a clock in text and ignores one that is no whole number", function()
    guard.inspect(state, message({}, { Timestamp = "3000", ["Block-Height"] = "30" }))
    assert.equal(3000, state.Now)
    assert.equal(30, state.Height)
    guard.inspect(state, message({}, { Timestamp = 4000.5, ["Block-Height"] = {} }))
    guard.inspect(state, message({}, { Timestamp = "soon", ["Block-Height"] = 0 / 0 }))
    assert.equal(3000, state.Now)
    assert.equal("integer", math.type(state.Now))
    assert.equal(30, state.Height)
  end)

  it("A31 sees tags and data that are too large", function()
    assert.is_false(guard.inspect(state, message({ Note = string.rep("x", 1024) })).isLarge)
    assert.is_true(guard.inspect(state, message({ Note = string.rep("x", 1025) })).isLarge)
    assert.is_true(guard.inspect(state, message({ Note = 5 })).isLarge)
    assert.is_false(guard.inspect(state, message({}, { Data = string.rep("x", 4096) })).isLarge)
    assert.is_true(guard.inspect(state, message({}, { Data = string.rep("x", 4097) })).isLarge)
  end)

  it("A18 measures data that was JSON", function()
    assert.is_false(guard.inspect(state, message({}, { Data = { Quantity = "5", list = { 1, 2, true } } })).isLarge)
    assert.is_true(guard.inspect(state, message({}, { Data = { a = { b = string.rep("x", 4097) } } })).isLarge)
    assert.is_false(guard.inspect(state, message({}, { Data = {} })).isLarge)
    local many = {}
    for index = 1, 5000 do
      many[index] = index
    end
    assert.is_true(guard.inspect(state, message({}, { Data = many })).isLarge)
  end)
end)
