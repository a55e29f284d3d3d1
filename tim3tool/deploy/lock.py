"""One run at a time deploys to a network."""

from __future__ import annotations

import json
import os
import platform
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tim3tool.errors import LockHeld, StateError
from tim3tool.network.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["held_by", "holding"]


@contextmanager
def holding(path: Path, *, network: str, patience: float = 1.0) -> Iterator[None]:
    """Keep every other run of tim3tool from deploying to a network until the block ends.

    The lock ends with the process that holds it, however that ends.

    Args:
        path: the lock file; who holds it is written beside it.
        network: the network's name.
        patience: seconds to wait for another run.

    Raises:
        LockHeld: another run holds it; the message says which process on which host, and since when.
        StateError: the folder cannot be written to.
    """
    holder = path.with_suffix(".holder")
    lock = FileLock(path, timeout=patience)
    try:
        make_folder(path.parent)
        lock.acquire()
    except Timeout:
        msg = f"another run{_named(holder)} is deploying to network `{network}`"
        raise LockHeld(msg, help="wait for it to end, then repeat the command") from None
    except OSError as error:
        msg = f"`{path}` cannot be locked: {error.strerror}"
        raise StateError(msg) from None
    try:
        with suppress(OSError):  # it only makes another run's error clearer
            holder.write_text(json.dumps(_this_run()) + "\n")
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def held_by(path: Path) -> str | None:
    """Return who holds a lock now, such as `another run (process 7)`; None when nobody does.

    Args:
        path: the lock file.
    """
    if not path.exists():
        return None
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return f"another run{_named(path.with_suffix('.holder'))}"
    except OSError:
        return None
    lock.release()
    return None


def _this_run() -> dict[str, object]:
    now = datetime.now(tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return {"pid": os.getpid(), "host": platform.node(), "since": now}


def _named(holder: Path) -> str:
    try:
        run = json.loads(holder.read_text())
        return f" (process {run['pid']:d} on {run['host']}, since {run['since']})"
    except (OSError, ValueError, TypeError, KeyError):  # it has only just begun, or ends this moment
        return ""
