--- What `require` finds of luassert and say.

local preload, parts = ...

local checks, deep, lists, spy = parts.checks, parts.deep, parts.lists, parts.spy

-- The first entry that fits: in the first function the list holds calls, in the second what to wait for.
local function matchargs(calls, wanted)
  for _, call in ipairs(calls) do
    if spy.fits(wanted, call) then return call end
  end
  return nil
end

local function matchoncalls(cases, arguments)
  for _, case in ipairs(cases) do
    if spy.fits(case.vals, { vals = arguments, refs = arguments }) then return case end
  end
  return nil
end

local util = {
  callable = checks.callable, hastostring = checks.hasText,
  cleararglist = lists.clear, make_arglist = lists.arguments, is_arglist = lists.isArguments,
  copyargs = function(arguments) return lists.remember(arguments, deep.copy) end,
  matchargs = matchargs, matchoncalls = matchoncalls,
  deepcompare = function(a, b, byContent)
    if deep.same(a, b, byContent) then return true end
    if type(a) ~= "table" or type(b) ~= "table" then return false end
    return false, deep.difference(a, b, byContent)
  end,
  deepcopy = deep.copy, shallowcopy = deep.shallow,
  errorlevel = function(level) return (level or 1) + 1 end,
  extract_keys = parts.registry.words,
  pack = lists.pack, unpack = lists.unpack, tinsert = lists.insert, tremove = lists.remove,
}

-- A table, or nothing but the fact that it is there, as some modules only add assertions.
local found = {
  ["say"] = parts.say, ["say.init"] = parts.say,
  ["luassert"] = parts.assert, ["luassert.init"] = parts.assert, ["luassert.assert"] = parts.assert,
  ["luassert.match"] = parts.match, ["luassert.mock"] = parts.mock, ["luassert.spy"] = parts.spy,
  ["luassert.stub"] = parts.stub, ["luassert.util"] = util, ["luassert.state"] = parts.state,
  ["luassert.namespaces"] = parts.registry.spaces, ["luassert.compatibility"] = { unpack = table.unpack },
  ["luassert.formatters"] = true, ["luassert.formatters.init"] = true,
  ["luassert.formatters.binarystring"] = parts.binary,
  ["luassert.array"] = true, ["luassert.assertions"] = true, ["luassert.modifiers"] = true,
  ["luassert.matchers"] = true, ["luassert.matchers.core"] = true, ["luassert.matchers.composite"] = true,
  ["luassert.languages.en"] = true,
}

for name, value in pairs(found) do
  preload[name] = function() return value end
end
