"""A YAML file as nodes that know their place: the ground every error in the manifest stands on.

Places are counted in characters from the start of the file and become line and column only when an error needs them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tim3tool.errors import Where

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "ListNode", "MapNode", "Node", "Scalar", "token"]

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# What would move the cursor of a terminal.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPE: Final = r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|[\s\S])"
_TOKENS: Final = {
    '"': re.compile(_ESCAPE + r"|[\s\S]"),
    "'": re.compile(r"''|[\s\S]"),
}
_CHARACTER: Final = re.compile(r"[\s\S]")
_BLANK_ESCAPES: Final = frozenset("\t\r\n ntvfrNLP_")


class Document:
    """The text of a file, and where its lines begin.

    Args:
        path: the file as the user would write it.
        text: its contents, without a byte order mark.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        ends = list(_LINE_END.finditer(text))
        self._starts = [0, *(end.end() for end in ends)]
        self._lines = [
            _CONTROL.sub("\ufffd", text[start:stop])
            for start, stop in zip(self._starts, [*(end.start() for end in ends), len(text)], strict=True)
        ]

    def where(self, start: int, end: int) -> Where:
        """Return the place of a stretch of characters; what runs over the end of its line is cut there.

        Args:
            start: index of the first character, from 0.
            end: index behind the last character.

        Returns:
            The place, with its line of text.
        """
        line = bisect_right(self._starts, start) - 1
        text = self._lines[line]
        column = start - self._starts[line]
        return Where(
            path=self.path,
            line=line + 1,
            column=column + 1,
            length=max(1, min(end - start, len(text) - column)),
            text=text,
        )

    def next_line(self, index: int) -> int:
        """Return the index at which the line after a character begins, or the end of the text."""
        line = bisect_right(self._starts, index)
        return self._starts[line] if line < len(self._starts) else len(self.text)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scalar:
    """A text in the file, exactly as written: no number, date or boolean is read into it.

    Args:
        document: the file.
        start: index of its first character (a quote or a block header included).
        end: index behind its last.
        value: the text, with quotes and escapes resolved.
        style: the character that opens it: a quote, ``|``, ``>``, or none for a plain scalar.
    """

    document: Document
    start: int
    end: int
    value: str
    style: str

    @property
    def where(self) -> Where:
        """The place of the whole scalar."""
        return self.document.where(self.start, self.end)

    def where_of(self, offset: int, length: int) -> Where:
        """Return the place in the file of a part of the value.

        Args:
            offset: index in the value, from 0.
            length: characters of the value.

        Returns:
            The exact place, whatever the quotes, escapes or folding before it.
        """
        places = self._places()[offset : offset + length] or [(self.end, self.end)]
        return self.document.where(places[0][0], places[-1][1])

    def _places(self) -> list[tuple[int, int]]:
        """Return the span in the file of each character of the value.

        In one line the file holds one token for each. Over several, folding and indentation change white space only:
        every other character is found by taking the file's in order, and white space stands where the next one does.
        """
        is_block = self.style in {"|", ">"}
        if not is_block and not _LINE_END.search(self.document.text, self.start, self.end):
            return [token.span() for token in self._tokens()]
        solid = (token.span() for token in self._tokens() if not _is_blank(token.group()))
        places, here = [], next(solid, (self.end, self.end))
        for character in self.value:
            places.append(here)
            if not character.isspace():
                here = next(solid, (self.end, self.end))
        return places

    def _tokens(self) -> Iterator[re.Match[str]]:
        """Yield each character, doubled quote or escape between the delimiters."""
        start, end = self.start, self.end
        if self.style in {"|", ">"}:
            return _CHARACTER.finditer(self.document.text, self.document.next_line(start), end)
        if self.style:
            start, end = start + 1, end - 1
        return _TOKENS.get(self.style, _CHARACTER).finditer(self.document.text, start, end)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MapNode:
    """A mapping: pairs in the file's order, with keys that are all different."""

    document: Document
    start: int
    items: tuple[tuple[Scalar, Node], ...]

    @property
    def where(self) -> Where:
        """The place where it begins."""
        return self.document.where(self.start, self.start)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ListNode:
    """A list of nodes in the file's order."""

    document: Document
    start: int
    items: tuple[Node, ...]

    @property
    def where(self) -> Where:
        """The place where it begins."""
        return self.document.where(self.start, self.start)


Node: TypeAlias = Scalar | MapNode | ListNode


def token(text: str) -> str:
    """Return a user's text as messages show it: in backticks, in one line, and not too long.

    >>> token("mock-usda")
    '`mock-usda`'
    """
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return f"`{shown}`" if len(shown) <= 64 else f"`{shown[:63]}…`"


def _is_blank(written: str) -> bool:
    if not written.startswith("\\") or len(written) == 1:
        return written.isspace()
    if written[1] in "xuU":
        return chr(int(written[2:], 16)).isspace()  # noqa: FURB166 - the prefix is a backslash, not 0
    return written[1] in _BLANK_ESCAPES
