"""Coverage as HTML pages: an index, and a page for each file. They load nothing, and work from a folder or a server."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jinja2

from tim3tool.lua.source import Lines, count_lines, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tim3tool.spec.coverage.model import Coverage, FileCoverage

__all__ = ["write_html"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """A line of a page: ``hit``, ``partial``, ``miss`` or the empty text for a line that has nothing to reach."""

    number: int
    text: str
    state: str
    hits: int | None
    notes: tuple[str, ...]


def write_html(folder: Path, coverage: Coverage, *, timestamp: int) -> None:
    """Write the pages; ``index.html`` is the first.

    Args:
        folder: made where it is missing. Git ignores what is in it.
        coverage: what was reached.
        timestamp: when the run ended, in seconds since 1970.

    Raises:
        OSError: a page cannot be written.
    """
    loader = jinja2.PackageLoader("tim3tool.spec.coverage")
    pages = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    when = dt.datetime.fromtimestamp(timestamp, tz=dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    processes = sorted({handler.process for handler in coverage.handlers})
    index = pages.get_template("index.html").render(coverage=coverage, processes=processes, when=when)
    (folder / "index.html").write_text(index, encoding="utf-8")
    page = pages.get_template("file.html")
    for file in coverage.files:
        path = folder / "files" / f"{file.path}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (file.path.count("/") + 1)
        lines = list(_lines(file))
        path.write_text(page.render(file=file, lines=lines, marks=list(_marks(lines)), up=up), encoding="utf-8")


def _lines(file: FileCoverage) -> Iterator[_Line]:
    lines = Lines(file.text, file.path)
    last = count_lines(file.text) + (not file.text.endswith((b"\n", b"\r")))
    names: dict[int, list[str]] = {}
    for function in file.functions:
        if not function.hits:
            names.setdefault(function.line, []).append(f"{function.name} never called")
    for number in range(1, last + 1):
        text = shown(file.text[lines.start(number) : lines.start(number + 1)].rstrip(b"\r\n").expandtabs(4))
        missing = [f"{label} never taken" for label in file.missing_branches(number)]
        hits = file.lines.get(number)
        state = "" if hits is None else "hit" if hits else "miss"
        if missing or (hits and number in file.partial):
            state = "partial"
        yield _Line(number=number, text=text, state=state, hits=hits, notes=(*missing, *names.get(number, ())))


def _marks(lines: list[_Line]) -> Iterator[tuple[_Line, float, float]]:
    """Return missing and partial lines with their place on a strip as long as the file: top and height in percent."""
    for line in lines:
        if line.state in ("miss", "partial"):
            yield line, 100 * (line.number - 1) / len(lines), 100 / len(lines)
