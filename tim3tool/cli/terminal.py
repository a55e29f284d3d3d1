"""The one place that decides about the terminal: streams, colour, progress, tables, JSON documents."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Talk", "document", "flush", "line", "printed", "record", "table"]

_CONTROL: Final = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RESET: Final = "\x1b[0m"


def document(name: str, content: Mapping[str, Any]) -> None:
    """Print one JSON document to stdout.

    Args:
        name: what it is; becomes ``"schema": "tim3tool.<name>/1"``.
        content: its members.
    """
    sys.stdout.write(json.dumps({"schema": f"tim3tool.{name}/1", **content}, indent=2, ensure_ascii=False) + "\n")


def record(name: str, content: Mapping[str, Any]) -> None:
    """Print one JSON document as a single line; see `document`."""
    sys.stdout.write(json.dumps({"schema": f"tim3tool.{name}/1", **content}, ensure_ascii=False) + "\n")


def flush() -> None:
    """Let whoever reads see what was printed so far."""
    sys.stdout.flush()


def printed(text: str, *, colours: bool | None = None) -> str:
    r"""Return text of a process for a terminal: in its own colours, and with nothing else in it that acts there.

    Args:
        text: any text.
        colours: keep its colours; None for as stdout and ``NO_COLOR`` want it.

    >>> printed("\x1b[31mred\x1b[0m\x1b]0;title\x07", colours=False)
    'red\ufffd]0;title\ufffd'
    """
    if colours is None:
        colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def shown(found: re.Match[str]) -> str:
        if len(found[0]) == 1:
            return "\ufffd"
        return found[0] if colours else ""

    safe = _CONTROL.sub(shown, text)
    return safe + _RESET if colours and "\x1b" in safe else safe


def line(text: str = "") -> None:
    """Print one line of a result to stdout."""
    sys.stdout.write(text + "\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[str] = ()) -> None:
    """Print a table to stdout: drawn on a terminal, aligned columns elsewhere.

    Args:
        title: what stands above it; may be empty.
        columns: the headings.
        rows: the cells, as many as headings in each row.
        numbers: the headings of columns to align to the right.
    """
    if sys.stdout.isatty():
        _draw(title, columns, rows, numbers)
    else:
        _align(title, columns, rows, numbers)


def _draw(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, title_justify="left", title_style="bold", box=box.ROUNDED)
    for column in columns:
        drawn.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout, highlight=False).print(drawn)


def _align(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
    if title:
        line(title)
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = [
            cell.rjust(width) if name in numbers else cell.ljust(width)
            for name, cell, width in zip(columns, row, widths, strict=True)
        ]
        line("  ".join(cells).rstrip())


class Talk:
    """Progress and remarks on stderr.

    Args:
        quiet: say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def say(self, text: str) -> None:
        """Print one line, such as a finished step."""
        if not self._quiet:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def progress(self, text: str) -> None:
        """Show how far things are on a line of a terminal that the next call writes over; empty to take it away."""
        if not self._quiet and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def warn(self, text: str) -> None:
        """Print a warning, also when quiet."""
        sys.stderr.write(f"warning: {text}\n")
