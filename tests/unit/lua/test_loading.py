"""Where a source changes what `require` finds."""

from __future__ import annotations

import pytest

from tim3tool.lua.loading import loading_changes
from tim3tool.lua.syntax import check


def found(source: str) -> list[str]:
    check(source.encode(), "main.lua")
    changes = loading_changes(source.encode(), "main.lua")
    return [f"{change.where.line}:{change.where.column} {change.what}" for change in changes]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('package.path = "x/?.lua;" .. package.path', ["1:1 package.path"]),
        ('x, package.path = 1, "a"', ["1:4 package.path"]),
        ('x()\n  _G.package["path"] = ""', ["2:3 package.path"]),
        ('_ENV["package"].path = ""', ["1:1 package.path"]),
        ('package --[[]] . -- x\n path = ""', ["1:1 package.path"]),
        ('package.preload["m"] = function() end', ["1:1 package.preload"]),
        ("package.preload.m, x = f, 1", ["1:1 package.preload"]),
        ("function package.preload.m() end", ["1:10 package.preload"]),
        ("table.insert(package.searchers, 2, f)", ["1:14 package.searchers"]),
        ("package.searchers[2] = f package.searchers = {}", ["1:1 package.searchers", "1:26 package.searchers"]),
        ("local preload = package.preload", ["1:17 package.preload"]),
        ("setmetatable(package[ [[preload]] ], {})", ["1:14 package.preload"]),
        ("return {package.searchers}", ["1:9 package.searchers"]),
    ],
)
def test_a_change_is_found_however_it_is_written(source, expected):
    assert found(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "",
        "local p = package.path",
        "print(package.path:gsub(';', '\\n'))",
        "f(package.path)",
        "if package.preload.m or package.preload['n'] == f then end",
        "local m = package.preload.m",
        "for i, s in ipairs(package.searchers) do end return #package.searchers",
        'package.loaded["m"] = nil package.config = 1 package.cpath = ""',
        "-- package.path = 1\nlocal s = 'package.path = 1'",
        "local package = {} package.path = 1",
        "function f(package) package.path = 1 end",
        "t.package.path = 1 t = {package = {path = 1}}",
        "t[package.path] = 1 package[path] = 1",
    ],
)
def test_what_changes_nothing_is_no_change(source):
    assert found(source) == []
