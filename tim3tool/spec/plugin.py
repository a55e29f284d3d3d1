"""The pytest plugin that runs Lua suites: ``pytest -p tim3tool.spec.plugin``.

A suite is a file ``*_spec.lua`` or ``*_test.lua``, or any ``.lua`` file named on the command line. Each file gets one
fresh open VM, each ``describe`` a node, each ``it`` an item, with ids such as ``test/token_spec.lua::transfer::burns``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tim3tool.errors import Tim3Error
from tim3tool.spec.coverage.options import add_options, start_coverage
from tim3tool.spec.report import report_of
from tim3tool.spec.suite import Node, Pending, Suite
from tim3tool.spec.surroundings import open_suite
from tim3tool.spec.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from _pytest._code.code import TerminalRepr

    from tim3tool.spec.suite import Step

__all__ = ["LuaBlock", "LuaFile", "LuaItem"]

pytest_plugins = ("tim3tool.spec.fixtures",)

_ENDINGS: Final = ("_spec.lua", "_test.lua")
_WORKSPACE: Final = pytest.StashKey[Workspace]()


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
    add_options(group)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, and give the run what its suites share."""
    if config.getoption("--lua-timeout") < 0:
        msg = "--lua-timeout needs a number of seconds that is not negative"
        raise pytest.UsageError(msg)
    wasm = config.getoption("--lua-module")
    config.stash[_WORKSPACE] = Workspace(
        wasm=wasm, built=config.getoption("--lua-bundle"), recorder=start_coverage(config, wasm=wasm)
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> LuaFile | None:
    """Collect a Lua suite."""
    if file_path.suffix != ".lua":
        return None
    if file_path.name.endswith(_ENDINGS) or parent.session.isinitpath(file_path):
        return LuaFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of what happened in a test, or in the hooks around it, with its place in the suite."""
    report = yield
    if not isinstance(item, LuaItem) or call.excinfo is None:
        return report
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (str(item.path), item.node.place.line, report.longrepr[2])
    elif errors := _errors_of_suite(call.excinfo.value):
        report.longrepr = report_of(errors, path=str(item.path))
    return report


class _Block(pytest.Collector):
    """What a file and a ``describe`` block have in common."""

    suite: Suite
    node: Node

    def setup(self) -> None:
        """Run the block's ``setup``."""
        _step(self.suite, "setup", self.node)

    def teardown(self) -> None:
        """Run the block's ``teardown``."""
        _step(self.suite, "teardown", self.node)

    def repr_failure(  # type: ignore[override]  # pytest's own Collector leaves `style` out too
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str | TerminalRepr:
        """Tell of a failure with its place in the suite."""
        errors = _errors_of_suite(excinfo.value)
        return report_of(errors, path=str(self.path)) if errors else super().repr_failure(excinfo)


class LuaFile(_Block, pytest.File):
    """A suite in its open VM."""

    def collect(self) -> Iterable[LuaBlock | LuaItem]:
        """Run the file and give its blocks and tests."""
        self.suite = open_suite(
            self.path,
            root=self.config.rootpath,
            seconds=self.config.getoption("--lua-timeout"),
            workspace=self.config.stash[_WORKSPACE],
        )
        self.node = self.suite.load()
        return _children(self, self.suite, self.node)


class LuaBlock(_Block):
    """A ``describe`` block."""

    def __init__(self, *, suite: Suite, node: Node, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suite = suite
        self.node = node

    def collect(self) -> Iterable[LuaBlock | LuaItem]:
        """Run the block's body and give its blocks and tests."""
        return _children(self, self.suite, self.node)


class LuaItem(pytest.Item):
    """A test: an ``it``, or a ``pending`` that is not written yet."""

    def __init__(self, *, suite: Suite, node: Node, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suite = suite
        self.node = node
        if node.kind == "pending":
            self.add_marker(pytest.mark.skip(reason="pending"))

    def setup(self) -> None:
        """Run the ``before_each`` of every block around the test."""
        _step(self.suite, "before", self.node)

    def runtest(self) -> None:
        """Run the test."""
        _step(self.suite, "run", self.node)

    def teardown(self) -> None:
        """Run the ``after_each`` of every block around the test."""
        _step(self.suite, "after", self.node)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, the 0-based line and the heading of the test."""
        names = [node.name for node in self.listchain() if isinstance(node, LuaBlock | LuaItem)]
        return self.path, max(self.node.place.line - 1, 0), " ".join(names)


def _step(suite: Suite, step: Step, node: Node) -> None:
    try:
        suite.step(step, node)
    except Pending as pending:
        pytest.skip(str(pending) or "pending")


def _errors_of_suite(raised: BaseException) -> list[Tim3Error]:
    """Return the errors that a suite is to blame for: pytest groups those of several blocks that end together."""
    if isinstance(raised, BaseExceptionGroup):
        inner = [_errors_of_suite(each) for each in raised.exceptions]
        return [error for errors in inner for error in errors] if all(inner) else []
    return [raised] if isinstance(raised, Tim3Error) else []


def _children(parent: LuaFile | LuaBlock, suite: Suite, block: Node) -> Iterable[LuaBlock | LuaItem]:
    taken: set[str] = set()
    children: list[LuaBlock | LuaItem] = []
    for node in suite.enter(block):
        kind = LuaBlock if node.kind == "describe" else LuaItem
        name = _free_name(_node_name(node), taken)
        children.append(kind.from_parent(parent, name=name, suite=suite, node=node))
    return children


def _node_name(node: Node) -> str:
    """Return a name that pytest can find again in a node id on the command line.

    There ``::`` parts two names, and nothing after the first ``[`` is parted any more.
    """
    name = " ".join(node.name.split()).replace("::", ":")
    if node.kind == "describe":
        name = name.replace("[", "(").replace("]", ")")
    return name or "(unnamed)"


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free
