"""The file of a bundle is written whole or not at all."""

from __future__ import annotations

import os

import pytest

from tim3tool.bundle import is_current, write
from tim3tool.errors import UsageError, explain


@pytest.fixture
def bundle(programs):
    programs.write({"src/main.lua": "return 1"})
    return programs.build("src/main.lua")


def test_a_new_file_is_written_with_its_folder(bundle, tmp_path):
    path = tmp_path / "build" / "demo.lua"
    assert not is_current(bundle, path)
    assert write(bundle, path) is True
    assert path.read_bytes() == bundle.code
    assert is_current(bundle, path)
    assert [file.name for file in path.parent.iterdir()] == ["demo.lua"]


def test_an_equal_file_is_left_alone(bundle, tmp_path):
    path = tmp_path / "demo.lua"
    write(bundle, path)
    os.utime(path, (1, 1))
    assert write(bundle, path) is False
    assert path.stat().st_mtime == 1


def test_a_stale_file_is_replaced(bundle, tmp_path):
    path = tmp_path / "demo.lua"
    path.write_bytes(bundle.code + b"-- edited")
    before = path.stat().st_ino
    assert not is_current(bundle, path)
    assert write(bundle, path) is True
    assert path.read_bytes() == bundle.code
    assert path.stat().st_ino != before  # another file in its place, not the old one written over


def test_a_file_that_cannot_be_written_leaves_nothing_behind(bundle, tmp_path):
    path = tmp_path / "out"
    (path / "kept").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        write(bundle, path)
    assert explain(caught.value) == (
        f"error: cannot write `{path}`: Is a directory\n = help: choose another output, or make this one writable"
    )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", "src"]
    with pytest.raises(UsageError, match=r"cannot write `.*demo\.lua`: File exists"):
        write(bundle, tmp_path / "src" / "main.lua" / "demo.lua")
