"""What a failing suite looks like: place, message, code, traceback; and that it never takes the run with it."""

from __future__ import annotations

import pytest


def test_a_failure_shows_place_code_expected_and_actual(run_suite):
    run = run_suite('describe("sum", function()\n  it("adds", function()\n    assert.equal(4, 2 + 3)\n  end)\nend)\n')
    assert run.texts["sum::adds"] == (
        "x_spec.lua:3: Expected objects to be equal.\n"
        "Passed in:\n(number) 5\nExpected:\n(number) 4\n"
        "\n    |\n  3 |     assert.equal(4, 2 + 3)\n    |"
    )
    assert run.summaries["sum::adds"] == (
        "x_spec.lua:3: Expected objects to be equal. Passed in: (number) 5 Expected: (number) 4"
    )
    assert run.code == 1


def test_a_failure_in_other_code_shows_the_way_there(run_suites):
    run = run_suites(
        src__helper="local M = {}\nfunction M.check(v)\n  require('luassert').is_string(v)\nend\nreturn M\n",
        test__a_spec='local helper = require("helper")\nit("x", function()\n  helper.check(5)\n  print()\nend)\n',
    )
    text = run.texts["test/a_spec.lua::x"]
    assert text.startswith(
        "src/helper.lua:3: Expected objects to be the same.\nPassed in:\n(number) 5\nExpected:\ntype string\n"
    )
    assert text.endswith(
        "stack traceback:\n    src/helper.lua:3: in field 'check'\n"
        "    test/a_spec.lua:3: in function <test/a_spec.lua:2>"
    )


def test_the_level_of_an_error_is_respected(run_suite):
    run = run_suite(
        """
local function strict(v)
  error("bad value " .. v, 2)
end
it("x", function()
  strict("5")
  print()
end)
"""
    )
    assert run.texts["x"].startswith("x_spec.lua:6: bad value 5\n")


def test_a_rethrown_error_keeps_its_place(run_suite):
    run = run_suite(
        """
local function thrower() error("deep down") end
it("x", function()
  local ok, err = pcall(thrower)
  error(err, 0)
end)
"""
    )
    assert run.texts["x"].startswith("x_spec.lua:2: deep down\n")


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        ("error({ code = 7 })", "error object is (table) {\n  [code] = 7 }"),
        ("error(setmetatable({}, { __tostring = function() return 'I am text' end }))", "I am text"),
        ("error(setmetatable({}, { __tostring = function() error('no') end }))", "error object is a table value"),
        ("error()", "error object is (nil)"),
        ("error(true)", "error object is (boolean) true"),
        ("error(42)", "42"),
        ("local x; x.y = 1", "attempt to index a nil value (local 'x')"),
        ("string.rep(1, {})", "bad argument #2 to 'rep' (number expected, got table)"),
        ('require("no.such")', "module 'no.such' not found:"),
        ("coroutine.yield()", "attempt to yield from outside a coroutine"),
        ("coroutine.wrap(function() error('in a coroutine') end)()", "in a coroutine"),
        ("return assert.equal(1, 2)", "Expected objects to be equal."),
    ],
)
def test_every_raised_value_is_told(run_suite, raised, message):
    run = run_suite(
        f'it("before", function() end)\nit("x", function()\n  {raised}\nend)\nit("after", function() end)\n'
    )
    result = "failed" if "assert" in raised else "error"
    assert run.outcomes == {"before": "passed", "x": result, "after": "passed"}
    place, _, text = run.texts["x"].partition(": ")
    assert text.startswith(message)
    assert place == ("x_spec.lua:2" if raised.startswith("return") else "x_spec.lua:3")


def test_a_deep_stack_is_cut_in_its_middle(run_suite):
    run = run_suite('local function f(n)\n  return 1 + f(n + 1)\nend\nit("x", function()\n  print(f(0))\nend)\n')
    text = run.texts["x"]
    assert text.startswith("x_spec.lua:2: stack overflow")
    assert "\n    ...\n" in text
    assert text.endswith("x_spec.lua:5: in function <x_spec.lua:4>")
    assert len(text.splitlines()) < 40


def test_a_suite_that_does_not_compile_fails_alone(run_suites):
    run = run_suites(
        bad_spec='describe("x", function()\n  it("y" function() end)\nend)\n', good_spec='it("x", function() end)'
    )
    assert run.outcomes == {"bad_spec.lua": "error", "good_spec.lua::x": "passed"}
    assert run.texts["bad_spec.lua"] == (
        "bad_spec.lua:2: ')' expected near 'function'\n\n    |\n  2 |   it(\"y\" function() end)\n    |"
    )
    assert run.code == 1


def test_an_error_at_load_fails_the_file(run_suites):
    run = run_suites(bad_spec='it("x", function() end)\nerror("while loading")\n', good_spec='it("x", function() end)')
    assert run.outcomes == {"bad_spec.lua": "error", "good_spec.lua::x": "passed"}
    assert run.texts["bad_spec.lua"].startswith("bad_spec.lua:2: while loading\n")


def test_an_error_in_a_block_fails_the_block(run_suite):
    run = run_suite(
        'describe("bad", function()\n  it("x", function() end)\n  error("in the block")\nend)\n'
        'describe("good", function() it("x", function() end) end)\n'
    )
    assert run.outcomes == {"bad": "error", "good::x": "passed"}
    assert run.texts["bad"].startswith("x_spec.lua:3: in the block\n")


def test_a_module_that_does_not_compile_is_named(run_suites):
    run = run_suites(src__broken="x = = 1\n", test__a_spec='\nlocal broken = require("broken")\n')
    assert run.texts["test/a_spec.lua"].startswith("test/a_spec.lua:2: error loading module 'broken'")
    assert "src/broken.lua:1: unexpected symbol near '='" in run.texts["test/a_spec.lua"]


@pytest.mark.parametrize(
    "loop",
    [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "coroutine.wrap(function() while true do end end)()",
        "local co = coroutine.create(function() repeat until false end); coroutine.resume(co)",
    ],
)
def test_an_endless_loop_fails_its_test(run_suite, loop):
    run = run_suite(f'it("loops", function() {loop} end)\nit("after", function() end)\n', "--lua-timeout=0.05")
    assert run.outcomes == {"loops": "error", "after": "passed"}
    assert run.texts["loops"].startswith(
        "x_spec.lua:1: no end after 0.05 s of CPU time; `--lua-timeout` sets the limit\n"
    )


def test_an_endless_loop_at_load_fails_its_file(run_suites):
    run = run_suites("--lua-timeout=0.05", a_spec="\nwhile true do end", b_spec='it("x", function() end)')
    assert run.outcomes == {"a_spec.lua": "error", "b_spec.lua::x": "passed"}
    assert run.texts["a_spec.lua"].startswith("a_spec.lua:2: no end after 0.05 s")


def test_memory_is_limited(run_suite):
    run = run_suite(
        'it("eats", function() local s = ("x"):rep(1e6); while true do s = s .. s end end)\n'
        'it("after", function() end)\n'
    )
    assert run.outcomes == {"eats": "error", "after": "passed"}
    assert run.texts["eats"].startswith("x_spec.lua:1: not enough memory")


@pytest.mark.parametrize("call", ["os.exit(3)", "pcall(os.exit, 3)", "coroutine.wrap(os.exit)(3)"])
def test_os_exit_fails_its_test_only(run_suite, call):
    run = run_suite(f'it("exits", function()\n  {call}\n  print("on")\nend)\nit("after", function() end)\n')
    assert run.outcomes == {"exits": "error", "after": "passed"}
    assert "the suite called `os.exit(3)`" in run.texts["exits"]


def test_os_exit_at_load_fails_its_file(run_suites):
    run = run_suites(a_spec="os.exit()", b_spec='it("x", function() end)')
    assert run.outcomes == {"a_spec.lua": "error", "b_spec.lua::x": "passed"}
    assert run.texts["a_spec.lua"].startswith("a_spec.lua:1: the suite called `os.exit()`\n")


def test_what_a_suite_prints_is_captured_in_order(run_suite):
    run = run_suite(
        """
it("prints", function()
  print("one", nil, 2, setmetatable({}, { __tostring = function() return "object" end }))
  io.write("two ", 3, "\\n")
  io.stdout:write("three\\n")
  print()
  print("a\\0b \\xff")
end)
it("prints other", function() print("other") end)
""",
        "--capture=fd",
    )
    assert run.printed["prints"] == "one\tnil\t2\tobject\ntwo 3\nthree\n\na\0b \ufffd\n"
    assert run.printed["prints other"] == "other\n"


def test_a_shebang_and_a_bom_are_no_lua(run_suites, tmp_path):
    (tmp_path / "a_spec.lua").write_bytes(b'\xef\xbb\xbf#!/usr/bin/env lua\nit("x", function()\n  error("here")\nend)')
    run = run_suites()
    assert run.texts["a_spec.lua::x"].startswith("a_spec.lua:3: here\n")


def test_an_empty_suite_has_no_tests(run_suites):
    run = run_suites(a_spec="")
    assert run.outcomes == {}
    assert run.code == 5


def test_a_suite_that_cannot_be_read_says_so(run_suites, tmp_path):
    (tmp_path / "a_spec.lua").symlink_to(tmp_path / "nothing.lua")
    run = run_suites("a_spec.lua")
    assert run.code == 4
