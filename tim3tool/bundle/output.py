"""The file of a bundle: written whole or not at all, and only when it changes."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.bundle.model import Bundle

__all__ = ["is_current", "write"]


def is_current(bundle: Bundle, path: Path) -> bool:
    """Tell whether a file holds exactly the code of a bundle.

    Args:
        bundle: what it should hold.
        path: the file, which need not exist.
    """
    try:
        return path.read_bytes() == bundle.code
    except OSError:
        return False


def write(bundle: Bundle, path: Path) -> bool:
    """Write the code of a bundle to a file, by way of another file beside it.

    Args:
        bundle: what to write.
        path: the file; its folder is made when it is missing.

    Returns:
        False when the file held just that already and was left alone.

    Raises:
        UsageError: the file cannot be written; what was there before still is.
    """
    if is_current(bundle, path):
        return False
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(bundle.code)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        msg = f"cannot write `{path}`: {error.strerror}"
        raise UsageError(msg, help="choose another output, or make this one writable") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return True
