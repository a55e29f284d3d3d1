"""From the name of a Lua module to its file, and from the file to its bytes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tim3tool.bundle.model import Inputs
from tim3tool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tim3tool.errors import Where

__all__ = ["Locator", "exists"]

_ABSENT: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


class Locator:
    """The places where Lua modules are looked for, as ``package.searchpath`` does.

    Args:
        root: the folder that paths are shown relative to.
        templates: (folder, template) in order of preference; ``?`` in a template stands for the name.
    """

    def __init__(self, *, root: Path, templates: Iterable[tuple[Path, str]]) -> None:
        # Text, not `folder / file`: a name that starts with dots must not lead to the root of the file system.
        places = [template if template.startswith("/") else f"{folder}/{template}" for folder, template in templates]
        self._root = root
        self._below_root = f"{root}/"
        self._places = list(dict.fromkeys(places))
        self._real: dict[str, str] = {}  # of folders that were resolved
        self._files: dict[Path, str] = {}
        self._absent: dict[str, None] = {}
        self._globs: dict[str, tuple[str, ...]] = {}
        tops = [root, *(Path(place.partition("?")[0] + "_").parent for place in self._places)]
        self._tops = tuple({f"{os.path.realpath(top).rstrip('/')}/" for top in tops})

    def candidates(self, name: bytes) -> list[str]:
        """Return the files that may hold a Lua module, best first; dots in its name separate folders."""
        relative = os.fsdecode(name.replace(b".", b"/"))
        return list(dict.fromkeys(place.replace("?", relative) for place in self._places))

    def find(self, name: bytes) -> Path | None:
        """Return the first candidate that exists, of whatever kind it is."""
        for file in self.candidates(name):
            if exists(file):
                return Path(file)
            self._absent[file] = None
        return None

    def inputs(self) -> Inputs:
        """Return what has been read and looked for so far."""
        return Inputs(
            files={self.shown(file): digest for file, digest in self._files.items()},
            absent=tuple(self.shown(file) for file in self._absent),
            globs=dict(self._globs),
        )

    def matching(self, pattern: str) -> list[tuple[bytes, Path]]:
        """Return the Lua modules that ``require`` finds under the names that a glob stands for, sorted.

        Args:
            pattern: a name, or a glob in which ``*`` also stands for dots; a file with two names has the shorter.
        """
        found = list(self._matching(pattern))
        self._globs[pattern] = tuple(f"{os.fsdecode(name)}={self.shown(file)}" for name, file in found)
        return found

    def _matching(self, pattern: str) -> Iterator[tuple[bytes, Path]]:
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
        for place in self._places:
            before, _, after = place.partition("?")
            for folder, _, files in os.walk(Path(before + prefix.replace(".", "/") + "_").parent):
                for file in (f"{folder}/{name}" for name in files):
                    if file.startswith(before) and file.endswith(after):
                        yield Path(file), file[len(before) : len(file) - len(after)].replace("/", ".")

    def shown(self, file: Path | str) -> str:
        """Return a file as a user would write it: relative to the root, with forward slashes."""
        text = os.path.normpath(file)
        if text.startswith(self._below_root):
            return text[len(self._below_root) :]
        return Path(os.path.relpath(text, self._root)).as_posix()

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
        self._files[file] = hashlib.sha256(source).hexdigest()
        return source

    def _is_ours(self, file: Path) -> bool:
        """Tell whether a file, its links followed, lies below the root or below the folder of a template."""
        folder, name = os.path.split(file)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        place = os.path.realpath(file) if file.is_symlink() else f"{self._real[folder]}/{name}"
        return place.startswith(self._tops)


def exists(file: str) -> bool:
    """Tell whether a path leads to anything."""
    try:
        os.stat(file)  # noqa: PTH116 - to make a Path takes longer than to look
    except OSError as error:
        return error.errno not in _ABSENT  # what is there but cannot be reached is for `read` to explain
    return True
