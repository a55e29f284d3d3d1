"""Attempts to hang, crash, leave or bend the mocked process: each ends soon, cleanly, and the next message is answered."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tim3tool.aos import Limits, Process, Result

PROCESS, OWNER, ALICE = "P" * 43, "O" * 43, "A" * 43
ENV = {"Process": {"Id": PROCESS, "Owner": OWNER, "Tags": []}, "Module": {"Id": "M" * 43, "Owner": OWNER, "Tags": []}}
SMALL = Limits(instructions=20_000_000, memory=192 * 1024 * 1024)
SECONDS = 10  # of one attempt, on a machine that does something else as well
LIMITS = (
    "instruction limit of 20,000,000 for one message exceeded at ",
    "CPU time limit of 1 s for one message exceeded at ",
)
PING = 'Handlers.add("Ping", "Ping", function(m) m.reply({Data = "pong " .. m.Data}) end)'
BASE = {"Target": PROCESS, "From": OWNER, "Owner": OWNER, "Module": "M" * 43, "Timestamp": 1, "Block-Height": 1}


class Target:
    """A process with one honest handler."""

    def __init__(self) -> None:
        self.process = Process(ENV, limits=SMALL)
        self.count = 0
        self.send(OWNER, id=PROCESS, Type="Process")
        assert self.eval(PING).error is None

    def send(self, sender: str, *, data: Any = "", id: str | None = None, **tags: str) -> Result:
        self.count += 1
        return self.process.handle(
            {
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
        )

    def eval(self, code: str) -> Result:
        return self.send(OWNER, data=code, Action="Eval")

    def check(self) -> None:
        """An honest message is answered as ever."""
        answer = self.send(ALICE, data="42", Action="Ping")
        assert answer.error is None, answer.text
        assert [sent["Data"] for sent in answer["Messages"]] == ["pong 42"]


def attempt(target: Target, code: str) -> Result:
    start = time.perf_counter()
    result = target.eval(code)
    assert time.perf_counter() - start < SECONDS
    assert set(result) == {"Error"} or set(result) <= {"Output", "Messages", "Spawns", "Assignments"}
    return result


# Work of C that no hook interrupts; what ends it is the instruction limit.
BUSY = {
    "nested back-tracking": "return ('a'):rep(5000):find(('.-'):rep(8) .. 'b')",
    "back-tracking, anchored": "return ('a'):rep(50000):match('^(.-)(.-)(.-)b')",
    "back-tracking in a loop": "local s = ('a'):rep(300) while true do s:find('a*b') end",
    "optional items": "return ('a'):rep(28):find(('a?'):rep(28) .. ('a'):rep(28) .. 'b')",
    "quadratic find": "local s = ('a'):rep(1000000) while true do s:find('a*b') end",
    "quadratic gmatch": "for _ in ('a'):rep(1000000):gmatch('(.-)[\\n]') do end while true do end",
    "gsub that grows": "local s = ('a'):rep(100000) while true do s:gsub('a-b', 'b') end",
    "back-reference": "local s = ('a'):rep(200000) while true do s:find('(.*)%1b') end",
    "balance": "local s = ('('):rep(100000) while true do s:find('%b()') end",
    "frontier": "local s = ('a'):rep(1000000) while true do s:find('%f[b]') end",
    "a huge class": "local s, p = ('a'):rep(100000), '[' .. ('b'):rep(10000) .. ']' while true do s:find(p) end",
    "a huge pattern": "local s, p = ('a'):rep(100000), ('a'):rep(5000) .. '[b]' while true do s:find(p) end",
    "plain find": "local s = ('a'):rep(1000000) while true do s:find(('a'):rep(500000) .. 'b', 1, true) end",
    "rep": "while true do ('x'):rep(10000000) end",
    "concat": "local t = {} for i = 1, 100000 do t[i] = 'x' end while true do table.concat(t) end",
    "concat without end": "table.concat(setmetatable({}, {__index = rawlen}), '', 1, 1 << 62)",
    "insert without end": "table.insert(setmetatable({}, {__len = function() return 1 << 62 end}), 1, 'x')",
    "remove without end": "table.remove(setmetatable({}, {__len = function() return 1 << 62 end}), 1)",
    "insert in front": "local t = {} for i = 1, 1000000 do t[i] = i end while true do table.insert(t, 1, 1) table.remove(t, 1) end",
    "move without end": "table.move({}, 1, 1 << 60, 2)",
    "sort": "local t = {} for i = 1, 300000 do t[i] = i end while true do table.sort(t) end",
    "sort, odd order": "local t = {} for i = 1, 1000 do t[i] = i end while true do pcall(table.sort, t, function() return true end) end",
    "format": "local s = ('x'):rep(5000000) while true do string.format('%s%q', s, s) end",
    "upper": "local s = ('x'):rep(5000000) while true do s:upper() end",
    "reverse": "local s = ('x'):rep(5000000) while true do s:reverse() end",
    "sub": "local s = ('x'):rep(1000000) while true do s:sub(2) end",
    "byte": "local s = ('x'):rep(900000) while true do select('#', s:byte(1, -1)) end",
    "char": "local t = {} for i = 1, 200000 do t[i] = 65 end while true do string.char(table.unpack(t)) end",
    "pack": "while true do string.pack('c10000000', 'x') end",
    "utf8.len": "local s = ('x'):rep(1000000) while true do utf8.len(s) end",
    "utf8.codepoint": "local s = ('x'):rep(900000) while true do utf8.codepoint(s, 1, -1) end",
    "load of a huge source": "local s = ('x=1 '):rep(1000000) while true do load(s) end",
    "load of many labels": "local t = {} for i = 1, 100000 do t[i] = 'goto a' .. i .. ' ::a' .. i .. ':: ' end load(table.concat(t)) while true do end",
    "joining": "local s = 'x' while #s < 3e7 do s = s .. s end while true do local t = s .. 'a' end",
    "equality": "local s = 'x' while #s < 3e7 do s = s .. s end local a, b = s .. 'a', s .. 'a' while true do local x = a == b end",
    "order": "local s = 'x' while #s < 3e7 do s = s .. s end local a, b = s .. 'a', s .. 'b' while true do local x = a < b end",
    "next over the dead": "local t = {} for i = 1, 1000000 do t[i] = i end while true do local k = next(t) if k then t[k] = nil end end",
    "collecting": "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() end",
    "goto": "::again:: goto again",
    "long keys in pairs": "local t = {} for i = 1, 100 do t[('x'):rep(100000) .. i] = 1 end while true do for _ in pairs(t) do end end",
    "error object with a text": "Prompt = function() error(setmetatable({}, {__tostring = function() while true do end end})) end ao.nope()",
    "text of a result": "return setmetatable({}, {__pairs = function() while true do end end})",
    "__len": "return #setmetatable({}, {__len = function() while true do end end})",
    "__eq": "return setmetatable({}, {__eq = function() while true do end end}) == setmetatable({}, {})",
    "__concat": "return setmetatable({}, {__concat = function() while true do end end}) .. 'x'",
    "__index of an error": "error(setmetatable({}, {__index = function() while true do end end})) while true do end",
    "__pairs in the outbox": "ao.outbox.Messages = setmetatable({}, {__pairs = function() while true do end end, __index = function() while true do end end}) return 1",
    "yield in a comparison": "coroutine.wrap(function() pcall(table.sort, {3, 2, 1}, coroutine.yield) while true do end end)() while true do end",
    "coroutine of coroutines": "local function f() return coroutine.wrap(f)() end while true do pcall(f) end",
    "deep metamethods": "local t = {} setmetatable(t, {__index = function(_, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end",
}  # fmt: skip


@pytest.mark.parametrize("code", BUSY.values(), ids=BUSY)
def test_work_ends_at_the_limit(code: str):
    target = Target()
    result = attempt(target, code)
    if "error object" not in result.text and "__index of" not in code:
        assert result.error is not None
    target.check()


def test_work_that_instructions_do_not_show_ends_at_the_cpu_time_limit():
    target = Target()
    result = attempt(target, "local s = ('x'):rep(5000000)\nwhile true do\n  s:reverse()\nend")
    assert result.threw
    assert result.text == 'CPU time limit of 1 s for one message exceeded at [string "aos"]:3'
    target.check()


# What ends by itself: with an error, or with a result that is no different from the module's.
ODD = {
    "state of coroutines": "return tostring(coroutine.isyieldable()) .. coroutine.status(coroutine.running())",
    "resuming oneself": "return tostring(coroutine.resume(coroutine.running()))",
    "resuming the host's": "for _, co in pairs(Handlers.coroutines) do coroutine.resume(co) end return 1",
    "yield to the host": "coroutine.yield(1)",
    "yield across pcall": "pcall(coroutine.yield, 1)",
    "yield in an iterator": "for _ in coroutine.wrap(function() coroutine.yield(1) end) do end return 1",
    "yield in gsub": "return tostring(pcall(string.gsub, 'x', 'x', coroutine.yield))",
    "error with __gc": "error(setmetatable({}, {__gc = function() while true do end end}))",
    "error with __tostring": "error(setmetatable({}, {__tostring = function() return 5 end}))",
    "error nil": "error()",
    "string metatable": "getmetatable('').__index = function() error('gone') end return ('x'):rep(2)",
    "no string metatable": "debug.setmetatable('', nil) return 1",
    "nil metatable": "debug.setmetatable(nil, {__index = function() return nil end}) return 1",
    "cyclic Assignments": "local t = {} t.t = t ao.outbox.Assignments = t return 1",
    "cyclic Errors": "Errors = {} Errors[1] = Errors return Errors[2]",
    "cyclic Messages": "local t = {} t[1] = t ao.outbox.Messages = t return 1",
    "many tags": "local t = {} for i = 1, 100000 do t['k' .. i] = 'v' end ao.send({Target = 'x', Tags = t}) return 1",
    "deep JSON out": "local t = {} for i = 1, 100000 do t = {t} end return require('json').encode(t)",
    "deep JSON in": "return require('json').decode(('['):rep(100000))",
    "wrong JSON": "return require('json').decode('[' .. ('1,'):rep(200000) .. 'x')",
    "NaN": "ao.send({Target = 'x', Data = 0 / 0, Value = 1 / 0}) return 0 / 0",
    "infinite JSON": "return require('json').encode({1 / 0})",
    "deep stringify": "local t = {} for i = 1, 10000 do t = {t} end return t",
    "deep Dump": "local t = {} for i = 1, 1000 do t = {t} end return #Dump(t)",
    "deep clone": "local t = {} for i = 1, 100000 do t = {t} end ao.clone(t)",
    "deep Lua": "local function f() return 1 + f() end return f()",
    "deep C": "local function f() return select(2, pcall(f)) end return f()",
    "deep gsub": "local function f() return ('x'):gsub('x', f) end return f()",
    "deep sort": "local function f() table.sort({2, 1}, f) end return f()",
    "deep load": "return load(('('):rep(100000))",
    "deep __index": "local t = {} for i = 1, 10000 do t = setmetatable({}, {__index = t}) end return t.x",
    "cyclic __index": "local t = {} setmetatable(t, {__index = t}) return t.x",
    "deep tostring": "local t = setmetatable({}, {}) getmetatable(t).__tostring = tostring return tostring(t)",
    "captures": "return ('x'):find(('()'):rep(33))",
    "pattern too complex": "return ('x'):rep(300):find(('x?'):rep(300))",
    "load with an environment": "return load('x = 1 return _G', 'c', 't', {})()",
    "bytecode": "return load(string.dump(function() while true do end end))",
    "collector": "collectgarbage('stop') collectgarbage('setpause', -1) collectgarbage('step', -1 << 62) return collectgarbage('count') > 0",
    "io": "return io.open(nil) or io.read('*a') or io.write(1) and io.type(3)",
    "os": "return os.date('*t', 1 << 62)",
    "os.date": "return os.date('%Ez')",
    "require": "return require('../../etc/passwd')",
    "require a number": "return require(0 / 0)",
    "searchers": "package.searchers = nil package.preload = nil package.path = 5 return require('x')",
    "integer overflow": "return ('x'):sub(math.mininteger, math.maxinteger), ('x'):byte(math.mininteger), ('x'):rep(math.maxinteger)",
    "unpack": "return table.unpack({}, 1, 100000000)",
    "unpack all": "return table.unpack({}, math.mininteger, math.maxinteger)",
    "format": "return string.format('%99999d', 1)",
    "format precision": "return string.format('%.999f', 1)",
    "concat bounds": "return table.concat({}, '', math.mininteger, math.maxinteger)",
    "utf8.char": "return utf8.char(-1)",
    "utf8.codepoint": "return utf8.codepoint('x', 1, math.maxinteger)",
    "select": "return select(math.mininteger, 1)",
    "memory": "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end",
    "huge data": "ao.send({Target = 'x', Data = ('x'):rep(50000000)}) return 1",
    "handle": "return handle('{}', '{}')",
}  # fmt: skip


@pytest.mark.parametrize("code", ODD.values(), ids=ODD)
def test_oddities_end_cleanly(code: str):
    target = Target()
    attempt(target, code)
    attempt(target, "error('roll back')")
    target.eval("debug.setmetatable('', {__index = string}) debug.setmetatable(nil, nil) return 1")
    target.check()


# What the runtime uses, replaced and kept so. `require` is missing: AO's own code calls the global one in each message.
TAKEN = (
    *("tostring", "type", "pairs", "ipairs", "next", "error", "pcall", "select", "setmetatable", "assert", "print"),
    *("table.insert", "table.remove", "table.concat", "table.unpack", "string.format", "string.find", "string.gsub"),
    *("string.lower", "string.rep", "coroutine.create", "coroutine.resume", "debug.getinfo", "os.time", "math.random"),
    *("package.loaded", "package.loaded['.utils']", "package.searchers", "package.preload", "_G._G", "handle"),
)


@pytest.mark.parametrize("value", ["nil", "5", "function() error('taken') end"])
def test_taking_what_the_runtime_uses_changes_nothing(value: str):
    for name in TAKEN:
        target = Target()
        attempt(target, f"{name} = {value}")
        target.check()


REPLACED = {
    **{
        name: f"{name} = VALUE"
        for name in ("Handlers", "Handlers.list", "Handlers.evaluate", "Handlers.utils", "require")
    },
    **{
        name: f"{name} = VALUE"
        for name in ("ao", "ao.outbox", "ao.send", "ao.isTrusted", "ao.result", "string", "table")
    },
    **{name: f"{name} = VALUE" for name in ("Inbox", "Prompt", "Owner", "os.time", "print")},
    "string metatable": "debug.setmetatable('', VALUE)",
    "__index of strings": "getmetatable('').__index = VALUE",
    "nil metatable": "debug.setmetatable(nil, VALUE)",
    "function metatable": "debug.setmetatable(print, VALUE)",
    "metatable of _G": "setmetatable(_G, VALUE)",
    "metatable of the outbox": "setmetatable(ao.outbox, VALUE)",
    "contents of Handlers": "for name in pairs(Handlers) do Handlers[name] = VALUE end",
    "contents of ao": "for name in pairs(ao) do ao[name] = VALUE end",
    "contents of string": "for name in pairs(string) do string[name] = VALUE end",
}
VALUES = {
    "nil": "nil",
    "number": "5",
    "function": "function() error('taken') end",
    "loop": "setmetatable({}, {__index = function() while true do end end, __call = function() while true do end end})",
    "odd length": "setmetatable({}, {__len = function() return 1 << 62 end, __index = function(t) return t end})",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("code", REPLACED.values(), ids=REPLACED)
def test_what_a_failing_message_replaced_is_back_for_the_next(code: str, value: str):
    target = Target()
    failing = code.replace("VALUE", "(" + value + ")")
    attempt(target, f"{failing} Later = 1 local x = nil + 1")
    assert target.process.read("Later") is None
    target.check()
    attempt(target, f"Sent = 0 {failing} while true do end")
    target.check()
    target.process.dry_run({**BASE, "Id": "d", "Data": failing, "Tags": [{"name": "Action", "value": "Eval"}]})
    target.check()


@pytest.mark.parametrize(
    "name", ["Handlers.list", "Handlers.coroutines", "Inbox", "Errors", "HANDLER_PRINT_LOGS", "ao.outbox", "ao", "Handlers",
             "Utils", "Colors", "Name", "Owner", "ao.authorities", "ao.assignables", "Prompt"]
)  # fmt: skip
@pytest.mark.parametrize(
    "value",
    [
        "nil",
        "5",
        "setmetatable({}, {__len = function() return 1 << 62 end})",
        "setmetatable({}, {__index = function(t, k) return t end, __len = function() return 3 end})",
        "setmetatable({}, {__index = function(t, k) while true do end end})",
    ],
)
def test_the_state_of_the_runtime_replaced_by_odd_things(name: str, value: str):
    target = Target()
    attempt(target, f"{name} = {value}")
    start = time.perf_counter()
    result = target.send(ALICE, data="1", Action="Ping")
    target.send(ALICE, data="1", Action="Nobody")
    assert time.perf_counter() - start < 2 * SECONDS
    assert set(result) == {"Error"} or set(result) <= {"Output", "Messages", "Spawns", "Assignments"}


HUGE = {
    "data": {"data": "x" * 50_000_000},
    "tags": {f"T{n}": "v" for n in range(100_000)},
    "wrong JSON": {"data": "[" + "1," * 500_000 + "x", "Content_Type": "application/json"},
    "deep JSON": {"data": "[" * 1_000_000, "Content_Type": "application/json"},
    "pattern": {"Action": "(" * 1000},
    "name": {"x" * 100_000: "y"},
}


@pytest.mark.parametrize("about", HUGE.values(), ids=HUGE)
def test_a_huge_message_is_answered_or_refused(about: dict[str, str]):
    target = Target()
    start = time.perf_counter()
    result = target.send(ALICE, **about)
    assert time.perf_counter() - start < SECONDS
    assert set(result) == {"Error"} or set(result) <= {"Output", "Messages", "Spawns", "Assignments"}
    target.check()


def test_a_tag_of_a_stranger_cannot_stall_a_pattern_of_the_process():
    target = Target()
    target.eval("Handlers.prepend('slow', {Word = '^(.-)(.-)(.-)(.-)x$'}, print)")
    start = time.perf_counter()
    assert target.send(ALICE, Word="a" * 20_000).text.startswith(LIMITS)
    assert time.perf_counter() - start < SECONDS
    target.check()


# What the functions say stays what Lua's own say, with the place of the call.
SAYS = {
    "('x'):rep({})": "bad argument #1 to 'rep' (number expected, got table)",
    "string.rep('x', {})": "bad argument #2 to 'rep' (number expected, got table)",
    "string.find(nil)": "bad argument #1 to 'find' (string expected, got nil)",
    "('x'):find('[')": "malformed pattern (missing ']')",
    "('x'):gsub('x', '%2')": "invalid capture index %2",
    "('x'):gsub('x')": "bad argument #2 to 'gsub' (string/function/table expected)",
    "table.concat({{}})": "invalid value (table) at index 1 in table for 'concat'",
    "table.insert({}, 5, 1)": "bad argument #2 to 'insert' (position out of bounds)",
    "table.insert({})": "wrong number of arguments to 'insert'",
    "table.sort(5)": "bad argument #1 to 'sort' (table expected, got number)",
}


@pytest.mark.parametrize(("call", "text"), SAYS.items())
def test_errors_are_those_of_lua(call: str, text: str):
    target = Target()
    shown = target.eval(f"local ok, why = pcall(function() local x = {call} end) return why").text
    assert shown.endswith(f'[string "aos"]:1: {text}')
