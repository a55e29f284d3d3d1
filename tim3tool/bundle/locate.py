"""From the name of a Lua module to its file, and from the file to its bytes."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tim3tool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    _real: dict[Path, str] = field(default_factory=dict, init=False, repr=False, compare=False)  # known already

    def candidates(self, name: bytes) -> list[Path]:
        """Return the files that may hold a Lua module, best first; dots in its name separate folders."""
        relative = os.fsdecode(name.replace(b".", b"/"))
        # Text, not `folder / file`: a name that starts with dots must not lead to the root of the file system.
        return list(dict.fromkeys(Path(pattern.replace("?", relative)) for pattern in self._patterns()))

    def find(self, name: bytes) -> Path | None:
        """Return the first candidate that exists, of whatever kind it is."""
        return next((file for file in self.candidates(name) if _exists(file)), None)

    def matching(self, pattern: str) -> Iterator[tuple[bytes, Path]]:
        """Yield the Lua modules that ``require`` finds under the names that a glob stands for, sorted.

        Args:
            pattern: a name, or a glob in which ``*`` also stands for dots; a file with two names has the shorter.
        """
        if not re.search(r"[*?\[]", pattern):
            name = os.fsencode(pattern)
            file = self.find(name)
            yield from [(name, file)] if file else []
            return
        names: dict[Path, bytes] = {}
        for path, text in self._below(re.split(r"[*?\[]", pattern)[0]):
            name = os.fsencode(text)
            if fnmatchcase(text, pattern) and self.find(name) == path and len(name) < len(names.get(path, name + b".")):
                names[path] = name
        yield from sorted((name, path) for path, name in names.items())

    def _below(self, prefix: str) -> Iterator[tuple[Path, str]]:
        """Yield every file that a template may give to a name with this prefix, and that name."""
        for template in self._patterns():
            before, _, after = template.partition("?")
            for folder, _, files in os.walk(Path(before + prefix.replace(".", "/") + "_").parent):
                for file in (f"{folder}/{name}" for name in files):
                    if file.startswith(before) and file.endswith(after):
                        yield Path(file), file[len(before) : len(file) - len(after)].replace("/", ".")

    def _patterns(self) -> Iterator[str]:
        for folder, template in self.templates:
            yield template if template.startswith("/") else f"{folder}/{template}"

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
        if where is not None and not self._is_ours(file):
            msg = f"`{shown}` is outside the project"
            raise SourceError(msg, where=where, help="move it into the project, or name its folder in `path:`")
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

    def _is_ours(self, file: Path) -> bool:
        """Tell whether a file, its links followed, lies below the root or below the folder of a template."""
        place = os.path.realpath(file) if file.is_symlink() else f"{self._realpath(file.parent)}/{file.name}"
        tops = [self.root, *(Path(pattern.partition("?")[0] + "_").parent for pattern in self._patterns())]
        return any(place.startswith(f"{self._realpath(top).rstrip('/')}/") for top in tops)

    def _realpath(self, folder: Path) -> str:
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        return self._real[folder]


def _exists(file: Path) -> bool:
    try:
        file.stat()
    except OSError as error:
        return error.errno not in _ABSENT  # what is there but cannot be reached is for `read` to explain
    return True
