"""The Source Map of a bundle, for the tools that read them (Source Map format, ECMA-426, version 3)."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tim3tool.bundle.model import Bundle, Mapping

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
        "mappings": _mappings(bundle.mappings, {path: number for number, path in enumerate(paths)}),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def _mappings(positions: Iterable[Mapping], numbers: dict[str, int]) -> str:
    text: list[str] = []
    line, column = 1, 0
    source = source_line = source_column = 0
    for at in positions:
        if at.line > line:
            text.append(";" * (at.line - line))
            line, column = at.line, 0
        elif text and text[-1][-1] != ";":
            text.append(",")
        number, from_line, from_column = numbers[at.path], at.source_line - 1, at.source_column - 1
        text.append(
            _step(at.column - 1 - column, number - source, from_line - source_line, from_column - source_column)
        )
        column, source, source_line, source_column = at.column - 1, number, from_line, from_column
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
