"""The pytest plugin that runs Lua suites: ``pytest -p tim3tool.spec.plugin``.

A suite is a file ``*_spec.lua`` or ``*_test.lua``, or what a ``.busted`` file says, or any ``.lua`` file named on the
command line. Each file gets a fresh open VM, each block a node, each test an item, with ids such as
``test/token_spec.lua::transfer::burns``.
"""

from __future__ import annotations

import argparse
import random
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tim3tool.errors import Tim3Error
from tim3tool.spec.coverage.options import add_options, start_coverage
from tim3tool.spec.nodes import SESSION, LuaFile, LuaItem, Session
from tim3tool.spec.outcome import Blamed, Outcome
from tim3tool.spec.protocol import Protocol
from tim3tool.spec.report import emitted, named, renamed, shape
from tim3tool.spec.selection import Selection
from tim3tool.spec.settings import Settings, settings_of
from tim3tool.spec.suite import HooksFailed
from tim3tool.spec.surroundings import open_suite
from tim3tool.spec.tree import Order
from tim3tool.spec.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Generator

    from tim3tool.spec.coverage.recorder import Recorder

__all__: list[str] = []

pytest_plugins = ("tim3tool.spec.fixtures",)

_SELECTION: Final = pytest.StashKey[Selection]()
_INSIDE: Final = pytest.StashKey[dict[str, list[str]]]()
_PROTOCOL: Final = pytest.StashKey[Protocol]()
_SHARED: Final = ("setup", "teardown", "lazy_setup", "lazy_teardown")
_RECORDER: Final[pytest.StashKey[Recorder | None]] = pytest.StashKey()
_SETTINGS: Final = pytest.StashKey[Settings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of Lua suites."""
    group = parser.getgroup("lua", "Lua suites")
    group.addoption(
        "--lua-module",
        type=Path,
        metavar="FILE",
        help="a real aos module, which then evaluates the messages of `tim3tool.sim` instead of the mock",
    )
    group.addoption(
        "--lua-timeout",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="CPU time that a test, hook or file of a Lua suite may take; 0 for no limit (default: 10)",
    )
    group.addoption(
        "--lua-bundle",
        action="store_true",
        help="spawn the processes of the manifest from build/NAME.lua, and fail where that is stale",
    )
    group.addoption(
        "--busted",
        default="",
        metavar="OPTIONS",
        help="options of busted for Lua suites, such as --busted='--tags=fast --shuffle'; they win over `.busted`",
    )
    group.addoption("--lua-workers", type=int, default=0, help=argparse.SUPPRESS)  # `tim3tool test -n` without xdist
    add_options(group)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, and give the run what its suites share."""
    if config.getoption("--lua-timeout") < 0:
        msg = "--lua-timeout needs a number of seconds that is not negative"
        raise pytest.UsageError(msg)
    try:
        settings = settings_of(config.rootpath, shlex.split(config.getoption("--busted")))
        config.stash[_SELECTION] = Selection(settings)
    except (Tim3Error, ValueError) as error:
        raise pytest.UsageError(str(error)) from None
    seed = settings.seed
    if seed is None:
        # Workers get the options of the first process, and must agree on the order.
        seed = random.SystemRandom().randrange(100_000)
        config.option.busted += f" --seed={seed}"
    wasm = config.getoption("--lua-module")
    workspace = Workspace(wasm=wasm, built=config.getoption("--lua-bundle"), recorder=start_coverage(config, wasm=wasm))
    seconds: float = config.getoption("--lua-timeout")
    config.stash[_RECORDER] = workspace.recorder
    config.stash[_SETTINGS] = settings
    config.stash[SESSION] = Session(
        open=lambda path, counted: open_suite(
            path, root=config.rootpath, seconds=seconds, workspace=workspace, settings=settings, counted=counted
        ),
        order=Order(
            seed=seed, shuffle=settings.shuffle_tests, sort=settings.sort_tests, settle=hasattr(config, "workerinput")
        ),
        whole=not any("::" in argument for argument in config.args),
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which seed repeats the order."""
    settings, order = config.stash[_SETTINGS], config.stash[SESSION].order
    return [f"order of Lua suites: --seed={order.seed}"] if settings.shuffle_tests or settings.shuffle_files else []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> LuaFile | None:
    """Collect a Lua suite."""
    if file_path.suffix != ".lua":
        return None
    if parent.session.isinitpath(file_path) or parent.config.stash[_SELECTION].takes_file(file_path):
        return LuaFile.from_parent(parent, path=file_path)
    return None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out folders in folders where the options say so."""
    if config.stash[_SETTINGS].recursive or not collection_path.is_dir():
        return None
    given = [Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args]
    path = collection_path.resolve()
    return None if any(path == each or path in each.parents for each in given) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the options of busted leave out, and put the files in their order."""
    selection, settings, session = config.stash[_SELECTION], config.stash[_SETTINGS], config.stash[SESSION]
    out = [item for item in items if isinstance(item, LuaItem) and not selection.takes(item.kind, item.full_name)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]
    if settings.shuffle_files:
        files = sorted({item.path for item in items})
        random.Random(session.order.seed).shuffle(files)  # noqa: S311 - it keeps no secret
        items.sort(key=lambda item: files.index(item.path))


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember that the run is not whole."""
    for item in items[:1]:
        item.config.stash[SESSION].whole = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in several processes, where that is asked for and nothing is in the way."""
    options = session.config.option
    stops = session.testsfailed and not options.continue_on_collection_errors
    if options.lua_workers < 2 or options.collectonly or stops:
        return None
    from tim3tool.spec.workers import run_by_workers  # noqa: PLC0415 - most runs have none

    return run_by_workers(session, options.lua_workers, session.config.stash[_RECORDER]) or None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test, but pass by one whose block did not start: that was reported, and the test has no outcome."""
    if not isinstance(item, LuaItem):
        return None
    if not item.is_lost:
        return _protocol(item.config).runs(item, nextitem) or None
    ends = item.ihook
    pytest.CallInfo.from_call(lambda: ends.pytest_runtest_setup(item=item), when="setup")  # fails as it did before
    call = pytest.CallInfo.from_call(
        lambda: ends.pytest_runtest_teardown(item=item, nextitem=nextitem), when="teardown"
    )
    if call.excinfo is not None:
        report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        item.ihook.pytest_runtest_logreport(report=report)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of what happened in a test, or in what lies around it, with its place in the suite."""
    report = yield
    if not isinstance(item, LuaItem):
        return report
    outcomes = list(item.outcomes) if call.when == "call" else []
    if call.excinfo is not None:
        if report.skipped and isinstance(report.longrepr, tuple):
            report.longrepr = (str(item.path), item.line, report.longrepr[2])
            return report
        outcomes = _outcomes(call.excinfo.value)
    if call.when == "setup":
        item.blamed = outcomes[-1] if outcomes else None
    elif call.when == "teardown" and item.blamed is not None and not outcomes:
        return renamed(item, report, item.blamed)  # or the test would look as if it had passed
    own = next((outcome for outcome in reversed(outcomes) if call.when == "call" or not outcome.own), None)
    for outcome in outcomes:
        if outcome is not own:
            item.ihook.pytest_runtest_logreport(report=emitted(item, report, outcome))
    if own is not None:
        return shape(item, report, own)
    if outcomes:  # tests that ran late, of which none is this one
        report.outcome, report.longrepr = "passed", None
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(
    config: pytest.Config,  # noqa: ARG001 - pytest asks for it
    data: dict[str, object],  # noqa: ARG001
) -> Generator[None, pytest.CollectReport | pytest.TestReport | None, pytest.CollectReport | pytest.TestReport | None]:
    """Give a report from a worker the name that it could not have there, where every report must be an item's."""
    report = yield
    return named(report) if isinstance(report, pytest.TestReport) else report


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember which tests lie in which block, for ``--lf``."""
    lost: dict[str, list[str]] = {}
    for item in session.items:
        if isinstance(item, LuaItem):
            for block in item.listchain()[1:-1]:
                lost.setdefault(block.nodeid, []).append(item.nodeid)
    session.config.stash[_INSIDE] = lost


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let ``--lf`` run the tests that hang on what failed for all of them."""
    inside, cache = session.config.stash.get(_INSIDE, None), getattr(session.config, "cache", None)
    if inside is None or cache is None or hasattr(session.config, "workerinput"):
        return
    failed: dict[str, bool] = cache.get("cache/lastfailed", {})
    shared = {
        nodeid for nodeid in failed if nodeid.rpartition("::")[2] in _SHARED and nodeid.rpartition("::")[0] in inside
    }
    for nodeid in shared:
        del failed[nodeid]
        failed |= dict.fromkeys(inside[nodeid.rpartition("::")[0]], True)
    if shared:
        cache.set("cache/lastfailed", failed)


def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """Call what raised an error in a test an error, as busted does; a failure is a failed assertion."""
    return ("error", "E", "ERROR") if report.when == "run" else None


def _protocol(config: pytest.Config) -> Protocol:
    if _PROTOCOL not in config.stash:  # now all plugins are there
        config.stash[_PROTOCOL] = Protocol(config)
    return config.stash[_PROTOCOL]


def _outcomes(raised: BaseException) -> list[Outcome]:
    """Return what a suite is to blame for: pytest groups what fails in several blocks that end together."""
    match raised:
        case BaseExceptionGroup():
            inner = [_outcomes(each) for each in raised.exceptions]
            return [outcome for outcomes in inner for outcome in outcomes] if all(inner) else []
        case Blamed():
            return raised.outcomes
        case HooksFailed():
            return [Outcome(error=error) for error in raised.failures]
        case Tim3Error():
            return [Outcome(error=raised)]
        case _:
            return []
