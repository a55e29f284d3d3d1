"""Which files are suites, and which tests run, as options of busted say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import UsageError
from tim3tool.lua.vm import LuaFailure, LuaVM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tim3tool.spec.settings import Settings

__all__ = ["Selection"]

_ENDINGS: Final = ("_spec.lua", "_test.lua")


class Selection:
    """What the options leave in.

    Args:
        settings: the options.

    Raises:
        UsageError: a pattern is none of Lua's.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tags = [f"#{tag}" for tag in settings.tags]
        self._excluded = [f"#{tag}" for tag in settings.exclude_tags]
        patterns = {
            "pattern": settings.pattern,
            "exclude-pattern": settings.exclude_pattern,
            "filter": settings.filter,
            "filter-out": settings.filter_out,
            "tags": self._tags,
            "exclude-tags": self._excluded,
        }
        self._find: Callable[..., Any] | None = None
        if any(patterns.values()):
            vm = LuaVM()
            find = vm.load(b"return (string.find(...)) ~= nil", "=pattern")
            self._find = lambda text, pattern: vm.call(find, text.encode(), pattern.encode())[0]
        for option, values in patterns.items():
            for value in values:
                self._check(option, value)

    def takes_file(self, path: Path) -> bool:
        """Tell whether a file that ends in ``.lua`` is a suite."""
        if self._any(path.name, self._settings.exclude_pattern):
            return False
        if self._settings.pattern:
            return self._any(path.name, self._settings.pattern)
        return path.name.endswith(_ENDINGS)

    def takes(self, kind: str, name: str) -> bool:
        """Tell whether a test runs.

        Args:
            kind: ``it`` or ``pending``, or the word of a block that is only known when its turn comes.
            name: its full name.
        """
        if kind not in ("it", "pending"):
            return True
        settings = self._settings
        if self._any(name, self._excluded) or self._any(name, settings.filter_out):
            return False
        return (
            (not settings.tags or self._any(name, self._tags))
            and (not settings.filter or self._any(name, settings.filter))
            and (not settings.name or name in settings.name)
        )

    def _any(self, text: str, patterns: Iterable[str]) -> bool:
        return any(self._find(text, pattern) for pattern in patterns) if self._find is not None else False

    def _check(self, option: str, pattern: str) -> None:
        try:
            self._any(pattern, [pattern])  # it often matches its own beginning, and so is read further
        except LuaFailure as failure:
            reason = failure.message.rpartition(": ")[2]
            msg = f"`{pattern}` of --{option} is no Lua pattern: {reason}"
            raise UsageError(msg) from None
