-- Lua 5.3 patterns in Lua, for what would keep C busy where no hook reaches it: the same results, the same error texts.
-- A pattern is read into items once, and the items become functions (m, position, depth) -> end of the match, or nil.
local charge, runtime = ...
local byte, find, gmatch, gsub, sub = string.byte, string.find, string.gmatch, string.gsub, string.sub
local char, concat, unpack, getinfo = string.char, table.concat, table.unpack, debug.getinfo
local error, next, select, tostring, type = error, next, select, tostring, type

local MAX_CAPTURES, MAX_DEPTH = 32, 200 -- LUA_MAXCAPTURES, and MAXCCALLS of lstrlib.c
local UNFINISHED, POSITION = -1, -2 -- lengths of captures that are no text
local RUN = 1000 -- bytes that one step may scan free of charge

local OURS = { ["=sandbox"] = true, ["=system"] = true, ["=matcher"] = true, ["=bounded"] = true }
local ALL = {}
for code = 0, 255 do ALL[code + 1] = char(code) end
ALL = concat(ALL)

-- Raises with the place of whoever called the library, as C code does. Lua forgets the place of a tail call: where the
-- runtime is what is left, it was that of an Eval, which is nearly always its one line.
local function fail(text)
  local level, tail = 2, false
  local at = getinfo(level, "Slt")
  while at and OURS[at.source] do
    level, tail = level + 1, at.istailcall
    at = getinfo(level, "Slt")
  end
  if tail and at and runtime and runtime[at.source] then error('[string "aos"]:1: ' .. text, 0) end
  error((at and at.currentline > 0 and at.short_src .. ":" .. at.currentline .. ": " or "") .. text, 0)
end

-- Reading -------------------------------------------------------------------------------------------------------------

-- Returns the position after the class or character that starts at `at`, or nil and what is wrong with it.
local function classEnd(p, at)
  local c = sub(p, at, at)
  if c == "%" then
    if at == #p then return nil, "malformed pattern (ends with '%')" end
    return at + 2
  elseif c ~= "[" then
    return at + 1
  end
  at = at + 1
  if sub(p, at, at) == "^" then at = at + 1 end
  repeat
    if at > #p then return nil, "malformed pattern (missing ']')" end
    at = at + (sub(p, at, at) == "%" and at < #p and 2 or 1)
  until sub(p, at, at) == "]"
  return at + 1
end

local function setOf(text)
  local set = {}
  for c in gmatch(ALL, text) do set[byte(c)] = true end
  return set
end

local QUANTIFIERS = { ["*"] = true, ["+"] = true, ["-"] = true, ["?"] = true }

local function readSingle(p, at)
  local after, wrong = classEnd(p, at)
  if not after then return { kind = "error", text = wrong }, #p + 1 end
  local text, quantifier = sub(p, at, after - 1), sub(p, after, after)
  if #text == 1 and find(text, "^[%^%$%]%(%)%*%+%-%?]") then text = "%" .. text end
  local item = { kind = "single", text = text, dot = text == ".", quantifier = "", width = #text }
  if QUANTIFIERS[quantifier] then item.quantifier, after = quantifier, after + 1 end
  return item, after
end

local function readEscape(p, at)
  local c = sub(p, at + 1, at + 1)
  if c == "b" then
    if at + 3 > #p then return { kind = "error", text = "malformed pattern (missing arguments to '%b')" }, #p + 1 end
    return { kind = "balance", opening = byte(p, at + 2), closing = byte(p, at + 3) }, at + 4
  elseif c == "f" then
    if sub(p, at + 2, at + 2) ~= "[" then
      return { kind = "error", text = "missing '[' after '%f' in pattern" }, #p + 1
    end
    local after, wrong = classEnd(p, at + 2)
    if not after then return { kind = "error", text = wrong }, #p + 1 end
    return { kind = "frontier", text = sub(p, at + 2, after - 1), width = after - at }, after
  elseif find(c, "%d") then
    return { kind = "same", index = byte(c) - 48 }, at + 2
  end
  return readSingle(p, at)
end

-- Returns the items from `at` on. What is malformed becomes an item too: it raises only where a match gets that far.
local function read(p, at)
  local items, n = {}, 0
  while at <= #p do
    local c = sub(p, at, at)
    local item
    if c == "(" then
      local position = sub(p, at + 1, at + 1) == ")"
      item, at = { kind = "open", position = position }, at + (position and 2 or 1)
    elseif c == ")" then
      item, at = { kind = "close" }, at + 1
    elseif c == "$" and at == #p then
      item, at = { kind = "end" }, at + 1
    elseif c == "%" then
      item, at = readEscape(p, at)
    else
      item, at = readSingle(p, at)
    end
    n = n + 1
    items[n] = item
  end
  return items
end

-- Whether no byte is in both classes.
local function disjoint(a, b)
  local without = gsub(ALL, b, "")
  local _, all = gsub(ALL, a, "")
  local _, left = gsub(without, a, "")
  return all == left
end

-- The class that a match of items[index...] must start with, where there is one.
local function firstClass(items, index)
  local item = items[index]
  while item and (item.kind == "open" or item.kind == "close") do
    index = index + 1
    item = items[index]
  end
  local must = item and item.kind == "single" and (item.quantifier == "" or item.quantifier == "+")
  return must and item.text or nil, must and item.width or 0
end

-- Whether captures open and close as they should, and nothing refers to them or is malformed.
local function plainCaptures(items)
  local open, count = 0, 0
  for _, item in next, items do
    if item.kind == "open" then
      count = count + 1
      if not item.position then open = open + 1 end
    elseif item.kind == "close" then
      open = open - 1
    end
    if open < 0 or item.kind == "same" or item.kind == "error" then return false end
  end
  return open == 0 and count <= MAX_CAPTURES
end

-- Matching ------------------------------------------------------------------------------------------------------------

local function toll(bytes)
  if bytes > RUN then charge(bytes // 2) end
end

local function deeper(depth)
  if depth == 0 then fail("pattern too complex") end
  return depth - 1
end

local make = {}

function make.error(item)
  return function() fail(item.text) end
end

make["end"] = function()
  return function(m, at) return at == m.length + 1 and at or nil end
end

function make.open(item, rest)
  local length = item.position and POSITION or UNFINISHED
  return function(m, at, depth)
    local level = m.level + 1
    if level > MAX_CAPTURES then fail("too many captures") end
    m.starts[level], m.lengths[level], m.level = at, length, level
    local last = rest(m, at, deeper(depth))
    if not last then m.level = m.level - 1 end
    return last
  end
end

function make.close(_, rest)
  return function(m, at, depth)
    local level = m.level
    while level > 0 and m.lengths[level] ~= UNFINISHED do level = level - 1 end
    if level == 0 then fail("invalid pattern capture") end
    m.lengths[level] = at - m.starts[level]
    local last = rest(m, at, deeper(depth))
    if not last then m.lengths[level] = UNFINISHED end
    return last
  end
end

function make.same(item, rest)
  return function(m, at, depth)
    local index = item.index
    local length = m.lengths[index]
    if index == 0 or index > m.level or length == UNFINISHED then fail("invalid capture index %" .. index) end
    if length == POSITION then return nil end
    toll(length)
    local start = m.starts[index]
    if sub(m.subject, at, at + length - 1) ~= sub(m.subject, start, start + length - 1) then return nil end
    return rest(m, at + length, depth)
  end
end

function make.balance(item, rest)
  local opening, closing = item.opening, item.closing
  return function(m, at, depth)
    local s, open = m.subject, 1
    if byte(s, at) ~= opening then return nil end
    for here = at + 1, m.length do
      local code = byte(s, here)
      if code == closing then
        open = open - 1
        if open == 0 then return rest(m, here + 1, depth) end
      elseif code == opening then
        open = open + 1
      end
    end
  end
end

function make.frontier(item, rest)
  local set = setOf(item.text)
  return function(m, at, depth)
    local s = m.subject
    if set[at > 1 and byte(s, at - 1) or 0] or not set[byte(s, at) or 0] then return nil end
    return rest(m, at, depth)
  end
end

local function one(item, rest)
  local set = setOf(item.text)
  return function(m, at, depth)
    if set[byte(m.subject, at)] then return rest(m, at + 1, depth) end
  end
end

local function optional(item, rest)
  local set = setOf(item.text)
  return function(m, at, depth)
    if set[byte(m.subject, at)] then
      local last = rest(m, at + 1, deeper(depth))
      if last then return last end
    end
    return rest(m, at, depth)
  end
end

-- As much as there is, then less; never less where what follows starts with what the class does not hold.
local function greedy(item, rest, follower)
  local scan, least = "^" .. item.text .. "*", item.quantifier == "+" and 1 or 0
  local fixed = follower and disjoint(item.text, follower)
  return function(m, at, depth)
    local _, last = find(m.subject, scan, at)
    if last < at then -- no byte of it, which costs C no depth
      if least == 0 then return rest(m, at, depth) end
      return nil
    end
    toll(last - at)
    local lowest = at + least
    if fixed and last + 1 > lowest then lowest = last + 1 end
    for here = last + 1, lowest, -1 do
      local finish = rest(m, here, deeper(depth))
      if finish then return finish end
    end
  end
end

local function lazy(item, rest, follower)
  local set = setOf(item.text)
  if item.dot and follower then
    return function(m, at, depth)
      while true do
        local from = at
        at = find(m.subject, follower, from)
        toll((at or m.length) - from)
        if not at then return nil end
        local finish = rest(m, at, deeper(depth))
        if finish then return finish end
        at = at + 1
      end
    end
  end
  return function(m, at, depth)
    if not set[byte(m.subject, at)] then return rest(m, at, depth) end
    while true do
      local finish = rest(m, at, deeper(depth))
      if finish then return finish end
      if not set[byte(m.subject, at)] then return nil end
      at = at + 1
    end
  end
end

local SINGLES = { [""] = one, ["?"] = optional, ["*"] = greedy, ["+"] = greedy, ["-"] = lazy }

-- Returns a program: how to match from one place, and what is known about the places where a match can start.
local function compile(p, at)
  local items = read(p, at)
  local plain, step = plainCaptures(items), function(_, place) return place end
  for index = #items, 1, -1 do
    local item = items[index]
    local maker = item.kind == "single" and SINGLES[item.quantifier] or make[item.kind]
    step = maker(item, step, plain and firstClass(items, index + 1) or nil)
  end
  local first = items[1]
  -- What starts with any text at all fails everywhere where it fails once.
  local once = plain and first and first.dot and (first.quantifier == "*" or first.quantifier == "-")
  return { step = step, first = plain and firstClass(items, 1) or nil, once = once, items = items }
end

local function newMatch(s) return { subject = s, length = #s, level = 0, starts = {}, lengths = {} } end

local function matched(m, step, at)
  m.level = 0
  return step(m, at, MAX_DEPTH - 1)
end

-- Returns where the first match from `at` on starts and ends (the position after it), or nil.
local function search(m, program, at, notAt)
  local step, first = program.step, program.first
  while at <= m.length + 1 do
    if first then
      local from = at
      at = find(m.subject, first, from)
      toll((at or m.length) - from)
      if not at then return nil end
    end
    local last = matched(m, step, at)
    if last and last ~= notAt then return at, last end
    if program.once and not last then return nil end
    at = at + 1
  end
end

local function capture(m, index, first, last)
  if index > m.level then
    if index > 1 then fail("invalid capture index %" .. index) end
    return sub(m.subject, first, last - 1)
  end
  local start, length = m.starts[index], m.lengths[index]
  if length == POSITION then return start end
  if length == UNFINISHED then fail("unfinished capture") end
  return sub(m.subject, start, start + length - 1)
end

local function captures(m, first, last, whole)
  local level, values = m.level, {}
  if level == 0 and whole then level = 1 end
  for index = 1, level do values[index] = capture(m, index, first, last) end
  return unpack(values, 1, level)
end

-- The library ---------------------------------------------------------------------------------------------------------

local M = { read = read, firstClass = firstClass, disjoint = disjoint, fail = fail }

local function sought(s, p, init)
  local m, anchored = newMatch(s), byte(p) == 94
  local program = compile(p, anchored and 2 or 1)
  if not anchored then return m, search(m, program, init) end
  local last = matched(m, program.step, init)
  return m, last and init, last
end

-- `init` is a position in s, or the one after it.
function M.find(s, p, init)
  local m, first, last = sought(s, p, init)
  if not first then return nil end
  return first, last - 1, captures(m, first, last, false)
end

function M.match(s, p, init)
  local m, first, last = sought(s, p, init)
  if not first then return nil end
  return captures(m, first, last, true)
end

function M.gmatch(s, p)
  local program, at, before = compile(p, 1), 1, nil
  return function()
    local m = newMatch(s)
    local first, last = search(m, program, at, before)
    if not first then
      at = #s + 2
      return nil
    end
    at, before = last, last
    return captures(m, first, last, true)
  end
end

-- What a replacement text stands for.
local function expanded(m, text, first, last)
  local parts, n, at = {}, 0, 1
  while true do
    local escape = find(text, "%", at, true)
    parts[n + 1] = sub(text, at, (escape or 0) - 1)
    if not escape then return concat(parts) end
    local c = sub(text, escape + 1, escape + 1)
    if find(c, "^%d") then
      c = c == "0" and sub(m.subject, first, last - 1) or tostring(capture(m, byte(c) - 48, first, last))
    elseif c ~= "%" then
      fail("invalid use of '%' in replacement string")
    end
    parts[n + 2], n, at = c, n + 2, escape + 2
  end
end

-- The function is called from C, as it always is: it cannot yield.
local function called(f, m, first, last)
  local value
  local arguments = { n = 0 }
  local function keep(...) arguments = { n = select("#", ...), ... } end
  keep(captures(m, first, last, true))
  gsub("", "", function() value = f(unpack(arguments, 1, arguments.n)) end)
  return value
end

local function replaced(m, with, first, last)
  local kind = type(with)
  local value
  if kind == "table" then
    value = with[capture(m, 1, first, last)]
  elseif kind == "function" then
    value = called(with, m, first, last)
  else
    return expanded(m, with, first, last)
  end
  if not value then return sub(m.subject, first, last - 1) end
  if type(value) ~= "string" and type(value) ~= "number" then
    fail("invalid replacement value (a " .. type(value) .. ")")
  end
  return value
end

-- `with` is a string, a table or a function.
function M.gsub(s, p, with, most)
  local m, anchored = newMatch(s), byte(p) == 94
  local program = compile(p, anchored and 2 or 1)
  local parts, n, count, at, before, copied = {}, 0, 0, 1, nil, 1
  while count < most do
    local first, last
    if anchored then
      first, last = 1, matched(m, program.step, 1)
    else
      first, last = search(m, program, at, before)
    end
    if not first or not last then break end
    count = count + 1
    parts[n + 1], parts[n + 2] = sub(s, copied, first - 1), replaced(m, with, first, last)
    n, at, before, copied = n + 2, last, last, last
    if anchored then break end
  end
  parts[n + 1] = sub(s, copied)
  return concat(parts), count
end

return M
