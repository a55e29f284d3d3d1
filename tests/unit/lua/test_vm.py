"""The Lua virtual machine."""

from __future__ import annotations

import pytest

from tim3tool.lua.vm import LuaFailure, LuaVM, is_function, is_table, syntax_error, to_python


def test_values_cross_as_themselves():
    values = (b"\xff\0", 2**63 - 1, -1.5, True, None, b"end")
    assert LuaVM().run(b"return ...", "=echo", *values) == values
    assert LuaVM().run(b"return", "=none") == ()
    assert [type(value) for value in LuaVM().run(b"return 1, 1.0, 2^53 | 0", "=numbers")] == [int, float, int]


def test_a_python_callable_can_be_handed_in():
    seen: list[bytes] = []
    LuaVM().run(b"local note = ... note('a') note('b')", "=calls", seen.append)
    assert seen == [b"a", b"b"]


def test_vms_share_nothing():
    one, other = LuaVM(), LuaVM()
    one.run(b"x, package.loaded.m = 1, 2", "=one")
    assert other.run(b"return x, package.loaded.m", "=other") == (None, None)


def test_python_is_closed():
    vm = LuaVM()
    assert vm.run(b"return python, package.loaded.python, pcall(require, 'python')", "=look")[:3] == (None, None, False)
    with pytest.raises(LuaFailure):
        vm.run(b"return (...).__globals__", "=reach", lambda: None)


def test_a_failure_says_where_and_how_lua_came_there():
    with pytest.raises(LuaFailure) as caught:
        LuaVM().run(b"local function inner()\n error('no')\nend\ninner()", "@src/x.lua")
    assert caught.value.message == "src/x.lua:2: no"
    assert "src/x.lua:4: in main chunk" in caught.value.traceback


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (b"{code = 7}", "error object is a table value"),
        (b"setmetatable({}, {__tostring = function() return 'mine' end})", "mine"),
        (b"nil", "error object is a nil value"),
        (b"42", "42"),
    ],
)
def test_anything_can_be_raised(raised, message):
    with pytest.raises(LuaFailure) as caught:
        LuaVM().run(b"error(" + raised + b")", "=raise")
    assert caught.value.message == message


def test_a_raised_table_is_kept():
    with pytest.raises(LuaFailure) as caught:
        LuaVM().run(b"error({code = 7})", "=raise")
    assert to_python(caught.value.value) == {"code": 7}


def test_only_text_is_loaded():
    vm = LuaVM()
    (binary,) = vm.run(b"return string.dump(function() end)", "=dump")
    with pytest.raises(LuaFailure, match="attempt to load a binary chunk"):
        vm.load(binary, "=binary")


def test_replacing_the_globals_does_not_break_the_vm():
    vm = LuaVM()
    vm.run(b"load, xpcall, debug, tostring, type = nil", "=vandal")
    with pytest.raises(LuaFailure, match="still"):
        vm.run(b"error('still')", "=after")


def test_memory_is_limited():
    vm = LuaVM(memory_limit=2_000_000)
    with pytest.raises(LuaFailure, match="not enough memory"):
        vm.run(b"local t = {} for i = 1, 1e9 do t[i] = i .. 'x' end", "=eat")
    vm.collect_garbage()
    assert vm.memory_used < 1_000_000
    assert vm.run(b"return 'alive'", "=after") == (b"alive",)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"return 1", None),
        (b"x =\n= 1", (2, "unexpected symbol near '='")),
        (b"x = 'a\nb'", (1, "unfinished string near ''a'")),
        (b"if x then\n", (2, "'end' expected (to close 'if' at line 1) near <eof>")),
    ],
)
def test_lua_judges_syntax(source, expected):
    assert syntax_error(source) == expected
    assert syntax_error(source, "@dir:12: odd/x.lua") is None or expected


def test_tables_go_in_and_come_out():
    vm = LuaVM()
    value = {"list": [1, 2.5, "é"], "nested": {"yes": True}, "empty": {}}
    table = vm.table(value)
    assert is_table(table)
    assert to_python(table) == value
    assert vm.run(b"local t = ... return t.list[3], #t.list, t.nested.yes", "=read", table) == ("é".encode(), 3, True)


def test_every_lua_value_becomes_plain_data():
    (table,) = LuaVM().run(b"local t = {[1] = 'a', [3] = 'c'} t.f, t.out = print, io.stdout t.me = t return t", "=make")
    assert to_python(table) == {1: "a", 3: "c", "f": "<function>", "out": "<userdata>", "me": "<circular>"}
    assert to_python(b"\xff") == "\ufffd"
    assert to_python(b"\xff", decode=bytes.hex) == "ff"
    assert to_python(table[b"f"]) == "<function>"


def test_functions_are_told_apart():
    vm = LuaVM()
    assert is_function(vm.load(b"return 1", "=one"))
    assert not is_function(vm.table({}))
    assert not is_table(b"text")


def test_own_lua_is_compiled_once_and_says_where_it_fails():
    for _ in range(2):
        vm = LuaVM()
        own = vm.load_own(b"local x = ...\nif x then error(x) end\nreturn y", "=own")
        vm.globals[b"y"] = 5
        assert vm.call(own, None) == (5,)
        with pytest.raises(LuaFailure, match="own:2: oh"):
            vm.call(own, b"oh")


def test_own_lua_that_does_not_compile_is_an_error():
    with pytest.raises(LuaFailure, match="own:1: unexpected symbol"):
        LuaVM().load_own(b"=", "=own")
