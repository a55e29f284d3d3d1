"""What became of a test, or of a hook, body or file that several tests share."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tim3tool.errors import LuaRaised, Tim3Error
from tim3tool.spec.suite import HooksFailed, Pending
from tim3tool.spec.tree import keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tim3tool.spec.suite import Node, Suite

__all__ = ["Blamed", "Outcome", "attempt", "node_name", "run_all"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of something.

    Args:
        nodeid: its node id; empty for the item that runs now.
        result: as pytest says it.
        error: what went wrong, where it failed.
        reason: why it was skipped.
        own: whether it is that of a test, and not of something around tests.
        shared: whether more than one test hangs on it.
        line: where it lies in the suite, 1-based; 0 when that says nothing.
        seconds: how long it took.
    """

    nodeid: str = ""
    result: Literal["passed", "failed", "skipped"] = "failed"
    error: Tim3Error | None = None
    reason: str = ""
    own: bool = False
    shared: bool = False
    line: int = 0
    seconds: float = 0.0

    @property
    def is_error(self) -> bool:
        """Whether it failed in another way than by an assertion inside a test."""
        return self.shared or isinstance(self.error, LuaRaised)


class Blamed(Exception):  # noqa: N818 - named for what happened
    """Something failed that other tests share.

    Args:
        outcomes: at least one.
    """

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__(str(outcomes[0].error))
        self.outcomes = outcomes


def attempt(nodeid: str, call: Callable[[], object], *, line: int = 0) -> list[Outcome]:
    """Call something that a suite may be to blame for.

    Args:
        nodeid: what its failures are reported under.
        call: what to do.
        line: where it lies in the suite.

    Returns:
        An outcome for each failure.
    """
    try:
        call()
    except HooksFailed as several:
        return [Outcome(nodeid=nodeid, error=error, line=line) for error in several.failures]
    except Tim3Error as error:
        return [Outcome(nodeid=nodeid, error=error, line=line)]
    return []


def node_name(name: str, *, block: bool) -> str:
    """Return a name that pytest can find again in a node id on the command line.

    There ``::`` parts two names, and nothing after the first ``[`` is parted any more.

    Args:
        name: as the suite gives it.
        block: whether it is a block's.
    """
    name = " ".join(name.split()).replace("::", ":")
    if block:
        name = name.replace("[", "(").replace("]", ")")
    return name or "(unnamed)"


def run_all(suite: Suite, node: Node, nodeid: str) -> Iterator[Outcome]:
    """Run a block, or a test, that pytest has no nodes for.

    Args:
        suite: the suite, at the node's turn.
        node: the block or test.
        nodeid: what it is reported as.

    Yields:
        What became of each test and of what failed around them.
    """
    if not node.is_block:
        yield from _test(suite, node, nodeid)
        return
    line = node.place.line
    children: list[Node] = []
    failed = [
        replace(each, shared=True) for each in attempt(nodeid, lambda: children.extend(suite.enter(node)), line=line)
    ]
    if not failed:
        failed = attempt(f"{nodeid}::setup", lambda: suite.step("setup", node), line=line)
        for (is_block, name, _), child in keyed(children).items() if not failed else ():
            yield from run_all(suite, child, f"{nodeid}::{node_name(name, block=is_block)}")
        yield from failed
        yield from attempt(f"{nodeid}::lazy_teardown", lambda: suite.step("unwind", node), line=line)
        yield from attempt(f"{nodeid}::teardown", lambda: suite.step("teardown", node), line=line)
    else:
        yield from failed
    suite.step("leave", node)


def _test(suite: Suite, node: Node, nodeid: str) -> Iterator[Outcome]:
    line = node.place.line
    if node.kind == "pending":
        yield Outcome(nodeid=nodeid, result="skipped", reason="pending", line=line, own=True)
        return
    start = time.perf_counter()
    failed = attempt(nodeid, lambda: suite.step("before", node), line=line)
    if not failed:
        try:
            failed = [replace(each, own=True) for each in attempt(nodeid, lambda: suite.step("run", node), line=line)]
            result = Outcome(nodeid=nodeid, result="passed", line=line, own=True, seconds=time.perf_counter() - start)
        except Pending as pending:
            result = Outcome(nodeid=nodeid, result="skipped", reason=str(pending), line=line, own=True)
        if not failed:
            yield result
    yield from failed
    yield from attempt(nodeid, lambda: suite.step("after", node), line=line)
