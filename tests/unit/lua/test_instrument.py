"""Counters change nothing that a program can see, and count what ran."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.lua.counting import Counting, Tally
from tim3tool.lua.instrument import FAST_NAMES, fastest, instrument
from tim3tool.lua.source import count_lines, strip
from tim3tool.lua.vm import LuaFailure, LuaVM, syntax_error, to_python

ROOT = Path(__file__).parents[3]
OWN_LUA = sorted([*(ROOT / "ao").rglob("*.lua"), *(ROOT / "tim3tool").rglob("*.lua")])


def counted(source: str, *args: object) -> tuple[tuple[object, ...], dict[int, int], object]:
    """Run a source with counters; return what it gave, the hits by counter, and its points."""
    found = instrument(source.encode())
    assert found is not None
    assert found.chunk is not None
    tally, vm = Tally(), LuaVM()
    counting = Counting(vm)
    unit = tally.add(name="x", code=found.chunk, counters=found.points.counters)
    (program,) = vm.call(counting.lua[b"compile"], unit.number, unit.code, unit.counters, b"=x")
    try:
        given = vm.call(program, *args)
    except LuaFailure as failure:
        given = (failure.message,)
    tally.take(counting)
    return given, tally.hits(unit), found.points


def plain(source: str, *args: object) -> tuple[object, ...]:
    vm = LuaVM()
    try:
        return vm.call(vm.load(source.encode(), "=x"), *args)
    except LuaFailure as failure:
        return (failure.message,)


def lines_of(source: str, *args: object) -> dict[int, int]:
    _, hits, points = counted(source, *args)
    lines: dict[int, int] = {}
    for line, counter in points.lines:
        lines[line] = max(lines.get(line, 0), hits.get(counter, 0))
    return lines


def branches_of(source: str, *args: object) -> list[tuple[int, str, int]]:
    _, hits, points = counted(source, *args)
    return [(branch.line, branch.label, hits.get(branch.counter, 0)) for branch in points.branches]


def functions_of(source: str) -> list[tuple[str, int]]:
    _, hits, points = counted(source)
    return [(function.name, hits.get(function.counter, 0)) for function in points.functions]


# What is counted ---------------------------------------------------------------------------------------------------------


def test_lines_are_counted_where_statements_begin():
    source = "local n = 0\n\nfor i = 1, 3 do\n  n = n +\n    i\nend\nif n > 100 then\n  error()\nend\nreturn n"
    assert lines_of(source) == {1: 1, 3: 1, 4: 3, 7: 1, 8: 0, 10: 1}


def test_a_statement_that_raises_counts_and_the_next_does_not():
    assert lines_of("local x = 1\nerror('no')\nx = 2") == {1: 1, 2: 1, 3: 0}


def test_declarations_share_a_counter_with_what_always_follows():
    _, _, points = counted("local a = 1\nlocal function f() end\nlocal b, c = nil\nlocal d = a\nlocal e = 2")
    assert len({counter for _, counter in points.lines}) == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if ... then return 1 end", [(1, "if", 1), (1, "no else", 0)]),
        ("if not ... then return 1 end", [(1, "if", 0), (1, "no else", 1)]),
        ("if not ... then\nelseif ... then\nelse\nend", [(1, "if", 0), (2, "elseif", 1), (3, "else", 0)]),
        ("while false do end", [(1, "body", 0), (1, "no turn", 1)]),
        ("local n = 2 while n > 0 do n = n - 1 end", [(1, "body", 2), (1, "no turn", 0)]),
        (
            "for _ = 1, #'' do end for _ in pairs({1}) do end",
            [(1, "body", 0), (1, "no turn", 1), (1, "body", 1), (1, "no turn", 0)],
        ),
        ("while true do break end repeat until true for _ = 1, 2 do end", []),
        ("for _ = 1, 2 do for _ = 1, _ - 1 do break end end", [(1, "body", 1), (1, "no turn", 1)]),
        (
            "if ... then ::top:: if x then return end x = 1 goto top end",
            [(1, "if", 1), (1, "no else", 0), (1, "if", 1), (1, "no else", 1)],
        ),
        ("local function f(n) for _ = 1, n do f(n - 1) end end f(2)", [(1, "body", 4), (1, "no turn", 2)]),
    ],
)
def test_branches(source, expected):
    assert branches_of(source, 1) == expected


def test_a_branch_knows_whether_its_statement_was_reached():
    _, hits, points = counted("if x then\nif y then end\nend")
    assert [hits.get(branch.reached, 0) for branch in points.branches] == [1, 1, 0, 0]


def test_functions_have_the_names_of_the_source():
    source = """
    local function a() end
    function b() return 1 end
    t = { c = function() end, ["d e"] = function() end, function() end }
    function t.f() end function t:g() ::x:: end
    local h, i = function() end, function() end
    t.j = function() end
    pcall(function() end)
    for _ = 1, 3 do b() end i() t:g()
    """
    assert functions_of(source) == [
        ("a", 0), ("b", 3), ("c", 0), ('"d e"', 0), ("(anonymous)", 0), ("t.f", 0), ("t:g", 1), ("h", 0), ("i", 1),
        ("t.j", 0), ("(anonymous)", 1),
    ]  # fmt: skip


# What stays as it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "return ...",
        "return select('#', ...), (...)",
        "local t = {n = 1} function t:m(...) return self.n, ... end return t:m(...)",
        "local function loop(n) if n == 0 then return 'deep' end return loop(n - 1) end return loop(300000)",
        "local a, b = 1 a, b = b, a return a, b",
        "do local x = 1 goto done end ::done:: return 'ok'",
        "for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end x = (x or 0) + j ::continue:: end end return x",
        "local s = 0 repeat local n = s s = s + 1 until n > 3 return s",
        "local _ENV = {} x = 1 return x",
        "_ENV = setmetatable({}, {__index = function(_, k) return k end}) return anything",
        "x = 1;(function() x = 2 end)() return x",
        "local x = 1\n;(function() x = 2 end)()\nreturn x",
        "return (function(...) return select('#', ...) end)(nil, nil)",
        "local f = load('return 1') return f()",
        "return debug.getinfo(1, 'l').currentline,\n debug.getinfo(1, 'l').currentline",
        "local x\n\nx.y.z = 1",
        "local t = {}\nt.f(\n1\n)",
        "undefined()",
        "local s = 'a' return s .. nil",
        "error({})",
        "error('with a place')",
        "error('two levels', 2)",
        "if nil then elseif false then else return 'else' end",
        "local co = coroutine.wrap(function(a) local b = coroutine.yield(a) return b end) return co(1), co(2)",
        "return #[[\n\n]], --[[ x ]] 'b'",
        "for i = 3, 1, -1 do if i == 1 then return i end end",
        "return",
        "return;",
        "",
        "::a::",
        ";;;",
    ],
)
def test_a_program_does_the_same_with_counters(source):
    assert counted(source, 1, None, 3)[0] == plain(source, 1, None, 3)


def test_a_traceback_has_the_same_lines():
    source = "local function f()\n  return debug.traceback('x')\nend\nlocal function g()\n  local t = f()\n  return t\nend\nlocal r = g()\nreturn r"
    (with_counters, *_), (without, *_) = counted(source)[0], plain(source)

    def places(text):
        return [line.partition(": in")[0] for line in text.decode().splitlines() if "x:" in line]

    assert places(with_counters) == places(without) == ["\tx:2", "\tx:5", "\tx:8"]


def test_env_is_the_first_upvalue_as_in_a_main_chunk():
    source = "local f = load('return x') return debug.getupvalue(debug.getinfo(1, 'f').func, 1)"
    assert counted(source)[0][0] == plain(source)[0] == b"_ENV"


def test_what_the_compiler_has_no_room_for_is_told():
    locals_200 = "".join(f"local a{n} = f() " for n in range(200))
    fits = instrument(f"{locals_200} return a1".encode())
    assert fits is not None
    assert fits.chunk is not None
    no_room = instrument(f"{locals_200} for _ = 1, f() do end".encode())
    assert no_room is None or no_room.chunk is None
    upvalues = "".join(
        f"local function f{m}() " + " ".join(f"local v{m}_{n} = g()" for n in range(85)) + " " for m in range(3)
    )
    uses = "return function() return " + " + ".join(f"v{m}_{n}" for m in range(3) for n in range(85)) + " end"
    source = f"{upvalues}{uses} end end end".encode()
    assert syntax_error(source) is None
    full = instrument(source)
    assert full is not None
    assert full.chunk is None


def test_where_there_is_no_room_for_locals_the_table_has_all_counters():
    names = [[f"v{m}_{n}" for n in range(80)] for m in range(3)]
    outer = "".join(f"return (function() {''.join(f'local {name} = 1 ' for name in each)}" for each in names)
    uses = " + ".join(name for each in names for name in each)
    inner = f"local function g() end for i = 1, 3 do {'g() ' * 20} end return {uses}"
    source = f"local function top() {outer} return (function() {inner} end)() {'end)() ' * 3} end return top()"
    (total,), hits, _ = counted(source)
    assert total == 240
    assert list(hits.values()).count(3) == 20
    found = instrument(source.encode())
    assert found is not None
    assert found.chunk is not None
    assert FAST_NAMES[0].encode() not in found.chunk


def test_counters_of_the_deepest_loops_are_the_fastest():
    body = "x = 1 while a do repeat for _ in b do c() end until d end"
    found = instrument(body.encode())
    assert found is not None
    depths = sorted(found.depths)
    assert depths[0] == 0
    assert depths[-1] == 3
    names = fastest([(10, found)])
    assert names[10 + found.depths.index(3)] == FAST_NAMES[0]
    many = instrument(" ".join(f"f{n}()" for n in range(100)).encode() + b" while a do b() end")
    assert many is not None
    assert len(fastest([(0, many)])) == len(FAST_NAMES)
    assert many.depths.index(1) in fastest([(0, many)])


def test_what_locals_count_is_taken_once_and_survives_a_pause():
    found = instrument(b"for i = 1, 3 do f() end")
    assert found is not None
    assert found.chunk is not None
    tally, vm = Tally(), LuaVM()
    vm.run(b"function f() end", "=f")
    counting = Counting(vm)
    unit = tally.add(name="x", code=found.chunk, counters=found.points.counters)
    (program,) = vm.call(counting.lua[b"compile"], unit.number, unit.code, unit.counters, b"=x")
    inside = found.depths.index(1)

    def hits() -> int | None:
        tally.take(counting)
        return tally.hits(unit).get(inside)

    vm.call(program)
    assert hits() == 3
    counting.pause()
    vm.call(program)
    counting.resume()
    vm.call(program)
    (again,) = vm.call(counting.lua[b"compile"], unit.number, unit.code, unit.counters, b"=x")
    vm.call(again)
    assert hits() == 9
    assert hits() == 9


def test_a_source_with_our_names_has_no_counters():
    assert instrument(b"local _tim3_hits = 1") is None


@pytest.mark.parametrize("path", OWN_LUA, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_lua_file_of_ours_keeps_its_lines(path):
    source = path.read_bytes()
    found = instrument(source)
    assert found is not None
    assert found.chunk is not None
    assert count_lines(found.code()) == count_lines(strip(source))
    assert found.points.lines


# Programs made up --------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.deferred(
    lambda: st.one_of(
        NAMES,
        st.sampled_from(["1", "0", "nil", "true", "'s'", "n", "...", "{}", "#'ab'"]),
        st.builds("({} {} {})".format, VALUES, st.sampled_from(["and", "or", "==", "+", "<"]), VALUES),
        st.builds("f({})".format, VALUES),
        st.builds("#({} .. 's')".format, VALUES),
        st.builds("(function(...) {} end)({})".format, BLOCKS, VALUES),
    )
)
STATEMENTS = st.deferred(
    lambda: st.one_of(
        st.builds("local {} = {}".format, NAMES, VALUES),
        st.builds("{} = {}".format, NAMES, VALUES),
        st.builds("local a, b\nb, c = {}, {}".format, VALUES, VALUES),
        st.builds("f(\n{})".format, VALUES),
        st.builds(";(f)({})".format, VALUES),
        st.builds("if {} then {} end".format, VALUES, BLOCKS),
        st.builds("if {} then {}\nelseif {} then {}\nelse {} end".format, VALUES, BLOCKS, VALUES, BLOCKS, BLOCKS),
        st.builds("for a = 1, {} do {} end".format, st.sampled_from(["0", "2", "#'xy'", "#''"]), BLOCKS),
        st.builds("for b, c in pairs({{{}}}) do {} end".format, VALUES, BLOCKS),
        st.builds("while f({}) and tick() do {} end".format, VALUES, BLOCKS),
        st.builds("repeat local a = {} {} until a or not tick()".format, VALUES, BLOCKS),
        st.builds("do {} end".format, BLOCKS),
        st.builds("local function g(...) {} end g({})".format, BLOCKS, VALUES),
        st.builds("pcall(function(...) {} end, {})".format, BLOCKS, VALUES),
        st.builds(
            "for a = 1, 2 do if {} then goto continue end {}\n::continue:: end".format, VALUES, st.just("tick()")
        ),
        st.builds("for a = 1, 2 do {} if {} then break end end".format, BLOCKS, VALUES),
    )
)
BLOCKS = st.builds(
    "{} {}".format,
    st.lists(STATEMENTS, max_size=3).map("\n".join),
    st.sampled_from(["", "", "\nreturn", "\ndo return f(n, ...) end"]),
).map(lambda block: f"do {block} end" if "return" in block else block)

# `tick` stops what does not stop by itself: it raises after some calls, and records where every call came from. Nothing
# else goes on for long: no function calls itself, no `for` has more than two turns, and no string grows.
FRAME = """
local n, ticks, seen = 0, 0, {{}}
local function record(kind, value)
  ticks = ticks + 1
  seen[#seen + 1] = kind .. ' ' .. debug.getinfo(3, 'l').currentline .. ' ' .. (type(value) == 'table' and 'table' or tostring(value))
  if ticks > 60 then error('enough', 0) end
end
function tick() record('tick') return true end
function f(...) n = n + 1 record('f', (...)) return n % 3 ~= 0 and (...) end
local ok, why = pcall(function(...) {} end, 'arg', nil)
seen[#seen + 1] = tostring(ok) .. ' ' .. tostring(why):gsub('0x%x+', '')
return table.concat(seen, '\\n')
"""


@settings(max_examples=sample(150), deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=5).map("\n".join))
def test_any_program_does_the_same_with_counters(body):
    source = FRAME.format(body)
    if syntax_error(source.encode()) is not None:
        return
    assert to_python(counted(source)[0][0]) == to_python(plain(source)[0])
