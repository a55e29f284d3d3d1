"""What has not changed is not built again, and whatever else has is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tim3tool.bundle import build, take
from tim3tool.bundle.cache import Cache
from tim3tool.errors import LuaModuleNotFound, LuaSyntaxError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "src/main.lua": 'require "m" require "json" pcall(require, "gone") require(name)',
    "src/m.lua": "return 1",
    "shared/late.lua": "return 'late'",
}


class Project:
    """A folder, its cache, and whether the last build came out of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache = Cache(folder=root / ".tim3" / "cache", root=root)

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.root / f"{name.replace('__', '/')}.lua"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def build(self, **options):
        options = {"path": ["shared/?.lua"]} | options
        built = self.cache.build(self.root / "src/main.lua", name="demo", **options)
        assert built == build(self.root / "src/main.lua", name="demo", root=self.root, **options)
        return built

    def entries(self) -> list[tuple[str, int]]:
        return sorted((file.name, file.stat().st_ino) for file in (self.root / ".tim3/cache/bundles").iterdir())


@pytest.fixture
def project(programs):
    programs.write(FILES)
    return Project(programs.root)


def test_a_second_build_is_the_first_one(project):
    first = project.build()
    kept = project.entries()
    for file in project.root.rglob("*.lua"):
        os.utime(file, (1, 1))  # only the contents count
    assert project.build() == first
    assert project.build().inputs == first.inputs
    assert project.entries() == kept


@pytest.mark.parametrize(
    "changed",
    [
        {"src__main": "return 2"},
        {"src__m": "return 2"},
        {"src__gone": "return 'here now'"},
        {"src__gone__init": "return 'here now'"},
        {"shared__gone": "return 'here now'"},
    ],
)
def test_whatever_changes_is_seen(project, changed):
    first = project.build()
    project.write(**changed)
    assert project.build().code != first.code


def test_a_file_that_comes_before_the_one_found_is_seen(project):
    project.write(src__main='return require "late"')
    first = project.build()
    project.write(src__late="return 'early'")
    assert [module.path for module in first.modules] == ["shared/late.lua"]
    assert [module.path for module in project.build().modules] == ["src/late.lua"]


def test_a_file_that_goes_is_seen(project):
    project.build()
    (project.root / "src/m.lua").unlink()
    with pytest.raises(LuaModuleNotFound):
        project.build()


def test_a_new_file_that_a_glob_takes_in_is_seen(project):
    project.write(src__plugins__a="return 'a'")
    first = project.build(include=["plugins.*"])
    project.write(src__plugins__b="return 'b'")
    second = project.build(include=["plugins.*"])
    assert len(second.modules) == len(first.modules) + 1


def test_other_options_are_another_bundle(project):
    assert project.build().modules != project.build(external=["m"]).modules
    assert len(project.entries()) == 2


def test_a_file_that_is_taken_as_it_is(project):
    entry = project.root / "src/main.lua"
    wanted = take(entry, name="demo", root=project.root)
    assert [project.cache.take(entry, name="demo") for _ in range(2)] == [wanted, wanted]
    project.write(src__main="return 3")
    assert project.cache.take(entry, name="demo").code == b"return 3"


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda data: data[:-1],
        lambda data: data[:40],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data.replace(b"demo", b"dome"),
        lambda _: b"\xff" * 100,
    ],
)
def test_a_damaged_entry_is_not_believed_and_written_anew(project, damage):
    first = project.build()
    ((name, _),) = project.entries()
    file = project.root / ".tim3/cache/bundles" / name
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert project.build() == first
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_only_costs_time(project):
    project.write(src__main="return 1")
    (project.root / ".tim3").write_text("a file where the folder should be")
    assert project.build() == project.build()


def test_what_cannot_be_bundled_is_not_kept(project):
    project.write(src__m="x = = 1")
    for _ in range(2):
        with pytest.raises(LuaSyntaxError):
            project.build()
    assert not (project.root / ".tim3").exists()
