--- Matchers: `match._`, `match.is_string()`, `match.is_not.near(5, 0.1)`, `match.all_of(...)`.

local registry, chain, checks, deep, format = ...

local Matcher = {}
deep.keep(Matcher)

-- As in luassert, only `true` fits, and only `false` fits where it is negated.
function Matcher.__call(self, value)
  return self.callback(value) == self.mod
end

format.special(Matcher, function(self)
  if not self.name then return "(matcher) _" end
  return ("(matcher) %s.%s(%s)"):format(self.mod and "is" or "no", self.name, format.list(self.arguments))
end)

local references = setmetatable({}, { __mode = "k" })

local root = chain("matcher", function(word, state, arguments, level)
  local matcher = {
    arguments = arguments, callback = word.callback(state, arguments, level), mod = state.mod, name = word.name,
  }
  if word.name == "ref" then references[matcher] = true end
  return setmetatable(matcher, Matcher)
end)

local match = { _ = setmetatable({ mod = true, callback = function() return true end }, Matcher) }

function match.is_matcher(value) return type(value) == "table" and debug.getmetatable(value) == Matcher end

--- Whether a matcher asks about the value itself and not about what it held.
function match.is_ref_matcher(value) return references[value] == true end

--- A fresh state without any modifier.
function match.state() return root.is() end

local function define(names, callback)
  for name in names:gmatch("%S+") do registry.register("matcher", name, callback) end
end

for kind in ("boolean function nil number string table thread userdata"):gmatch("%S+") do
  define(kind, function()
    return function(value) return type(value) == kind end
  end)
end

define("true", function() return function(value) return value == true end end)
define("false", function() return function(value) return value == false end end)
define("truthy", function() return function(value) return not not value end end)
define("falsy", function() return function(value) return not value end end)

define("equal equals", function(_, arguments)
  checks.count(arguments, 1, "equals")
  return function(value) return value == arguments[1] end
end)

define("same", function(_, arguments)
  checks.count(arguments, 1, "same")
  return function(value) return deep.same(value, arguments[1], true) end
end)

define("ref", function(_, arguments)
  checks.count(arguments, 1, "ref")
  local wanted = arguments[1]
  local kind = type(wanted)
  if kind ~= "table" and kind ~= "function" and kind ~= "thread" and kind ~= "userdata" then
    checks.wrong(1, "ref", "object", kind)
  end
  return function(value) return rawequal(value, wanted) end
end)

define("near", function(_, arguments)
  checks.count(arguments, 2, "near")
  local wanted, tolerance = checks.number(arguments, 1, "near"), checks.number(arguments, 2, "near")
  return function(value)
    local number = tonumber(value)
    return number ~= nil and number >= wanted - tolerance and number <= wanted + tolerance
  end
end)

define("match matches", function(_, arguments)
  checks.count(arguments, 1, "matches")
  local pattern = arguments[1]
  if type(pattern) ~= "string" then checks.wrong(1, "matches", "string", type(pattern)) end
  local init, plain = checks.search(arguments, 2)
  return function(value)
    if type(value) ~= "number" and not checks.hasText(value) then return false end
    return checks.find(tostring(value), pattern, init, plain) ~= nil
  end
end)

define("unique", function(_, arguments)
  return function(value)
    checks.table(value, "unique")
    return not checks.hasTwins(value, arguments[1] and deep.same or checks.equal)
  end
end)

local function composite(name, verdict)
  local short = name:match("^%a+")
  define(name, function(_, arguments)
    checks.count(arguments, 1, short)
    for index = 1, arguments.n do
      local each = arguments[index]
      if not match.is_matcher(each) then checks.wrong(index, short, "matcher", type(each)) end
    end
    return function(value)
      local count = 0
      for index = 1, arguments.n do
        if arguments[index](value) then count = count + 1 end
      end
      return verdict(count, arguments.n)
    end
  end)
end

composite("all_of", function(count, all) return count == all end)
composite("any_of", function(count) return count > 0 end)
composite("none_of", function(count) return count == 0 end)

return setmetatable(match, { __index = function(_, key) return root[key] end })
