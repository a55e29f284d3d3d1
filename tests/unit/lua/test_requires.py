"""What a source requires."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.lua.requires import DynamicRequire, Require, requires
from tim3tool.lua.syntax import check
from tim3tool.lua.vm import LuaVM


def found(source: str | bytes) -> list[str]:
    """Return requires in short: line:column, name (``?`` when dynamic), then P for protected, T for top level."""
    source = source.encode() if isinstance(source, str) else source
    check(source, "main.lua")
    return [_short(item) for item in requires(source, "main.lua")]


def _short(item: Require | DynamicRequire) -> str:
    place = f"{item.where.line}:{item.where.column}"
    if isinstance(item, DynamicRequire):
        return f"{place} ?"
    return f"{place} {item.name.decode('latin-1')}{' P' * item.protected}{' T' * item.toplevel}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('require "m"', ["1:10 m T"]),
        ("require'm'", ["1:9 m T"]),
        ('require("m")', ["1:10 m T"]),
        ("require[[m]]", ["1:10 m T"]),
        ("require [==[\nm]==]", ["2:1 m T"]),
        ('((require))((("m")))', ["1:16 m T"]),
        ('require\n\n  "m"', ["3:4 m T"]),
        ('require("m", 1)', ["1:10 m T"]),
        ('_G.require "m"', ["1:13 m T"]),
        ('_G["require"]("m")', ["1:16 m T"]),
        ("_ENV['require'] 'm'", ["1:18 m T"]),
        ('local r = _G[ [[require]] ] r "m"', ["1:32 m T"]),
        ('pcall(_G["require"], "m")', ["1:23 m P T"]),
        ('_G["require"](x)', ["1:5 ?"]),
        ('t["require"]("m") f("require") require "require" t = {["require"] = 1}', ["1:41 require T"]),
        ('local r = _ENV.require r "m"', ["1:27 m T"]),
        ('f(t . -- x\nrequire "no", require "m")', ["2:24 m T"]),
        ('x = y ..require "m"', ["1:18 m T"]),
        ('--[[\n require "no"]] require --[[]] "m" -- require "no"', ["2:33 m T"]),
        ('(require or print) "m"', ["1:21 m T"]),
        ('local x = require("x") local y = require("y")', ["1:20 x T", "1:43 y T"]),
        ('require "a".b.c(require "d")', ["1:10 a T", "1:26 d T"]),
        ('x = {[require "k"] = require "v", require "w", require = 1}', ["1:16 k T", "1:31 v T", "1:44 w T"]),
        ('while require "a" do if require "b" then else require "c" end end', ["1:16 a T", "1:34 b T", "1:56 c T"]),
        ('if type(require) == "function" then require "m" end', ["1:46 m T"]),
        ('s = "é\t" require "m"', ["1:19 m T"]),
    ],
)
def test_a_literal_name_is_found_however_it_is_written(source, expected):
    assert found(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('pcall(require, "m")', ["1:17 m P T"]),
        ('xpcall(require, print, "m")', ["1:25 m P T"]),
        ('pcall(function() return require "m" end)', ["1:34 m P T"]),
        ('pcall(function() f(function() require "m" end) end)', ["1:40 m P"]),
        ('function g() pcall(require, "m") end', ["1:30 m P"]),
        ('pcall(f, function() require "m" end)', ["1:30 m"]),
        ('f(function() require "m" end)', ["1:23 m"]),
        ('local function f() return require "m" end', ["1:36 m"]),
    ],
)
def test_protection_and_functions_are_seen(source, expected):
    assert found(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('local r = require r "m"', ["1:22 m T"]),
        ('local a, b = 1, (require) a "no" b "m"', ["1:37 m T"]),
        ('local require = require require "m"', ["1:34 m T"]),
        ('local require = require or print; require "m"', ["1:44 m T"]),
        ('local r = require local q = r pcall(q, "m")', ["1:41 m P T"]),
        ('local r = require local require = r require "m"', ["1:46 m T"]),
        ('do local r = require end r "no"', []),
        ('local r = require function f(r) r "no" end r "m"', ["1:47 m T"]),
        ("local r = require local x = r(name)", ["1:29 ?"]),
    ],
)
def test_a_local_alias_is_followed_within_its_scope(source, expected):
    assert found(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '-- require "x"',
        '--[==[\nrequire "x" ]] \n]==]',
        "s = 'require \"x\"'",
        's = [[require "x"]]',
        's = "\\"" .. "require \\"x\\""',
        't.require "x" t:require "y"',
        "goto require ::require::",
        'requires "x" my_require "y" require2 "z"',
        "x = require == nil",
        "if require then end",
        'local require = print require "x"',
        'local require; require "x"',
        'local function require(x) require "x" end require "y"',
        'function f(a, require, ...) require "x" end',
        'f(function(require) require "x" end)',
        'for require = 1, 2 do require "x" end',
        'for k, require in pairs(t) do require "x" end',
        'repeat local require = print until require "x"',
    ],
)
def test_what_is_not_the_require_is_left_out(source):
    assert found(source) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('do local require = print end require "m"', ["1:39 m T"]),
        ('local require = require "m" require "no"', ["1:26 m T"]),
        ('for require = 1, require "m" do require "no" end', ["1:27 m T"]),
        ('for k, require in require "m" do require "no" end require "n"', ["1:28 m T", "1:60 n T"]),
        ('function f(require) require "no" end require "m"', ["1:47 m T"]),
        ('do local function require() end end require "m"', ["1:46 m T"]),
        ('x="--[[" require "m" --]]', ["1:19 m T"]),
        ('x="\\\n" require "m"', ["2:12 m T"]),
    ],
)
def test_a_shadow_ends_with_its_scope(source, expected):
    assert found(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "require(name)",
        'require("a" .. b)',
        "require()",
        "pcall(require, name)",
        "map(require, names)",
        "x = require",
        "return require",
        "t = {load = require}",
        'coroutine.wrap(require)("m")',
    ],
)
def test_the_rest_is_dynamic_and_placed_at_the_require(source):
    column = source.index("require") + 1
    assert found(source) == [f"1:{column} ?"]
    assert requires(source.encode(), "main.lua")[0].where.length == len("require")


@pytest.mark.parametrize(
    ("literal", "name"),
    [
        (r'"\x41\065\z   b\u{e9}"', b"AAb\xc3\xa9"),
        (r'"\n\t\\\"\'"', b"\n\t\\\"'"),
        ('"a\\\r\nb"', b"a\nb"),
        ("[[\r\na\r\nb]]", b"a\nb"),
        (r"[[\n]]", rb"\n"),
        ("[=[a]]b]=]", b"a]]b"),
        (r'"m\0rest"', b"m"),
        ('""', b""),
    ],
)
def test_names_are_decoded_as_lua_does(literal, name):
    (require,) = requires(b"require " + literal.encode(), "main.lua")
    assert isinstance(require, Require)
    assert require.name == name


def test_a_name_may_hold_any_byte():
    (require,) = requires(b'require "caf\xe9"', "main.lua")
    assert require.name == b"caf\xe9"
    assert require.where.text == 'require "caf\ufffd"'
    assert require.where.length == 4


def test_lines_are_counted_as_lua_counts_them():
    source = b'\xef\xbb\xbf#!/usr/bin/lua require "no"\nrequire "a"\r\nrequire "b"\rrequire "c"\n\rrequire "d"'
    assert found(source) == ["2:10 a T", "3:10 b T", "4:10 c T", "5:10 d T"]


def test_lua_5_3_syntax_is_understood():
    line = "goto done; a = 7 // 2 ~ ~1 & 0xA.8p1 | 3 << 2 >> 1; b = {1; [2] = 'x', ...}; ::done:: ;; "
    assert found(line + 'require "m"; return;') == [f"1:{len(line) + 10} m T"]


def test_a_source_may_be_deep_and_long():
    deep = "x = " + "1 + " * 50_000 + 'require "m"\n' + "(" * 150 + 'require "n"' + ")" * 150 + ".f()"
    assert [item.split()[1] for item in found(deep)] == ["m", "n"]
    rows = "return {\n" + "".join(f'  {{ id = {row}, name = "row {row}" }},\n' for row in range(20_000)) + "}"
    began = time.perf_counter()
    assert found(rows + '\n -- require "no"') == []
    assert found('local m = require "m" ' + rows) == ["1:20 m T"]
    assert time.perf_counter() - began < 5


NAMES = ["require", "r", "q"]
STATEMENTS = [
    'NAME("KEY")',
    "NAME'KEY'",
    "(NAME)[[KEY]]",
    "local NAME = OTHER",
    "local NAME, OTHER = OTHER, NAME",
    "local NAME = note",
    "local function NAME() end",
    "for NAME = 1, 1 do note(); BLOCK end",
    "for _, NAME in pairs({OTHER}) do BLOCK end",
    "do BLOCK end",
    "repeat BLOCK until (NAME or note)('KEY') or true",
    "(function(NAME, ...) BLOCK end)(note)",
    "(function() BLOCK end)()",
    "if OTHER then BLOCK end",
    '-- NAME "KEY"',
    "local text = \"NAME 'KEY' --[[\" --]]",
]


@st.composite
def blocks(draw, depth: int = 3) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(STATEMENTS if depth else STATEMENTS[:7]))
        text = text.replace("NAME", draw(st.sampled_from(NAMES))).replace("OTHER", draw(st.sampled_from(NAMES)))
        lines.append(text.replace("BLOCK", draw(blocks(depth - 1)) if depth and "BLOCK" in text else ""))
    return ";\n".join(lines) + "\n"


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(blocks())
def test_what_is_found_is_what_lua_calls(block):
    """Lua runs a program whose `require` notes its calls, and every statement of which is reached."""
    parts = block.split("KEY")
    source = "".join(part + f"m{index}" for index, part in enumerate(parts[:-1])) + parts[-1]
    noted: list[bytes] = []
    vm = LuaVM()
    # `note` stands for any other function; calling nil or a number is skipped, so that every statement runs.
    setup = (
        b"local noted = ... require = function(name) noted(name) end note = function() end r, q = note, note "
        b"local ignore = {__call = function() end} debug.setmetatable(nil, ignore) debug.setmetatable(0, ignore)"
    )
    vm.run(setup, "=setup", noted.append)
    vm.run(source.encode(), "=program")
    items = requires(source.encode(), "p.lua")
    static = {item.name for item in items if isinstance(item, Require)}
    assert static == set(noted) or (static < set(noted) and len(static) < len(items))
