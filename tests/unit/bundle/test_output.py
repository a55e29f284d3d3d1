"""The files of a bundle are written whole or not at all."""

from __future__ import annotations

import os

import pytest

from tim3tool.bundle import is_current, outputs, write
from tim3tool.bundle.output import check_places
from tim3tool.errors import UsageError, explain


@pytest.fixture
def files(programs, tmp_path):
    programs.write({"src/main.lua": "return 1"})
    return outputs(programs.build("src/main.lua"), tmp_path / "build" / "demo.lua", root=tmp_path)


def test_new_files_are_written_with_their_folder(files, tmp_path):
    assert not is_current(files)
    assert write(files) is True
    assert is_current(files)
    assert sorted(file.name for file in (tmp_path / "build").iterdir()) == [
        "demo.lua",
        "demo.lua.lines",
        "demo.lua.map",
    ]
    assert all(file.read_bytes() == data for file, data in files.items())


def test_equal_files_are_left_alone(files):
    write(files)
    for file in files:
        os.utime(file, (1, 1))
    assert write(files) is False
    assert {file.stat().st_mtime for file in files} == {1}


@pytest.mark.parametrize("ending", ["", ".map", ".lines"])
def test_a_stale_file_is_replaced(files, tmp_path, ending):
    write(files)
    stale = tmp_path / "build" / f"demo.lua{ending}"
    stale.write_bytes(b"edited")
    before = stale.stat().st_ino
    assert not is_current(files)
    assert write(files) is True
    assert is_current(files)
    assert stale.stat().st_ino != before  # another file in its place, not the old one written over


@pytest.mark.parametrize("ending", ["", ".map", ".lines"])
def test_files_that_cannot_be_written_leave_what_was_there(files, tmp_path, ending):
    blocked = tmp_path / "build" / f"demo.lua{ending}"
    (blocked / "kept").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        write(files)
    assert explain(caught.value) == (
        f"error: cannot write `{blocked}`: Is a directory\n = help: choose another output, or make this one writable"
    )
    assert [file.name for file in (tmp_path / "build").iterdir()] == [blocked.name]


def test_a_folder_that_cannot_be_made(files, tmp_path):
    (tmp_path / "build").write_text("a file")
    with pytest.raises(UsageError, match=r"cannot write `.*demo\.lua.*`: (File exists|Not a directory)"):
        write(files)


def refused(root, *places, sources=None, project=None) -> str:
    with pytest.raises(UsageError) as caught:
        check_places(places, sources=sources or {}, root=root, project=project)
    assert caught.value.exit_code == 2
    return caught.value.message


def test_outputs_that_lie_on_each_other_are_refused(tmp_path):
    places = ("a", tmp_path / "build/a.lua"), ("A", tmp_path / "build/A.lua")
    assert refused(tmp_path, *places) == f"`a` and `A` have the same output, `{tmp_path}/build/A.lua`"


def test_an_output_on_a_source_is_refused(tmp_path):
    (tmp_path / "link.lua").symlink_to("main.lua")
    for name in ("main.lua", "x/../main.lua", "link.lua"):
        said = refused(tmp_path, ("a", tmp_path / name), sources={"main.lua": "a"})
        assert said.endswith("is a source of `a`")


def test_an_output_outside_of_the_project_is_refused_also_through_a_link(tmp_path):
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "build").symlink_to(tmp_path)
    for place in (inside / "../x.lua", inside / "build/x.lua", tmp_path / "project-2/x.lua"):
        assert "lies outside the project" in refused(inside, ("a", place), project=inside)
    check_places([("a", inside / "out/x.lua")], sources={}, root=inside, project=inside)
    check_places([("a", tmp_path / "x.lua")], sources={}, root=inside, project=None)
