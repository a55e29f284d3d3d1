"""Worker processes for runs of Lua suites, forked once everything is imported and collected.

Each takes a file at a time. What it reports is told here in the order that a run without workers has, file by file, so
that only the time tells them apart: a test that fails under ``-x`` is the same one, and so is every report.
"""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

from tim3tool.errors import TestsFailed
from tim3tool.spec.coverage.hits import Hits
from tim3tool.spec.nodes import LuaItem
from tim3tool.spec.report import alike, report_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

    from tim3tool.spec.coverage.recorder import Recorder

__all__ = ["run_by_workers"]

# Plugins whose way to send a report is known here.
_SENDERS: Final = frozenset({"reports", "subtests", "tim3tool.spec.plugin"})
_IN_ONE: Final = ("usepdb", "setupshow", "setuponly")  # options for which a run needs the terminal to itself


def run_by_workers(session: pytest.Session, count: int, recorder: Recorder | None) -> bool:
    """Run the collected tests in several processes, where they are tests in Lua of more than one file.

    Args:
        session: the run, after collection.
        count: how many processes.
        recorder: what counts for the coverage report, to which is added what the workers count.

    Returns:
        Whether they ran; if not, they are better run in this process.
    """
    items = session.items
    if not all(isinstance(item, LuaItem) for item in items) or any(map(session.config.getoption, _IN_ONE)):
        return False
    files = _files(items)
    count = min(count, len(files))
    if count < 2:
        return False
    pool = _Pool(session, files, recorder)
    try:
        pool.run(count)
    finally:
        pool.end()
        if recorder is not None:
            recorder.add(pool.counted)
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """Some tests of one file, by their places among all tests: from `first` to before `end`."""

    file: int
    first: int
    end: int


def _files(items: Sequence[pytest.Item]) -> list[_Part]:
    """Part the tests by their files, which keep the order of their first tests."""
    parts, first = [], 0
    for number, (_, tests) in enumerate(groupby(items, key=lambda item: item.path)):
        end = first + len(list(tests))
        parts.append(_Part(file=number, first=first, end=end))
        first = end
    return parts


@dataclass(kw_only=True, slots=True, eq=False)
class _Worker:
    """A worker, as the first process sees it; `part` is what it works on, from the first test that is not done."""

    process: ForkProcess
    connection: Connection[Any, Any]
    part: _Part | None = None


class _Pool:
    """The workers of a run, what they reported that is not told yet, and what they `counted` for coverage."""

    def __init__(self, session: pytest.Session, files: Sequence[_Part], recorder: Recorder | None) -> None:
        self._session = session
        self._recorder = recorder
        self._queue = deque(files)
        self._open = [file.end - file.first for file in files]  # how many tests of each file are not done
        self._waiting: list[list[_Told]] = [[] for _ in files]
        self.counted = Hits()
        self._front = 0  # the file that is told of now
        self._workers: list[_Worker] = []

    def run(self, count: int) -> None:
        """Run all, and tell of it.

        Raises:
            pytest.Session.Failed: as many tests failed as may.
            pytest.Session.Interrupted: a plugin stopped the run.
        """
        for _ in range(count):
            self._start()
        while self._workers:
            for ready in wait([worker.connection for worker in self._workers]):
                worker = next(each for each in self._workers if each.connection is ready)
                try:
                    answer = worker.connection.recv()
                except (EOFError, ConnectionError):
                    self._lost(worker)
                else:
                    self._take(worker, answer)

    def end(self) -> None:
        """End the workers that are left."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        ours, its = context.Pipe()
        others = [ours, *(worker.connection for worker in self._workers)]
        arguments = (self._session, its, others, self._recorder)
        process = context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        its.close()
        worker = _Worker(process=process, connection=ours)
        self._workers.append(worker)
        self._give(worker)

    def _give(self, worker: _Worker) -> None:
        """Give a worker something to do, or tell it that nothing is left."""
        worker.part = self._queue.popleft() if self._queue else None
        try:
            worker.connection.send(worker.part)
        except ConnectionError:
            self._lost(worker)

    def _take(self, worker: _Worker, answer: _Told | _Bye) -> None:
        if isinstance(answer, _Bye):
            self._workers.remove(worker)
            worker.process.join()
            worker.connection.close()
            if answer.counted is not None:
                self.counted.add(answer.counted)
            if answer.error is not None:
                raise answer.error
        elif worker.part is not None:
            self._note(worker.part.file, answer)
            part = _Part(file=worker.part.file, first=answer.index + 1, end=worker.part.end)
            worker.part = part
            if part.first == part.end:
                self._give(worker)

    def _lost(self, worker: _Worker) -> None:
        """Blame the test at which a worker ended, and let another do the rest of the file."""
        self._workers.remove(worker)
        worker.process.join()
        worker.connection.close()
        part = worker.part
        if part is None:
            return
        self._note(part.file, _Told(index=part.first, lost=_how(worker.process.exitcode or 0)))
        if part.first + 1 < part.end:
            self._queue.appendleft(_Part(file=part.file, first=part.first + 1, end=part.end))
        if self._queue:
            self._start()

    def _note(self, file: int, told: _Told) -> None:
        """Tell of a test, or keep it until all files in front of its own are told of."""
        self._waiting[file].append(told)
        while self._front < len(self._waiting):
            for each in self._waiting[self._front]:
                self._tell(each)
                self._open[self._front] -= 1
            self._waiting[self._front].clear()
            if self._open[self._front] > 0:
                return
            self._front += 1

    def _tell(self, told: _Told) -> None:
        session, config, item = self._session, self._session.config, self._session.items[told.index]
        if told.shown:
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in _reports(config, item, told):
            item.ihook.pytest_runtest_logreport(report=report)
        if told.lost:
            item.ihook.pytest_runtest_logreport(report=_blamed(item, told.lost))
        if told.shown:
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if told.stop and not session.shouldstop:
            session.shouldstop = told.stop
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


_Times: TypeAlias = tuple[str, float, float, float]  # a step, how long it took, when it began, when it ended


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """What a worker tells of a test.

    Args:
        index: the test's place among all.
        shown: whether pytest was told that it started; not of one that its block keeps from running.
        reports: as pytest makes them ready to be sent; of a step that passed and printed nothing only what tells it
            from the others.
        keywords: of the reports of such steps.
        stop: why a plugin wants the run to end, in the worker.
        lost: how the worker ended while the test ran.
    """

    index: int
    shown: bool = True
    reports: tuple[dict[str, Any] | _Times, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    stop: str = ""
    lost: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bye:
    """The last word of a worker: what it counted for coverage, and what ended it early."""

    counted: Hits | None = None
    error: BaseException | None = None


class _Relay:
    """Keeps what a worker tells of a test until that is sent."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        hooks = (config.hook.pytest_report_to_serializable, config.hook.pytest_report_from_serializable)
        self._is_brief = {each.plugin_name for hook in hooks for each in hook.get_hookimpls()} <= _SENDERS
        self._shown = ""
        self._keywords: Any = None
        self._reports: list[dict[str, Any] | _Times] = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Keep that the test started."""
        self._shown = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a report."""
        if self._is_brief and self._is_plain(report):
            self._keywords = report.keywords
            self._reports.append((report.when, report.duration, report.start, report.stop))
            return
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._reports.append(data)

    def taken(self, index: int, stop: str) -> _Told:
        """Return what was kept, and keep it no longer."""
        told = _Told(
            index=index,
            shown=bool(self._shown),
            reports=tuple(self._reports),
            keywords=self._keywords or {},
            stop=stop,
        )
        self._shown, self._keywords = "", None
        self._reports.clear()
        return told

    def _is_plain(self, report: pytest.TestReport) -> bool:
        return (
            report.outcome == "passed"
            and not report.sections
            and not report.user_properties
            and report.nodeid == self._shown
            and self._keywords in (None, report.keywords)
            and vars(report).keys() == _FIELDS
            and report.longrepr is None
        )


def _work(
    session: pytest.Session, connection: Connection[Any, Any], others: Iterable[Connection[Any, Any]], recorder: Any
) -> None:
    """Run what comes in, until nothing is left: all that a worker does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends its workers itself
    for other in others:
        other.close()  # or no worker would see that the first process is gone
    try:
        _run_parts(session, connection)
        bye = _Bye(counted=recorder.hits() if recorder is not None else None)
    except (EOFError, ConnectionError):
        return
    except pytest.exit.Exception as wanted:
        bye = _Bye(error=wanted)
    except BaseException as error:
        bye = _Bye(error=RuntimeError(f"a worker failed: {error}\n{traceback.format_exc()}"))
    connection.send(bye)


def _run_parts(session: pytest.Session, connection: Connection[Any, Any]) -> None:
    config = session.config
    relay = _Relay(config)
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(relay)
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:  # what it captures to would be shared with the other processes
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture()
    while (part := connection.recv()) is not None:
        tests = session.items[part.first : part.end]
        for index, (item, nextitem) in enumerate(zip(tests, [*tests[1:], None], strict=True), start=part.first):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            connection.send(relay.taken(index, str(session.shouldstop or "")))


def _reports(config: pytest.Config, item: pytest.Item, told: _Told) -> list[pytest.TestReport]:
    """Return the reports as they were in the worker; all before the first is told of, as plugins may change it."""
    plain = _report(nodeid=item.nodeid, location=item.location, keywords=told.keywords)
    return [
        config.hook.pytest_report_from_serializable(config=config, data=data)
        if isinstance(data, dict)
        else alike(plain, when=data[0], duration=data[1], start=data[2], stop=data[3])
        for data in told.reports
    ]


def _report(*, nodeid: str, location: tuple[str, int | None, str], keywords: dict[str, Any]) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=nodeid, location=location, keywords=keywords, outcome="passed", longrepr=None, when="call"
    )


_FIELDS: Final = vars(_report(nodeid="", location=("", 0, ""), keywords={})).keys()  # where no plugin adds any


def _how(code: int) -> str:
    """Return how a process ended, by its exit code as `multiprocessing` gives it."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"by signal {-code}"


def _blamed(item: pytest.Item, how: str) -> pytest.TestReport:
    error = TestsFailed(f"the worker process ended {how} while this test ran", help="see whether it passes without -n")
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords=dict.fromkeys(item.keywords, 1),
        outcome="failed",
        longrepr=report_of([error], path=str(item.path)),
        when="call",
    )
    vars(report)["when"] = "run"  # an error, and no failed assertion
    return report
