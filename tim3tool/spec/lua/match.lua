--- Matchers for the arguments of a spy: `match._` fits everything, `match.is_string()`, `match.is_not.equal(5)`: every
--- assertion is a matcher, asked about the value it meets.

local kit = ...

local Matcher, Chain = {}, {}

function Matcher.__call(self, value) return self.fits(value) end

function Matcher.__tostring(self) return "(matcher) " .. self.text end

local function matcher(text, fits) return setmetatable({ text = text, fits = fits }, Matcher) end

local function isMatcher(value) return getmetatable(value) == Matcher end

local function fitsOne(wanted, value)
  if isMatcher(wanted) then return wanted(value) end
  return wanted == value
end

local function composite(name, verdict)
  return function(...)
    local wanted = table.pack(...)
    return matcher("match." .. name, function(value)
      local count = 0
      for index = 1, wanted.n do
        if fitsOne(wanted[index], value) then count = count + 1 end
      end
      return verdict(count, wanted.n)
    end)
  end
end

local composites = {
  all_of = composite("all_of", function(count, all) return count == all end),
  any_of = composite("any_of", function(count) return count > 0 end),
  none_of = composite("none_of", function(count) return count == 0 end),
}

local function chain(name) return setmetatable({ name = name }, Chain) end

function Chain.__index(self, key) return chain(self.name .. "_" .. key) end

--- The value comes after the expected one: `match.near(5, 0.1)` asks `near(5, value, 0.1)`.
function Chain.__call(self, ...)
  local name, given = self.name, table.pack(...)
  local compose = composites[name:gsub("^is_", "")]
  if compose then return compose(...) end
  return matcher("match." .. name, function(value)
    local args = { given[1], n = given.n + 1 }
    for index = 2, given.n do args[index + 1] = given[index] end
    args[math.min(2, args.n)] = value
    return (kit.check(name, args))
  end)
end

return setmetatable({ _ = matcher("match._", function() return true end), isMatcher = isMatcher }, {
  __index = function(_, key) return chain(key) end,
})
