"""A message that fails leaves no trace, whatever kind of state it touched before it failed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.aos import Process

PROCESS, OWNER = "P" * 43, "O" * 43
ENV = {"Process": {"Id": PROCESS, "Owner": OWNER, "Tags": []}, "Module": {"Id": "M" * 43, "Owner": OWNER, "Tags": []}}

PROGRAM = r"""
local hidden, shared = 0, { n = 0 }
local function up() hidden = hidden + 1 return hidden end
local function down() hidden = hidden - 1 return hidden end
local thread = coroutine.create(function(n) while true do n = n + coroutine.yield(n) end end)
local alike = { __eq = function() return true end }
local object = setmetatable({}, { __index = { level = 1 } })
T = { list = {}, map = {}, nested = { { x = 1 } } }
local function noise(m) return (tonumber(m.Data) or 0) % 7 end
local Ops = {
  closure = function(m) return up() + (noise(m) > 3 and down() or 0) end,
  shared = function(m) shared.n = shared.n + noise(m) shared = noise(m) == 0 and { n = 100 } or shared return shared.n end,
  coroutine = function(m) return select(2, coroutine.resume(thread, noise(m) + 1)) end,
  iterator = function()
    Words = Words or ("a b c d e f g h i j k l m n o p q r s t u v w x y z"):rep(40):gmatch("%S+")
    return Words() or "end"
  end,
  forget = function() Words = nil return "forgotten" end,
  metatable = function(m)
    if noise(m) > 4 then setmetatable(object, { __index = { level = noise(m) } }) end
    return object.level
  end,
  append = function(m) T.list[#T.list + 1] = m.Data return #T.list end,
  remove = function() return table.remove(T.list, 1) or "none" end,
  map = function(m) T.map[m.Data] = (T.map[m.Data] or 0) + 1 local n = 0 for k, v in pairs(T.map) do n = n * 31 % 9973 + v end return n end,
  clear = function() T.map = {} return "cleared" end,
  nest = function(m) T.nested[1] = { x = T.nested[1], y = m.Data } return T.nested[1].y end,
  random = function() return math.random(1000) end,
  handler = function(m) Handlers.add("h" .. noise(m), "Never", function() end) return #Handlers.list end,
  unhandle = function(m) Handlers.remove("h" .. noise(m)) return #Handlers.list end,
  global = function(m) _G["g" .. noise(m)] = (_G["g" .. noise(m)] or 0) + 1 return _G["g" .. noise(m)] end,
  library = function(m) string.mine = function() return m.Data end return ("x"):mine() end,
  new = function(m) local n = noise(m) T.f = function() n = n + 1 return n end return T.f() end,
  call = function() return T.f and T.f() or "none" end,
  once = function() Handlers.once("Wake", function(m) T.list[#T.list + 1] = "woken" end) return Handlers.onceNonce end,
  retype = function() Number = math.type(Number) == "integer" and 1.0 or 1 return tostring(Number) end,
  negate = function() Zero = -(Zero or 0.0) return tostring(1 / Zero) end,
  twin = function(m) Twin = setmetatable({ n = noise(m) }, alike) return Twin.n end,
  change = function() if Twin then Twin.n = Twin.n + 1 end return Twin and Twin.n or "none" end,
  wait = function() local m = Receive({ Action = "Wake" }) T.list[#T.list + 1] = "received" return "later" end,
}
for name, op in pairs(Ops) do
  Handlers.add(name, name, function(m)
    local value = op(m)
    Send({ Target = m.From, Data = name .. " " .. tostring(value) .. " " .. #T.list })
    if m.Tags.Fail == "error" then error("failed on purpose") end
    if m.Tags.Fail == "throw" then error({}) end
  end)
end
"""
OPERATIONS = [
    "closure",
    "shared",
    "coroutine",
    "iterator",
    "metatable",
    "append",
    "remove",
    "map",
    "clear",
    "nest",
    "random",
    "handler",
    "unhandle",
    "global",
    "library",
    "new",
    "call",
    "once",
    "retype",
    "negate",
    "twin",
    "change",
    "wait",
    "Wake",
    "forget",
]

FAILURES = ("", "", "", "error", "throw")


@st.composite
def steps(draw):
    """A run over a few operations, so that they meet each other often."""
    few = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=4, unique=True))
    one = st.tuples(st.sampled_from(few), st.integers(0, 20), st.sampled_from(FAILURES))
    return draw(st.lists(one, min_size=15, max_size=40))


def started() -> Process:
    process = Process(ENV)
    process.handle(message(0, "", "", "", Type="Process"))
    assert process.handle(message(1, "Eval", PROGRAM, "")).error is None
    return process


def message(number: int, action: str, data: str, fail: str, **tags: str):
    named = ({"Action": action} if action else {}) | ({"Fail": fail} if fail else {}) | tags
    return {
        "Id": PROCESS if number == 0 else f"{number:043}",
        "From": OWNER,
        "Owner": OWNER,
        "Target": PROCESS,
        "Data": data,
        "Module": "M" * 43,
        "Timestamp": number,
        "Block-Height": 1,
        "Tags": [{"name": name, "value": value} for name, value in named.items()],
    }


def compare(steps):
    """Run the steps, and only those that do not fail, and compare every answer and what is left."""
    tried, never = started(), started()
    for number, (action, data, fail) in enumerate(steps, 2):
        result = tried.handle(message(number, action, str(data), fail))
        if result.error is None:
            assert result == never.handle(message(number, action, str(data), fail)), (number, action)
    left = "{T.list, T.map, #Handlers.list, ao.reference, string.mine ~= nil}"
    assert tried.read(left) == never.read(left)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fail", ["error", "throw"])
def test_every_kind_of_state_is_undone_again_and_again(operation: str, fail: str):
    every = [(operation, 6 if n % 3 == 0 else n, fail if n % 3 == 0 else "") for n in range(2, 40)]
    compare(every)


@settings(max_examples=sample(80), derandomize=True, deadline=None)
@given(steps=steps())
def test_what_fails_might_as_well_not_have_been_sent(steps):
    compare(steps)


EQUAL_TO_LUA = [
    (("twin", 1, ""), ("change", 0, "error"), ("twin", 2, ""), ("change", 0, "error"), ("change", 0, "")),
    (("retype", 0, ""), ("map", 0, "error"), ("retype", 0, ""), ("map", 0, "error"), ("retype", 0, "")),
    (("negate", 0, ""), ("map", 0, "error"), ("negate", 0, ""), ("map", 0, "error"), ("negate", 0, "")),
]


@pytest.mark.parametrize("few", EQUAL_TO_LUA, ids=lambda few: few[0][0])
def test_what_lua_calls_equal_need_not_be_the_same(few):
    compare([step for _ in range(12) for step in few])


def test_many_failures_in_a_row_and_long_histories_stay_right():
    process = started()
    for number in range(2, 400):
        fail = "error" if number % 3 == 0 else "throw" if number % 10 == 0 else ""
        process.handle(message(number, "append", str(number), fail))
    wanted = [str(number) for number in range(2, 400) if number % 3 and number % 10]
    assert process.read("T.list") == wanted


def test_a_failed_message_cannot_leave_a_metatable_on_all_strings_or_numbers():
    process = started()
    for _ in range(3):
        process.handle(message(2, "Eval", "debug.setmetatable(0, {__index = {x = 1}}) error('no')", ""))
        process.handle(message(3, "append", "1", ""))
    assert process.read("debug.getmetatable(0)") is None
