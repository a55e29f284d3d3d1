"""Every error a user can meet, each with the exit code it ends a command with.

::

    Tim3Error                  2  something the user can act on
    ├── UsageError             2  the command line cannot be carried out
    │   └── PlanStale          2  a saved plan was made for another world than there is now
    ├── ManifestError          2  aoform.yaml (or a file it names) cannot be used
    ├── StateError             2  what lies in .tim3/ cannot be used
    ├── SourceError            1  a Lua source cannot be bundled or loaded
    │   ├── LuaSyntaxError     1  it is not Lua 5.3
    │   └── LuaModuleNotFound  1  it requires a Lua module that no template finds
    ├── CheckFailed            1  what was checked or run failed
    │   ├── OutputStale        1  `build --check`: an output is not what the sources give
    │   ├── ChangesPlanned     1  `plan --exit-code`: a deploy would do something
    │   ├── Drifted            1  a network does not run what was deployed to it
    │   ├── TestsFailed        1  a test failed, or none was found
    │   │   └── LuaRaised      1  a Lua suite raised an error that is no failed assertion
    │   ├── ProcessFailed      1  a process answered a message with an Error
    │   └── LimitExceeded      1  something is larger than the network allows
    ├── NetworkError           3  a network did not answer; repeating is safe
    │   ├── NetworkRefused     3  it refuses, and will until something is changed
    │   └── RateLimited        3  it answers again later
    ├── WalletError            4  the key that signs cannot be used
    ├── Unfinished             5  stopped part-way; running again unchanged finishes it
    └── LockHeld               6  another run is at work on the same state
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ChangesPlanned",
    "CheckFailed",
    "Drifted",
    "LimitExceeded",
    "LockHeld",
    "LuaModuleNotFound",
    "LuaRaised",
    "LuaSyntaxError",
    "ManifestError",
    "NetworkError",
    "NetworkRefused",
    "OutputStale",
    "PlanStale",
    "ProcessFailed",
    "RateLimited",
    "SourceError",
    "StateError",
    "TestsFailed",
    "Tim3Error",
    "Unfinished",
    "UsageError",
    "WalletError",
    "Where",
    "explain",
    "suggestion",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """A place in a text file that an error points at.

    Args:
        path: the file as the user would write it.
        line: 1-based line; 0 when the whole file is meant.
        column: 1-based column in characters; 0 when the whole line is meant.
        length: characters to underline, at least 1.
        text: the source line, without its end, when it is known.
    """

    path: str
    line: int = 0
    column: int = 0
    length: int = 1
    text: str | None = None

    def __str__(self) -> str:
        """Return ``path:line:column``, leaving out what is unknown."""
        parts = [self.path]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


class Tim3Error(Exception):
    """Something went wrong that the user can act on.

    Args:
        message: one line, no trailing period, user tokens in backticks.
        where: the place at fault.
        label: what to print beside the caret.
        help: what to do about it.
        notes: further facts, one line each.
    """

    exit_code: ClassVar[int] = 2
    kind: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        where: Where | None = None,
        label: str = "",
        help: str | None = None,  # noqa: A002 - the field's name in the printed error
        notes: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.label = label
        self.help = help
        self.notes = tuple(notes)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error cross to another process, as those of workers do."""
        return type(self), self.args, vars(self)

    def __str__(self) -> str:
        """Return the one-line cause, with its place in front when there is one."""
        return f"{self.where}: {self.message}" if self.where else self.message

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the ``error`` member of a JSON document (docs/reference/cli.md)."""
        where = self.where
        return {
            "code": self.exit_code,
            "kind": self.kind,
            "message": self.message,
            "hint": self.help,
            "notes": list(self.notes),
            "where": None
            if where is None
            else {"path": where.path, "line": where.line or None, "column": where.column or None},
        }


class UsageError(Tim3Error):
    """The command line cannot be carried out."""

    kind = "usage"


class PlanStale(UsageError):
    """A saved plan was made for another world than there is now."""

    kind = "plan-stale"


class ManifestError(Tim3Error):
    """The manifest, or a file that it names, cannot be used."""

    kind = "manifest"


class StateError(Tim3Error):
    """What an earlier run left in ``.tim3/`` cannot be used."""

    kind = "state"


class SourceError(Tim3Error):
    """A Lua source cannot be bundled or loaded."""

    exit_code = 1
    kind = "source"


class LuaSyntaxError(SourceError):
    """A Lua source is not Lua 5.3."""

    kind = "lua-syntax"


class LuaModuleNotFound(SourceError):
    """A Lua source requires a Lua module that no search template finds."""

    kind = "lua-module-not-found"


class CheckFailed(Tim3Error):
    """What was checked or run failed."""

    exit_code = 1
    kind = "check"


class OutputStale(CheckFailed):
    """An output is not what its sources give."""

    kind = "stale"


class ChangesPlanned(CheckFailed):
    """A deploy would do something."""

    kind = "changes"


class Drifted(CheckFailed):
    """A network does not run what was deployed to it."""

    kind = "drift"


class TestsFailed(CheckFailed):
    """A test failed, or none was found."""

    __test__: ClassVar[bool] = False
    kind = "tests"


class LuaRaised(TestsFailed):
    """A Lua suite raised an error that is no failed assertion."""

    kind = "lua-error"


class ProcessFailed(CheckFailed):
    """A process answered a message with an ``Error``.

    Args:
        process: id of the process whose code the texts name as ``[string "aos"]``, where it is known.
        others: as for `Tim3Error`.
    """

    kind = "process"

    def __init__(self, message: str, *, process: str | None = None, **others: Any) -> None:
        super().__init__(message, **others)
        self.process = process


class LimitExceeded(CheckFailed):
    """Something is larger than the network allows."""

    kind = "limit"


class NetworkError(Tim3Error):
    """A network did not answer, or refused; repeating the command is safe."""

    exit_code = 3
    kind = "network"


class NetworkRefused(NetworkError):
    """A network refuses for a reason that time does not mend."""

    kind = "network-refused"


class RateLimited(NetworkError):
    """A network has answered as often as it will for now."""

    kind = "rate-limited"


class WalletError(Tim3Error):
    """The key that signs cannot be used."""

    exit_code = 4
    kind = "wallet"


class Unfinished(Tim3Error):
    """The work stopped part-way; running the same command again finishes it."""

    exit_code = 5
    kind = "unfinished"


class LockHeld(Tim3Error):
    """Another run is at work on the same state."""

    exit_code = 6
    kind = "lock"


def suggestion(wrong: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to a wrong one.

    Args:
        wrong: what the user wrote.
        known: what would have been right.

    Returns:
        The closest name, or None when none is close.

    >>> suggestion("lock_manger", ["coordinator", "lock-manager"])
    'lock-manager'
    """
    by_fold = {name.replace("_", "-").casefold(): name for name in known}
    close = difflib.get_close_matches(wrong.replace("_", "-").casefold(), by_fold, n=1)
    return by_fold[close[0]] if close else None


def explain(error: Tim3Error) -> str:
    """Return an error as the lines a user reads: cause, place, code frame, help.

    Args:
        error: any error of this tree.

    Returns:
        Several lines without a final line feed, in the shape of docs/architecture.md ("Errors a user meets").
    """
    lines = [f"error: {error.message}"]
    where = error.where
    number = str(where.line) if where and where.line else ""
    gutter = " " * len(number)
    if where is not None:
        lines.append(f"{gutter or '  '}--> {where}")
        if where.text is not None and number:
            lines.append(f"{gutter} |")
            lines.append(f"{number} | {where.text.expandtabs(1)}".rstrip())
            if where.column:
                pad = " " * (where.column - 1)
                lines.append(f"{gutter} | {pad}{'^' * max(1, where.length)} {error.label}".rstrip())
    lines.extend(f"{gutter} = note: {note}" for note in error.notes)
    if error.help:
        first, *rest = error.help.splitlines()
        lines.append(f"{gutter} = help: {first}")
        lines.extend(f"{gutter}         {line}" for line in rest)
    return "\n".join(lines)
