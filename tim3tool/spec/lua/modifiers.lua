--- The modifiers of assertions and matchers that are there from the start.

local registry = ...

for _, name in ipairs { "is", "are", "was", "has", "does" } do
  registry.register("modifier", name, function(state) return state end)
end

for _, name in ipairs { "no", "not" } do
  registry.register("modifier", name, function(state)
    state.mod = not state.mod
    return state
  end)
end

-- The thing that the assertions after it are about, as in `assert.spy(s).was.called()`.
for _, name in ipairs { "spy", "stub", "array" } do
  registry.register("modifier", name, function(state, arguments)
    if arguments then rawset(state, "payload", arguments[1]) end
    return state
  end)
end
