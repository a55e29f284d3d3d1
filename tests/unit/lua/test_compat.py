"""bit32 and the functions of math that Lua 5.3 has only with 5.2 compatibility."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from library import Library
from proof import sample

from tim3tool.lua.compat import complete
from tim3tool.lua.vm import LuaVM

MASK = 0xFFFFFFFF
WORDS = st.integers(0, MASK) | st.sampled_from([0, 1, 2**31, MASK])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def bits():
    return Library("lua/bit32", "bit32")


@pytest.fixture(scope="module")
def maths():
    return Library("lua/mathcompat", "mathcompat")


def rotated(word: int, places: int) -> int:
    places %= 32
    return (word << places | word >> (32 - places)) & MASK


def shifted(word: int, places: int) -> int:
    return word << places & MASK if places >= 0 else word >> -places


def arithmetic(word: int, places: int) -> int:
    signed = word - 2**32 if word >= 2**31 else word
    return (signed >> places if places >= 0 else word << -places) & MASK


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(WORDS, WORDS, st.integers(-40, 40))
def test_bit32(bits, a, b, places):
    body = """
      local a, b, n = ...
      return M.band(a, b), M.bor(a, b), M.bxor(a, b), M.btest(a, b), M.bnot(a), M.lshift(a, n), M.rshift(a, n),
        M.arshift(a, n), M.lrotate(a, n), M.rrotate(a, n)
    """
    assert bits.run(body, a, b, places) == (
        a & b, a | b, a ^ b, a & b != 0, ~a & MASK, shifted(a, places), shifted(a, -places),
        arithmetic(a, places), rotated(a, places), rotated(a, -places),
    )  # fmt: skip


@settings(max_examples=sample(80), derandomize=True, deadline=None)
@given(WORDS, WORDS, st.integers(0, 31).flatmap(lambda field: st.tuples(st.just(field), st.integers(1, 32 - field))))
def test_bit32_fields(bits, a, b, field_and_width):
    field, width = field_and_width
    mask = (1 << width) - 1
    replaced = a & ~(mask << field) | (b & mask) << field
    body = "local a, b, f, w = ... return M.extract(a, f, w), M.replace(a, b, f, w)"
    assert bits.run(body, a, b, field, width) == (a >> field & mask, replaced)


def test_bit32_takes_any_integer_and_any_number_of_them(bits):
    assert bits.run("return M.band(), M.bor(), M.bxor(), M.btest()") == (MASK, 0, 0, True)
    assert bits.run("return M.band(-1, 2^33 + 5, '7')") == 5
    assert bits.run("return M.bnot(0), M.bor(1, 2, 4), M.extract(5, 2), M.replace(0, 1, 31)") == (MASK, 7, 1, 2**31)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("M.band(1, {})", "bad argument #2 to 'band' (number expected, got table)"),
        ("M.bnot()", "bad argument #1 to 'bnot' (number expected, got no value)"),
        ("M.bor(1.5)", "bad argument #1 to 'bor' (number has no integer representation)"),
        ("M.extract(1, -1)", "bad argument #2 to 'extract' (field cannot be negative)"),
        ("M.extract(1, 0, 0)", "bad argument #3 to 'extract' (width must be positive)"),
        ("M.replace(1, 1, 30, 3)", "trying to access non-existent bits"),
        ("M.replace(1, 1, 'x')", "bad argument #3 to 'replace' (number expected, got string)"),
    ],
)
def test_bit32_refuses(bits, call, said):
    assert bits.failure(f"local x = {call}") == f"test:1: {said}"


def test_math_has_what_was_missing_and_keeps_the_rest(maths):
    assert maths.run("return M == math, type(math.floor)") == (True, b"function")
    assert maths.run("return math.pow(2, 10), math.log10(1000), math.atan2(1, -1)") == (1024.0, 3.0, math.atan2(1, -1))


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(st.floats(-705, 705))
def test_hyperbolic_functions(maths, x):
    sinh, cosh, tanh = maths.run("local x = ... return math.sinh(x), math.cosh(x), math.tanh(x)", x)
    assert sinh == pytest.approx(math.sinh(x), rel=1e-13, abs=0)
    assert cosh == pytest.approx(math.cosh(x), rel=1e-13)
    assert tanh == pytest.approx(math.tanh(x), rel=1e-14, abs=0)


@settings(max_examples=sample(200), derandomize=True, deadline=None)
@given(FLOATS | st.sampled_from([5e-324, 2.0**-1022, 1.7e308, 0.5, 1.0, 2.0**52 - 1]))
def test_frexp(maths, x):
    assert maths.run("return math.frexp(...)", x) == math.frexp(x)


@settings(max_examples=sample(200), derandomize=True, deadline=None)
@given(FLOATS, st.integers(-2200, 2200))
@example(0.75, 1024)
@example(0.5, 1025)
@example(0.75, -1074)
@example(0.5, -1074)
def test_ldexp(maths, m, e):
    try:
        expected = math.ldexp(m, e)
    except OverflowError:
        expected = math.copysign(math.inf, m)
    assert maths.run("return math.ldexp(...)", m, e) == expected


@pytest.mark.parametrize("x", ["1/0", "-1/0", "0.0"])
def test_special_values_pass_through(maths, x):
    assert maths.run(f"local m, e = math.frexp({x}) return m == {x}, e, math.ldexp({x}, 5) == {x}") == (True, 0, True)


def test_math_refuses_what_is_no_number(maths):
    assert maths.failure("local x = math.pow(2)") == "test:1: bad argument #2 to 'pow' (number expected, got no value)"
    assert "number has no integer representation" in maths.failure("math.ldexp(1, 1.5)")


def test_a_completed_vm_has_what_a_usual_build_of_lua_53_has():
    vm = LuaVM()
    complete(vm)
    found = vm.run(b"return math.pow(2, 3), bit32.band(6, 3), require('bit32') == bit32, math.log10(100)", "=x")
    assert found == (8.0, 2, True, 2.0)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (b"local t = {} for i, v in ipairs({ 'a', 'b', nil, 'd' }) do t[i] = v end return #t, t[2]", (2, b"b")),
        (b"return ipairs(setmetatable({}, { __ipairs = function() return 1, 2, 3, 4 end }))", (1, 2, 3)),
        (b"return ipairs(setmetatable({}, { __ipairs = function() return 1 end, __metatable = 5 }))", (1, None, None)),
        (b"return pcall(ipairs)", (False, b"bad argument #1 to 'ipairs' (table expected, got no value)")),
        (b"return select(2, ipairs(nil)), select(3, ipairs(nil))", (None, 0)),
        ((b"local m = { __index = function(_, i) if i < 3 then return i end end }"
         b" local n = 0 for _, v in ipairs(setmetatable({}, m)) do n = n + v end return n"), (3,)),
    ],
)  # fmt: skip
def test_ipairs_of_a_completed_vm(source, answer):
    vm = LuaVM()
    complete(vm)
    assert vm.run(source, "=x") == answer
