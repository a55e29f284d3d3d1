"""What each assertion accepts, and what it says when it fails."""

from __future__ import annotations

import pytest

PASSING = """
assert.is_true(true)
assert.is_false(false)
assert.is_nil(nil)
assert.is_not_nil(false)
assert.not_nil(0)
assert.truthy(0)
assert.is.truthy("")
assert.falsy(nil)
assert.is_falsy(false)
assert.equal(1, 1.0)
assert.equals("a", "a")
assert.are.equal(nil, nil)
assert.are_not.equal({}, {})
assert.is_not.equal(1, "1")
assert.not_equal(0/0, 0/0)
assert.same({ 1, { a = { true } } }, { 1, { a = { true } } })
assert.are.same("x", "x")
assert.are_not.same({ 1, 2 }, { 1 })
assert.are_not.same({ 1 }, { 1, 2 })
assert.are_not.same({ a = false }, {})
assert.is_string("")
assert.is_number(1)
assert.is_boolean(false)
assert.is_table({})
assert.is_function(print)
assert.is_thread(coroutine.create(print))
assert.is_userdata(io.stdout)
assert.is_not_string(1)
assert.is_not.table(nil)
assert.matches("^a.c$", "abc")
assert.has.match("%d+", 12)
assert.matches("a.c", "xa.c", 2, true)
assert.does_not.match("^b", "abc")
assert.does_not_match("a", nil)
assert.near(1.0, 1.05, 0.1)
assert.is_not.near(1, 2, 0.5)
assert.is_unique({ 1, 2, 3 })
assert.is_not.unique({ 1, 2, 1 })
assert.is_unique({ { 1 }, { 1 } })
assert.is_not.unique({ { 1 }, { 1 } }, true)
assert.has_error(function() error("boom") end)
assert.has.errors(function() error({ code = 1 }) end)
assert.has_error(function() error("boom") end, "boom")
assert.has_error(function() error("boom", 0) end, "boom")
assert.has_error(function() error({ code = 1 }) end, { code = 1 })
assert.has_error(function() error() end)
assert.has_no.errors(function() end)
assert.has_no_error(function() end)
assert.does_not.error(function() end)
assert.has_no.errors(function() error("other") end, "boom")
assert.error_matches(function() error("one two") end, "tw.$")
assert.has.error.matches(function() error("one two") end, "^x_spec.lua:%d+: one")
assert.error_matches(function() error(setmetatable({}, { __tostring = function() return "object" end })) end, "^obj")
assert.error_matches(function() error("a.b") end, ".b", 1, true)
assert.has_no.error_match(function() error("one") end, "two")
assert.has_error(function() assert.equal(1, 2) end)
assert.True(true)
assert.is._true(true)
assert.Is.Not.Nil(1)
assert.is_not_not_nil(nil)
assert.equal(3, select("#", assert(1, 2, 3)))
assert.equal("second", select(2, assert("first", "second")))
assert.equal(5, assert.is_number(5))
assert.equal("no", select(2, pcall(assert, false, "no")):match("no"))
"""

FAILING = {
    "assert.is_true(1)": "Expected to be true, but value was:\n(number) 1",
    "assert.is_not_true(true)": "Expected to not be true, but value was:\n(boolean) true",
    "assert.is_nil(false)": "Expected to be nil, but value was:\n(boolean) false",
    "assert.is_not_nil(nil)": "Expected to not be nil, but value was:\n(nil)",
    "assert.truthy(false)": "Expected to be truthy, but value was:\n(boolean) false",
    "assert.is_string(5)": "Expected to be a string, but value was:\n(number) 5",
    "assert.equal(1, 2)": "Expected objects to be equal.\nPassed in:\n(number) 2\nExpected:\n(number) 1",
    'assert.equal("1", 1)': "Expected objects to be equal.\nPassed in:\n(number) 1\nExpected:\n(string) '1'",
    "assert.are_not.equal(1, 1)": (
        "Expected objects to not be equal.\nPassed in:\n(number) 1\nDid not expect:\n(number) 1"
    ),
    "assert.same({ 1, { a = 2, b = 3 } }, { 1, { a = 2, b = 4 } })": (
        "Expected objects to be the same.\nPassed in:\n(table) {\n  [1] = 1\n *[2] = {\n    [a] = 2\n   *[b] = 4 } }\n"
        "Expected:\n(table) {\n  [1] = 1\n *[2] = {\n    [a] = 2\n   *[b] = 3 } }"
    ),
    "assert.same({}, { 'x' })": (
        "Expected objects to be the same.\nPassed in:\n(table) {\n *[1] = 'x' }\nExpected:\n(table) { }"
    ),
    "assert.same({ a = 1 }, nil)": (
        "Expected objects to be the same.\nPassed in:\n(nil)\nExpected:\n(table) {\n  [a] = 1 }"
    ),
    'assert.matches("^b", "abc")': ("Expected strings to match.\nPassed in:\n(string) 'abc'\nExpected:\n(string) '^b'"),
    "assert.near(1, 2, 0.5)": "Expected values to be near.\nPassed in:\n(number) 2\nExpected:\n(number) 1 +/- 0.5",
    "assert.is_unique({ 'a', 'a' })": "Expected object to be unique:\n(table) {\n  [1] = 'a'\n *[2] = 'a' }",
    "assert.has_error(function() end)": "Expected an error.\nCaught:\n(no error)\nExpected:\n(error)",
    'assert.has_error(function() error("a", 0) end, "b")': (
        "Expected a different error.\nCaught:\n(string) 'a'\nExpected:\n(string) 'b'"
    ),
    'assert.has_no.errors(function() error("a", 0) end)': "Expected no error, but caught:\n(string) 'a'",
    'assert.error_matches(function() error("a", 0) end, "b")': (
        "Expected a different error.\nCaught:\n(string) 'a'\nExpected:\n(string) 'b'"
    ),
    'assert.equal(1, 2, "they differ")': (
        "they differ\nExpected objects to be equal.\nPassed in:\n(number) 2\nExpected:\n(number) 1"
    ),
    'assert(false, "plain message")': "plain message",
    "assert(nil)": "assertion failed!",
    "assert.equal(1)": "`equal` needs 2 arguments and got 1",
    "assert.is_wrong(1)": "there is no assertion `wrong` (`is_wrong`)",
    "assert.has_error(5)": "`error` needs a function to call and got a number; wrap the call in `function() ... end`",
    "assert.matches({}, 'x')": "bad argument #1 to 'find' (string expected, got table)",
    'assert.near(1, "x", 2)': "`near` needs numbers: expected, actual, tolerance",
}


@pytest.mark.parametrize("line", PASSING.strip().splitlines())
def test_it_holds(check_lines, line):
    assert check_lines(line) == ""


@pytest.mark.parametrize("line", FAILING)
def test_it_fails_and_says_what_was_expected_and_what_came(check_lines, line):
    assert check_lines(line) == FAILING[line]


@pytest.mark.parametrize(
    "table",
    ["local t = { 1 }; t.self = t; return t", "local t = { 1 }; t.self = { 1, self = t }; return t"],
)
def test_same_ends_with_tables_inside_themselves(check_lines, table):
    head = f"local a = (function() {table} end)(); local b = (function() {table} end)(); "
    assert check_lines(head + "assert.same(a, b)") == ""
    assert "[1] = 2\n" in check_lines(head + "b[1] = 2; assert.same(a, b)")


def test_same_respects_eq(check_lines):
    head = (
        "local meta = { __eq = function(a, b) return a.n % 10 == b.n % 10 end };"
        "local function new(n) return setmetatable({ n = n, other = {} }, meta) end;"
    )
    assert check_lines(head + "assert.same({ new(3) }, { new(13) })") == ""
    assert "*[1]" in check_lines(head + "assert.same({ new(3) }, { new(14) })")


def test_keys_are_shown_in_one_order(check_lines):
    text = check_lines("assert.same({}, { b = 1, a = 2, [10] = 3, [2] = 4, [true] = 5 })")
    keys = [line.split("[")[1].split("]")[0] for line in text.splitlines() if "] =" in line]
    assert keys == ["2", "10", "a", "b", "true"]


def test_a_huge_table_is_cut_but_its_difference_is_shown(check_lines):
    head = "local a, b = {}, {}; for i = 1, 5000 do a[i], b[i] = i, i end; b[4321] = 'here'; "
    text = check_lines(head + "assert.same(a, b)")
    assert " *[4321] = 'here'" in text
    assert "... more" in text
    assert len(text.splitlines()) < 500


def test_assertions_do_not_need_the_globals_that_a_suite_replaces(check_lines):
    assert check_lines("type, tostring, table, pairs, error = nil; assert.same({ a = 1 }, { a = 1 })") == ""
