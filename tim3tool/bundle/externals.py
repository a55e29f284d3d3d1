"""The Lua modules that a process finds where it runs: they are never bundled, ``require`` gets them at run time."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PROVIDED", "is_external", "is_of_aos"]

_LUA: Final = "_G coroutine debug io math os package string table utf8"  # Lua 5.3 manual, section 6
_AOS: Final = """
    json ao .ao .assignment .base64 .bint .boot .chance .crypto .default .dump .eval .handlers .handlers-utils .pretty
    .process .stringify .utils bit32
"""  # the texts embedded in the module of aos 2.0, and what its Lua has beside 5.3

_OURS: Final = "aoform.directory tim3tool.build tim3tool.config"  # what bundles and preludes make (emit.py, prelude.py)

PROVIDED: Final = frozenset(" ".join((_LUA, _AOS, _OURS)).split())


def is_external(name: str, patterns: Iterable[str] = ()) -> bool:
    """Tell whether AO or Lua provides a Lua module, or a user says so, whatever files the project has.

    Args:
        name: the name that is required.
        patterns: names and globs of the user's, in which ``*`` also stands for dots.

    >>> is_external(".crypto.digest"), is_external("bint")
    (True, False)
    >>> is_external("vendor.a.b", ["vendor.*"])
    True
    """
    if name in PROVIDED or name.startswith(".crypto."):
        return True
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_of_aos(name: str, patterns: Iterable[str] = ()) -> bool:
    """Tell whether a Lua module is one of those that AO provides and other places may lack.

    Args:
        name: the name that is required.
        patterns: names and globs of those that a user says to be provided everywhere.
    """
    return name in _AOS.split() and not any(fnmatchcase(name, pattern) for pattern in patterns)
