"""Coverage in pytest: what the workers of pytest-xdist hand over, and the reports at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from tim3tool.errors import StateError
from tim3tool.spec.coverage.hits import Hits
from tim3tool.spec.coverage.model import Coverage
from tim3tool.spec.coverage.options import COVERAGE
from tim3tool.spec.coverage.recorder import Recorder
from tim3tool.spec.coverage.reports import Report, write
from tim3tool.spec.coverage.selection import Selection
from tim3tool.spec.coverage.text import text_report

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["start"]

_WORKER_OUTPUT: Final = "tim3tool_coverage"


def start(config: pytest.Config, *, under: float | None) -> Recorder:
    """Start to count, and see to the reports.

    Args:
        config: the run's.
        under: the percentage below which the run fails; None for none.

    Raises:
        pytest.UsageError: a report is asked for that does not exist.
    """
    try:
        reports = [Report.of(text) for text in config.getoption("--lua-coverage-report")]
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    include, exclude = (tuple(config.getoption(f"--lua-coverage-{word}")) for word in ("include", "exclude"))
    recorder = Recorder(Selection(root=config.rootpath, include=include, exclude=exclude))
    worker = getattr(config, "workeroutput", None)
    if worker is not None:
        config.pluginmanager.register(_Worker(recorder, worker))
    else:
        config.pluginmanager.register(_Controller(config, recorder, reports, under))
    return recorder


class _Counting:
    """What counts in this very process."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Let go of the processes of a suite after its last test."""
        if nextitem is None or nextitem.path != item.path:
            self._recorder.rest()


class _Worker(_Counting):
    """Hands over what a worker of pytest-xdist has counted."""

    def __init__(self, recorder: Recorder, output: dict[str, Any]) -> None:
        super().__init__(recorder)
        self._output = output

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Hand it over; it crosses as JSON can hold it."""
        self._output[_WORKER_OUTPUT] = self._recorder.hits().as_dict()


class _Controller(_Counting):
    """Adds up what was counted, and reports it.

    Args:
        config: the run's.
        recorder: what this very process counts.
        reports: where to.
        under: the percentage below which the run fails.
    """

    def __init__(self, config: pytest.Config, recorder: Recorder, reports: list[Report], under: float | None) -> None:
        super().__init__(recorder)
        self._config = config
        self._reports = reports
        self._under = under
        self._hits = Hits()
        self._problem = ""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ARG002 - pytest-xdist's signature
        """Add what a worker hands over; one that crashed has nothing."""
        data = getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT)
        if data is not None:
            self._hits.add(Hits.from_dict(data))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports, and fail the run where too little was reached."""
        self._hits.add(self._recorder.hits())
        kept = self._config.getoption("--lua-coverage-append")
        if kept is not None:
            self._append(kept)
        coverage = Coverage.of(self._hits, self._config.rootpath)
        self._config.stash[COVERAGE] = coverage
        for report in self._reports:
            if report.path is not None:
                try:
                    write(report.kind, report.path, coverage, root=self._config.rootpath, timestamp=int(time.time()))
                except OSError as error:
                    self._problem = f"cannot write `{report.path}`: {error.strerror}"
        total = coverage.total
        if not self._problem and self._under is not None and total.percent < self._under:
            short = self._under - total.percent
            self._problem = (
                f"coverage is {total.percent:.2f}%, which is {short:.2f} below the {self._under:g}% demanded"
            )
        if self._problem and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _append(self, path: Path) -> None:
        try:
            earlier = Hits.load(path)
        except StateError as error:
            self._problem = f"{error.message}; {error.help}"
            return
        earlier.add(self._hits)
        self._hits = earlier
        try:
            earlier.save(path)
        except OSError as error:
            self._problem = f"cannot write `{path}`: {error.strerror}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report."""
        coverage = self._config.stash.get(COVERAGE, None)
        if coverage is None:
            return
        if not self._reports or any(report.kind == "text" and report.path is None for report in self._reports):
            terminalreporter.section("coverage of Lua")
            terminalreporter.write_line(text_report(coverage))
        for report in self._reports:
            if report.path is not None and not self._problem:
                terminalreporter.write_line(f"coverage: {report.kind} written to {report.path}")
        if self._problem:
            terminalreporter.write_line(f"error: {self._problem}", red=True)
