"""Node ids, places, selection, and which files are suites."""

from __future__ import annotations

import pytest


def test_node_ids_and_locations_are_stable(run_suites):
    run = run_suites(
        test__a_spec="""
describe("outer", function()
  describe("inner", function()
    it("does it", function() end)
  end)
end)
"""
    )
    assert run.locations == {
        "test/a_spec.lua::outer::inner::does it": ("test/a_spec.lua", 3, "outer inner does it"),
    }


def test_equal_names_are_told_apart(run_suite):
    run = run_suite(
        """
describe("a", function() it("x", function() end) end)
describe("a", function() it("x", function() end) it("x", function() end) it("x (2)", function() end) end)
it("", function() end)
"""
    )
    assert run.order == ["a::x", "a (2)::x", "a (2)::x (2)", "a (2)::x (2) (2)", "(unnamed)"]


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("a::b [c::d]", "blk (x:y)::a:b [c:d]"),
        ("two\\n  lines", "blk (x:y)::two lines"),
        ("ümläut \\xff", "blk (x:y)::ümläut \ufffd"),
    ],
)
def test_every_test_can_be_chosen_by_its_node_id(run_suites, name, identifier):
    suite = f'describe("blk [x::y]", function() it("{name}", function() end) it("other", function() end) end)'
    run = run_suites(f"a_spec.lua::{identifier}", a_spec=suite)
    assert run.outcomes == {f"a_spec.lua::{identifier}": "passed"}


def test_a_block_can_be_chosen_by_its_node_id(run_suites):
    suite = (
        'describe("a", function() it("x", function() end) end) describe("b", function() it("y", function() end) end)'
    )
    assert run_suites("a_spec.lua::b", a_spec=suite).outcomes == {"a_spec.lua::b::y": "passed"}


def test_k_matches_blocks_and_tests(run_suites):
    suite = 'describe("apples", function() it("fall", function() end) end) it("pears", function() end)'
    assert run_suites("-k", "apples", a_spec=suite).order == ["a_spec.lua::apples::fall"]
    assert run_suites("-k", "not fall", a_spec=suite).order == ["a_spec.lua::pears"]


def test_x_stops_at_the_first_failure(run_suites):
    suite = 'it("a", function() end) it("b", function() error("x") end) it("c", function() end)'
    assert run_suites("-x", a_spec=suite).order == ["a_spec.lua::a", "a_spec.lua::b"]


def test_suites_are_the_files_with_the_right_ending(run_suites):
    one = 'it("x", function() end)'
    files = {"a_spec": one, "b_test": one, "helper": one, "sub__c_spec": one, "spec": one}
    assert run_suites(**files).order == ["a_spec.lua::x", "b_test.lua::x", "sub/c_spec.lua::x"]
    assert run_suites("helper.lua").order == ["helper.lua::x"]


def test_a_test_written_by_a_helper_stands_where_the_suite_calls_it(run_suites):
    run = run_suites(
        helper='local busted = require("busted") return function(name, f) busted.it(name, f) end',
        a_spec='local check = require("helper")\n\ncheck("x", function() end)\n',
    )
    assert run.locations == {"a_spec.lua::x": ("a_spec.lua", 2, "x")}


def test_every_file_has_its_own_vm(run_suites):
    run = run_suites(
        a_spec='it("x", function() leak = 1; string.leak = 1; package.loaded.leak = 1 end)',
        b_spec='it("x", function() assert.is_nil(leak or string.leak or package.loaded.leak) end)',
    )
    assert run.outcomes == {"a_spec.lua::x": "passed", "b_spec.lua::x": "passed"}


def test_python_objects_are_closed_to_suites(run_suite):
    run = run_suite(
        """
it("x", function()
  assert.is_nil(python)
  for name, value in pairs(_G) do assert.is_not.userdata(value, name) end
  assert.is_false((pcall(require, "python")))
end)
"""
    )
    assert run.outcomes == {"x": "passed"}


def test_a_suite_reads_and_writes_files_and_loads_code(run_suites, tmp_path):
    run = run_suites(
        a_spec="""
it("x", function()
  local file = assert(io.open("made.txt", "w"))
  file:write("text")
  file:close()
  assert.equal("text", io.open("made.txt"):read("a"))
  assert.is_string(os.getenv("PATH"))
  assert.equal(3, load("return 1 + 2")())
  assert.equal(5, dofile("five.lua"))
end)
""",
        five="return 5",
    )
    assert run.outcomes == {"a_spec.lua::x": "passed"}
    assert (tmp_path / "made.txt").read_text() == "text"
