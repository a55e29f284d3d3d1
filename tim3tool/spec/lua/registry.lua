--- The words of assertions and matchers by name, and what a chain of words such as `is_not.equal` means.

local failure = ...

local registry = { spaces = { assertion = {}, modifier = {}, matcher = {} } }

local plans = { assertion = {}, matcher = {} } -- what chains meant so far

--- Adds a word.
--- @param space string `assertion`, `modifier` or `matcher`
--- @param name string
--- @param callback function (state, arguments, level)
--- @param positive string|nil the name of the text for when it fails
--- @param negative string|nil the same where it is negated
function registry.register(space, name, callback, positive, negative)
  name = name:lower()
  registry.spaces[space] = registry.spaces[space] or {}
  registry.spaces[space][name] = {
    callback = callback, name = name, positive_message = positive, negative_message = negative,
  }
  plans = { assertion = {}, matcher = {} }
end

--- Takes a word away.
function registry.unregister(space, name)
  registry.spaces[space][name:lower()] = nil
  plans = { assertion = {}, matcher = {} }
end

--- Parts a name at its underscores.
--- @return string[] tokens
function registry.tokens(name)
  local tokens = {}
  for token in name:lower():gmatch("[^_]+") do tokens[#tokens + 1] = token end
  return tokens
end

--- Finds the words in tokens, from the end, the longest first.
--- @return string[]
function registry.words(space, tokens)
  local words, last = {}, #tokens
  while last > 0 do
    local first = 1
    local word = table.concat(tokens, "_", 1, last)
    while first <= last and not registry.spaces.modifier[word] and not registry.spaces[space][word] do
      first = first + 1
      word = table.concat(tokens, "_", first, last)
    end
    if first > last then
      failure.misuse(("luassert: unknown modifier/%s: '%s'"):format(space, table.concat(tokens, "_", 1, last)))
    end
    table.insert(words, 1, word)
    last = first - 1
  end
  return words
end

--- What tokens mean: the modifiers in order, and the last assertion or matcher, if any.
--- @return table plan `modifiers` and `word`
function registry.plan(space, tokens)
  local name = table.concat(tokens, "_")
  local plan = plans[space][name]
  if plan then return plan end
  plan = { modifiers = {} }
  for _, word in ipairs(registry.words(space, tokens)) do
    local modifier = registry.spaces.modifier[word]
    if modifier then table.insert(plan.modifiers, modifier) else plan.word = registry.spaces[space][word] end
  end
  plans[space][name] = plan
  return plan
end

return registry
