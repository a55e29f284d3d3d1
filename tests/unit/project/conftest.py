"""A folder with the files that manifests in these tests name, and a way to load a manifest in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tim3tool.errors import ManifestError, explain
from tim3tool.project import load

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.project import Manifest


class Project(Protocol):
    root: Path

    def load(self, manifest: str | bytes) -> Manifest: ...
    def refusal(self, manifest: str | bytes) -> str: ...


class _Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "lib").mkdir()
        (root / "main.lua").touch()
        (root / "lib" / "before.lua").touch()

    def load(self, manifest: str | bytes) -> Manifest:
        path = self.root / "aoform.yaml"
        path.write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
        return load(path)

    def refusal(self, manifest: str | bytes) -> str:
        """Return what a user is told about a wrong manifest, in its folder."""
        with pytest.raises(ManifestError) as raised:
            self.load(manifest)
        assert raised.value.exit_code == 2
        return explain(raised.value).replace(f"{self.root}/", "")


@pytest.fixture
def project(tmp_path):
    return _Project(tmp_path)
