"""Which files count."""

from __future__ import annotations

from pathlib import Path

import pytest

from tim3tool.spec.coverage.selection import Selection

ROOT = Path("/project")


@pytest.mark.parametrize("name", ["a.lua", "src/a.lua", "ao/p/src/main.lua", "src/testing.lua", "src/a.b.lua"])
def test_sources_count(name):
    assert Selection(root=ROOT).name_of(ROOT / name) == name


@pytest.mark.parametrize(
    "name",
    ["a_spec.lua", "src/a_test.lua", "test/support.lua", "ao/p/test/support.lua", "spec/helper.lua", "build/p.lua",
     "lua_modules/share/x.lua", ".luarocks/x.lua", "src/a.txt", "../other/a.lua"],
)  # fmt: skip
def test_suites_and_what_is_not_of_the_project_do_not(name):
    assert Selection(root=ROOT).name_of(ROOT / name) is None


def test_what_is_included_replaces_the_usual():
    chosen = Selection(root=ROOT, include=("test/*",))
    assert chosen.name_of(ROOT / "test" / "a" / "support.lua") == "test/a/support.lua"
    assert chosen.name_of(ROOT / "src" / "a.lua") is None


def test_what_is_excluded_is_left_out():
    chosen = Selection(root=ROOT, exclude=("src/vendored/*",))
    assert chosen.name_of(ROOT / "src" / "vendored" / "a.lua") is None
    assert chosen.name_of(ROOT / "src" / "a.lua") == "src/a.lua"
