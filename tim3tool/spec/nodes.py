"""Lua suites as pytest sees them: a node for each file and block, an item for each test.

A suite is run in two VMs. The first tells at collection what there is. The second belongs to the run: there each
block's body runs when its turn comes, after the tests in front of it, as suites expect.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from tim3tool.errors import LuaRaised, Tim3Error
from tim3tool.spec.outcome import Blamed, Outcome, attempt, node_name, run_all
from tim3tool.spec.report import report_of
from tim3tool.spec.suite import HooksFailed, Node, Pending, Suite
from tim3tool.spec.tree import Found, Order, discover, keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from _pytest._code.code import TerminalRepr

    from tim3tool.spec.tree import Key

__all__ = ["SESSION", "LuaBlock", "LuaBody", "LuaFile", "LuaItem", "Session"]

_LATE: Final = (("unwind", "lazy_teardown"), ("teardown", "teardown"), ("leave", ""))


class Session:
    """What the suites of one run of pytest share.

    Args:
        open: opens the VM of a suite, by its path; coverage counts what runs in it where the flag says so.
        order: in which order the children of blocks run.
        whole: no test is left out, so that what appears only when tests run belongs to the run too.
    """

    def __init__(self, *, open: Callable[[Path, bool], Suite], order: Order, whole: bool) -> None:  # noqa: A002 - what it does
        self.open = open
        self.order = order
        self.whole = whole


SESSION: Final = pytest.StashKey[Session]()


class _Block(pytest.Collector):
    """What a file and a block have in common."""

    suite: Suite
    node: Node | None = None  # while it is set up
    found: Sequence[Found] = ()
    lost = False  # it did not start well, so that nothing in it runs
    begun_badly = False  # its `lazy_setup` failed, so that none of its tests runs

    def _enter(self, suite: Suite, node: Node) -> None:
        """Run the block's body and its ``setup``."""
        self.suite, self.node, self.lost, self.begun_badly = suite, node, True, False
        self._known: dict[Key, Node] = {}
        outcomes = attempt(self.nodeid, lambda: self._known.update(keyed(suite.enter(node))))
        outcomes = outcomes or attempt(f"{self.nodeid}::setup", lambda: suite.step("setup", node))
        if outcomes:
            raise Blamed(outcomes)
        self.lost = False

    def child(self, key: Key) -> Node:
        """Return a child as it is in this run, once the blocks in front of it had their turn.

        Raises:
            LuaRaised: there is no such child in this run.
        """
        node = self._known.get(key)
        if node is None or self.node is None:
            msg = f"`{key[1]}` was there when the suite was collected, and is not in this run"
            raise LuaRaised(msg, help="give tests names that do not differ from run to run")
        self._reach(self.node, node.index)
        return node

    def teardown(self) -> None:
        """Run what comes after the block's tests."""
        node, self.node = self.node, None
        if node is None:
            return
        outcomes: list[Outcome] = []
        if not self.lost:
            outcomes += self._late(node)
        for step, name in _LATE:
            nodeid = f"{self.nodeid}::{name}" if name else self.nodeid
            outcomes += attempt(nodeid, lambda step=step: self.suite.step(step, node))  # type: ignore[misc]
        if outcomes:
            raise Blamed(outcomes)

    def _late(self, block: Node) -> list[Outcome]:
        """Run what was not there at collection: tests that follow from what other tests did."""
        outcomes: list[Outcome] = []
        if self.config.stash[SESSION].whole:
            known = {found.key for found in self.found}
            for key, node in self._known.items():
                if key not in known:
                    self._reach(block, node.index)
                    nodeid = f"{self.nodeid}::{node_name(key[1], block=key[0])}"
                    outcomes += run_all(self.suite, node, nodeid)
        self._reach(block, len(self._known) + 1)
        return outcomes

    def _reach(self, block: Node, index: int) -> None:
        """Give the blocks without items in front of a child their turn; in another order none is in front of it."""
        if self.config.stash[SESSION].order.is_written:
            self.suite.reach(block, index)

    def repr_failure(  # type: ignore[override]  # pytest's own Collector leaves `style` out too
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str | TerminalRepr:
        """Tell of a failure with its place in the suite."""
        error = excinfo.value
        errors = error.failures if isinstance(error, HooksFailed) else [error]
        own = [each for each in errors if isinstance(each, Tim3Error)]
        return report_of(own, path=str(self.path)) if own else super().repr_failure(excinfo)

    def _nodes(self) -> Iterable[LuaBlock | LuaBody | LuaItem]:
        taken: set[str] = set()
        for found in self.found:
            name = _free_name(node_name(found.name, block=found.node.is_block), taken)
            kind = LuaItem if not found.node.is_block else LuaBody if found.broken else LuaBlock
            yield kind.from_parent(self, name=name, found=found)


class LuaFile(_Block, pytest.File):
    """A suite."""

    shown: str | None = None  # its path from the root, once one of its tests needs it

    def collect(self) -> Iterable[LuaBlock | LuaBody | LuaItem]:
        """Give the suite's blocks and tests."""
        session = self.config.stash[SESSION]
        folder = Path.cwd()
        try:
            self.found = discover(session.open(self.path, False), session.order)  # noqa: FBT003 - counted when it runs
        finally:
            os.chdir(folder)  # a suite may move, here too
        return self._nodes()

    def setup(self) -> None:
        """Open the suite anew, and run its file and the ``setup`` in there."""
        self._folder = Path.cwd()
        suite = self.config.stash[SESSION].open(self.path, True)  # noqa: FBT003 - as above
        self._enter(suite, suite.load())

    def teardown(self) -> None:
        """Run what comes after the suite's tests, and close it."""
        try:
            super().teardown()
        finally:
            vars(self).pop("suite", None)
            self._known = {}
            os.chdir(self._folder)  # a suite may have moved


class LuaBlock(_Block):
    """A block: ``describe``, ``context``, ``insulate`` or ``expose``."""

    def __init__(self, *, found: Found, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key = found.key
        self.title = found.name
        self.found = found.children

    def collect(self) -> Iterable[LuaBlock | LuaBody | LuaItem]:
        """Give the block's blocks and tests."""
        return self._nodes()

    def setup(self) -> None:
        """Run the block's body and its ``setup``."""
        above = cast("LuaFile | LuaBlock", self.parent)
        self._enter(above.suite, above.child(self.key))


class LuaItem(pytest.Item):
    """A test: an ``it``, or a ``pending`` that is not written yet."""

    blamed: Outcome | None = None  # what ended its setup
    outcomes: Sequence[Outcome] = ()  # of what has no item of its own and was run with this one
    tells = False  # there is more to report of it than how it ended

    def __init__(self, *, found: Found, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key = found.key
        self.title = found.name
        self.kind = found.node.kind
        self.line = max(found.node.place.line, 1)
        self._node: Node | None = None

    @property
    def block(self) -> LuaFile | LuaBlock:
        """The block it lies in."""
        return cast("LuaFile | LuaBlock", self.parent)

    @property
    def full_name(self) -> str:
        """The names of its blocks and its own, parted by spaces."""
        return " ".join([*(each.title for each in self.listchain() if isinstance(each, LuaBlock)), self.title])

    @property
    def is_lost(self) -> bool:
        """Whether something before it failed that it cannot do without, which was reported there."""
        block = self.block
        while block.node is None or not (block.lost or (block.begun_badly and self.kind == "it")):
            if isinstance(block, LuaFile):
                return False
            block = cast("LuaFile | LuaBlock", block.parent)
        return True

    @cached_property
    def location(self) -> tuple[str, int | None, str]:
        """The file from the root, the 0-based line and the heading of the test."""
        file = next(node for node in self.iter_parents() if isinstance(node, LuaFile))
        if file.shown is None:  # pytest's own way finds that out anew for each test
            file.shown = super().location[0]
        return file.shown, *self.reportinfo()[1:]

    def setup(self) -> None:
        """Run the ``before_each`` of every block around the test."""
        self._node = None
        if self.is_lost:
            return
        if self.kind == "pending":
            pytest.skip("pending")
        node = self.block.child(self.key)
        self._node = node
        try:
            self.block.suite.step("before", node)
        except HooksFailed as failed:
            raise Blamed(self._blamed(failed)) from None

    def add_report_section(self, when: str, key: str, content: str) -> None:
        """Keep what it printed."""
        super().add_report_section(when, key, content)
        self.tells = self.tells or bool(content)

    def runtest(self) -> None:
        """Run the test."""
        try:
            self.block.suite.step("run", cast("Node", self._node))
        except Pending as pending:
            pytest.skip(str(pending) or "pending")

    def teardown(self) -> None:
        """Run the ``after_each`` of every block around the test."""
        node, self._node = self._node, None
        if node is not None and (failed := attempt("", lambda: self.block.suite.step("after", node))):
            raise Blamed(failed)

    def repr_failure(  # type: ignore[override]  # as in _Block
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> str | TerminalRepr:
        """Tell in brief what a suite is to blame for; the plugin shapes the report, and pytest is slow to."""
        if isinstance(excinfo.value, Tim3Error | Blamed | HooksFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, the 0-based line and the heading of the test."""
        names = [node.name for node in self.listchain() if isinstance(node, LuaBlock | LuaItem)]
        return self.path, self.line - 1, " ".join(names)

    def _blamed(self, failed: HooksFailed) -> list[Outcome]:
        nodeid = ""
        if failed.above:
            block = cast("LuaFile | LuaBlock", self.listchain()[-1 - failed.above])
            block.begun_badly = True
            nodeid = f"{block.nodeid}::lazy_setup"
        return [Outcome(nodeid=nodeid, error=error) for error in failed.failures]


class LuaBody(LuaItem):
    """A block whose body failed when the suite was collected, where the tests and hooks before it do not run."""

    tells = True

    def setup(self) -> None:
        """Find the block in this run."""
        self._node = self.block.child(self.key)

    def runtest(self) -> None:
        """Run all of the block."""
        self.outcomes = list(run_all(self.block.suite, cast("Node", self._node), self.nodeid))

    def teardown(self) -> None:
        """Nothing is left to do."""
        self.outcomes = ()


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free
