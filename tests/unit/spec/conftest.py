"""Suites that run inside this process, with pytest's own reports to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tim3tool.errors import TestsFailed
from tim3tool.spec.suite import Suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class Run:
    """What a run of pytest reported: outcome and text by node id, and what each test printed."""

    code: int = -1
    outcomes: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    locations: dict[str, tuple[str, int | None, str]] = field(default_factory=dict)
    summaries: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid
        if report.when == "setup":
            self.order.append(name)
        self.locations[name] = report.location
        self.printed[name] = report.capstdout
        if report.when == "call" or report.outcome != "passed":
            outcome = report.outcome
            self._note(name, "error" if outcome == "failed" and report.when != "call" else outcome, report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.outcome != "passed":
            self._note(report.nodeid, "error", report)

    def _note(self, name: str, outcome: str, report: pytest.TestReport | pytest.CollectReport) -> None:
        self.outcomes[name] = outcome
        longrepr = report.longrepr
        self.texts[name] = longrepr[2] if isinstance(longrepr, tuple) else report.longreprtext
        crash = getattr(longrepr, "reprcrash", None)
        self.summaries[name] = str(crash) if crash else ""


@pytest.fixture
def run_suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run suites in an empty folder; ``__`` in a file's name stands for ``/``."""

    def run(*args: str, **files: str) -> Run:
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".lua")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(tmp_path)
        seen = Run()
        plugins = ["-p", "tim3tool.spec.plugin", "-p", "no:faulthandler", "-p", "no:hypothesispytest", "-p", "no:xdist"]
        options = ["-c", "/dev/null", "--rootdir=.", "--continue-on-collection-errors", "-q"]
        seen.code = int(pytest.main([*plugins, *options, *args], plugins=[seen]))
        return seen

    return run


@pytest.fixture
def run_suite(run_suites: Callable[..., Run]) -> Callable[..., Run]:
    """Run one suite, whose tests are then known by their names alone."""

    def run(text: str, *args: str) -> Run:
        seen = run_suites(*args, x_spec=text)
        for table in (seen.outcomes, seen.texts, seen.printed, seen.locations, seen.summaries):
            for name in list(table):
                table[name.removeprefix("x_spec.lua").removeprefix("::")] = table.pop(name)
        seen.order[:] = [name.removeprefix("x_spec.lua::") for name in seen.order]
        return seen

    return run


@pytest.fixture
def check_lines(tmp_path: Path) -> Callable[[str], str]:
    """Run one line in a suite's VM, and return what its failure says; nothing when it went well."""

    def check(line: str) -> str:
        path = tmp_path / "x_spec.lua"
        path.write_text(f'it("x", function() {line} end)')
        suite = Suite(path, chunk="x_spec.lua", search="")
        (test,) = suite.enter(suite.load())
        try:
            suite.step("before", test)
            suite.step("run", test)
        except TestsFailed as failure:
            return failure.message
        return ""

    return check
