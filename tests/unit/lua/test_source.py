"""The text of a Lua file and its lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.lua.source import Lines, count_lines, shown, strip
from tim3tool.lua.vm import LuaVM


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"x = 1", b"x = 1"),
        (b"\xef\xbb\xbfx = 1", b"x = 1"),
        (b"#!/usr/bin/lua\nx = 1", b"\nx = 1"),
        (b"\xef\xbb\xbf# anything\r\nx = 1", b"\nx = 1"),
        (b"#!/usr/bin/lua", b""),
        (b"\n#x", b"\n#x"),
        (b"", b""),
    ],
)
def test_strip_takes_away_what_lua_does_not_read(source, text):
    assert strip(source) == text


@settings(max_examples=sample(100), derandomize=True)
@given(st.lists(st.sampled_from([b"\n", b"\r", b" ", b"--x"]), max_size=12).map(b"".join))
def test_lines_are_counted_as_lua_counts_them(text):
    text += b"\n"
    (line,) = LuaVM().run(text + b"return debug.getinfo(1, 'l').currentline", "=text")
    assert count_lines(text) == line - 1
    assert Lines(text, "x.lua").where(len(text), len(text)).line == line


def test_a_place_is_in_characters_and_ends_with_its_line():
    lines = Lines("a = 1\r\n\té = 'ü\nö'".encode(), "src/x.lua")
    text = "\té = 'ü"
    start = lines.text.index(b"'")
    where = lines.where(start, len(lines.text))
    assert (str(where), where.length, where.text) == ("src/x.lua:2:6", 2, text)
    assert lines.where(lines.text.index(b"\r"), len(lines.text)).length == 1
    assert lines.text[slice(*lines.span(2))] == text.strip().encode()


def test_what_is_shown_does_no_harm():
    assert shown(b"\x1b[2J\ta\x00\xff\xc2\x9b\xc3\xa9") == "\ufffd[2J\ta\ufffd\ufffd\ufffdé"
