"""describe, it, hooks, pending and finally, as pytest runs them."""

from __future__ import annotations

import pytest

LOGGING = """
local log = {}
local function note(what) return function() log[#log + 1] = what end end
"""


def test_hooks_run_outermost_first_and_back(run_suite):
    run = run_suite(
        LOGGING
        + """
before_each(note "file")
after_each(note "/file")
setup(note "SETUP")
describe("outer", function()
  setup(note "setup outer")
  before_each(note "outer 1")
  before_each(note "outer 2")
  after_each(note "/outer")
  teardown(note "teardown outer")
  describe("inner", function()
    before_each(note "inner")
    after_each(note "/inner")
    it("one", note "one")
    it("two", note "two")
  end)
  it("three", note "three")
end)
it("log", function()
  assert.same({
    "SETUP", "setup outer",
    "file", "outer 1", "outer 2", "inner", "one", "/inner", "/outer", "/file",
    "file", "outer 1", "outer 2", "inner", "two", "/inner", "/outer", "/file",
    "file", "outer 1", "outer 2", "three", "/outer", "/file",
    "teardown outer", "file",
  }, log)
end)
"""
    )
    assert run.outcomes == {
        "outer::inner::one": "passed",
        "outer::inner::two": "passed",
        "outer::three": "passed",
        "log": "passed",
    }


def test_hooks_are_right_for_a_selection(run_suite):
    run = run_suite(
        """
local set, each = 0, 0
describe("a", function()
  setup(function() set = set + 1 end)
  before_each(function() each = each + 1 end)
  it("first", function() assert.equal("never", "run") end)
  it("wanted", function()
    assert.equal(1, set)
    assert.equal(1, each)
  end)
end)
describe("b", function()
  setup(function() set = set + 100 end)
  it("other", function() end)
end)
""",
        "-k",
        "wanted",
    )
    assert run.outcomes == {"a::wanted": "passed"}


def test_words_have_their_other_names(run_suite):
    run = run_suite(
        """
context("a", function()
  insulate("b", function()
    expose("c", function()
      it("it", function() end)
      spec("spec", function() end)
      test("test", function() end)
      lazy_setup(function() ready = true end)
      strict_setup(function() strict = true end)
      it("setups", function() assert(ready and strict) end)
    end)
  end)
end)
insulate(function() it("unnamed", function() end) end)
"""
    )
    assert set(run.outcomes.values()) == {"passed"}
    assert "a::b::c::spec" in run.outcomes
    assert "insulate::unnamed" in run.outcomes


def test_a_body_runs_when_its_turn_comes(run_suite):
    run = run_suite(
        """
local seen, cases = {}, nil
describe("a", function() it("x", function() seen[#seen + 1] = "test" end) end)
describe("b", function()
  seen[#seen + 1] = "body"
  setup(function() cases = { "one", "two" } end)
  it("log", function() assert.same({ "test", "body" }, seen) end)
  describe("c", function()
    for _, case in ipairs(cases) do it(case, function() assert.equal("one", case) end) end
  end)
end)
"""
    )
    assert run.outcomes == {"a::x": "passed", "b::log": "passed", "b::c::one": "passed", "b::c::two": "failed"}


def test_tests_that_only_the_run_knows_are_run_too(run_suite):
    run = run_suite(
        """
local made = {}
it("makes", function() made = { "p", "q" } end)
describe("made", function()
  for _, name in ipairs(made) do it(name, function() assert.equal("p", name) end) end
  it("always", function() end)
end)
"""
    )
    assert run.outcomes == {"makes": "passed", "made::always": "passed", "made::p": "passed", "made::q": "failed"}


def test_what_follows_a_lazy_setup_that_failed_is_passed_by(run_suite):
    run = run_suite(
        """
describe("a", function()
  lazy_setup(function() error("no") end)
  it("x", function() end)
  pending("later")
  describe("b", function() it("y", function() end) end)
end)
it("z", function() end)
"""
    )
    assert run.outcomes == {"a::lazy_setup": "error", "a::later": "skipped", "z": "passed"}


def test_describe_bodies_run_after_the_file_and_in_order(run_suite):
    run = run_suite(
        """
local seen = {}
describe("a", function() helper() seen[#seen + 1] = "a" end)
describe("b", function()
  seen[#seen + 1] = "b"
  it("log", function() assert.same({ "file", "a", "b" }, seen) end)
end)
seen[#seen + 1] = "file"
function helper() end
"""
    )
    assert run.outcomes == {"b::log": "passed"}


def test_pending_is_skipped_with_its_place_and_reason(run_suite, capsys):
    run = run_suite(
        """
pending("alone")
pending("with a function", function() error("never run") end)
it("without a function")
it("inside", function()
  pending("because")
  error("never reached")
end)
""",
        "-rs",
    )
    assert set(run.outcomes.values()) == {"skipped"}
    assert len(run.outcomes) == 3
    assert run.texts["inside"] == "Skipped: because"
    shown = capsys.readouterr().out
    assert "SKIPPED [1] x_spec.lua:2: pending" in shown
    assert "x_spec.lua:5: because" in shown
    assert run.code == 0


def test_finally_runs_however_the_test_ends(run_suite):
    run = run_suite(
        """
local log = {}
after_each(function() log[#log + 1] = "after" end)
it("fails", function()
  finally(function() log[#log + 1] = "finally" end)
  error("boom")
end)
it("passes", function()
  finally(function() log[#log + 1] = "finally 2" end)
end)
it("fails late", function()
  finally(function() error("late") end)
end)
it("log", function() assert.same({ "finally", "after", "finally 2", "after", "after" }, log) end)
"""
    )
    assert run.outcomes == {"fails": "error", "passes": "passed", "fails late": "error", "log": "passed"}
    assert run.texts["fails"].startswith("x_spec.lua:6: boom\n")
    assert run.texts["fails late"].startswith("x_spec.lua:12: late\n")


def test_after_each_runs_for_the_blocks_that_were_entered(run_suite):
    run = run_suite(
        LOGGING
        + """
describe("a", function()
  before_each(note "a")
  after_each(note "/a 1")
  after_each(note "/a 2")
  describe("b", function()
    before_each(function() error("no b") end)
    after_each(note "/b")
    describe("c", function()
      before_each(note "c")
      after_each(note "/c")
      it("never", note "never")
    end)
  end)
end)
it("log", function() assert.same({ "a", "/b", "/a 1", "/a 2" }, log) end)
"""
    )
    assert run.outcomes == {"a::b::c::never": "error", "log": "passed"}


def test_an_error_in_each_kind_of_hook_hits_the_right_tests(run_suite):
    run = run_suite(
        """
describe("before", function()
  before_each(function() error("in before_each") end)
  it("x", function() end)
  it("y", function() end)
end)
describe("after", function()
  after_each(function() error("in after_each") end)
  it("x", function() end)
end)
describe("setup", function()
  setup(function() error("in setup") end)
  describe("inner", function() it("x", function() end) end)
  it("y", function() end)
end)
describe("teardown", function()
  teardown(function() error("in teardown") end)
  it("x", function() end)
  it("y", function() end)
end)
it("other", function() end)
"""
    )
    assert run.outcomes == {
        "before::x": "error",
        "before::y": "error",
        "after::x": "error",
        "setup::setup": "error",
        "teardown::x": "passed",
        "teardown::y": "passed",
        "teardown::teardown": "error",
        "other": "passed",
    }
    assert run.texts["before::y"].startswith("x_spec.lua:3: in before_each\n")
    assert run.texts["after::x"].startswith("x_spec.lua:8: in after_each\n")
    assert run.texts["setup::setup"].startswith("x_spec.lua:12: in setup\n")
    assert run.texts["teardown::teardown"].startswith("x_spec.lua:17: in teardown\n")
    assert run.code == 1


def test_blocks_that_end_together_and_fail_are_all_reported(run_suite):
    run = run_suite(
        """
describe("a", function()
  teardown(function() error("outer end") end)
  describe("b", function()
    teardown(function() error("inner end") end)
    it("x", function() end)
  end)
end)
"""
    )
    assert run.outcomes == {"a::b::x": "passed", "a::b::teardown": "error", "a::teardown": "error"}
    assert run.texts["a::b::teardown"].startswith("x_spec.lua:5: inner end")
    assert run.texts["a::teardown"].startswith("x_spec.lua:3: outer end")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("finally(function() end)", "attempt to call a nil value (global 'finally')"),
        ("pending('x')()", "attempt to call a nil value"),
    ],
)
def test_words_used_wrongly_say_so(run_suite, line, message):
    run = run_suite(f"\n{line}\n")
    assert run.texts[""].startswith(f"x_spec.lua:2: {message}\n")


def test_blocks_cannot_be_made_while_a_test_runs(run_suite):
    run = run_suite('it("x", function()\n  it("y", function() end)\nend)\n')
    assert run.texts["x"].startswith(
        "x_spec.lua:2: 'it' not supported inside current context block: it belongs into a file or a `describe`\n"
    )


def test_a_suite_may_ask_for_the_dialect_by_name(run_suite):
    run = run_suite(
        """
require("busted.runner")()
local luassert = require("luassert")
local busted = require("busted")
busted.describe("a", function()
  busted.it("x", function()
    assert.equal(assert, luassert)
    assert.equal(spy, require("luassert.spy"))
    assert.equal(stub, require("luassert.stub"))
    assert.equal(mock, require("luassert.mock"))
    assert.equal(match, require("luassert.match"))
  end)
end)
"""
    )
    assert run.outcomes == {"a::x": "passed"}
