"""Manifests and bundles are read once a run, and again when their files change."""

from __future__ import annotations

import os

from tim3tool.spec.workspace import Workspace


def test_a_bundle_is_built_again_only_when_a_file_changes(tmp_path):
    (tmp_path / "main.lua").write_text("return require('part')")
    part = tmp_path / "part.lua"
    part.write_text("return 1")
    workspace = Workspace()
    first = workspace.bundle(tmp_path / "main.lua", name="p", root=tmp_path)
    assert workspace.bundle(tmp_path / "main.lua", name="p", root=tmp_path) is first
    part.write_text("return 2")
    os.utime(part, ns=(1, 1))
    second = workspace.bundle(tmp_path / "main.lua", name="p", root=tmp_path)
    assert b"return 2" in second.code
    assert b"return 2" not in first.code


def test_other_names_and_templates_are_other_bundles(tmp_path):
    (tmp_path / "main.lua").write_text("return 1")
    workspace = Workspace()
    one = workspace.bundle(tmp_path / "main.lua", name="one", root=tmp_path)
    two = workspace.bundle(tmp_path / "main.lua", name="two", root=tmp_path)
    assert (one.name, two.name) == ("one", "two")


def test_a_folder_without_a_manifest_has_none(tmp_path):
    (tmp_path / ".git").mkdir()
    assert Workspace().manifest(tmp_path) is None


def test_a_manifest_is_read_once(tmp_path):
    (tmp_path / "a.lua").write_text("")
    (tmp_path / "aoform.yaml").write_text("processes:\n  a:\n    entry: a.lua\n")
    (tmp_path / "test").mkdir()
    workspace = Workspace()
    assert workspace.manifest(tmp_path / "test") is workspace.manifest(tmp_path)
