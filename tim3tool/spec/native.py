"""What ``lfs``, ``system`` and ``term`` ask of the machine a suite runs on."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["native"]

_MODES: Final[tuple[tuple[Callable[[int], bool], bytes], ...]] = (
    (stat.S_ISREG, b"file"),
    (stat.S_ISDIR, b"directory"),
    (stat.S_ISLNK, b"link"),
    (stat.S_ISSOCK, b"socket"),
    (stat.S_ISFIFO, b"named pipe"),
    (stat.S_ISCHR, b"char device"),
    (stat.S_ISBLK, b"block device"),
)


def native(operation: bytes, *arguments: Any) -> Any:
    """Do what a Lua module asks for.

    Args:
        operation: its name.
        arguments: bytes, numbers, booleans or None.

    Returns:
        What Lua gets: values, or ``(None, message, errno)`` as C libraries answer.
    """
    try:
        return _OPERATIONS[operation](*arguments)
    except OSError as error:
        return None, (error.strerror or str(error)).encode(), error.errno
    except ValueError as error:
        return None, str(error).encode(), 22


def _attributes(path: bytes, *, follow: bool) -> tuple[Any, ...]:
    found = os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - paths are bytes
    mode = next((name for test, name in _MODES if test(found.st_mode)), b"other")
    return (
        mode,
        found.st_dev,
        found.st_ino,
        found.st_nlink,
        found.st_uid,
        found.st_gid,
        found.st_rdev,
        int(found.st_atime),
        int(found.st_mtime),
        int(found.st_ctime),
        found.st_size,
        stat.filemode(found.st_mode)[1:].encode(),
        found.st_blocks,
        found.st_blksize,
        os.readlink(path) if mode == b"link" else None,  # noqa: PTH115
    )


def _touch(path: bytes, access: float | None = None, modified: float | None = None) -> bool:
    now = time.time()
    access = now if access is None else access
    os.utime(path, (access, access if modified is None else modified))
    return True


def _link(old: bytes, new: bytes, symbolic: bool | None = None) -> bool:  # noqa: FBT001 - Lua has no keywords
    (os.symlink if symbolic else os.link)(old, new)
    return True


def _popen(command: bytes) -> tuple[bytes, bool, bytes, int]:
    done = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, check=False)  # noqa: S603 - the suite's own
    if done.returncode < 0:
        return done.stdout, False, b"signal", -done.returncode
    return done.stdout, done.returncode == 0, b"exit", done.returncode


def _done(action: Callable[..., object]) -> Callable[..., bool]:
    def act(*arguments: Any) -> bool:
        action(*arguments)
        return True

    return act


def _source(name: bytes) -> bytes:
    return resources.files("tim3tool.spec").joinpath("lua", f"{name.decode()}.lua").read_bytes()


_OPERATIONS: Final[dict[bytes, Callable[..., Any]]] = {
    b"stat": lambda path: _attributes(path, follow=True),
    b"lstat": lambda path: _attributes(path, follow=False),
    b"currentdir": os.getcwdb,
    b"chdir": _done(os.chdir),
    b"mkdir": _done(lambda path: os.mkdir(path, 0o775)),  # noqa: PTH102
    b"rmdir": _done(os.rmdir),
    b"touch": _touch,
    b"link": _link,
    b"dir": lambda path: (b".", b"..", *os.listdir(path)),  # noqa: PTH208
    b"popen": _popen,
    b"source": _source,
    b"gettime": time.time,
    b"monotime": time.monotonic,
    b"sleep": lambda seconds: time.sleep(max(seconds, 0)),
    b"isatty": lambda number: (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number].isatty(),  # type: ignore[union-attr]
}
