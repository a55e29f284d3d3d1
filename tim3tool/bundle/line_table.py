"""The line table of a bundle: from the lines that Lua's errors name to the lines of the sources.

It lies beside the bundle as ``<name>.lua.lines``, one JSON document, and needs neither the bundle nor its sources.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import re
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import Where
from tim3tool.lua.source import shown

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.bundle.model import Bundle

__all__ = ["LineTable", "lines_named"]

_FORMAT: Final = 1
_CHUNK: Final = re.compile(r'\[string "aos"\]:(\d+)')  # how aos calls the code of an Eval (aos-runtime facts, 2)
_LINE_END: Final = re.compile(rb"\r\n|\n\r|\n|\r")


def lines_named(text: str) -> list[int]:
    r"""Return the lines of an Eval's code that a text of Lua's names, in its order.

    >>> lines_named('[string "aos"]:7: boom\n[string ".process"]:8: in function')
    [7]
    """
    return [int(found[1]) for found in _CHUNK.finditer(text)]


@dataclass(frozen=True, kw_only=True, slots=True)
class LineTable:
    """Which source lines stand on which lines of a bundle.

    Args:
        name: of the bundle.
        build_hash: of the bundle.
        code: sha256 of the bundle's code, in hex.
        sources: (path relative to the root, sha256 of the file in hex).
        spans: (first line of the bundle, lines, number of the source from 0, its first line), in the bundle's order.
    """

    name: str
    build_hash: str
    code: str
    sources: tuple[tuple[str, str], ...]
    spans: tuple[tuple[int, int, int, int], ...]

    @classmethod
    def of(cls, bundle: Bundle, *, prerun: str | None = None) -> LineTable:
        """Return the table of a bundle, or of the Eval that begins with it.

        Args:
            bundle: the bundle.
            prerun: the file that stands in front of it, in the Eval's first line: errors lead to it as a whole.
        """
        files = {each.path: each.sha256 for each in (bundle.main, *bundle.more, *bundle.modules)}
        if prerun:
            files.setdefault(prerun, "")
        numbers = {path: number for number, path in enumerate(files)}
        spans = [(span.bundle_line, span.lines, numbers[span.path], span.source_line) for span in bundle.line_map]
        if prerun and bundle.source_of(1) is None:
            spans.insert(0, (1, 1, numbers[prerun], 0))
        return cls(
            name=bundle.name,
            build_hash=bundle.build_hash,
            code=bundle.sha256,
            sources=tuple(files.items()),
            spans=tuple(spans),
        )

    @classmethod
    def read(cls, data: bytes) -> LineTable | None:
        """Return the table that a file holds, or None when it holds none of this format."""
        try:
            found: dict[str, Any] = json.loads(data)
            if found["format"] != _FORMAT:
                return None
            sources = tuple((str(path), str(digest)) for path, digest in found["sources"])
            spans = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in found["spans"])
            if any(not 0 <= span[2] < len(sources) for span in spans):
                return None
            texts = (str(found[key]) for key in ("name", "build_hash", "code"))
            name, build_hash, code = texts
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return cls(name=name, build_hash=build_hash, code=code, sources=sources, spans=spans)

    def data(self) -> bytes:
        """Return the contents of its file."""
        document = {
            "format": _FORMAT,
            "name": self.name,
            "build_hash": self.build_hash,
            "code": self.code,
            "sources": self.sources,
            "spans": self.spans,
        }
        return json.dumps(document, separators=(",", ":")).encode() + b"\n"

    def source_of(self, line: int) -> Where | None:
        """Return the source line that a line of the bundle stands for, or None for a line that is nobody's."""
        number = bisect.bisect_right(self.spans, line, key=itemgetter(0)) - 1
        if number < 0:
            return None
        first, lines, source, begins = self.spans[number]
        return Where(path=self.sources[source][0], line=line - first + begins) if line < first + lines else None

    def translated(self, text: str) -> str:
        r"""Return a text of Lua's, such as a traceback, with the lines of the bundle as lines of the sources.

        A line that is nobody's stays as it is.

        >>> table = LineTable(name="a", build_hash="", code="", sources=(("src/a.lua", ""),), spans=((3, 9, 0, 1),))
        >>> table.translated('[string "aos"]:5: boom')
        'src/a.lua:3: boom'
        """
        return _CHUNK.sub(lambda match: str(self.source_of(int(match[1])) or match[0]), text)

    def first_place(self, text: str, root: Path) -> Where | None:
        """Return the first line of the sources that a text of Lua's names, with its text where that has not changed.

        Args:
            text: as AO gives it, not translated.
            root: the folder that the paths of the sources start from.
        """
        places = map(self.source_of, lines_named(text))
        place = next((place for place in places if place), None)
        return self.framed(place, root) if place else None

    def framed(self, place: Where, root: Path) -> Where:
        """Return a place with the text of its line, if the file still is as it was bundled.

        Args:
            place: from `source_of`.
            root: the folder that the paths of the sources start from.
        """
        try:
            source = (root / place.path).read_bytes()
        except OSError:
            return place
        if hashlib.sha256(source).hexdigest() != dict(self.sources).get(place.path):
            return place
        lines = _LINE_END.split(source.removeprefix(b"\xef\xbb\xbf"))
        return replace(place, text=shown(lines[place.line - 1])) if 0 < place.line <= len(lines) else place
