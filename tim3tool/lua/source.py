"""The text of a Lua file: what Lua reads of it, and its lines as Lua counts them."""

from __future__ import annotations

import bisect
import re
from typing import Final

from tim3tool.errors import Where

__all__ = ["Lines", "count_lines", "line_starts", "shown", "strip"]

_NEWLINE: Final = re.compile(rb"\r\n|\n\r|\n|\r")  # one line end (Lua 5.3 llex.c, `inclinenumber`)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def strip(source: bytes) -> bytes:
    r"""Return a source without its byte order mark and without a first line that starts with ``#``.

    Args:
        source: the bytes of a Lua file.

    Returns:
        What Lua's compiler gets to see (Lua 5.3 lauxlib.c, ``luaL_loadfilex``); every line keeps its number.

    >>> strip(b"#!/usr/bin/lua\nprint(1)")
    b'\nprint(1)'
    """
    text = source.removeprefix(b"\xef\xbb\xbf")
    if text.startswith(b"#"):
        return text[text.index(b"\n") :] if b"\n" in text else b""
    return text


def count_lines(text: bytes) -> int:
    """Return how many line ends Lua counts in a text."""
    return len(_NEWLINE.findall(text)) if b"\r" in text else text.count(b"\n")


def line_starts(text: bytes) -> list[int]:
    """Return the offset at which each line of a text begins."""
    return [0, *(match.end() for match in _NEWLINE.finditer(text))]


def shown(text: bytes) -> str:
    """Return text of a source for a terminal, with nothing in it that could do harm there."""
    return _CONTROL.sub("\ufffd", text.decode("utf-8", "replace"))


class Lines:
    """The lines of a Lua text.

    Args:
        text: Lua source, stripped.
        path: the name of its file in every `Where`.
    """

    def __init__(self, text: bytes, path: str) -> None:
        self.text = text
        self._path = path
        self._starts = line_starts(text)

    def span(self, line: int) -> tuple[int, int]:
        """Return the first and last offset of a line, 1-based, without its indentation and its end."""
        start = self._starts[line - 1]
        text = self.text[start : self._after(line)].rstrip()
        return start + len(text) - len(text.lstrip()), start + len(text)

    def start(self, line: int) -> int:
        """Return the offset that a line begins at, 1-based; that of the end for the line after the last."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line_at(self, offset: int) -> int:
        """Return the line, 1-based, that an offset lies in."""
        return bisect.bisect_right(self._starts, offset)

    def where(self, start: int, end: int) -> Where:
        """Return the place of the bytes from one offset to another, cut at the end of their first line."""
        line = self.line_at(start)
        first = self._starts[line - 1]
        text = self.text[first : self._after(line)].rstrip(b"\r\n")
        return Where(
            path=self._path,
            line=line,
            column=len(shown(text[: start - first])) + 1,
            length=max(1, len(shown(text[start - first : end - first]))),
            text=shown(text),
        )

    def _after(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else len(self.text)
