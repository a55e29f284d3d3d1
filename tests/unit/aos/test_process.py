"""The contract of one process: results, roll-back, limits, and what Lua cannot reach."""

from __future__ import annotations

from typing import Any

import pytest

from tim3tool.aos import Limits, Process, plain_text
from tim3tool.errors import ProcessFailed, UsageError

PROCESS = "P" * 43
OWNER = "O" * 43
ALICE = "A" * 43
ENV = {
    "Process": {"Id": PROCESS, "Owner": OWNER, "Tags": [{"name": "Name", "value": "T"}]},
    "Module": {"Id": "M" * 43, "Owner": "W" * 43, "Tags": []},
}


class Bench:
    """A booted process, and short ways to talk to it."""

    def __init__(self, **options: Any) -> None:
        self.process = Process(ENV, **options)
        self.count = 0
        self.send(OWNER, id=PROCESS, Type="Process")

    def message(self, sender: str, *, data: str = "", id: str | None = None, **tags: str) -> dict[str, Any]:
        self.count += 1
        return {
            "Id": id or f"{self.count:043}",
            "From": sender,
            "Owner": sender,
            "Target": PROCESS,
            "Data": data,
            "Module": "M" * 43,
            "Timestamp": 1_700_000_000_000 + self.count,
            "Block-Height": 1_300_000,
            "Tags": [{"name": name.replace("_", "-"), "value": value} for name, value in tags.items()],
        }

    def send(self, sender: str, **about: Any):
        return self.process.handle(self.message(sender, **about))

    def eval(self, code: str):
        return self.send(OWNER, data=code, Action="Eval")

    def value(self, code: str) -> str:
        result = self.eval(code)
        assert result.error is None, result.text
        return result.text


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_result_has_the_members_that_the_network_gives(bench: Bench):
    result = bench.send(ALICE, Action="Nobody-Listens")
    assert set(result) == {"Output", "Messages", "Spawns", "Assignments"}
    assert result["Output"]["print"] is True
    assert result.error is None
    assert result.text == "New Message From AAA...AAA: Action = Nobody-Listens"


def test_an_error_leaves_no_trace(bench: Bench):
    bench.eval('Count = 0 Handlers.add("Bump", function(m) Count = Count + 1 if m.Fail then error("no") end end)')
    bench.send(ALICE, Action="Bump")
    failed = bench.send(ALICE, Action="Bump", Fail="yes")
    assert set(failed) == {"Error"}
    assert '[string "aos"]:1: no' in failed.text
    assert bench.process.read("Count") == 1
    assert bench.process.read("ao.reference") == 0


def test_an_error_in_a_closure_or_coroutine_is_undone_too(bench: Bench):
    bench.eval("""
        local hidden = 0
        local step = coroutine.wrap(function() while true do hidden = hidden + 1 coroutine.yield(hidden) end end)
        Handlers.add("Step", function(m) Seen = step() if m.Fail then error("no") end end)
    """)
    bench.send(ALICE, Action="Step")
    bench.send(ALICE, Action="Step", Fail="yes")
    bench.send(ALICE, Action="Step")
    assert bench.process.read("Seen") == 2


def test_raw_mode_keeps_the_state_after_an_error_but_not_after_a_throw():
    bench = Bench(raw=True)
    bench.eval('Count = 0 Handlers.add("Bump", function(m) Count = Count + 1 error(m.Table and {} or "no") end)')
    assert bench.send(ALICE, Action="Bump").error is not None
    assert bench.process.read("Count") == 1
    thrown = bench.send(ALICE, Action="Bump", Table="yes")
    assert thrown.threw
    assert thrown.transcript() == {"__throw": thrown.error}
    assert bench.process.read("Count") == 1


def test_a_dry_run_leaves_no_trace(bench: Bench):
    bench.eval('Count = 0 Handlers.add("Bump", function(m) Count = Count + 1 m.reply({Data = tostring(Count)}) end)')
    assert bench.process.dry_run(bench.message(ALICE, Action="Bump"))["Messages"][0]["Data"] == "1"
    assert bench.process.read("Count") == 0


def test_a_process_whose_replay_differs_is_found_out(bench: Bench):
    keys = "local t, s = {}, '' for i = 1, 99 do t['k' .. i] = i end for k in next, t do s = s .. k end return s"
    bench.eval(f'Handlers.add("Order", function(m) m.reply({{Data = (function() {keys} end)()}}) end)')
    bench.send(ALICE, Action="Order")
    bench.eval("error('roll back')")
    with pytest.raises(ProcessFailed, match=r"process is not deterministic at message 2"):
        bench.process.read("1")


def test_addresses_in_what_was_answered_are_no_difference(bench: Bench):
    assert "0x" in bench.value("Send({Target = 'T'})")
    bench.eval("error('roll back')")
    assert bench.value("1 + 1") == "2"


def test_two_runs_of_the_same_messages_answer_the_same_bytes():
    def run() -> list[Any]:
        bench = Bench()
        bench.eval("T = {} for i = 1, 50 do T['k' .. math.random(1000)] = i end")
        return [dict(bench.eval("local s = '' for k, v in pairs(T) do s = s .. k .. v .. ' ' end return s"))]

    assert run() == run()


def test_pairs_visits_numbers_then_strings_in_order(bench: Bench):
    code = "local s = {} for k in pairs({b=1, a=1, [3]=1, [1]=1, [2.5]=1, B=1}) do s[#s+1] = tostring(k) end return table.concat(s, ' ')"
    assert bench.value(code) == "1 2.5 3 B a b"


def test_pairs_honours_the_metamethod_and_allows_clearing_fields(bench: Bench):
    assert (
        bench.value(
            "local t = setmetatable({}, {__pairs = function() return next, {x = 1} end}) for k in pairs(t) do return k end"
        )
        == "x"
    )
    assert (
        bench.value("local t = {a=1,b=2,c=3} for k in pairs(t) do t[k] = nil end return next(t) == nil and 'empty'")
        == "empty"
    )


def test_an_unknown_aos_version_is_refused():
    with pytest.raises(UsageError, match=r"unknown aos version `2\.0\.7`"):
        Process(ENV, aos="2.0.7")


def test_reading_what_does_not_compile_or_raises_says_so(bench: Bench):
    with pytest.raises(ProcessFailed, match=r"cannot read `\(`: .*unexpected symbol"):
        bench.process.read("(")
    with pytest.raises(ProcessFailed, match=r"attempt to index a nil value"):
        bench.process.read("nope.x")


def test_data_that_is_not_utf8_becomes_the_replacement_character(bench: Bench):
    bench.eval(r'Handlers.add("Raw", function(m) m.reply({Data = "a\xffb"}) end)')
    assert bench.send(ALICE, Action="Raw")["Messages"][0]["Data"] == "a\ufffdb"


def test_data_crosses_in_both_directions_unharmed(bench: Bench):
    bench.eval('Handlers.add("Echo", function(m) m.reply({Data = m.Data, Same = m.Tags.Word}) end)')
    text = 'zero \0 quote " backslash \\ newline \n é 漢 😀'
    message = bench.send(ALICE, Action="Echo", data=text, Word=text)["Messages"][0]
    assert message["Data"] == text
    assert {"name": "Same", "value": text} in message["Tags"]


# Limits ----------------------------------------------------------------------------------------------------------------

ENDLESS = {
    "loop": "while true do end",
    "loop inside pcall": "while true do pcall(function() while true do end end) end",
    "loop inside a coroutine": "coroutine.wrap(function() while true do end end)()",
    "coroutines without end": "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "error handler": "xpcall(function() while true do end end, function() while true do end end)",
    "recursion in pcall": "local function f() while true do pcall(f) end end f()",
    "metamethod": "local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x",
    "sort": "local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
    "gsub callback": "('x'):gsub('x', function() while true do end end)",
    "loop below an exhausted C stack": "local function f(n) if n == 0 then while true do end end ('x'):gsub('x', function() f(n - 1) end) end while true do pcall(f, 190) end",
    "load reader": "load(function() while true do end end)",
}


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_message_ends_at_the_limit(code: str):
    bench = Bench(limits=Limits(instructions=2_000_000))
    result = bench.eval(code)
    assert result.threw
    assert result.text.startswith("instruction limit of 2,000,000 for one message exceeded at ")
    assert bench.value("1 + 1") == "2"


def test_an_endless_pattern_ends_at_the_limit():
    bench = Bench(limits=Limits(instructions=2_000_000))
    bench.eval("Handlers.prepend('x', function(m) while m.Action == 'X' do end return false end, print)")
    assert bench.send(ALICE, Action="X").threw
    assert bench.value("1 + 1") == "2"


def test_an_empty_string_can_be_repeated_for_ever(bench: Bench):
    assert bench.value("#(''):rep(1 << 62)") == "0"


def test_the_instruction_limit_names_the_line():
    bench = Bench(limits=Limits(instructions=1_000_000))
    text = bench.eval("local x = 1\n\nwhile true do x = x + 1 end").text
    assert text == 'instruction limit of 1,000,000 for one message exceeded at [string "aos"]:3'


def test_finalisers_never_run(bench: Bench):
    bench.eval("setmetatable({}, {__gc = function() Ran = true end}) collectgarbage()")
    bench.eval("debug.setmetatable({}, {__gc = function() Ran = true end}) collectgarbage()")
    assert bench.process.read("Ran") is None


def test_memory_is_limited_and_the_error_says_so():
    bench = Bench(limits=Limits(memory=32 * 1024 * 1024))
    result = bench.eval("Big = {} for i = 1, 1e9 do Big[i] = ('x'):rep(1000) .. i end")
    assert "not enough memory (the limit is 33,554,432 bytes a process)" in result.text
    assert bench.process.read("Big") is None
    assert bench.value("1") == "1"


def test_running_out_of_memory_can_be_caught_as_on_the_network():
    bench = Bench(limits=Limits(memory=32 * 1024 * 1024))
    assert bench.value("local ok, why = pcall(string.rep, 'x', 1 << 40) return tostring(ok)") == "false"


# What Lua cannot reach ---------------------------------------------------------------------------------------------------

CLOSED = {
    "python": "tostring(python)",
    "python through loaded": "tostring(package.loaded.python)",
    "python through registry": "tostring(next(debug.getregistry()))",
    "execute": "tostring(os.execute('true'))",
    "popen": "tostring((pcall(io.popen, 'true')))",
    "open": "tostring((io.open('/etc/passwd')))",
    "lines": "tostring((pcall(io.lines, '/etc/passwd')))",
    "loadfile": "tostring((loadfile('/etc/passwd')))",
    "dofile": "tostring((pcall(dofile, '/etc/passwd')))",
    "loadlib": "tostring((package.loadlib('x', 'y')))",
    "searchpath": "tostring((package.searchpath('passwd', '/etc/?')))",
    "require a file": "tostring((pcall(require, 'os.path')))",
    "environment": "tostring(os.getenv('VIRTUAL_ENV')) .. tostring(os.getenv('TIM3_HOME')):sub(4)",
    "bytecode": "tostring((load(string.dump(function() end))))",
    "bytecode with a mode": "tostring((load(string.dump(function() end), 'x', 'b')))",
    "exit": "tostring((pcall(os.exit)))",
    "hook": "tostring(debug.sethook(function() end, '', 1))",
    "runtime upvalues": "tostring((debug.getupvalue(Handlers.evaluate, 1)))",
    "runtime locals": "tostring((debug.getlocal(2, 1)))",
}  # fmt: skip


@pytest.mark.parametrize("code", CLOSED.values(), ids=CLOSED)
def test_the_host_is_closed(bench: Bench, code: str):
    assert bench.value(f"return {code}") in ("nil", "false", "")


def test_no_python_object_is_reachable_from_any_table(bench: Bench):
    walk = """
        local seen, found = {}, {}
        local function visit(value, path)
          if type(value) == "userdata" and not io.type(value) then found[#found + 1] = path end
          if type(value) ~= "table" or seen[value] then return end
          seen[value] = true
          for k, v in next, value do visit(k, path .. "." .. tostring(k)) visit(v, path .. "." .. tostring(k)) end
          visit(getmetatable(value), path .. ":meta")
        end
        visit(_G, "_G") visit(getmetatable(""), "string")
        return table.concat(found, " ")
    """
    assert bench.value(walk) == ""


def test_a_process_cannot_reset_its_own_budget():
    bench = Bench(limits=Limits(instructions=1_000_000))
    code = """
        local host
        for level = 1, 30 do
          local at = debug.getinfo(level, "f")
          if not at then break end
          pcall(at.func, 1e18)
        end
        while true do end
    """
    assert bench.eval(code).threw


def test_the_globals_are_those_of_the_module(bench: Bench):
    names = bench.value("local t = {} for k in pairs(_G) do t[#t + 1] = k end return table.concat(t, ' ')").split()
    standard = (
        "_G _VERSION assert collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile math next os "
        "package pairs pcall print rawequal rawget rawlen rawset require select setmetatable string table tonumber "
        "tostring type utf8 xpcall bit32"
    )
    own = (
        "Assign Bell Colors Dump Errors HANDLER_PRINT_LOGS Handlers Inbox Name Owner Prompt Receive Seeded Send Spawn Tab "
        "Utils Version ao"
    )
    assert sorted(names) == sorted([*standard.split(), *own.split(), "handle"])


def test_the_clock_of_a_process_is_the_message(bench: Bench):
    assert bench.value("os.time()") == str(1_700_000_000_000 + bench.count)
    assert bench.value("os.date('%Y-%m-%d %H:%M:%S')") == "1970-01-01 00:00:10"


def test_plain_text_of_any_error():
    assert plain_text({"code": 5}) == "{'code': 5}"
    assert plain_text("\x1b[31mred\x1b[0m") == "red"
