"""The coverage report for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.spec.coverage.model import Coverage, FileCoverage, HandlerCoverage, Ratio

__all__ = ["text_report"]

_HEADINGS: Final = ("file", "lines", "branches", "functions", "cover", "missing")


def text_report(coverage: Coverage) -> str:
    """Return the report as lines of text.

    Args:
        coverage: what was reached.
    """
    rows = [_HEADINGS, *map(_row, coverage.files), _total(coverage)]
    lines = list(_aligned(rows))
    lines += [f"not counted: {path}" for path in coverage.uncounted]
    for process in sorted({handler.process for handler in coverage.handlers}):
        lines += ["", *_handlers(process, [each for each in coverage.handlers if each.process == process])]
    return "\n".join(lines)


def _row(file: FileCoverage) -> tuple[str, ...]:
    ratios = (file.line_ratio, file.branch_ratio, file.function_ratio)
    return file.path, *map(_shown, ratios), file.total.shown, _missing(file)


def _total(coverage: Coverage) -> tuple[str, ...]:
    ratios = (coverage.line_ratio, coverage.branch_ratio, coverage.function_ratio)
    return "total", *map(_shown, ratios), coverage.total.shown, ""


def _shown(ratio: Ratio) -> str:
    return f"{ratio.hit}/{ratio.total}" if ratio.total else "-"


def _missing(file: FileCoverage) -> str:
    """Return stretches of lines, then branches of lines that did run."""
    stretches = [str(first) if first == last else f"{first}-{last}" for first, last in file.missing]
    lines = sorted({branch.line for branch in file.branches})
    branches = [f"{line}:{'/'.join(missing)}" for line in lines if (missing := file.missing_branches(line))]
    return ", ".join((*stretches, *branches))


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        yield "  ".join((*cells, row[-1])).rstrip()


def _handlers(process: str, handlers: list[HandlerCoverage]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [(f"handlers of {process}", "sent", "errors", "")]
    for each in handlers:
        name = each.handler if each.action in (None, each.handler) else f"{each.handler}: {each.action}"
        rows.append((name, str(each.ran), str(each.refused), each.remark))
    return _aligned(rows)
