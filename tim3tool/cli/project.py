"""How the verbs find the manifest, build its bundles and open a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tim3tool.bundle import Bundle
    from tim3tool.project import Manifest, ProcessSpec

__all__ = ["build_one", "manifest_of", "shown_path"]


def manifest_of(directory: Path | None, file: Path | None) -> Manifest:
    """Load the manifest that the options name, or the one found upwards from the folder.

    Args:
        directory: the folder to work in; the current one by default.
        file: the manifest, relative to that folder.

    Raises:
        ManifestError: there is none, or it cannot be used.
    """
    from tim3tool.project import find

    start = (directory or Path()).absolute()
    path = start / file if file is not None else find(start)
    from tim3tool.project import load  # only now, as it costs much where there is no manifest

    return load(path)


def build_one(manifest: Manifest, spec: ProcessSpec, *, minify: str | None = None) -> Bundle:
    """Bundle a process of the manifest, or take its file as it is where the manifest says so.

    Args:
        manifest: the manifest.
        spec: the process.
        minify: a level that goes before the manifest's.

    Raises:
        SourceError: its sources cannot be bundled.
    """
    from tim3tool.bundle.cache import Cache

    cache = Cache(folder=manifest.root / ".tim3" / "cache", root=manifest.root)
    if not spec.pack:
        return cache.take(spec.entry, name=spec.name)
    return cache.build(
        spec.entry,
        name=spec.name,
        path=manifest.templates,
        external=spec.external,
        include=spec.include,
        minify=minify or spec.minify or "none",
    )


def shown_path(path: Path) -> str:
    """Return a path as a user would write it: relative to the current folder where that is shorter."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)
