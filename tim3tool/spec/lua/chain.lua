--- Chains of words: `assert.is_not.equal`, `match.is_string`. A chain is never changed, so it can be used again.

local registry, lists = ...

local LEVEL = 3 -- where a callback finds the call in the suite, as `error` counts levels

--- Makes a kind of chain.
--- @param space string `assertion` or `matcher`
--- @param finish function (word, state, arguments, level) -> what a call of the chain returns
--- @return function new makes a chain of a state and a key
--- @return table meta the metatable of states
return function(space, finish)
  local Chain = {}
  local children = setmetatable({}, { __mode = "k" })

  local function extend(state, tokens)
    return setmetatable(
      { mod = state.mod, tokens = tokens, payload = rawget(state, "payload"),
        failure_message = rawget(state, "failure_message") }, Chain)
  end

  function Chain.__index(self, key)
    local known = children[self]
    if not known then
      known = {}
      children[self] = known
    end
    if not known[key] then
      local tokens = table.move(self.tokens, 1, #self.tokens, 1, {})
      known[key] = extend(self, table.move(registry.tokens(key), 1, #key, #tokens + 1, tokens))
    end
    return known[key]
  end

  function Chain.__call(self, ...)
    local plan, arguments = registry.plan(space, self.tokens), lists.arguments(...)
    local state = extend(self, plan.word and self.tokens or {})
    for _, modifier in ipairs(plan.modifiers) do
      local given = plan.word == nil and arguments or nil
      state = modifier.callback(state, given, LEVEL) or state
    end
    if plan.word == nil then return state end
    return finish(plan.word, state, arguments, LEVEL)
  end

  return setmetatable({ mod = true, tokens = {} }, Chain)
end
