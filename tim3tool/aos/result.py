"""What a process answers to a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Place", "Result", "plain_text"]

_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of the code that a process evaluated.

    Args:
        chunk: what Lua calls the code: ``[string "aos"]`` for that of an Eval.
        line: from 1.
    """

    chunk: str
    line: int

    def __str__(self) -> str:
        """Return it as Lua writes it in front of an error."""
        return f"{self.chunk}:{self.line}"


@dataclass(frozen=True, slots=True, eq=True)
class Result(Mapping[str, Any]):
    """The answer to one message, as the compute unit gives it (aos-runtime facts, section 1).

    As a mapping it holds the answer's own members: ``Output``, ``Messages``, ``Spawns`` and ``Assignments``, or only
    ``Error``.

    Args:
        members: those members, as plain JSON data.
        threw: the module itself raised, so that there was no answer; ``Error`` then holds what it raised.
        places: where in the process the messages and spawns came from that no network can sign, by list (``Messages``
            or ``Spawns``) and number in it, from 1.
    """

    members: dict[str, Any]
    threw: bool = False
    places: Mapping[tuple[str, int], Place] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, key: str) -> Any:
        """Return a member by the name it has on the network."""
        return self.members[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the members."""
        return iter(self.members)

    def __len__(self) -> int:
        """Return how many members there are."""
        return len(self.members)

    __hash__ = None  # type: ignore[assignment]  # it holds mutable JSON data

    @property
    def error(self) -> Any:
        """The ``Error``, of any JSON type, or None when there is none (ao-wire facts, section 2.6)."""
        error = self.members.get("Error")
        return None if error in (None, "", {}, []) else error

    @property
    def output(self) -> dict[str, Any]:
        """The ``Output``; empty when there is an error."""
        output = self.members.get("Output")
        return output if isinstance(output, dict) else {}

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages to send."""
        return list(self.members.get("Messages") or ())

    @property
    def spawns(self) -> list[dict[str, Any]]:
        """The processes to spawn."""
        return list(self.members.get("Spawns") or ())

    @property
    def assignments(self) -> list[dict[str, Any]]:
        """The messages to assign to other processes."""
        return list(self.members.get("Assignments") or ())

    @property
    def text(self) -> str:
        """What was printed or went wrong, without terminal colours."""
        shown = self.error if self.error is not None else self.output.get("data", "")
        return plain_text(shown)

    def transcript(self) -> dict[str, Any]:
        """Return the answer as a recorded transcript writes it: ``__throw`` where the module raised."""
        return {"__throw": self.members["Error"]} if self.threw else dict(self.members)


def plain_text(value: object) -> str:
    r"""Return any member of a result as text without terminal colours.

    >>> plain_text("\x1b[31merror:\x1b[0m no")
    'error: no'
    """
    return _ANSI.sub("", value if isinstance(value, str) else repr(value))
