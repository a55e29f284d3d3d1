"""What stands between the tokens: as little as the options ask for, and as much as Lua needs."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.lua.source import count_lines, line_starts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tim3tool.bundle.minify.options import Minify
    from tim3tool.lua.tokens import Token

__all__ = ["Segment", "lay_out"]

_PIECE: Final = re.compile(
    rb"(?P<comment>--(\[(?P<c>=*)\[.*?\](?P=c)\])?[^\r\n]*)|(?P<eol>\r\n|\n\r|\n|\r)|(?P<blank>[ \t\v\f]+)", re.DOTALL
)
_LONG: Final = re.compile(rb"--\[=*\[")


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A run of code that comes from one place, up to the next segment; lines and columns are 1-based, columns in bytes.

    Args:
        line: in the code.
        column: in the code.
        source_line: in the source.
        source_column: in the source.
        lines: how many lines of each it goes over.
    """

    line: int
    column: int
    source_line: int
    source_column: int
    lines: int


def lay_out(
    code: Sequence[Token], gaps: Mapping[int, bytes], text: bytes, options: Minify
) -> tuple[bytes, tuple[Segment, ...]]:
    """Join tokens to code.

    Args:
        code: the tokens, without spaces and comments.
        gaps: the spaces and comments before a token, by its offset in the source; after the last, by the source's end.
        text: the source.
        options: what to leave out of the gaps.

    Returns:
        The code, and where it comes from.
    """
    writer = _Writer(line_starts(text), options)
    for token in code:
        writer.add(token, gaps.get(token.start, b""))
    writer.parts.append(writer.rest(gaps.get(len(text), b"")))
    return b"".join(writer.parts), tuple(writer.segments)


class _Writer:
    """Code in the making, which knows where it is in the code and in the source.

    Args:
        starts: the offsets of the lines of the source.
        options: what to leave out.
    """

    def __init__(self, starts: Sequence[int], options: Minify) -> None:
        self.parts: list[bytes] = []
        self.segments: list[Segment] = []
        self._starts = starts
        self._options = options
        self._bare = options.comments and options.whitespace  # the usual case, in which a gap is but its line ends
        self._line, self._column = 1, 1
        self._source_line = 1  # of what stands last in the code
        self._mapped = (0, 0)
        self._last: Token | None = None

    def add(self, token: Token, gap: bytes) -> None:
        line = bisect.bisect_right(self._starts, token.start)
        between = self._line_ends(line) if self._bare else self.rest(gap)
        if not between and self._last and _needs_space(self._last, token):
            # A line end costs no more than a space, and tells the lines of the source apart.
            between = b"\n" if self._options.eols and line != self._source_line else b" "
        if between:
            self._write(between, count_lines(between))
        lines = count_lines(token.text) if token.kind == "string" else 0
        if self._mapped != (self._line, line):
            column = token.start - self._starts[line - 1] + 1
            self.segments.append(
                Segment(line=self._line, column=self._column, source_line=line, source_column=column, lines=1 + lines)
            )
            self._mapped = (self._line, line)
        self._write(token.text, lines)
        self._source_line = line + lines
        self._last = token

    def rest(self, gap: bytes) -> bytes:
        """Return what stays of spaces and comments."""
        kept = []
        after_comment = False
        for match in _PIECE.finditer(gap):
            kind, piece = match.lastgroup, match[0]
            if kind == "comment":
                kept.append(self._comment(piece))
                after_comment = not self._options.comments and not _LONG.match(piece)
            elif kind == "eol":
                dropped = self._options.eols or (self._options.emptylines and b"\n" in kept[-1:])
                kept.append(b"" if dropped and not after_comment else b"\n")
                after_comment = False
            elif not self._options.whitespace:
                kept.append(piece)
        return b"".join(kept)

    def _comment(self, comment: bytes) -> bytes:
        if not self._options.comments:
            return comment
        return b"" if self._options.eols else b"\n" * count_lines(comment)

    def _line_ends(self, line: int) -> bytes:
        if self._options.eols or line == self._source_line:
            return b""
        if self._options.emptylines:
            return b"\n" if self._last else b""
        return b"\n" * (line - self._source_line)

    def _write(self, text: bytes, lines: int) -> None:
        self.parts.append(text)
        if lines:
            self._line += lines
            self._column = len(text) - max(text.rfind(b"\n"), text.rfind(b"\r"))
        else:
            self._column += len(text)


def _needs_space(left: Token, right: Token) -> bool:
    """Tell whether Lua would read two tokens as other ones when nothing stands between them.

    A numeral goes on with letters and dots, even where that makes it malformed.
    """
    end, start = left.text[-1:], right.text[:1]
    if left.kind in ("name", "number"):
        return start.isalnum() or start == b"_" or (left.kind == "number" and start == b".")
    return (end, start) in ((b"-", b"-"), (b".", b"."), (b"[", b"[")) or (end == b"[" and start == b"=")
