"""The runtime's json module: what AO's own one answers, error texts included."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample


@pytest.fixture(scope="module")
def lib(library):
    return library("json", "json")


def text_of(failure: str) -> str:
    """Return an error text without its place, which must be a line of the json chunk."""
    match = re.fullmatch(r'(?s)\[string "json"\]:\d+: (.*)', failure)
    assert match, failure
    return match[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{}", b"[]"),
        ("{a={}}", b'{"a":[]}'),
        ("{1,2,3}", b"[1,2,3]"),
        ("{a=1}", b'{"a":1}'),
        ("{{},{b='c'}}", b'[[],{"b":"c"}]'),
        ("123456789012345", b"1.2345678901234e+14"),
        ("9007199254740993", b"9.007199254741e+15"),
        ("1e14", b"1e+14"),
        ("99999999999999", b"99999999999999"),
        ("5.0", b"5"),
        ("-0.0", b"-0"),
        ("1/3", b"0.33333333333333"),
        ("math.mininteger", b"-9.2233720368548e+18"),
        ("{f=print,a=1}", b'{"a":1}'),
        ("{f=print}", b"{}"),
        ("true", b"true"),
        ("{false}", b"[false]"),
        ("nil", b"null"),
        ('"a\\n\\"b\\\\c/\\0"', b'"a\\n\\"b\\\\c/\\u0000"'),
        ('"\\b\\f\\r\\t\\27\\127"', b'"\\b\\f\\r\\t\\u001b\x7f"'),
        ('"\\195\\164\\255"', b'"\xc3\xa4\xff"'),
        ("{['a\"b']=1}", b'{"a\\"b":1}'),
    ],
)
def test_encode(lib, value, text):
    assert lib.run(f"return M.encode({value})") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{1,nil,3}", "invalid table: sparse array"),
        ("{1,[2.5]=2}", "invalid table: sparse array"),
        ("{1,a=2}", "invalid table: mixed or invalid key types"),
        ("{1,nil,3,a=2}", "invalid table: mixed or invalid key types"),
        ("{[2]='x'}", "invalid table: mixed or invalid key types"),
        ("{[true]='x'}", "invalid table: mixed or invalid key types"),
        ("print", "unexpected type 'function'"),
        ("{print}", "unexpected type 'function'"),
        ("{a=coroutine.create(print)}", "unexpected type 'thread'"),
        ("(function() local t = {} t.t = t return t end)()", "circular reference"),
        ("(function() local t = {} t[1] = {t} return t end)()", "circular reference"),
        ("1/0", "unexpected number value 'inf'"),
        ("-1/0", "unexpected number value '-inf'"),
        ("{a=-(0/0)}", "unexpected number value 'nan'"),
        ("0/0", "unexpected number value '-nan'"),
    ],
)
def test_encode_refuses(lib, value, text):
    said = text_of(lib.failure(f"M.encode({value})"))
    if "nan" in text:  # the sign of a NaN is the processor's
        said, text = said.replace("-nan", "nan"), text.replace("-nan", "nan")
    assert said == text


def test_a_table_may_occur_twice_side_by_side(lib):
    assert lib.run("local t = {1} return M.encode({a={t,t}})") == b'{"a":[[1],[1]]}'


def test_object_members_come_in_the_order_of_pairs(lib):
    body = """
      local order = {}
      local t = {a=1, b=2, c=3, d=4}
      for key in pairs(t) do order[#order + 1] = '"' .. key .. '":' .. t[key] end
      return M.encode(t) == "{" .. table.concat(order, ",") .. "}"
    """
    assert lib.run(body) is True


@pytest.mark.parametrize(
    ("text", "expression", "value"),
    [
        (b"5", "math.type(v)", b"integer"),
        (b"5.0", "math.type(v)", b"float"),
        (b"9223372036854775807", "v", 2**63 - 1),
        (b"12345678901234567890", "tostring(v)", b"1.2345678901235e+19"),
        (b"01", "v", 1),
        (b"5.", "v", 5.0),
        (b"0x10", "v", 16),
        (b"-1e3", "v", -1000.0),
        (b"null", "v == nil", True),
        (b"[1,null,3]", "#v", 1),
        (b"[1,null,3]", "v[3]", 3),
        (b'{"a":null}', "next(v) == nil", True),
        (b"[1,2,]", "#v", 2),
        (b'{"a":1,}', "v.a", 1),
        (b'{"a":1,"a":2}', "v.a", 2),
        (b' \t\r\n[ 1 , { "a" : true } ] \n', "v[2].a", True),
        (b'"\\u00e4\\/\\b\\f\\n\\r\\t\\"\\\\"', "v", b'\xc3\xa4/\b\f\n\r\t"\\'),
        (b'"\\ud83d\\ude00"', "v", "😀".encode()),
        (b'"\\ud83dx"', "v", b"\xed\xa0\xbdx"),
        (b'"\\ud83d\\u0041"', "v", b"\xf0\x91\xa1\x81"),
        (b'"\\u0000"', "v", b"\0"),
        (b'"\xff"', "v", b"\xff"),
        (b'{"a":{}}', "M.encode(v)", b'{"a":[]}'),
        (b'""', "v", b""),
    ],
)
def test_decode(lib, text, expression, value):
    assert lib.run(f"local v = M.decode(...) return {expression}", text) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "unexpected character '' at line 1 col 1"),
        (b"   ", "unexpected character '' at line 1 col 4"),
        (b"not json", "invalid literal 'not' at line 1 col 1"),
        (b"tru", "invalid literal 'tru' at line 1 col 1"),
        (b"[1 2]", "expected ']' or ',' at line 1 col 5"),
        (b"[1", "expected ']' or ',' at line 1 col 4"),
        (b"[1,", "unexpected character '' at line 1 col 4"),
        (b"[,]", "unexpected character ',' at line 1 col 2"),
        (b'{"a":1 "b"', "expected '}' or ',' at line 1 col 9"),
        (b'{"a" 1}', "expected ':' after key at line 1 col 6"),
        (b"{a:1}", "expected string for key at line 1 col 2"),
        (b"1 2", "trailing garbage at line 1 col 3"),
        (b"1\n\n 2", "trailing garbage at line 3 col 2"),
        (b"+5", "unexpected character '+' at line 1 col 1"),
        (b".5", "unexpected character '.' at line 1 col 1"),
        (b"-x", "invalid number '-x' at line 1 col 1"),
        (b"1e", "invalid number '1e' at line 1 col 1"),
        (b'["abc', "expected closing quote for string at line 1 col 2"),
        (b'"a\nb"', "control character in string at line 1 col 3"),
        (b'"\\x"', "invalid escape char 'x' in string at line 1 col 2"),
        (b'"ab\\u12"', "invalid unicode escape in string at line 1 col 4"),
    ],
)
def test_decode_refuses(lib, text, said):
    assert text_of(lib.failure("M.decode(...)", text)) == said


@pytest.mark.parametrize(("value", "kind"), [("nil", "nil"), ("5", "number"), ("{}", "table"), ("print", "function")])
def test_decode_takes_strings_only(lib, value, kind):
    assert text_of(lib.failure(f"M.decode({value})")) == f"expected argument of type string, got {kind}"


def test_replaced_globals_change_nothing(lib):
    body = """
      local kept = {pairs, next, type, tonumber, error, rawget}
      pairs, next, type, tonumber, error, rawget = nil
      local text = M.encode(M.decode('{"a":[1,"x"]}'))
      pairs, next, type, tonumber, error, rawget = table.unpack(kept)
      return text
    """
    assert lib.run(body) == b'{"a":[1,"x"]}'


LEAVES = (
    st.booleans()
    | st.integers(-(10**14) + 1, 10**14 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


def as_read_back(value):
    """Return what is left of a document after Lua: 14 digits, and no difference between {} and []."""
    if isinstance(value, float):
        return float(f"{value:.14g}")
    if isinstance(value, dict):
        return {key: as_read_back(item) for key, item in value.items()} or []
    if isinstance(value, list):
        return [as_read_back(item) for item in value]
    return value


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 2]))
def test_python_and_lua_read_each_other(lib, document, ascii_only, indent):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()
    assert json.loads(lib.run("return M.encode(M.decode(...))", text)) == as_read_back(document)


@settings(max_examples=sample(200), derandomize=True, deadline=None)
@given(st.binary(max_size=12) | st.text('[]{}",:0123 \\utrueflsn-.', max_size=12).map(str.encode))
def test_any_text_is_read_or_refused_by_name(lib, text):
    ok, result = lib.run("local ok, v = pcall(M.decode, ...) return ok, not ok and v or ''", text)
    if not ok:
        said = text_of(result.decode("latin-1"))
        assert re.search(r" at line \d+ col \d+$", said)


@settings(max_examples=sample(100), derandomize=True, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_with_14_digits(lib, number):
    assert lib.run("return M.encode(...)", number).decode() == f"{number:.14g}"
