--- `assert`: a callable table whose fields are assertions, with modifiers in any order, by dots or underscores:
--- `assert.is_true(v)`, `assert.are_not.equal(a, b)`, `assert.has.no.errors(f)`.

local format, deep = ...

local kit = {} -- what the other files of the dialect build on

local Failure = {} -- the metatable of what a failed assertion raises

function Failure.__tostring(failure) return failure.message end

local POSITIVE = {
  are = true, be = true, does = true, has = true, have = true, is = true, to = true, was = true, were = true,
}
local NEGATIVE = { no = true, ["not"] = true }

local assertions, subjects = {}, {}

--- Adds an assertion.
--- @param names string its names, separated by spaces
--- @param arity integer the arguments it needs
--- @param test function (args, subject) -> boolean passed, any detail
--- @param message function (args, negated, detail, subject) -> string
--- @param most integer|nil the arguments it may have; a string after them is the user's own message
function kit.define(names, arity, test, message, most)
  local assertion = { arity = arity, test = test, message = message, most = most or arity }
  for name in names:gmatch("%S+") do assertions[name] = assertion end
end

--- Adds a word that takes the thing to make assertions on, as in `assert.spy(s).was.called()`.
function kit.subject(name, check) subjects[name] = check end

local function tokensOf(name)
  local tokens = {}
  for token in name:gmatch("[^_]+") do tokens[#tokens + 1] = token:lower() end
  return tokens
end

local function parse(name)
  local tokens, negated = tokensOf(name), false
  for first = 1, #tokens do
    local rest = table.concat(tokens, "_", first)
    if assertions[rest] or subjects[rest] then
      return { assertion = assertions[rest], subject = subjects[rest], negated = negated }
    elseif NEGATIVE[tokens[first]] then
      negated = not negated
    elseif not POSITIVE[tokens[first]] then
      return { unknown = rest }
    end
  end
  return { unknown = name }
end

local parsed = {}

--- What a dotted name means: its assertion or subject, and whether it is negated.
local function resolve(name)
  parsed[name] = parsed[name] or parse(name)
  return parsed[name]
end

local function ownMessage(assertion, args)
  local last = args[args.n]
  return args.n > assertion.most and type(last) == "string" and last .. "\n" or ""
end

--- Whether an assertion holds for some arguments; shared with the matchers.
--- @return boolean passed
--- @return function|nil text what to say when it did not
function kit.check(name, args, subject)
  local meaning = resolve(name)
  local assertion = meaning.assertion
  if not assertion then error("there is no assertion `" .. (meaning.unknown or name) .. "` (`" .. name .. "`)", 0) end
  if args.n < assertion.arity then
    error(("`%s` needs %d arguments and got %d"):format(name, assertion.arity, args.n), 0)
  end
  local passed, detail = assertion.test(args, subject)
  if (not passed) == meaning.negated then return true end
  return false, function()
    return ownMessage(assertion, args) .. assertion.message(args, meaning.negated, detail, subject)
  end
end

local Chain = {}
local chains = {}

local function chain(name, subject)
  if subject ~= nil then return setmetatable({ name = name, subject = subject }, Chain) end
  chains[name] = chains[name] or setmetatable({ name = name }, Chain)
  return chains[name]
end

function Chain.__index(self, key)
  return chain(self.name == "" and key or self.name .. "_" .. key, rawget(self, "subject"))
end

function Chain.__call(self, ...)
  local name, subject = self.name, rawget(self, "subject")
  local meaning = resolve(name)
  if meaning.subject then return chain("", meaning.subject(...)) end
  local passed, text = kit.check(name, table.pack(...), subject)
  if not passed then error(setmetatable({ message = text() }, Failure)) end
  return ...
end

--- Whether a raised value comes from a failed assertion.
function kit.isFailure(raised) return getmetatable(raised) == Failure end

--- Whether a value can be called as a function.
function kit.isCallable(value)
  local meta = getmetatable(value)
  return type(value) == "function" or type(meta) == "table" and meta.__call ~= nil
end

-- The assertions ------------------------------------------------------------------------------------------------------

local function compared(what)
  return function(args, negated, path)
    return ("Expected objects to %sbe %s.\nPassed in:\n%s\n%s:\n%s"):format(
      negated and "not " or "", what, format.value(args[2], path),
      negated and "Did not expect" or "Expected", format.value(args[1], path))
  end
end

local function state(what)
  return function(args, negated)
    return ("Expected to %sbe %s, but value was:\n%s"):format(negated and "not " or "", what, format.value(args[1]))
  end
end

kit.define("equal equals", 2, function(args) return args[1] == args[2] end, compared("equal"))
kit.define("same", 2, function(args) return deep.same(args[1], args[2]) end, compared("the same"))
kit.define("true", 1, function(args) return args[1] == true end, state("true"))
kit.define("false", 1, function(args) return args[1] == false end, state("false"))
kit.define("truthy", 1, function(args) return args[1] end, state("truthy"))
kit.define("falsy falsey", 1, function(args) return not args[1] end, state("falsy"))

for kind in ("boolean function nil number string table thread userdata"):gmatch("%S+") do
  kit.define(kind, 1, function(args) return type(args[1]) == kind end, state(kind == "nil" and kind or "a " .. kind))
end

local function isClose(args)
  for index = 1, 3 do
    if type(args[index]) ~= "number" then error("`near` needs numbers: expected, actual, tolerance", 0) end
  end
  return math.abs(args[1] - args[2]) <= args[3]
end

kit.define("near", 3, isClose, function(args, negated)
  return ("Expected values to %sbe near.\nPassed in:\n%s\n%s:\n%s +/- %s"):format(
    negated and "not " or "", format.value(args[2]), negated and "Did not expect" or "Expected",
    format.value(args[1]), tostring(args[3]))
end)

local function finds(text, pattern, init, plain)
  if type(text) == "number" then text = tostring(text) end
  return type(text) == "string" and text:find(pattern, type(init) == "number" and init or 1, plain == true) ~= nil
end

kit.define("matches match", 2, function(args) return finds(args[2], args[1], args[3], args[4]) end,
  function(args, negated)
    return ("Expected strings to %smatch.\nPassed in:\n%s\n%s:\n%s"):format(
      negated and "not " or "", format.value(args[2]), negated and "Did not expect" or "Expected",
      format.value(args[1]))
  end)

local function equal(a, b) return a == b end

local function findTwins(args)
  local list, same = args[1], args[2] == true and deep.same or equal
  if type(list) ~= "table" then error("`unique` needs a list", 0) end
  local keys = format.keys(list)
  for i, one in ipairs(keys) do
    for j = i + 1, #keys do
      if same(list[one], list[keys[j]]) then return false, { keys[j] } end
    end
  end
  return true
end

kit.define("unique", 1, findTwins, function(args, negated, path)
  return ("Expected object to %sbe unique:\n%s"):format(negated and "not " or "", format.value(args[1], path))
end)

-- Errors --------------------------------------------------------------------------------------------------------------

local function caught(args)
  if not kit.isCallable(args[1]) then
    local hint = "; wrap the call in `function() ... end`"
    error("`error` needs a function to call and got a " .. type(args[1]) .. hint, 0)
  end
  local ok, raised = pcall(args[1])
  if kit.isFailure(raised) then raised = raised.message end
  return not ok, raised
end

--- Raised text without the `file:line: ` that Lua puts in front.
local function bare(raised)
  return type(raised) == "string" and raised:gsub("^[^\n]-:%d+: ", "", 1) or raised
end

local function throws(args)
  local threw, raised = caught(args)
  if not threw or args.n < 2 or args[2] == nil then return threw, { threw = threw, raised = raised } end
  local same, path = deep.same(args[2], raised)
  return same or args[2] == bare(raised), { threw = threw, raised = raised, path = path }
end

local function throwsText(args)
  local threw, raised = caught(args)
  if type(raised) == "table" then raised = tostring(raised) end
  return threw and finds(raised, args[2], args[3], args[4]), { threw = threw, raised = raised }
end

local function errorMessage(args, negated, detail)
  local got = detail.threw and format.value(detail.raised, detail.path) or "(no error)"
  if negated and args.n < 2 then return "Expected no error, but caught:\n" .. got end
  local wanted = args.n < 2 and "(error)" or format.value(args[2], detail.path)
  return ("Expected %s error.\nCaught:\n%s\n%s:\n%s"):format(
    negated and "another" or detail.threw and "a different" or "an", got,
    negated and "Did not expect" or "Expected", wanted)
end

kit.define("error errors", 1, throws, errorMessage, 2)
kit.define("error_matches error_match errors_match matches_error match_error", 2, throwsText, errorMessage)

local assert = setmetatable({}, {
  __index = function(_, key) return chain(key) end,
  __call = function(_, ...)
    if ... then return ... end
    if select("#", ...) == 0 then error("bad argument #1 to 'assert' (value expected)", 2) end
    if select("#", ...) == 1 then error("assertion failed!", 2) end
    error((select(2, ...)), 2)
  end,
})

return assert, kit
