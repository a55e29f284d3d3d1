"""Which Lua files a coverage report is about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

__all__ = ["Selection"]

# Suites and what helps them, what is installed or built, and whatever is hidden.
_FOLDERS: Final = ("test", "tests", "spec", "lua_modules", "node_modules", "build", ".*")
_FILES: Final = ("*_spec.lua", "*_test.lua", *(glob for name in _FOLDERS for glob in (f"{name}/*", f"*/{name}/*")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The files that count.

    Args:
        root: the folder they lie in, absolute.
        include: globs of their paths relative to the root, where ``*`` crosses folders; without any, all files but
            suites, their helpers, what is installed and what is hidden.
        exclude: globs of those that do not count after all.
    """

    root: Path
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def name_of(self, path: Path) -> str | None:
        """Return how a file is called in reports, with forward slashes, or None when it does not count."""
        path = Path(os.path.normpath(path))
        if not path.is_relative_to(self.root):
            return None
        name = path.relative_to(self.root).as_posix()
        usual = name.endswith(".lua") and not _matches(name, _FILES)
        is_in = _matches(name, self.include) if self.include else usual
        return name if is_in and not _matches(name, self.exclude) else None


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
