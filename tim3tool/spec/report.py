"""How a failure in a suite looks in pytest's report. The only importer of pytest's private report classes.

pytest sends exactly these classes between its workers (xdist) and takes the one-line cause for its summary and JUnit's
``message`` from them; a class of our own would arrive as bare text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from tim3tool.errors import TestsFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.errors import Tim3Error

__all__ = ["report_of"]

_SUMMARY: Final = 300


def report_of(errors: Sequence[Tim3Error], *, path: str) -> ReprExceptionInfo:
    """Return what pytest prints for a failed test, block or suite.

    Args:
        errors: what happened, at least one; the notes of each are its traceback, innermost first.
        path: the suite, for an error that knows no place.
    """
    first, where = errors[0], errors[0].where
    summary = " ".join(first.message.split())
    lines = [line for error in errors for line in (*_lines(error, path), "")]
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback([ReprEntryNative([f"{line}\n" for line in lines[:-1]])], None, style="native"),
        reprcrash=ReprFileLocation(
            where.path if where else path,
            where.line if where else 0,
            summary if len(summary) <= _SUMMARY else f"{summary[:_SUMMARY]}...",
        ),
    )


def _lines(error: Tim3Error, path: str) -> list[str]:
    where = error.where
    place = str(where) if where else path
    lines = [f"{place}: {error.message}"]
    if where is not None and where.text is not None:
        gutter = " " * len(str(where.line))
        lines += ["", f"  {gutter} |", f"  {where.line} | {where.text.expandtabs(4)}", f"  {gutter} |"]
    if error.notes:
        heading = "stack traceback:" if isinstance(error, TestsFailed) else "notes:"
        lines += ["", heading, *(f"    {note}" for note in error.notes)]
    if error.help:
        lines += ["", f"help: {error.help}"]
    return lines
