"""From the name of a Lua module to its file, and from the file to its bytes."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tim3tool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.errors import Where

__all__ = ["Locator"]

_ABSENT: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


@dataclass(frozen=True, kw_only=True, slots=True)
class Locator:
    """The places where Lua modules are looked for, as ``package.searchpath`` does.

    Args:
        root: the folder that paths are shown relative to.
        templates: (folder, template) in order of preference; ``?`` in a template stands for the name.
    """

    root: Path
    templates: Sequence[tuple[Path, str]]

    def candidates(self, name: bytes) -> list[Path]:
        """Return the files that may hold a Lua module, best first; dots in its name separate folders."""
        relative = os.fsdecode(name.replace(b".", b"/"))
        files = []
        for folder, template in self.templates:
            # Text, not `folder / file`: a name that starts with dots must not lead to the root of the file system.
            prefix = "" if template.startswith("/") else f"{folder}/"
            files.append(Path(prefix + template.replace("?", relative)))
        return list(dict.fromkeys(files))

    def find(self, name: bytes) -> Path | None:
        """Return the first candidate that exists, of whatever kind it is."""
        return next((file for file in self.candidates(name) if _exists(file)), None)

    def shown(self, file: Path) -> str:
        """Return a file as a user would write it: relative to the root, with forward slashes."""
        return Path(os.path.relpath(file, self.root)).as_posix()

    def read(self, file: Path, where: Where | None) -> bytes:
        """Return the bytes of a Lua source.

        Args:
            file: the entry, or a file from `find`.
            where: the ``require`` that leads to it, for the error.

        Returns:
            The file as it is.

        Raises:
            SourceError: it cannot be read, or is not Lua source text.
        """
        shown = self.shown(file)
        try:
            mode = file.stat().st_mode
            source = file.read_bytes() if stat.S_ISREG(mode) else None
        except OSError as error:
            msg = f"cannot read `{shown}`: {error.strerror}"
            raise SourceError(msg, where=where) from None
        if source is None:
            kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
            msg = f"`{shown}` is {kind}, where a Lua file should be"
            raise SourceError(msg, where=where)
        if source.startswith(b"\x1bLua"):
            msg = f"`{shown}` is compiled Lua"
            raise SourceError(msg, where=where, help="put its source there; AO and other Lua builds cannot load it")
        if b"\0" in source:
            msg = f"`{shown}` is a binary file: byte {source.index(0) + 1} is NUL"
            raise SourceError(msg, where=where, help="a Lua source is text; write NUL in a string as `\\0`")
        return source


def _exists(file: Path) -> bool:
    try:
        file.stat()
    except OSError as error:
        return error.errno not in _ABSENT  # what is there but cannot be reached is for `read` to explain
    return True
