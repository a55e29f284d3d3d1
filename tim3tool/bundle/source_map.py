"""The Source Map of a bundle, for the tools that read them (Source Map format, ECMA-426, version 3)."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tim3tool.bundle.model import Bundle, Span

__all__ = ["source_map"]

_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def source_map(bundle: Bundle, file: Path, *, root: Path) -> bytes:
    """Return the Source Map of a bundle.

    Args:
        bundle: the bundle.
        file: where its code is written; the map lies beside it.
        root: the folder that the paths of the sources start from.

    Returns:
        One JSON document. Columns count bytes; the sources are relative to the map's folder.
    """
    paths = list(dict.fromkeys(span.path for span in bundle.line_map))
    document = {
        "version": 3,
        "file": file.name,
        "sources": [os.path.relpath(root / path, file.parent).replace(os.sep, "/") for path in paths],
        "names": [],
        "mappings": _mappings(bundle.line_map, {path: number for number, path in enumerate(paths)}),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def _mappings(spans: Iterable[Span], numbers: dict[str, int]) -> str:
    """Return where each line of each span begins, and where that is in the sources; see `Bundle.mappings`."""
    text: list[str] = []
    line, column = 1, 0
    source = source_line = source_column = 0
    for span in spans:
        if span.bundle_line > line:
            text.append(";" * (span.bundle_line - line))
            line, column = span.bundle_line, 0
        elif text and text[-1][-1] != ";":
            text.append(",")
        number, from_line, from_column = numbers[span.path], span.source_line - 1, span.source_column - 1
        begins = span.bundle_column - 1
        text.append(_step(begins - column, number - source, from_line - source_line, from_column - source_column))
        column, source, source_line, source_column = begins, number, from_line, from_column
        more = span.lines - 1
        if more:
            text.append(f";{_step(0, 0, 1, -source_column)}{';AACA' * (more - 1)}")  # each line is the next of both
            line, column, source_line, source_column = line + more, 0, source_line + more, 0
    return "".join(text)


@lru_cache(maxsize=1024)
def _step(*values: int) -> str:
    """Return one step of the mappings; most of them are the one to the next line."""
    return "".join(map(_digits, values))


def _digits(value: int) -> str:
    """Return a number as a Base64 VLQ: its sign in the lowest bit, then 5 bits a digit, lowest first.

    >>> _digits(0), _digits(-1), _digits(16)
    ('A', 'D', 'gB')
    """
    rest = -value << 1 | 1 if value < 0 else value << 1
    digits = ""
    while rest > 31:
        digits += _DIGITS[rest & 31 | 32]
        rest >>= 5
    return digits + _DIGITS[rest]
