"""What a Lua 5.3 source requires: by a literal name, through a local alias of ``require``, or dynamically."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.lua.search import Use, search
from tim3tool.lua.source import Lines, strip
from tim3tool.lua.tokens import COMMENT, STRING, string_value

if TYPE_CHECKING:
    from tim3tool.errors import Where

__all__ = ["DynamicRequire", "Require", "requires"]

_WORD: Final = re.compile(
    rb"(?P<comment>" + COMMENT + rb")|(?P<string>" + STRING + rb")|\b(?P<word>require|function)\b", re.DOTALL
)
_CALL: Final = re.compile(rb"\s*(?P<open>\()?\s*(?P<name>" + STRING + rb")(?(open)\s*\))", re.DOTALL)
_OPENING: Final = re.compile(rb"(\[=*\[|[\"'])(?:\r\n|\n\r|\n|\r)?")  # Lua drops a line end right after it


@dataclass(frozen=True, kw_only=True, slots=True)
class Require:
    """A ``require`` whose Lua module is known without running the source.

    Args:
        name: the name of the Lua module as Lua's ``require`` reads it, escapes decoded.
        where: the name in the source.
        protected: a missing Lua module is caught, because ``pcall`` or ``xpcall`` makes the call.
        toplevel: it runs while the source itself loads, not in a function called later.
    """

    name: bytes
    where: Where
    protected: bool
    toplevel: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DynamicRequire:
    """A use of ``require`` that may load a Lua module which only running the source tells.

    Args:
        where: the ``require`` in the source.
    """

    where: Where


def requires(source: bytes, path: str) -> tuple[Require | DynamicRequire, ...]:
    """Return what a source requires: by a literal name, through a local alias of ``require``, or dynamically.

    Args:
        source: the bytes of a Lua file that `check` accepts.
        path: its name in every `Where`.

    Returns:
        All requires in the order of the source; a ``require`` that is another local or a field is none.
    """
    text = strip(source)
    if b"require" not in text:
        return ()
    uses = _plain(text)
    if uses is None:
        uses = search(text)
    last = max((use.end if use.literal is None else use.literal[1] for use in uses), default=0)
    line_end = re.compile(rb"[\r\n]|$").search(text, last)
    lines = Lines(text[: line_end.start() if line_end else None], path)  # no further, in what may be a megabyte of data
    return tuple(_described(use, lines) for use in uses)


def _plain(text: bytes) -> list[Use] | None:
    """Return the uses of ``require`` in the usual source, which needs no parser.

    All that it does with ``require`` is to call the global with literal names, before its first function.

    Returns:
        None for any other source.
    """
    uses = []
    last = text.rindex(b"require")
    end_of_comment = -1
    for match in _WORD.finditer(text):
        if match.start() > last:
            break
        if match["comment"]:
            end_of_comment = match.end()
        if not match["word"]:
            if match["string"] and match["string"].strip(b"\"'[]=") == b"require":
                return None  # `_G["require"]`
            continue
        call = _CALL.match(text, match.end())
        before = text[: match.start()].rstrip()
        field = before.endswith((b".", b":")) or len(before) == end_of_comment
        if match["word"] == b"function" or call is None or field:
            return None
        uses.append(
            Use(start=match.start(), end=match.end(), literal=call.span("name"), protected=False, toplevel=True)
        )
    return uses


def _described(use: Use, lines: Lines) -> Require | DynamicRequire:
    if use.literal is None:
        return DynamicRequire(where=lines.where(use.start, use.end))
    first, last = use.literal
    opening = _OPENING.match(lines.text, first)
    assert opening is not None  # noqa: S101 - a string begins with a quote or a long bracket
    return Require(
        name=string_value(lines.text[first:last]).partition(b"\0")[0],  # it is read as a C string
        where=lines.where(opening.end(), last - len(opening[1])),
        protected=use.protected,
        toplevel=use.toplevel,
    )
