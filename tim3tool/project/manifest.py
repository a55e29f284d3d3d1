"""From an ``aoform.yaml`` on disk to a Manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tim3tool.errors import ManifestError
from tim3tool.project.aoform import read_list
from tim3tool.project.compose import read
from tim3tool.project.document import ListNode, MapNode, Scalar
from tim3tool.project.fields import mismatch
from tim3tool.project.mapping import read_mapping

if TYPE_CHECKING:
    from tim3tool.project.model import Manifest

__all__ = ["find", "load"]

_NAMES: Final = ("aoform.yaml", "processes.yaml")


def find(start: Path) -> Path:
    """Return the manifest of a folder: in it, or in the nearest folder above that has one.

    The search ends at the root of a git repository and at the home folder. ``aoform.yaml`` goes before aoform's own
    ``processes.yaml``.

    Args:
        start: the folder to start in.

    Returns:
        The absolute path of the manifest.

    Raises:
        ManifestError: there is none.
    """
    start = Path(os.path.normpath(start.absolute()))
    home = Path("~").expanduser()
    for folder in (start, *start.parents):
        for name in _NAMES:
            if (folder / name).is_file():
                return folder / name
        if folder == home or (folder / ".git").exists():
            break
    msg = f"there is no `{_NAMES[0]}` or `{_NAMES[1]}` in `{start}` or above it"
    raise ManifestError(msg, help="go to the folder of the project, or name the manifest with -f")


def load(path: Path) -> Manifest:
    """Read a manifest and check all that can be checked without a network.

    Args:
        path: the manifest, in either shape.

    Returns:
        What it says; every text knows its place.

    Raises:
        ManifestError: it, or a file it names, cannot be used.
    """
    root = read(path)
    absolute = Path(os.path.normpath(path.absolute()))
    match root:
        case MapNode():
            return read_mapping(root, absolute)
        case ListNode():
            return read_list(root, absolute)
        case Scalar():
            raise mismatch(root, "the manifest", "a mapping with `processes`, or aoform's list of processes")
