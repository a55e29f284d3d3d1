"""How each test of a run ended, for whoever reports it other than pytest does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tim3tool.errors import Where
from tim3tool.spec.coverage.options import COVERAGE

if TYPE_CHECKING:
    import pytest

    from tim3tool.spec.coverage.model import Coverage

__all__ = ["Outcome", "Outcomes", "Verdict"]

Verdict = Literal["passed", "failed", "error", "skipped"]

_BAD: Final = ("failed", "error")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a test ended, or why a file or block gave no tests.

    Args:
        id: pytest's node id.
        path: the file, relative to the root of the run.
        line: 1-based; 0 when it is not known.
        verdict: ``failed`` by an assertion, ``error`` by anything else, ``skipped`` when it is pending.
        seconds: what the test took, with its hooks.
        message: one line of what went wrong, or why it was skipped; else empty.
        where: the line at fault, when it failed.
        text: the whole report of what went wrong; else empty.
    """

    id: str
    path: str
    line: int
    verdict: Verdict
    seconds: float
    message: str = ""
    where: Where | None = None
    text: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether it makes the run fail."""
        return self.verdict in _BAD


class Outcomes:
    """A pytest plugin that keeps the outcomes of a run, in the order in which tests ended."""

    def __init__(self) -> None:
        self.coverage: Coverage | None = None
        self._worst: dict[str, tuple[Verdict, pytest.TestReport | pytest.CollectReport]] = {}
        self._seconds: dict[str, float] = {}

    @property
    def all(self) -> tuple[Outcome, ...]:
        """Every outcome."""
        return tuple(
            _outcome(report, verdict, self._seconds.get(nodeid, 0)) for nodeid, (verdict, report) in self._worst.items()
        )

    @property
    def bad(self) -> tuple[Outcome, ...]:
        """The outcomes that make the run fail."""
        return tuple(outcome for outcome in self.all if outcome.is_bad)

    def count(self, verdict: Verdict) -> int:
        """Return how many ended like that."""
        return sum(1 for kept, _ in self._worst.values() if kept == verdict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of what a test and the hooks around it report."""
        nodeid, result = report.nodeid, report.outcome
        self._seconds[nodeid] = self._seconds.get(nodeid, 0) + report.duration
        if result == "passed" and report.when != "call":
            return
        known = self._worst.get(nodeid)
        if known is not None and known[0] in _BAD:
            return
        self._worst[nodeid] = ("error" if result == "failed" and report.when != "call" else result, report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep that a file or block could not be read."""
        if report.failed:
            self._worst[report.nodeid] = ("error", report)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Take the coverage of the run, where it was counted."""
        self.coverage = config.stash.get(COVERAGE, None)


def _outcome(report: pytest.TestReport | pytest.CollectReport, verdict: Verdict, seconds: float) -> Outcome:
    location = getattr(report, "location", None) or (report.nodeid.partition("::")[0], None, "")
    where, message = (None, "") if verdict == "passed" else _cause(report)
    bad = verdict in _BAD
    return Outcome(
        id=report.nodeid,
        path=location[0],
        line=0 if location[1] is None else location[1] + 1,
        verdict=verdict,
        seconds=seconds,
        message=message,
        where=where if bad else None,
        text=report.longreprtext if bad else "",
    )


def _cause(report: pytest.TestReport | pytest.CollectReport) -> tuple[Where | None, str]:
    cause = report.longrepr
    if isinstance(cause, tuple):
        return None, cause[2].removeprefix("Skipped: ")
    crash = getattr(cause, "reprcrash", None)
    if crash is None:
        return None, report.longreprtext.strip().partition("\n")[0]
    return Where(path=crash.path, line=crash.lineno), crash.message.partition("\n")[0]
