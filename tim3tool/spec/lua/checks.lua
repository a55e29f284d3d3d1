--- What assertions and matchers ask of their arguments.

local say, format, failure = ...

local checks = {}

--- Raises where there are too few arguments.
function checks.count(arguments, least, name)
  if arguments.n >= least then return end
  failure.raise(say("assertion.internal.argtolittle", { name, tostring(least), tostring(arguments.n) }))
end

--- Raises about an argument of the wrong kind.
function checks.wrong(index, name, wanted, got)
  failure.raise(say("assertion.internal.badargtype", { tostring(index), name, wanted, got }))
end

--- Raises, as an error and no failed assertion, where an argument is no table.
function checks.table(value, name)
  if type(value) == "table" then return end
  failure.misuse(say("assertion.internal.badargtype", { "1", name, "table", type(value) }))
end

--- Whether a value can be called as a function.
function checks.callable(value)
  local meta = debug.getmetatable(value)
  return type(value) == "function" or type(meta) == "table" and meta.__call ~= nil
end

--- Whether a value is text, or says itself how it is shown.
function checks.hasText(value)
  local meta = debug.getmetatable(value)
  return type(value) == "string" or type(meta) == "table" and meta.__tostring ~= nil
end

--- An argument as a number.
function checks.number(arguments, index, name)
  local value = arguments[index]
  local number = tonumber(value)
  if number == nil and type(value) == "table" and checks.hasText(value) then number = tonumber(tostring(value)) end
  if number then return number end
  checks.wrong(index, name, "number or object convertible to a number", format.value(value))
end

--- An argument as text.
function checks.text(arguments, index, name)
  local value = arguments[index]
  if type(value) == "number" or checks.hasText(value) then return tostring(value) end
  checks.wrong(index, name, "string or object convertible to a string", format.value(value))
end

function checks.equal(a, b) return a == b end

--- Raises where an argument is no function.
function checks.call(value, name)
  if not checks.callable(value) then checks.wrong(1, name, "function or callable object", type(value)) end
end

--- The optional arguments of a search: where it starts, whether it is plain, and the user's message after them.
--- @return integer|nil init
--- @return boolean|nil plain
--- @return any message
function checks.search(arguments, at)
  local init, plain = arguments[at], arguments[at + 1]
  if init ~= nil and tonumber(init) == nil then return nil, nil, init end
  if plain ~= nil and type(plain) ~= "boolean" then return init, nil, plain end
  return init, plain, arguments[at + 2]
end

--- Searches a text.
--- @return table|nil found the captures, or what was found where there are none; nil when nothing was found
function checks.find(text, pattern, init, plain)
  if plain then return text:find(pattern, init, true) and { pattern, n = 1 } or nil end
  local found = table.pack(text:match(pattern, init))
  return found[1] ~= nil and found or nil
end

--- Whether two entries of a table hold the same, by `equal`.
function checks.hasTwins(t, equal)
  for key, value in pairs(t) do
    for other, twin in pairs(t) do
      if key ~= other and equal(value, twin) then return true end
    end
  end
  return false
end

return checks
