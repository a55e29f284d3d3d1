"""What is done to the words of a command line before they are parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ID_MARK", "arranged", "wants_json", "wants_lines"]

ID_MARK: Final = "id:"
_DASH_ID: Final = re.compile(r"-[A-Za-z0-9_-]{42}")
_WITH_VALUE: Final = frozenset({"-C", "--directory", "-f", "--file", "--color", "--network", "--timeout"})
# Switches of busted that `test` hands on as they are.
_SWITCHES: Final = frozenset(
    f"--{no}{name}"
    for no in ("", "no-")
    for name in (
        *("lazy", "auto-insulate", "shuffle-files", "shuffle-tests", "sort", "sort-files", "sort-tests", "recursive"),
        *("keep-going", "defer-print", "suppress-pending"),
    )
) | {"--no-coverage", "--no-shuffle"}
_OF_THE_PROGRAM: Final = frozenset({"--version", "-h", "--help", "--install-completion", "--show-completion"})


def wants_json(words: Sequence[str]) -> bool:
    """Tell whether the command was asked for a JSON document."""
    own = words[: words.index("--")] if "--" in words else words
    return "--json" in own


def wants_lines(words: Sequence[str]) -> bool:
    """Tell whether the command prints JSON documents of one line each, as those that go on and on do."""
    return "--watch" in words or arranged(words)[:1] == ["logs"]


def arranged(words: Sequence[str]) -> list[str]:
    """Return the words as the parser wants them.

    Global options move behind the verb, and what busted spells in its own way becomes an option of `test`. Ids that
    start with ``-``, as one in 64 does, are marked as ids, so that they are not taken for options. What follows ``--``
    of `test` becomes hidden options, so that it is not taken for paths.

    Args:
        words: the words after the program's name.

    >>> arranged(["--json", "-C", "there", "build", "mock-usda"])
    ['build', '--json', '-C', 'there', 'mock-usda']
    """
    own, rest = list(words), []
    if "--" in own:
        cut = own.index("--")
        own, rest = own[:cut], own[cut:]
    leading = 0
    while leading < len(own) and own[leading].startswith("-") and own[leading] not in _OF_THE_PROGRAM:
        leading += 2 if own[leading] in _WITH_VALUE else 1
    if 0 < leading < len(own) and not own[leading].startswith("-"):
        own = [own[leading], *own[:leading], *own[leading + 1 :]]
    if own[:1] == ["test"]:
        own, rest = [*map(_of_busted, own), *(f"--pytest={word}" for word in rest[1:])], []
    return [ID_MARK + word if _DASH_ID.fullmatch(word) else word for word in own] + rest


def _of_busted(word: str) -> str:
    if word in _SWITCHES:
        return f"--busted={word}"
    return {"-Xhelper": "--Xhelper", "--list": "--pytest=--collect-only"}.get(word, word)
