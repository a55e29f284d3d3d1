"""The tokens of Lua sources, and what literals stand for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.lua.tokens import number_value, string_value, tokens
from tim3tool.lua.vm import LuaVM, syntax_error


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a..b...c", "a .. b ... c"),
        ("1 ..x", "1 .. x"),
        ("3.e+2-0xA.p-1e", "3.e+2 - 0xA.p-1e"),
        ("0xep1", "0xep1"),
        ("x.. .5", "x .. .5"),
        ("a[ [[x]] ]", "a [ [[x]] ]"),
        ("[=[ ]] ]=]]", "[=[ ]] ]=] ]"),
        ("--[==[ ]] ]==]x", "x"),
        ("--[=x\ny--", "y"),
        ("--[[a]]b--[c\rd", "b d"),
        (r"'\''" + r'"\\"', r"'\'' " + r'"\\"'),
        ("'a\\\nb'", "'a\\\nb'"),
        ("::x::goto x", ":: x :: goto x"),
        ("a//b~=c>>d<=~e", "a // b ~= c >> d <= ~ e"),
        ("a<b>c=d==e", "a < b > c = d == e"),
    ],
)
def test_tokens_are_those_of_lua(source, expected):
    found = list(tokens(source.encode()))
    assert b"".join(token.text for token in found) == source.encode()
    assert [token.start for token in found] == [
        sum(len(token.text) for token in found[:index]) for index in range(len(found))
    ]
    code = [token.text for token in found if token.kind not in ("space", "comment")]
    assert b" ".join(code).decode() == expected


NUMERALS = ["0", "00", "7", "9223372036854775807", "9223372036854775808", "0x7fffffffffffffff", "0xFFFFFFFFFFFFFFFF"]
NUMERALS += ["0x1ffffffffffffffff", "0X.8", "0xA.p1", "0xep1", "0x1P-3", "1.", ".5", "1e5", "1E+05", "1e-320", "1e999"]


@pytest.mark.parametrize("numeral", NUMERALS)
def test_a_numeral_has_the_value_lua_gives_it(numeral):
    (value,) = LuaVM().run(b"return " + numeral.encode(), "=n")
    ours = number_value(numeral.encode())
    assert (type(ours), ours) == (type(value), value)


PIECES = [
    b"a",
    b"7",
    b"\xff",
    b"\n",
    b"\\n",
    b"\\065",
    b"\\7",
    b"\\xfF",
    b"\\z \n\t ",
    b"\\\r\n",
    b"\\\n",
    b"\\u{20AC}",
]
PIECES += [b"\\u{7FFF}", b"\\\\", b'\\"', b"\\'", b"\\a\\b\\f\\r\\t\\v", b"]", b"\r", b"\r\n", b"\n\r"]


@settings(max_examples=sample(200), derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(PIECES)), st.sampled_from([b"''", b'""', b"[[]]", b"[==[]==]"]))
def test_a_string_literal_has_the_value_lua_gives_it(pieces, quotes):
    half = len(quotes) // 2
    body = b"".join(piece for piece in pieces if half > 1 or piece.strip(b"\r\n") != b"")
    literal = quotes[:half] + body + quotes[half:]
    if syntax_error(b"return " + literal):
        return
    assert LuaVM().run(b"return " + literal, "=s") == (string_value(literal),)


def test_infinity_is_a_numeral_too():
    assert math.isinf(number_value(b"1e999"))
