"""The runtime's .bint module against Python's integers wrapped to the same width."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from proof import sample


@pytest.fixture(scope="module")
def lib(library):
    return library("bint", ".bint")


@pytest.fixture(scope="module")
def on(lib):
    """Run a Lua function body that sees the class of 256 bits as `bint`."""
    return lambda body, *args: lib.run(f"local bint = M(256) {body}", *args)


def wrap(n: int, bits: int) -> int:
    n %= 1 << bits
    return n - (1 << bits) if n >> (bits - 1) else n


def truncated(a: int, b: int) -> tuple[int, int]:
    quotient = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        quotient = -quotient
    return quotient, a - quotient * b


def values(bits: int) -> st.SearchStrategy[int]:
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    edges = [0, 1, -1, 2, 2**31, 2**32 - 1, 2**32, 2**63, -(2**63), 10**18, low, low + 1, high, high - 1]
    near = st.builds(lambda place, off: wrap((1 << place) + off, bits), st.integers(0, bits - 1), st.integers(-2, 2))
    return st.sampled_from(edges).map(lambda n: wrap(n, bits)) | near | st.integers(low, high) | st.integers(-99, 99)


WIDTHS = [(256, 32), (1024, 32), (64, 32), (96, 16), (72, 8)]
WIDTH_AND_OPERANDS = st.sampled_from(WIDTHS).flatmap(
    lambda width: st.tuples(st.just(width), values(width[0]), values(width[0]))
)

ALL_RESULTS = """
  local bits, word_bits, x, y = ...
  local bint = M(bits, word_bits)
  local a, b = bint(x), bint(y)
  local function both(f) local p, q = f(a, b) return tostring(p) .. " " .. tostring(q) end
  local r = { tostring(a), a + b, a - b, a * b, -a, ~a, a & b, a | b, a ~ b,
    a < b, a <= b, a > b, a >= b, a == b, bint.eq(a, b), bint.ult(a, b), bint.ule(a, b),
    bint.abs(a), bint.inc(a), bint.dec(a), bint.max(a, b), bint.min(a, b),
    bint.iszero(a), bint.isone(a), bint.isminusone(a), bint.isneg(a), bint.ispos(a), bint.iseven(a), bint.isodd(a),
    bint.tointeger(a), bint.touinteger(a) }
  if not bint.iszero(b) then
    r[#r + 1] = both(bint.idivmod)
    r[#r + 1] = tostring(a // b) .. " " .. tostring(a % b)
    r[#r + 1] = both(bint.udivmod)
    r[#r + 1] = tostring(bint.udiv(a, b)) .. " " .. tostring(bint.umod(a, b))
    if not (bint.isminusone(b) and a == bint.mininteger()) then
      r[#r + 1] = both(bint.tdivmod)
      r[#r + 1] = tostring(bint.tdiv(a, b)) .. " " .. tostring(bint.tmod(a, b))
    end
  end
  r[#r + 1], r[#r + 2] = a, b -- operands stay as they were
  for i = 1, #r do r[i] = tostring(r[i]) end
  return table.concat(r, ";")
"""


def expected_results(bits: int, a: int, b: int) -> list[object]:
    ua, ub = a % (1 << bits), b % (1 << bits)
    results: list[object] = [
        a, a + b, a - b, a * b, -a, ~a, a & b, a | b, a ^ b,
        a < b, a <= b, a > b, a >= b, a == b, a == b, ua < ub, ua <= ub,
        abs(a), a + 1, a - 1, max(a, b), min(a, b),
        a == 0, a == 1, a == -1, a < 0, a > 0, a % 2 == 0, a % 2 == 1,
    ]  # fmt: skip
    results += [wrap(a, 64), wrap(a, 64)]
    if b:
        results += [divmod(a, b)] * 2 + [divmod(ua, ub)] * 2
        if (a, b) != (-(1 << (bits - 1)), -1):
            results += [truncated(a, b)] * 2
    return [*results, a, b]


def shown(result: object, bits: int) -> str:
    if isinstance(result, bool):
        return str(result).lower()
    if isinstance(result, tuple):
        return " ".join(shown(part, bits) for part in result)
    return str(wrap(result, bits))  # type: ignore[arg-type]


@settings(max_examples=sample(400), derandomize=True, deadline=None)
@given(WIDTH_AND_OPERANDS)
@example(((256, 32), 0x7FFF800000000000, 0x800000000001))  # the rare last step of Knuth's algorithm D
def test_every_operation_wraps_like_twos_complement(lib, case):
    (bits, word_bits), a, b = case
    answer = lib.run(ALL_RESULTS, bits, word_bits, str(a).encode(), str(b).encode())
    assert answer.decode().split(";") == [shown(result, bits) for result in expected_results(bits, a, b)]


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(WIDTH_AND_OPERANDS, st.integers(-1100, 1100))
def test_shifts_and_rotations(lib, case, places):
    (bits, word_bits), a, _ = case
    unsigned = a % (1 << bits)
    body = """
      local bits, word_bits, x, n = ...
      local bint = M(bits, word_bits)
      local a = bint(x)
      local r = { a << n, a >> n, bint.bwrap(a, n), bint.brol(a, n), bint.bror(a, n) }
      r[6], r[7] = bint(x):_shlone(), bint(x):_shrone()
      for i = 1, #r do r[i] = bint.tobase(r[i], 10, true) end
      return table.concat(r, " ")
    """
    left = unsigned << places if places >= 0 else unsigned >> -places
    right = unsigned >> places if places >= 0 else unsigned << -places
    kept = unsigned % (1 << max(places, 0))
    turn = places % bits
    rol, ror = unsigned << turn | unsigned >> (bits - turn), unsigned >> turn | unsigned << (bits - turn)
    expected = [left, right, kept, rol, ror, unsigned << 1, unsigned >> 1]
    answer = lib.run(body, bits, word_bits, str(a).encode(), places)
    assert list(map(int, answer.split())) == [n % (1 << bits) for n in expected]


@settings(max_examples=sample(60), derandomize=True, deadline=None)
@given(WIDTH_AND_OPERANDS, st.integers(0, 2**20), st.integers(0, 2**70))
def test_powers(lib, case, small, wide):
    (bits, word_bits), a, m = case
    exponent = wide % (1 << bits)
    body = """
      local bits, word_bits, x, y, z, m = ...
      local bint = M(bits, word_bits)
      local power = bint.ipow(x, y)
      local modular = bint.iszero(bint(m)) and "none" or bint.tobase(bint.upowmod(x, z, m), 10, true)
      return tostring(power), modular
    """
    answer = lib.run(body, bits, word_bits, str(a).encode(), small, str(exponent).encode(), str(m).encode())
    power, modular = (part.decode() for part in answer)
    assert int(power) == wrap(pow(a, small, 1 << bits), bits)
    assert modular == (str(pow(a % (1 << bits), exponent, m % (1 << bits))) if m else "none")


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(WIDTH_AND_OPERANDS, st.integers(2, 36))
def test_text_in_any_base(lib, case, base):
    (bits, word_bits), a, _ = case
    body = """
      local bits, word_bits, x, base = ...
      local bint = M(bits, word_bits)
      local a = bint(x)
      local signed, plain = bint.tobase(a, base, false), bint.tobase(a, base)
      assert(bint.frombase(signed, base) == a and bint.frombase(signed:upper(), base) == a)
      assert(bint.frombase("+" .. bint.tobase(a, base, true), base) == a)
      return signed, plain
    """
    signed, plain = lib.run(body, bits, word_bits, str(a).encode(), base)
    assert int(signed, base) == a
    assert int(plain, base) == (a if base == 10 else a % (1 << bits))
    assert plain == plain.lower()


@settings(max_examples=sample(100), derandomize=True, deadline=None)
@given(WIDTH_AND_OPERANDS)
def test_bytes(lib, case):
    (bits, word_bits), a, _ = case
    body = """
      local bits, word_bits, x = ...
      local bint = M(bits, word_bits)
      local a = bint(x)
      assert(bint.fromle(bint.tole(a)) == a and bint.frombe(bint.tobe(a)) == a)
      assert(bint.fromle(bint.tole(a, true)) == a and bint.frombe(bint.tobe(a, true)) == a)
      assert(bint.fromle(bint.tole(a) .. "xx") == a and bint.frombe("xx" .. bint.tobe(a)) == a)
      return bint.tole(a), bint.tobe(a), bint.tole(a, true), bint.tobe(a, true)
    """
    little = (a % (1 << bits)).to_bytes(bits // 8, "little")
    expected = (little, little[::-1], little.rstrip(b"\0"), little[::-1].lstrip(b"\0"))
    assert lib.run(body, bits, word_bits, str(a).encode()) == expected


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(values(256), values(256))
def test_floats(on, a, b):
    body = """
      local a, b = bint((...)), bint((select(2, ...)))
      return bint.tonumber(a), bint.type(bint.tonumber(a)), a / b, a ^ 2
    """
    number, kind, quotient, square = on(body, str(a).encode(), str(b).encode())
    assert number == (a if -(2**63) <= a < 2**63 else float(a))
    assert kind == (b"integer" if -(2**63) <= a < 2**63 else b"float")
    if b:
        assert quotient == float(a) / float(b)
    assert square == float(a) ** 2


@settings(max_examples=sample(100), derandomize=True, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_trunc_floor_ceil(on, x):
    if abs(x) >= 2.0**255:
        assert on("return bint.trunc(...)", x) is None
        return
    down = x.__floor__()
    assert on("return tostring(bint.trunc(...))", x) == str(int(x)).encode()
    assert on("return tostring(bint.floor(...))", x) == str(down).encode()
    assert on("return tostring(bint.ceil(...))", x) == str(x.__ceil__()).encode()


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("bint('123')", "123"),
        ("bint('+0123')", "123"),
        ("bint('-5')", "-5"),
        ("bint('0x1F')", "31"),
        ("bint('-0Xff')", "-255"),
        ("bint('0b101')", "5"),
        ("bint(5.0)", "5"),
        ("bint(math.mininteger)", "-9223372036854775808"),
        ("bint.new('115792089237316195423570985008687907853269984665640564039457584007913129639936')", "0"),
        ("bint.zero()", "0"),
        ("bint.one()", "1"),
        ("bint.maxinteger()", str(2**255 - 1)),
        ("bint.mininteger()", str(-(2**255))),
        ("bint.frominteger(-1)", "-1"),
        ("bint.fromuinteger(-1)", str(2**64 - 1)),
        ("bint.fromle('\\1\\2')", "513"),
        ("bint.frombe('\\1\\2')", "258"),
        ("bint.fromle('')", "0"),
        ("bint(2) ^ 3", "8.0"),
        ("bint('1' .. ('0'):rep(30)) ^ 2", "1e+60"),
        ("bint(7) / 2", "3.5"),
        ("bint(7) // 2", "3"),
        ("bint(-7) // 2", "-4"),
        ("bint(-7) % 2", "1"),
        ("bint.tdiv(-7, 2)", "-3"),
        ("bint.tmod(-7, 2)", "-1"),
        ("bint.mininteger() // -1", str(-(2**255))),
        ("bint(1) + 2", "3"),
        ("2 - bint(1)", "1"),
        ("bint(1) + '2'", "3"),
        ("bint(1) + 2.0", "3"),
        ("bint(1) + 2.5", "3.5"),
        ("bint(6) * 0.5", "3.0"),
        ("bint(7) // 0.5", "14.0"),
        ("bint.tdiv(-7.5, 2)", "-3"),
        ("bint.tmod(-7.5, 2)", "-1.5"),
        ("bint(3) < 3.5", "true"),
        ("3.5 <= bint(3)", "false"),
        ("bint(5) == 5", "false"),
        ("bint(5) == bint('5')", "true"),
        ("bint(5) ~= bint(6)", "true"),
        ("bint.eq(bint(5), 5)", "true"),
        ("bint.eq(bint(5), 5.5)", "false"),
        ("bint.eq(1.5, 1.5)", "true"),
        ("bint.eq('0x10', 16)", "true"),
        ("bint.parse('abc')", "nil"),
        ("bint.parse('1.5')", "1.5"),
        ("bint.parse('15')", "15"),
        ("(bint.tobint('abc'))", "nil"),
        ("(bint.tobint('1.5'))", "nil"),
        ("bint.tobint(1.5)", "nil"),
        ("(bint.tobint(''))", "nil"),
        ("(bint.tobint(' 1'))", "nil"),
        ("(bint.tobint('1_000'))", "nil"),
        ("(bint.tobint('0x'))", "nil"),
        ("(bint.tobint('0b12'))", "nil"),
        ("bint.tobint({})", "nil"),
        ("(bint.frombase('12', 2))", "nil"),
        ("(bint.frombase(12))", "nil"),
        ("(bint.frombase('1', 37))", "nil"),
        ("(bint.fromstring(12))", "nil"),
        ("bint.frominteger(1.5)", "nil"),
        ("bint.fromuinteger('x')", "nil"),
        ("bint.trunc(0/0)", "nil"),
        ("(bint.trunc('x'))", "nil"),
        ("bint.trunc(1/0)", "nil"),
        ("bint.tonumber('12')", "12"),
        ("bint.tonumber({})", "nil"),
        ("bint.tointeger(3.0)", "3"),
        ("bint.tointeger(3.5)", "nil"),
        ("bint.tobase(-1, 16)", "f" * 64),
        ("bint.tobase(-1, 16, false)", "-1"),
        ("bint.tobase(-1)", "-1"),
        ("bint.tobase(0, 2)", "0"),
        ("bint.type(bint(1))", "bint"),
        ("bint.type(1)", "integer"),
        ("bint.type(1.0)", "float"),
        ("bint.type('1')", "nil"),
        ("bint.isbint(bint(1))", "true"),
        ("bint.isbint({})", "false"),
        ("bint.isintegral(bint(1))", "true"),
        ("bint.isintegral(1)", "true"),
        ("bint.isintegral(1.0)", "false"),
        ("bint.isnumeric(1.5)", "true"),
        ("bint.isnumeric('1')", "false"),
        ("bint.iszero(0)", "true"),
        ("bint.isone(1.0)", "true"),
        ("bint.isminusone(-1)", "true"),
        ("bint.isneg(-0.5)", "true"),
        ("bint.ispos(bint(0))", "false"),
        ("bint.iseven(4)", "true"),
        ("bint.isodd(-3)", "true"),
        ("bint.isodd(1.5)", "false"),
        ("bint.abs(-1.5)", "1.5"),
        ("bint.inc(1.5)", "2.5"),
        ("bint.dec('5')", "4"),
        ("bint.max(1, 2.5)", "2.5"),
        ("bint.min(1, '2')", "1"),
        ("bint.ipow(2, -1)", "0"),
        ("bint.ipow(0, 0)", "1"),
        ("bint.upowmod(3, 5, 1)", "0"),
        ("1 << bint(4)", "16"),
        ("bint(5):tobase(2)", "101"),
        ("bint(-5):abs()", "5"),
        ("#bint(1)", "8"),
    ],
)
def test_documented_behaviour(on, expression, text):
    assert on(f"return tostring({expression})") == text.encode()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("bint('abc')", "value cannot be represented by a bint"),
        ("bint('1.5')", "value cannot be represented by a bint"),
        ("bint(1.5)", "value cannot be represented by a bint"),
        ("bint(nil)", "value cannot be represented by a bint"),
        ("bint(true)", "value cannot be represented by a bint"),
        ("local x = bint(1) & 1.5", "value cannot be represented by a bint"),
        ("local x = bint(1) << 'x'", "value cannot be represented by a bint"),
        ("bint.ult(1, 'x')", "value cannot be represented by a bint"),
        ("bint.ipow(2, 0.5)", "value cannot be represented by a bint"),
        ("bint(1):_add(1.5)", "value cannot be represented by a bint"),
        ("local x = bint(1) // 0", "attempt to divide by zero"),
        ("local x = bint(1) % bint(0)", "attempt to divide by zero"),
        ("bint.udivmod(1, 0)", "attempt to divide by zero"),
        ("bint.upowmod(1, 1, 0)", "attempt to divide by zero"),
        ("bint.tdiv(bint.mininteger(), -1)", "division overflow"),
        ("bint.tobase(1, 1)", "number base is not between 2 and 36"),
        ("bint.tobase(1, 37)", "number base is not between 2 and 36"),
        ("bint.fromle(1)", "buffer is not a string"),
        ("bint.frombe(nil)", "buffer is not a string"),
        ("local x = bint(1) + nil", "attempt to perform arithmetic on a nil value"),
        ("local x = bint(1) + {}", "attempt to perform arithmetic on a nil value"),
        ("local x = bint(1) < nil", "attempt to compare number with nil"),
        ("local x = bint(1) .. ''", "attempt to concatenate a table value"),
        ("local x = bint({}) + 1", "attempt to perform arithmetic on a table value"),
    ],
)
def test_refusals(lib, statement, said):
    assert f": {said}" in lib.failure(f"local bint = M(256) {statement}")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("M(256, 12)", "bitsize is not multiple of word bitsize"),
        ("M(256, 64)", "word bitsize must be half of the lua integer bitsize"),
        ("M(256, 4)", "wordbits must be at least 8"),
        ("M(32)", "bitsize must be >= 64"),
        ("M('256')", "attempt to compare number with string"),
        ("M(80)", "bitsize is not multiple of word bitsize"),
    ],
)
def test_unusable_widths(lib, call, said):
    assert lib.failure(call).endswith(f": {said}")


def test_any_table_is_taken_but_cannot_be_used(on):
    assert on("local t = {} return bint(t) == t and not bint.isbint(bint(t))") is True


def test_a_width_has_one_class(lib):
    assert lib.run("return M(256) == M(256, 32), M(256) ~= M(512), M(256) ~= M(256, 16)") == (True, True, True)


def test_new_copies_and_tobint_does_not(on):
    assert on("local a = bint(1) return rawequal(bint(a), a), rawequal(bint.tobint(a), a)") == (False, True)
    assert on("local a = bint(1) return rawequal(bint.tobint(a, true), a), rawequal(bint.parse(a, true), a)") == (
        False,
        False,
    )


def test_methods_with_an_underscore_change_the_bint_itself(on):
    body = """
      local a = bint(5)
      local same = a
      assert(rawequal(a:_add(3), same) and bint.eq(a, 8))
      assert(rawequal(a:_sub("2"), same) and bint.eq(a, 6))
      assert(rawequal(a:_inc(), same) and bint.eq(a, 7))
      assert(rawequal(a:_dec(), same) and bint.eq(a, 6))
      assert(rawequal(a:_unm(), same) and bint.eq(a, -6))
      assert(rawequal(a:_abs(), same) and bint.eq(a, 6))
      assert(rawequal(a:_abs(), same) and bint.eq(a, 6))
      assert(rawequal(a:_band(3), same) and bint.eq(a, 2))
      assert(rawequal(a:_bor(8), same) and bint.eq(a, 10))
      assert(rawequal(a:_bxor(1), same) and bint.eq(a, 11))
      assert(rawequal(a:_bnot(), same) and bint.eq(a, -12))
      assert(rawequal(a:_assign("0x10"), same) and bint.eq(a, 16))
      assert(rawequal(a:_shlwords(2), same) and a == bint(16) << 64)
      assert(rawequal(a:_shrwords(1), same) and a == bint(16) << 32)
      return tostring(a)
    """
    assert on(body) == str(16 << 32).encode()


def test_instances_are_words_of_32_bits(on):
    assert on("return table.concat(bint('0x300000002'), ' ')") == b"2 3 0 0 0 0 0 0"
    assert on("return table.concat(bint(-1), ' ', 7, 8)") == b"4294967295 4294967295"


def test_a_token_transfer(on):
    body = """
      local add = function(a, b) return tostring(bint(a) + bint(b)) end
      local subtract = function(a, b) return tostring(bint(a) - bint(b)) end
      local enough = bint("10000000000000000000") <= bint("10000000000000000001")
      return enough, subtract("10000000000000000001", "10000000000000000000"), add("0", "10000000000000000000")
    """
    assert on(body) == (True, b"1", b"10000000000000000000")
