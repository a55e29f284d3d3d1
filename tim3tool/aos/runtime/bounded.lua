-- Library functions that can be busy in C for long, where no hook reaches them: each is charged for its work, and what
-- could take too long is done in Lua. Results and error texts stay those of the functions replaced.
local budget, charge, matcher = ...
local type, mtype, select, pcall, error, rawlen = type, math.type, select, pcall, error, rawlen
local next, getmetatable, tostring, tointeger, huge = next, getmetatable, tostring, math.tointeger, math.huge
local log, tonumber = math.log, tonumber
local getinfo, min, max, sub, byte, concat = debug.getinfo, math.min, math.max, string.sub, string.byte, table.concat
local find, match, gmatch, gsub, rep = string.find, string.match, string.gmatch, string.gsub, string.rep
local insert, remove, move, sort = table.insert, table.remove, table.move, table.sort

local COSTLY = 100000 -- steps of C beyond which a pattern is matched in Lua
local COMMON = 1024 -- bytes up to which the cost of a subject is looked up
local PATTERNS = 200 -- patterns remembered
local FREE = 1000 -- bytes or elements that no call is charged for
local REFUSED = 1 << 30 -- bytes that no memory limit allows

-- What the library itself says with the place of the call in front; all else that is raised has its own, or none.
local SAYS = {
  "^bad argument #", "^calling '", "^invalid value %(%a+%) at index", "^invalid order function",
  "^wrong number of arguments", "^resulting string too", "^too many elements", "^destination wrap",
  "^object length is not", "^malformed pattern", "^unfinished capture", "^invalid capture",
  "^invalid pattern capture", "^missing '%['", "^too many captures", "^pattern too complex",
}

local replacements = {}

-- How the replacement that is at work was called.
local function callOf()
  for level = 3, 20 do
    local at = getinfo(level, "fnt")
    if at and replacements[at.func] then return at end
  end
  return {}
end

-- Raises what the function replaced says of these arguments, in the name and place of the call. It is called by the
-- replacement itself, and returns the results where there is nothing to say.
local function asBefore(f, name, ...)
  local function done(ok, ...)
    if ok then return ... end
    local why = ...
    if type(why) ~= "string" or budget.exceeded then error(why, 0) end
    local ours = false
    for index = 1, #SAYS do ours = ours or find(why, SAYS[index]) end
    if not ours then error(why, 0) end
    local call = callOf()
    local number, rest = match(why, "^bad argument #(%d+) to '[^']*' (.*)$")
    if number then
      number = tointeger(tonumber(number))
      local called = call.name or call.istailcall and match(name, "[^.]*$") or name
      if call.namewhat == "method" then number = number - 1 end
      why = "bad argument #" .. number .. " to '" .. called .. "' " .. rest
      if number == 0 then why = "calling '" .. called .. "' on bad self" end
    end
    matcher.fail(why)
  end
  return done(pcall(f, ...))
end

-- The worst case of a pattern ---------------------------------------------------------------------------------------
-- Steps are a polynomial of the bytes n left: coefficients of 1, n, n^2/2!, n^3/3!, … Nested quantifiers share the
-- bytes, hence the factorials.

local function plus(a, b)
  local total = {}
  for index = 1, max(#a, #b) do total[index] = (a[index] or 0) + (b[index] or 0) end
  return total
end

local function anywhere(a)
  local total = { 0 }
  for index = 1, #a do total[index + 1] = a[index] end
  return total
end

-- What the rest of a pattern costs: `fails` and `works` at most; `always` where it matches at any place, `atEnd` where
-- it matches at the end of the subject; `retries` where it may look at the same bytes again.
local function addSingle(rest, item, items, index)
  local w, quantifier = item.width, item.quantifier
  local scan = { w, w }
  if quantifier == "" then
    return { fails = rest.always and { w } or plus({ w }, rest.fails), works = plus({ w }, rest.works),
      retries = rest.retries }
  end
  local least = quantifier == "+"
  local atEnd = not least and rest.atEnd
  local always = not least and rest.always or atEnd and item.dot and quantifier ~= "?"
  if quantifier == "?" then
    local twice = plus(plus(rest.fails, rest.fails), { w })
    return { fails = twice, works = plus(twice, rest.works), always = always, atEnd = atEnd, retries = rest.retries }
  end
  local follower, width = matcher.firstClass(items, index + 1)
  if rest.always then
    local works = quantifier == "-" and plus({ w }, rest.works) or plus(scan, rest.works)
    return { fails = least and { w } or { 0 }, works = works, always = always, atEnd = atEnd, retries = rest.retries }
  elseif follower and matcher.disjoint(item.text, follower) then
    scan = { w + width, w + width }
    return { fails = plus(scan, rest.fails), works = plus(scan, rest.works), atEnd = atEnd, retries = rest.retries }
  end
  local fails = plus(scan, plus(anywhere(rest.fails), { 0, 2 }))
  return { fails = fails, works = plus(fails, rest.works), always = always, atEnd = atEnd, retries = true }
end

local ONE, BYTES = { 1 }, { 1, 1 }

local function addOther(rest, item)
  local step = (item.kind == "balance" or item.kind == "same") and BYTES or { 1 + (item.width or 0) }
  local empty = item.kind == "open" or item.kind == "close"
  return {
    fails = plus(step, rest.fails), works = plus(step, rest.works),
    always = empty and rest.always, atEnd = empty and rest.atEnd, retries = rest.retries or item.kind == "same",
  }
end

-- Returns the cost of one attempt, or nil where the pattern is left to Lua: it is malformed, or deep.
local function attempt(items)
  local cost, deep = { fails = { 0 }, works = ONE, always = true, atEnd = true }, 0
  for index = #items, 1, -1 do
    local item = items[index]
    if item.kind == "error" or item.kind == "same" and item.index == 0 then return nil end
    if item.kind ~= "single" or item.quantifier ~= "" then deep = deep + 1 end
    if item.kind == "end" then
      cost = { fails = ONE, works = ONE, atEnd = true }
    elseif item.kind == "single" then
      cost = addSingle(cost, item, items, index)
    else
      cost = addOther(cost, item)
    end
  end
  return deep <= 30 and cost or nil
end

local function steps(coefficients, n)
  local total, term = 0, 1.0
  for index = 1, #coefficients do
    total, term = total + coefficients[index] * term, term * (n + index) / index
  end
  return total
end

local MAGIC = "[%^%$%*%+%?%.%(%[%%%-]" -- without one of these, find looks for plain text

-- Plans: `one` match from a place on, and `all` matches of a subject. A plan holds what to charge for each length that
-- was asked for, and has `exact` where a match reads no more than it takes.
local function newPlan(p)
  local anchored = byte(p) == 94
  local items = matcher.read(p, anchored and 2 or 1)
  local cost = #p <= FREE and attempt(items)
  if not cost then return { one = {}, all = {} } end
  local one = anchored and cost.works or plus(anywhere(cost.fails), cost.works)
  local more = cost.retries and anywhere(cost.works) or plus(cost.works, cost.works)
  local all = anchored and cost.works or plus(anywhere(cost.fails), more)
  local exact = #cost.fails == 1 and not cost.retries
  return {
    one = { steps = one, exact = exact, rate = cost.fails[1] + (cost.works[2] or 0) + 1, anchored = anchored },
    all = { steps = all, exact = exact },
  }
end

local function planOf(p)
  local plan = budget.plans[p]
  if plan then return plan end
  if budget.planned == PATTERNS then budget.plans, budget.planned = {}, 0 end
  plan = newPlan(p)
  budget.plans[p], budget.planned = plan, budget.planned + 1
  return plan
end

-- Returns what to charge for a subject of n bytes, or nil where C is not to do it.
local function price(plan, n)
  local known = plan[n]
  if known or not plan.steps then return known end
  local worst = steps(plan.steps, n)
  if worst > COSTLY then return nil end
  local cost = worst // 2
  if n <= COMMON then plan[n] = cost end
  return cost
end

local function text(value)
  local kind = type(value)
  return kind == "string" and value or kind == "number" and tostring(value) or nil
end

-- Where `init` stands in s; nil where find and match say what is wrong with it.
local function place(s, init)
  if init == nil then return 1 end
  init = tointeger(tonumber(init))
  if not init then return nil end
  if init < 0 then init = #s + init + 1 end
  return init < 1 and 1 or init
end

-- Looking for plain text ----------------------------------------------------------------------------------------------

local WINDOW = 10000000 -- products of lengths that one call of C may have to look at

local function findPlain(s, p, init)
  local n, m = #s - init + 1, #p
  if m == 0 or n < m or n * m <= COSTLY then
    charge(n * m // 100)
    return find(s, p, init, true)
  end
  local width = max(WINDOW // m, m)
  for from = init, #s, width do
    charge(max(min(width, n) * m // 400, m // 8))
    local first, last = find(sub(s, from, from + width + m - 2), p, 1, true)
    if first then return first + from - 1, last + from - 1 end
  end
end

-- string --------------------------------------------------------------------------------------------------------------

-- A match of find that was exact read as far as it says, and one that failed read all.
local function settled(plan, n, init, first, last, ...)
  local read = first and last - init + 2 or plan.anchored and 1 or n + 1
  charge(read * plan.rate // 2)
  return first, last, ...
end

local function matchOf(s, first, last, ...)
  if not first then return nil end
  if select("#", ...) > 0 then return ... end
  return sub(s, first, last)
end

-- Finds at a place that is in s, or just behind it.
local function findAt(s, p, init)
  local plan, n = planOf(p).one, #s - init + 1
  if plan.exact and n > FREE then return settled(plan, n, init, find(s, p, init)) end
  local cost = n <= COMMON and price(plan, n)
  if not cost then return matcher.find(s, p, init) end
  charge(cost)
  return find(s, p, init)
end

local function slowFind(s, p, init, plain)
  local subject, pattern = text(s), text(p)
  local at = subject and pattern and place(subject, init)
  if not at then return asBefore(find, "string.find", s, p, init, plain) end
  if at > #subject + 1 then return nil end
  if plain or not find(pattern, MAGIC) then return findPlain(subject, pattern, at) end
  return findAt(subject, pattern, at)
end

-- Every replacement calls the slow part so that its own frame stays: asBefore looks for it.
local function kept(...) return ... end

function string.find(s, p, init, plain) -- luacheck: ignore 122
  local plan = budget.plans[p]
  local cost = plan and init == nil and not plain and type(s) == "string" and plan.one[#s]
  if cost then
    budget.used = budget.used + cost
    return find(s, p)
  end
  return kept(slowFind(s, p, init, plain))
end

local function slowMatch(s, p, init)
  local subject, pattern = text(s), text(p)
  local at = subject and pattern and place(subject, init)
  if not at then return asBefore(match, "string.match", s, p, init) end
  if at > #subject + 1 then return nil end
  local plan, n = planOf(pattern).one, #subject - at + 1
  if plan.exact and n > FREE then return matchOf(subject, findAt(subject, pattern, at)) end
  local cost = n <= COMMON and price(plan, n)
  if not cost then return matcher.match(subject, pattern, at) end
  charge(cost)
  return match(subject, pattern, at)
end

function string.match(s, p, init) -- luacheck: ignore 122
  local plan = budget.plans[p]
  local cost = plan and init == nil and type(s) == "string" and plan.one[#s]
  if cost then
    budget.used = budget.used + cost
    return match(s, p)
  end
  return kept(slowMatch(s, p, init))
end

-- In gmatch a pattern that starts with ^ is not anchored, and plans are for those that are.
local function slowGmatch(s, p)
  local subject, pattern = text(s), text(p)
  if not (subject and pattern) then return asBefore(gmatch, "string.gmatch", s, p) end
  local cost = byte(pattern) ~= 94 and #subject <= COMMON and price(planOf(pattern).all, #subject)
  if not cost then return matcher.gmatch(subject, pattern) end
  charge(cost)
  return gmatch(subject, pattern)
end

function string.gmatch(s, p) return kept(slowGmatch(s, p)) end -- luacheck: ignore 122

local REPLACES = { string = true, number = true, table = true, ["function"] = true }

local function slowGsub(s, p, with, most)
  local subject, pattern = text(s), text(p)
  local limit = most == nil and huge or tointeger(tonumber(most))
  if not (subject and pattern and REPLACES[type(with)] and limit) then
    return asBefore(gsub, "string.gsub", s, p, with, most)
  end
  local plan, n = planOf(pattern).all, #subject
  local cost = (n <= COMMON or plan.exact) and price(plan, n)
  if plan.exact and not cost then cost = steps(plan.steps, n) // 2 end
  -- What is wrong with a replacement is said with the place of the call, so only a sound one is left to C.
  if not cost or type(with) ~= "function" and not (type(with) == "string" and not find(with, "%", 1, true)) then
    return matcher.gsub(subject, pattern, type(with) == "number" and tostring(with) or with, limit)
  end
  charge(cost)
  return gsub(subject, pattern, with, most)
end

function string.gsub(s, p, with, most) return kept(slowGsub(s, p, with, most)) end -- luacheck: ignore 122

function string.rep(s, n, separator) -- luacheck: ignore 122
  if s == "" and (separator == nil or separator == "") and mtype(n) == "integer" then return "" end
  if type(s) ~= "string" or mtype(n) ~= "integer" or separator ~= nil and type(separator) ~= "string" then
    return kept(asBefore(rep, "string.rep", s, n, separator))
  end
  local size = n * (#s + 0.0)
  if size > FREE then
    if size > REFUSED then return kept(asBefore(rep, "string.rep", s, n, separator)) end
    charge(size // 4)
  end
  return rep(s, n, separator)
end

-- table ---------------------------------------------------------------------------------------------------------------

-- Elements that a call walks over: those that `#` counts, or that its metamethod makes up.
local function lengthOf(t)
  if getmetatable(t) == nil then return rawlen(t) end
  return tonumber(#t) or 0
end

local function slowConcat(list, separator, i, j)
  local from, to = tointeger(i or 1), tointeger(j == nil and lengthOf(list) or j)
  if from and to and to - (from + 0.0) > FREE then
    local plain = getmetatable(list) == nil and rawlen(list)
    charge(2 * max(plain and min(to, plain) - (from + 0.0) or to - (from + 0.0), 0))
  end
  return asBefore(concat, "table.concat", list, separator, i, j)
end

function table.concat(list, separator, i, j) -- luacheck: ignore 122
  if type(list) == "table" and getmetatable(list) == nil and i == nil and j == nil and rawlen(list) <= FREE then
    if separator == nil or type(separator) == "string" then
      local ok, joined = pcall(concat, list, separator)
      if ok then return joined end
    end
  end
  if type(list) ~= "table" then return kept(asBefore(concat, "table.concat", list, separator, i, j)) end
  return kept(slowConcat(list, separator, i, j))
end

local function shifted(f, name)
  local function slow(t, ...)
    local count, at = select("#", ...), ...
    if type(t) == "table" and (name == "remove" or count == 2) then
      local size = lengthOf(t)
      at = tointeger(tonumber(at)) or size
      if size - (at + 0.0) > FREE then charge((size - (at + 0.0)) * 4) end
    end
    return asBefore(f, "table." .. name, t, ...)
  end
  return slow
end

local slowInsert, slowRemove = shifted(insert, "insert"), shifted(remove, "remove")

function table.insert(t, ...) -- luacheck: ignore 122
  if type(t) == "table" and select("#", ...) == 1 and getmetatable(t) == nil then return insert(t, (...)) end
  return kept(slowInsert(t, ...))
end

function table.remove(t, ...) -- luacheck: ignore 122
  if type(t) == "table" and select("#", ...) == 0 and getmetatable(t) == nil then return remove(t) end
  return kept(slowRemove(t, ...))
end

local function slowMove(a, f, e, t, ...)
  local first, last = tointeger(tonumber(f)), tointeger(tonumber(e))
  if first and last and last - (first + 0.0) > FREE then charge((last - (first + 0.0)) * 4) end
  return asBefore(move, "table.move", a, f, e, t, ...)
end

function table.move(...) return kept(slowMove(...)) end -- luacheck: ignore 122

local function slowSort(list, ...)
  if type(list) ~= "table" then return asBefore(sort, "table.sort", list, ...) end
  local size = lengthOf(list)
  if size > FREE then charge(size * log(size, 2) * 4) end
  return asBefore(sort, "table.sort", list, ...)
end

function table.sort(list, ...) return kept(slowSort(list, ...)) end -- luacheck: ignore 122

-- Puts the replacements, or what they replaced, in place. The runtime's own files that give the library nothing of the
-- process to walk over keep what they replaced.
local originals = {
  { string, "find", find }, { string, "match", match }, { string, "gmatch", gmatch }, { string, "gsub", gsub },
  { string, "rep", rep }, { table, "concat", concat }, { table, "insert", insert }, { table, "remove", remove },
  { table, "move", move }, { table, "sort", sort },
}
for _, entry in next, originals do
  entry[4] = entry[1][entry[2]]
  replacements[entry[4]] = true
end

return function(isBounded)
  for _, entry in next, originals do entry[1][entry[2]] = entry[isBounded and 4 or 3] end
end
