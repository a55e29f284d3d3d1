"""How a failure in a suite looks in pytest's report. The only importer of pytest's private report classes.

pytest sends exactly these classes between its workers (xdist) and takes the one-line cause for its summary and JUnit's
``message`` from them; a class of our own would arrive as bare text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from tim3tool.errors import TestsFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.errors import Tim3Error
    from tim3tool.spec.outcome import Outcome

__all__ = ["alike", "emitted", "named", "renamed", "report_of", "shape"]

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


def alike(report: pytest.TestReport, *, when: str, duration: float, start: float, stop: float) -> pytest.TestReport:
    """Return the report of another step of a test that passes too and printed nothing: making it anew takes longer.

    Args:
        report: of a step that passed; it stays as it is.
        when: the other step.
        duration: of that step, in seconds.
        start: when it began, in seconds since the epoch.
        stop: when it ended.
    """
    other = object.__new__(pytest.TestReport)
    vars(other).update(vars(report), when=when, duration=duration, start=start, stop=stop, sections=[])
    other.user_properties = list(report.user_properties)
    return other


def shape(item: pytest.Item, report: pytest.TestReport, outcome: Outcome) -> pytest.TestReport:
    """Make an item's report tell of an outcome.

    What raised an error inside a test has ``when == "run"``: pytest keeps ``"call"`` for failures.

    Args:
        item: the item.
        report: its report, which is changed.
        outcome: what it shall tell.

    Returns:
        The report.
    """
    report.outcome = outcome.result
    if outcome.error is not None:
        report.longrepr = report_of([outcome.error], path=str(item.path))
        if report.when == "call" and outcome.is_error:
            vars(report)["when"] = "run"
    elif outcome.result == "skipped":
        report.longrepr = (str(item.path), outcome.line, f"Skipped: {outcome.reason}")
    return renamed(item, report, outcome)


def renamed(item: pytest.Item, report: pytest.TestReport, outcome: Outcome) -> pytest.TestReport:
    """Give an item's report the name of what an outcome is of.

    In a worker of pytest-xdist the name is only noted, as every report must be an item's there; see `named`.

    Args:
        item: the item.
        report: its report, which is changed.
        outcome: whose name it gets.
    """
    if outcome.nodeid and outcome.nodeid != item.nodeid:
        file, _, names = outcome.nodeid.partition("::")
        where: dict[str, Any] = {"nodeid": outcome.nodeid, "location": (file, outcome.line, names.replace("::", " "))}
        vars(report)["lua"] = where
    return report if hasattr(item.config, "workerinput") else named(report)


def emitted(item: pytest.Item, like: pytest.TestReport, outcome: Outcome) -> pytest.TestReport:
    """Return a further report of an item that tells of an outcome.

    Args:
        item: the item.
        like: its own report.
        outcome: what the new one shall tell.
    """
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords=like.keywords,
        outcome=outcome.result,
        longrepr=None,
        when="call" if outcome.own else like.when,
        duration=outcome.seconds,
    )
    return shape(item, report, outcome)


def named(report: pytest.TestReport) -> pytest.TestReport:
    """Give a report the name of what it tells of, where that is no item.

    Args:
        report: the report, which is changed.
    """
    where = vars(report).pop("lua", None)
    if where is not None:
        report.nodeid, report.location = where["nodeid"], tuple(where["location"])
    return report


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
