"""`assert.same` agrees with Python's equality on any plain data, and marks a difference exactly when there is one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tim3tool.spec.suite import Suite

LEAVES = st.booleans() | st.integers(-5, 5) | st.text("ab*[] \n", max_size=3)
DATA = st.recursive(LEAVES, lambda inner: st.dictionaries(st.text("ab", max_size=2), inner, max_size=3), max_leaves=8)


@pytest.fixture(scope="module")
def compare(tmp_path_factory):
    path = tmp_path_factory.mktemp("deep") / "x_spec.lua"
    path.write_text("")
    vm = Suite(path, chunk="x_spec.lua", search="").vm
    (function,) = vm.run(
        b"local same = require('luassert').same "
        b"return function(a, b) local ok, e = pcall(same, a.v, b.v); return ok, tostring(e) end",
        "=x",
    )
    return lambda a, b: vm.call(function, vm.table({"v": a}), vm.table({"v": b}))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(DATA, DATA)
def test_same_is_equality_of_content(compare, one, other):
    same, text = compare(one, other)
    assert same is (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))
    if not same and isinstance(one, dict) and isinstance(other, dict):
        assert b" *[" in text


@settings(max_examples=50, derandomize=True, deadline=None)
@given(DATA)
def test_a_value_is_the_same_as_its_copy(compare, value):
    assert compare(value, json.loads(json.dumps(value)))[0] is True
