--- Assertions on AO messages: `assert.message(reply).has{ Action = "Credit-Notice", Quantity = "5" }`, and on results
--- and lists, where one message has to fit.

local registry, match, format, failure = ...

local Unfit = {} -- the metatable of what `assert.message` got where it is no message

local LONGEST = 200 -- characters of a value that are shown

local function isMessage(value)
  if type(value) ~= "table" then return false end
  return type(rawget(value, "Tags")) == "table" or type(rawget(value, "Target")) == "string"
end

-- The messages in what a suite passes in: one, a list of them, or a result's; nil for anything else.
local function messagesIn(value)
  if isMessage(value) then return { value }, true end
  if type(value) ~= "table" then return nil end
  local list = value
  if type(rawget(value, "Messages")) == "table" then list = value.Messages end
  for _, each in ipairs(list) do
    if not isMessage(each) then return nil end
  end
  if #list > 0 or next(list) == nil then return list, false end
end

--- A field of a message, or the tag of that name.
local function field(message, name)
  local value = message[name]
  if value == nil and type(message.Tags) == "table" then value = message.Tags[name] end
  return value
end

-- `false` stands for no such field.
local function fits(message, name, wanted)
  local value = field(message, name)
  if match.is_matcher(wanted) then return wanted(value) end
  if wanted == false then return value == nil end
  return value == wanted
end

local function shown(value)
  if type(value) ~= "string" then return tostring(value) end
  if #value > LONGEST then return ("'%s...' (%d characters)"):format(value:sub(1, LONGEST), #value) end
  return "'" .. value .. "'"
end

local function names(...)
  local seen, sorted = {}, {}
  for _, fields in ipairs { ... } do
    for name in pairs(fields) do
      if type(name) == "string" and name ~= "Tags" and name ~= "TagArray" and not seen[name] then
        seen[name] = true
        sorted[#sorted + 1] = name
      end
    end
  end
  table.sort(sorted, function(a, b)
    if (a == "Action") ~= (b == "Action") then return a == "Action" end
    return a < b
  end)
  return sorted
end

local function describeWanted(lines, fields)
  for _, name in ipairs(names(fields)) do
    local wanted = fields[name]
    local text = match.is_matcher(wanted) and format.value(wanted) or shown(wanted)
    lines[#lines + 1] = "  " .. name .. (wanted == false and " is not there" or " = " .. text)
  end
end

local function describeMessage(lines, message, fields)
  for _, name in ipairs(names(fields, message, message.Tags or {})) do
    local value, wanted = field(message, name), fields[name]
    local mark = wanted ~= nil and not fits(message, name, wanted) and " *" or "  "
    if value ~= nil then
      lines[#lines + 1] = mark .. name .. " = " .. shown(value)
    elseif mark == " *" then
      lines[#lines + 1] = mark .. name .. " is not there"
    end
  end
end

local function misses(message, fields)
  local count = 0
  for name, wanted in pairs(fields) do
    if not fits(message, name, wanted) then count = count + 1 end
  end
  return count
end

-- What was passed in: the message, or how many there are and the one that comes closest.
local function describeGiven(lines, list, alone, fields)
  local nearest = list[1]
  for _, message in ipairs(list) do
    if misses(message, fields) < misses(nearest, fields) then nearest = message end
  end
  if alone then
    lines[#lines + 1] = "Passed in:"
  elseif nearest == nil then
    lines[#lines + 1] = "Passed in:\n(no messages)"
  else
    lines[#lines + 1] = ("Passed in (the closest of %d):"):format(#list)
  end
  if nearest then describeMessage(lines, nearest, fields) end
end

local function explain(list, alone, given, fields)
  local lines = { alone and "Expected the message to have:" or "Expected a message with:" }
  describeWanted(lines, fields)
  describeGiven(lines, list, alone, fields)
  local problem = rawget(given, "Error")
  if problem ~= nil and not alone then lines[#lines + 1] = "The result has an error:\n  " .. tostring(problem) end
  return table.concat(lines, "\n")
end

local function check(fields)
  if type(fields) ~= "table" then
    failure.misuse("`assert.message(m).has` needs a table of fields and got a " .. type(fields))
  end
  for name, wanted in pairs(fields) do
    if type(name) ~= "string" then
      failure.misuse("`assert.message(m).has` takes names only, and one is a " .. type(name))
    end
    if type(wanted) == "number" then
      failure.misuse(("`%s` is a number, and the values of a message are strings"):format(name))
    end
  end
end

-- What can be asked of messages.
local function expectation(given, list, alone)
  local self = {}

  --- Fails unless the message, or one of the messages, has these fields and tags.
  --- @param fields table by name: a string, a matcher, or false where there must be none
  --- @return table message the first that fits
  function self.has(fields)
    check(fields)
    for _, message in ipairs(list) do
      if misses(message, fields) == 0 then return message end
    end
    failure.raise(explain(list, alone, given, fields))
  end

  --- Fails if the message, or one of the messages, has these fields and tags.
  function self.has_no(fields)
    check(fields)
    for _, message in ipairs(list) do
      if misses(message, fields) == 0 then
        local lines = { "Expected no message with:" }
        describeWanted(lines, fields)
        lines[#lines + 1] = "Passed in:"
        describeMessage(lines, message, {})
        failure.raise(table.concat(lines, "\n"))
      end
    end
    return given
  end

  return self
end

registry.register("modifier", "message", function(state, arguments)
  if arguments == nil then return state end
  local list, alone = messagesIn(arguments[1])
  if list then return expectation(arguments[1], list, alone) end
  rawset(state, "failure_message", arguments[1])
  rawset(state, "payload", setmetatable({ given = arguments[1] }, Unfit))
  return state
end)

-- Without this, `assert.message(nil).has{ ... }` would be a chain of modifiers, which asserts nothing.
local has = registry.spaces.modifier.has.callback
registry.register("modifier", "has", function(state, arguments)
  local payload = rawget(state, "payload")
  if arguments and getmetatable(payload) == Unfit then
    failure.raise("Expected a message and got:\n" .. format.value(payload.given))
  end
  return has(state, arguments)
end)
