"""Which manifest a folder belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tim3tool.errors import ManifestError
from tim3tool.project import find


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _file(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_in_the_folder_itself(home):
    manifest = _file(home / "p" / "aoform.yaml")
    assert find(home / "p") == manifest


def test_in_the_nearest_folder_above(home):
    _file(home / "p" / "aoform.yaml")
    nearer = _file(home / "p" / "q" / "processes.yaml")
    (home / "p" / "q" / "r" / "s").mkdir(parents=True)
    assert find(home / "p" / "q" / "r" / "s") == nearer


def test_our_name_goes_before_aoforms(home):
    _file(home / "p" / "processes.yaml")
    assert find(home / "p") == home / "p" / "processes.yaml"
    _file(home / "p" / "aoform.yaml")
    assert find(home / "p") == home / "p" / "aoform.yaml"


def test_a_folder_of_that_name_is_none(home):
    (home / "p" / "aoform.yaml").mkdir(parents=True)
    manifest = _file(home / "p" / "processes.yaml")
    assert find(home / "p") == manifest


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["clone", "worktree"])
def test_the_search_ends_at_a_git_root(home, make):
    _file(home / "p" / "aoform.yaml")
    inner = home / "p" / "vendor" / "deep"
    inner.mkdir(parents=True)
    make(home / "p" / "vendor" / ".git")
    with pytest.raises(ManifestError):
        find(inner)
    manifest = _file(home / "p" / "vendor" / "aoform.yaml")
    assert find(inner) == manifest


def test_the_search_ends_at_the_home_folder(tmp_path, monkeypatch):
    _file(tmp_path / "aoform.yaml")
    home = tmp_path / "home"
    (home / "p").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(ManifestError):
        find(home / "p")
    manifest = _file(home / "aoform.yaml")
    assert find(home / "p") == manifest


def test_a_relative_start(home, monkeypatch):
    manifest = _file(home / "p" / "aoform.yaml")
    (home / "p" / "q").mkdir()
    monkeypatch.chdir(home / "p" / "q")
    assert find(Path()) == manifest


def test_none_says_what_to_do(home):
    with pytest.raises(ManifestError) as raised:
        find(home)
    assert raised.value.message == f"there is no `aoform.yaml` or `processes.yaml` in `{home}` or above it"
    assert raised.value.help == "go to the folder of the project, or name the manifest with -f"
    assert raised.value.exit_code == 2
