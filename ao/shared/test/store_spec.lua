local store = require("store")

describe("a store", function()
  local function make()
    return store.new("token-manager", "owner")
  end

  it("makes a state once, and finds it again", function()
    local state = store.open(nil, 1, make)
    assert.equal(1, state.Schema)
    assert.equal("owner", state.Admin)
    assert.equal(state, store.open(state, 1, make))
    assert.equal("New-Code", state.Log.Items[1].act)
  end)

  it("brings an old layout to the new one, step by step", function()
    local state = store.open(nil, 1, make)
    local steps = {
      [1] = function(old)
        old.first = true
      end,
      [2] = function(old)
        old.second = old.first
      end,
    }
    store.open(state, 3, make, steps)
    assert.equal(3, state.Schema)
    assert.is_true(state.second)
  end)

  it("refuses a layout it does not know before it changes anything", function()
    local state = store.open(nil, 1, make)
    local steps = {
      [1] = function(old)
        old.first = true
      end,
    }
    assert.has_error(function()
      store.open(state, 3, make, steps)
    end)
    assert.is_nil(state.first)
    state.Schema = 4
    assert.has_error(function()
      store.open(state, 3, make, steps)
    end)
    state.Schema = "x"
    assert.has_error(function()
      store.open(state, 3, make, steps)
    end)
  end)
end)
