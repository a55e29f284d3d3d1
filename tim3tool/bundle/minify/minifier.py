"""From a source to the same program in fewer bytes: fold, shorten, rename, lay out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.bundle.minify.fold import Folder
from tim3tool.bundle.minify.layout import lay_out
from tim3tool.bundle.minify.literals import short_number, short_string
from tim3tool.bundle.minify.names import rename
from tim3tool.lua.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.bundle.minify.layout import Segment
    from tim3tool.bundle.minify.options import Minify

__all__ = ["Minifier"]


class Minifier:
    """Minifies any number of sources in one way.

    Args:
        options: what may be changed.
    """

    def __init__(self, options: Minify) -> None:
        self._options = options
        self._folder = Folder(numbers=options.numbers, strings=options.strings)

    def minify(self, text: bytes) -> tuple[bytes, tuple[Segment, ...]]:
        """Return a source in fewer bytes, and where they come from.

        It behaves as the source does, but for what looks at the source itself: names of locals in error messages and in
        ``debug``, line numbers (which the segments lead back), and ``string.dump``.

        Args:
            text: legal Lua 5.3 source, without BOM or shebang.
        """
        code = []
        gaps: dict[int, bytes] = {}
        end = 0
        for token in tokens(text):
            if token.kind in ("space", "comment"):
                continue
            if token.start > end:
                gaps[token.start] = text[end : token.start]
            code.append(token)
            end = token.start + len(token.text)
        gaps[len(text)] = text[end:]
        options = self._options
        if options.numbers or options.strings:
            code = list(self._shortened(self._folder.fold(code)))
        if options.locals:
            code = rename(code, entropy=options.entropy)
        return lay_out(code, gaps, text, options)

    def _shortened(self, code: list[Token]) -> Iterator[Token]:
        for token in code:
            if token.kind == "number" and self._options.numbers and not token.text.startswith(b"-"):
                yield token._replace(text=short_number(token.text))
            elif token.kind == "string" and self._options.strings:
                text = short_string(token.text, lines=self._options.eols)
                yield Token("string", text, token.start if text == token.text else token.last_line)
            else:
                yield token
