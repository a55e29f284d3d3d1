"""Files that are written whole or not at all."""

from __future__ import annotations

import stat
import threading

import pytest

from tim3tool.network.files import make_folder, write_whole


def test_contents_are_replaced_with_the_mode_that_is_asked_for(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"one")
    write_whole(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    (tmp_path / ".file.tmp").write_bytes(b"half")
    write_whole(tmp_path / "file", b"whole")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_replaced_is_as_before(tmp_path):
    path = tmp_path / "file"
    (path / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_whole(path, b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_folders_are_made_with_those_above_them(tmp_path):
    folder = tmp_path / "a" / "b" / "c"
    make_folder(folder)
    make_folder(folder)
    assert folder.is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        make_folder(tmp_path / "file")


def test_several_threads_make_the_same_folders(tmp_path):
    for number in range(50):
        folder = tmp_path / str(number) / "a" / "b"
        assert together(lambda folder=folder: make_folder(folder)) == []
        assert folder.is_dir()


def together(do):
    """Do something in four threads at once; return what they raised."""
    start, raised = threading.Barrier(4), []

    def body():
        start.wait()
        try:
            do()
        except OSError as error:
            raised.append(error)

    threads = [threading.Thread(target=body) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return raised
