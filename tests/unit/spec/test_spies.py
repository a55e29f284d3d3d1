"""Spies, stubs, mocks, matchers, and what is said about their calls."""

from __future__ import annotations

import pytest

PASSING = [
    """local s = spy.new(function(a) return a * 2 end)
    assert.equal(6, s(3)); assert.spy(s).was.called(); assert.spy(s).was_called(1); assert.spy(s).was.called_with(3)
    assert.spy(s).was_not.called_with(4); assert.spy(s).has.returned_with(6); assert.is_true(spy.is_spy(s))
    s.clear(); assert.spy(s).was_not.called()""",
    """local t = { f = function() return "real" end }; local s = spy.on(t, "f")
    assert.equal("real", t.f(1, nil)); assert.spy(t.f).was.called_with(1, nil); assert.spy(t.f).was_not.called_with(1)
    t.f:revert(); assert.is_function(t.f); assert.equal("real", t.f()); assert.spy(s).was.called(1)""",
    """local s = spy.new(); s(); s(); s()
    assert.spy(s).was.called_at_least(3); assert.spy(s).was.called_at_most(3); assert.spy(s).was.called_more_than(2)
    assert.spy(s).was.called_less_than(4); assert.spy(s).was_not.called_at_least(4)""",
    """local arg = { 1 }; local s = spy.new(); s(arg); arg[1] = 2
    assert.spy(s).was.called_with({ 1 }); assert.spy(s).was.called_with(match.is_ref(arg))""",
    """local t = { f = function() error("real") end }; stub(t, "f")
    assert.equal(0, select("#", t.f(1))); assert.stub(t.f).was.called_with(1)""",
    """local t = { f = print }; local s = stub(t, "f", 1, nil, 3)
    assert.equal(3, select("#", t.f())); s.returns(7); assert.equal(7, t.f())
    s.invokes(function(a) return a + 1 end); assert.equal(5, t.f(4))
    s.on_call_with("x").returns("special"); assert.equal("special", t.f("x")); assert.equal(2, t.f(1))
    s.by_default.returns("default"); assert.equal("default", t.f("y"))""",
    """local s = stub.new(); s(1); assert.stub(s).was.called(1)""",
    """local t = { a = function() return 1 end, inner = { b = function() return 2 end }, n = 5 }; t.self = t
    assert.equal(t, mock(t)); assert.equal(2, t.inner.b()); assert.spy(t.inner.b).was.called(1)
    mock.clear(t); assert.spy(t.inner.b).was_not.called(); mock.revert(t); assert.is_function(t.inner.b)""",
    """local t = { a = function() return 1 end }; mock(t, true)
    assert.is_nil(t.a()); assert.stub(t.a).was.called()""",
    """local s = spy.new(); s(1, "text", {})
    assert.spy(s).was.called_with(match._, match.is_string(), match.is_table())
    assert.spy(s).was.called_with(match.near(1.2, 0.5), match.matches("^t"), match.is_not_nil())
    assert.spy(s).was_not.called_with(match.is_not.equal(1), match._, match._)
    local both = match.all_of(match.is_string(), match.matches("x"))
    assert.spy(s).was.called_with(match.is_any_of(match.equal(5), match.equal(1)), both, match.same({}))
    assert.spy(s).was.called_with(match.none_of(match.equal(2), match.is_string()), match._, match._)""",
    """local t = { f = print }; local snapshot = assert:snapshot(); stub(t, "f"); stub(t, "f")
    snapshot:revert(); assert.equal(print, t.f)""",
    """local callable = setmetatable({}, { __call = function(_, a) return a end })
    assert.equal(4, spy.new(callable)(4))""",
]

# Their full texts are compared with those of luassert in tests/conformance/test_luassert.py.
FAILING = {
    "local s = spy.new(); assert.spy(s).was.called()": "Expected to be called >0 time(s), but was called 0 time(s)",
    "local s = spy.new(); s(); assert.spy(s).was_not.called()": (
        "Expected to be called 0 time(s), but was called 1 time(s)"
    ),
    "local s = spy.new(); s('a', 1); assert.spy(s).was.called_with('b')": (
        "Function was never called with matching arguments.\nCalled with (last call if any):\n"
        "(values list) ((string) 'a', (number) 1)\nExpected:\n(values list) ((string) 'b')"
    ),
    "local s = spy.new(); assert.spy(s).was.called_with(match._)": (
        "Function was never called with matching arguments.\nCalled with (last call if any):\n"
        "(nil)\nExpected:\n(values list) ((matcher) _)"
    ),
    "assert.spy(spy.new()).was.called_at_most('2')": "'called_at_most' needs a number and got a string",
    "assert.spy(print).was.called()": "'called' must be chained after 'spy(aspy)'",
    "assert.was.called_with()": "'called_with' must be chained after 'spy(aspy)'",
    "spy.new(5)": "Cannot spy on type 'number', only on functions or callable elements",
    "spy.on({ a = 1 }, 'a')": "Cannot spy on type 'number', only on functions or callable elements",
    "spy.on({}, nil)": "`spy.on` needs a table and the name of a function in it",
    "stub({ a = 1 }, 'a')": ("stub.new(): The element for which to create a stub must either be callable, or be nil"),
    "stub({})": "stub.new(): Can only create stub on a table key, call with 2 params; table, key",
    "match.foo()": "luassert: unknown modifier/matcher: 'foo'",
    "match.near(1)": "the 'near' function requires a minimum of 2 arguments, got: 1",
    "match.any_of(5)": "bad argument #1 to 'any' (matcher expected, got number)",
}


@pytest.mark.parametrize("lines", PASSING)
def test_it_holds(check_lines, lines):
    assert check_lines(lines) == ""


@pytest.mark.parametrize("line", FAILING)
def test_it_fails_and_says_why(check_lines, line):
    assert check_lines(line) == FAILING[line]


def test_spies_stay_as_under_busted_and_leave_with_a_snapshot(run_suite):
    run = run_suite(
        """
local t = { a = function() return "a" end, b = function() return "b" end }
describe("block", function()
  setup(function() stub(t, "a") end)
  it("stubs", function()
    stub(t, "b")
    spy.on(t, "b")
    assert.is_nil(t.a() or (t.b()))
  end)
  it("has them still", function() assert.is_nil(t.a() or (t.b())) end)
end)
describe("snapshots", function()
  local u, snapshot = { a = function() return "a" end }, nil
  before_each(function() snapshot = assert:snapshot() end)
  after_each(function() snapshot:revert() end)
  it("stubs", function() stub(u, "a") end)
  it("has none", function() assert.equal("a", u.a()) end)
end)
"""
    )
    assert run.outcomes == {
        "block::stubs": "passed",
        "block::has them still": "passed",
        "snapshots::stubs": "passed",
        "snapshots::has none": "passed",
    }
