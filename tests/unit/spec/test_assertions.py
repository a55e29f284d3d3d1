"""What each assertion accepts, and what it says when it fails."""

from __future__ import annotations

import re

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
assert.does_not_match("a", 5)
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
assert.has.error.matches(function() error("one two") end, "^one")
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
assert.equal("failure", getmetatable(select(2, pcall(assert.is_true, false))).__type)
assert.equal("failure", getmetatable(select(2, pcall(assert.near, 1))).__type)
assert.equal("string", type(select(2, pcall(assert.unique, 5))))
assert.equal("string", type(select(2, pcall(assert.is_wrong, 5))))
local code = { 7 } assert.equal(code, select(2, pcall(assert, false, code)).message)
local other = assert.is_not.equal other(1, 2) other(1, 2)
assert.equal("no", select(2, pcall(assert, false, "no")).message)
assert.equal("no", tostring(select(2, pcall(assert, false, "no"))))
"""

# Their full texts are compared with those of luassert in tests/conformance/test_luassert.py.
FAILING = {
    "assert.is_true(1)": "Expected objects to be the same.\nPassed in:\n(number) 1\nExpected:\n(boolean) true",
    "assert.is_not_nil(nil)": "Expected objects to not be the same.\nPassed in:\n(nil)\nDid not expect:\ntype nil",
    "assert.truthy(false)": "Expected to be truthy, but value was:\n(boolean) false",
    "assert.equal(1, 2)": "Expected objects to be equal.\nPassed in:\n(number) 2\nExpected:\n(number) 1",
    "assert.same({ 1, { a = 2, b = 3 } }, { 1, { a = 2, b = 4 } })": (
        "Expected objects to be the same.\nPassed in:\n(table: 0x) {\n  [1] = 1\n *[2] = {\n    [a] = 2\n   *[b] = 4 } }\n"
        "Expected:\n(table: 0x) {\n  [1] = 1\n *[2] = {\n    [a] = 2\n   *[b] = 3 } }"
    ),
    "assert.has_error(function() end)": "Expected a different error.\nCaught:\n(no error)\nExpected:\n(error)",
    'assert.has_no.errors(function() error("a", 0) end)': "Expected no error, but caught:\n(string) 'a'",
    'assert.equal(1, 2, "they differ")': (
        "they differ\nExpected objects to be equal.\nPassed in:\n(number) 2\nExpected:\n(number) 1"
    ),
    'assert(false, "plain message")': "plain message",
    "assert(nil)": "assertion failed!",
    "assert()": "assertion failed!",
    "assert.equal(1)": "the 'equals' function requires a minimum of 2 arguments, got: 1",
    "assert.is_wrong(1)": "luassert: unknown modifier/assertion: 'is_wrong'",
    "assert.has_error(5)": "bad argument #1 to 'error' (function or callable object expected, got number)",
    "assert.matches({}, 'x')": "bad argument #1 to 'matches' (string expected, got table)",
    "assert.matches('[', 'x')": "malformed pattern (missing ']')",
    'assert.near(1, "x", 2)': (
        "bad argument #2 to 'near' (number or object convertible to a number expected, got (string) 'x')"
    ),
    "assert.unique(5)": "bad argument #1 to 'unique' (table expected, got number)",
    "assert.array(5).has.holes()": "bad argument #1 to 'array' (table expected, got number)",
    "assert.has.holes()": "No array set, please use the array modifier to set the array to validate",
    "assert.array({}).has.holes('x')": "expected array length to be of type 'number', got: x",
    "local s = assert:snapshot() s:revert() s:revert()": "Value provided is not a valid snapshot",
    "assert:set_parameter(nil, 1)": "a parameter needs a name",
}


@pytest.mark.parametrize("line", PASSING.strip().splitlines())
def test_it_holds(check_lines, line):
    assert check_lines(line) == ""


@pytest.mark.parametrize("line", FAILING)
def test_it_fails_and_says_what_was_expected_and_what_came(check_lines, line):
    assert re.sub("0x[0-9a-f]+", "0x", check_lines(line)) == FAILING[line]


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
    assert check_lines(head + "assert.same({ new(3) }, { { n = 3, other = {} } })") == ""
    assert "*[n]" in check_lines(head + "assert.same(new(3), new(13))")


def test_keys_are_shown_in_one_order(check_lines):
    text = check_lines("assert.same({}, { b = 1, a = 2, [10] = 3, [2] = 4, [true] = 5 })")
    keys = [line.split("[")[1].split("]")[0] for line in text.splitlines() if "] =" in line]
    assert keys == ["2", "10", "true", "a", "b"]


def test_a_huge_table_is_cut_but_its_difference_is_shown(check_lines):
    head = "local a, b = {}, {}; for i = 1, 5000 do a[i], b[i] = i, i end; b[4321] = 'here'; "
    text = check_lines(head + "assert.same(a, b)")
    assert " *[4321] = 'here'" in text
    assert "... more" in text
    assert len(text.splitlines()) < 500


def test_assertions_do_not_need_the_globals_that_a_suite_replaces(check_lines):
    assert check_lines("type, tostring, table, pairs, error = nil; assert.same({ a = 1 }, { a = 1 })") == ""
