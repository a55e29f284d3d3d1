"""From an ``aoform.yaml`` on disk to a Manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tim3tool.project.aoform import read_list
from tim3tool.project.compose import read
from tim3tool.project.document import ListNode, MapNode, Scalar
from tim3tool.project.fields import mismatch
from tim3tool.project.mapping import read_mapping

if TYPE_CHECKING:
    from tim3tool.project.model import Manifest

__all__ = ["load"]


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
