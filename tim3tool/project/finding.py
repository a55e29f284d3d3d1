"""Where the manifest of a folder lies. It costs next to nothing to import, as folders without one need no more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tim3tool.errors import ManifestError

__all__ = ["find"]

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
