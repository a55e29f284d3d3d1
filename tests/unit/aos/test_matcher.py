"""Patterns matched in Lua give what Lua's own C code gives: results, and the texts of errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tim3tool
from tim3tool.lua.vm import LuaVM

RUNTIME = Path(tim3tool.__file__).parent / "aos" / "runtime"

COMPARE = b"""
local ours = ...
local function outcome(f, ...)
  local got = table.pack(pcall(f, ...))
  for i = 1, got.n do got[i] = math.type(got[i]) == "integer" and got[i] or tostring(got[i]) end
  if got[1] ~= "true" then got[2] = got[2]:gsub("^.-:%d+: ", "") end
  return table.concat(got, "|")
end
local function each(gmatch)
  return function(s, p)
    local found = {}
    for a, b in gmatch(s, p) do found[#found + 1] = tostring(a) .. "," .. tostring(b) end
    return table.concat(found, ";")
  end
end
local function both(name, native, own, ...)
  local expected, got = outcome(native, ...), outcome(own, ...)
  if expected ~= got then return name .. ": expected " .. expected .. ", got " .. got end
end
return function(s, p, with, init)
  init = math.min(init, #s + 1)
  local isPattern = p:find("[%^%$%*%+%?%.%(%[%%%-]")
  return isPattern and both("find", string.find, ours.find, s, p, init)
    or both("match", string.match, ours.match, s, p, init)
    or both("gmatch", each(string.gmatch), each(ours.gmatch), s, p)
    or both("gsub", string.gsub, ours.gsub, s, p, with, 1000)
    or both("gsub, some", string.gsub, ours.gsub, s, p, with, 2)
    or both("gsub, table", string.gsub, ours.gsub, s, p, { a = "x", b = false, ab = 1, [""] = "-" }, 1000)
    or both("gsub, function", string.gsub, ours.gsub, s, p, function(a, b) return b and a .. tostring(b) end, 1000)
    or "same"
end
"""

PIECES = (
    *("a", "b", ".", "%a", "%s", "%S", "[ab]", "[^a]", "[]a]", "[%a-]", "[%w_]", "x", " ", "\0"),
    *("a*", "b-", "%a+", ".-", ".*", "[ab]?", "[^)]*", "%w+", "*", "+", "-", "?"),
    *(
        "(",
        ")",
        "()",
        "(a*)",
        "(.-)",
        "%1",
        "%2",
        "%0",
        "^",
        "$",
        "%b()",
        "%f[a]",
        "%f[%z]",
        "%%",
        "%",
        "[a",
        "%b",
        "%f",
    ),
)


@pytest.fixture(scope="module")
def compare():
    vm = LuaVM()
    (charge,) = vm.run(b"return function() end", "=free")
    (ours,) = vm.run((RUNTIME / "matcher.lua").read_bytes(), "=matcher", charge)
    (function,) = vm.run(COMPARE, "=compare", ours)
    return lambda s, p, with_="", init=1: vm.call(function, s.encode(), p.encode(), with_.encode(), init)[0].decode()


@settings(max_examples=4000, derandomize=True, deadline=None)
@given(
    st.text("aab ()x\0%", max_size=12),
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    st.sampled_from(["", "x", "%0%0", "%1", "%2-%1", "%", "%x", "%%"]),
    st.integers(1, 4),
)
def test_random_patterns_match_as_in_c(compare, subject: str, pattern: str, replacement: str, init: int):
    assert compare(subject, pattern, replacement, init) == "same"


@pytest.mark.parametrize("count", [1, 33, 198, 199, 200, 201, 250])
@pytest.mark.parametrize("piece", ["a*", "a-", "a?", "a+", "(a)", "()", "(", ")"])
@pytest.mark.parametrize("subject", ["", "a"])
def test_deep_patterns_end_as_in_c(compare, subject: str, piece: str, count: int):
    assert compare(subject, piece * count) == "same"


@pytest.mark.parametrize(
    ("subject", "pattern"),
    [
        ("key = value # note", "^(%w+)%s*=%s*(%w+)"),
        ("  trimmed  ", "^%s*(.-)%s*$"),
        ("THE (quick) fox", "%f[%a]%a+"),
        ("f(a(b)c)d)", "%b()"),
        ('say "it\'s" now', "([\"'])(.-)%1"),
        ("one\ntwo\n\nthree", "([^\n]*)\n?"),
        ("a,b,,c", "([^,]*)"),
        ("\xe9\0z", "[\x80-\xff]+%z?"),
    ],
)
def test_usual_patterns_match_as_in_c(compare, subject: str, pattern: str):
    assert compare(subject, pattern, "<%1>") == "same"
