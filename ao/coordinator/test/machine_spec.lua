local machine = require("machine")

describe("an operation's states", function()
  --- Fail where a path comes back to a state it left; return the length of the longest one.
  local function longest(states, state, path)
    assert.is_nil(path[state], "twice on one path: " .. state)
    path[state] = true
    local most = 0
    for _, following in pairs(states[state] or {}) do
      if following ~= state then
        most = math.max(most, longest(states, following, path))
      end
    end
    path[state] = nil
    return most + 1
  end

  it("I23 are never entered twice, so that a history stays short", function()
    assert.equal(5, longest(machine.STATES.mint, "collateral", {}))
    assert.equal(5, longest(machine.STATES.burn, "burning", {}))
  end)

  it("19 I14 end where nothing leads on", function()
    for _, states in pairs(machine.STATES) do
      for state, events in pairs(states) do
        assert.is_false(machine.isFinal(state))
        for _, following in pairs(events) do
          assert.is_true(states[following] ~= nil or machine.isFinal(following), following)
        end
      end
    end
  end)
end)
