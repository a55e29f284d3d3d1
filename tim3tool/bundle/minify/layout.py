"""What stands between the tokens: as little as the options ask for, and as much as Lua needs.

Each line of the code stands for one line of the source. Lua gives an instruction the line of a token around it, so a
token of another source line begins a new line, unless it is one that no instruction which can fail has its line from.
"""

from __future__ import annotations

import bisect
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.lua.source import count_lines, line_starts
from tim3tool.lua.tokens import COMMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tim3tool.bundle.minify.options import Minify
    from tim3tool.lua.tokens import Token

__all__ = ["Segment", "lay_out"]

_PIECE: Final = re.compile(rb"(?P<comment>" + COMMENT + rb")|(?P<eol>\r\n|\n\r|\n|\r)|(?P<blank>[ \t\v\f]+)", re.DOTALL)
_LONG: Final = re.compile(rb"--\[=*\[")
_SILENT: Final = frozenset(b"local return else elseif repeat until break goto".split())  # no error has their line


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
    waiting = deque(gaps.items())
    for token in code:
        gap = b""
        while waiting and waiting[0][0] <= token.start:  # a folded token has the gaps of all that it was
            gap += waiting.popleft()[1]
        writer.add(token, gap)
    writer.parts.append(writer.rest(b"".join(gap for _, gap in waiting)))
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
        self._stands_for = 0  # the source line that the last line of the code leads to; none yet while it is empty
        self._last: Token | None = None
        self._blocks: list[bytes] = []  # what the next `end` and those after it close

    def add(self, token: Token, gap: bytes) -> None:
        line = bisect.bisect_right(self._starts, token.start)
        between = self._between(token, line, gap)
        if between:
            self._write(between, count_lines(between))
        lines = count_lines(token.text) if token.kind == "string" else 0
        if lines or not self._stands_for:
            column = token.start - self._starts[line - 1] + 1
            self.segments.append(
                Segment(line=self._line, column=self._column, source_line=line, source_column=column, lines=1 + lines)
            )
        stands_for = self._stands_for or line
        self._write(token.text, lines)
        self._stands_for = line + lines if lines else stands_for
        self._source_line = line + lines
        self._last = token

    def _between(self, token: Token, line: int, gap: bytes) -> bytes:
        """Return what stands in front of a token of a line of the source."""
        between = self._line_ends(line) if self._bare else self.rest(gap)
        if not self._options.eols and not self._options.emptylines:  # a folded string may have had lines of its own
            between += b"\n" * (line - self._source_line - count_lines(between))
        if self._last and self._last.text == b"-" and between.startswith(b"-"):
            between = b" " + between  # or else the minus begins the comment
        silent = self._is_silent(token) if self._options.eols else False
        if not self._last or count_lines(between):
            return between
        separated = between or not _needs_space(self._last, token)
        if line != self._stands_for and not (separated and silent):
            return between + b"\n"  # which costs no more than the space that may be needed
        return between if separated else b" "

    def _is_silent(self, token: Token) -> bool:
        """Tell whether no error has the line of a token: such a keyword, or the end of a block or a named function."""
        if token.kind == "string":
            return False
        opened = self._last.text if self._last else b""
        if token.text in (b"function", b"if", b"do", b"repeat"):
            self._blocks.append(token.text)
        elif token.text == b"(" and opened == b"function":
            self._blocks[-1] = b"value"  # what takes the value has the line of its `end`
        elif token.text in (b"end", b"until"):
            return self._blocks.pop() != b"value"
        return token.text in _SILENT

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
            self._stands_for = 0
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
