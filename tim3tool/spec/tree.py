"""What a suite holds, found by running its file and the bodies of its blocks, but no hook and no test."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from tim3tool.errors import Tim3Error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tim3tool.spec.suite import Node, Suite

__all__ = ["Found", "Key", "Order", "discover", "keyed"]

Key = tuple[bool, str, int]

_ADDRESS: Final = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """In which order the children of a block run.

    Args:
        seed: what a random order follows from.
        shuffle: all blocks run in random order, not only those that ask for it.
        sort: all blocks run sorted by name.
        settle: children that one line of the suite makes run sorted by name, as another process may make them in
            another order (with ``pairs``).
    """

    seed: int = 0
    shuffle: bool = False
    sort: bool = False
    settle: bool = False

    @property
    def is_written(self) -> bool:
        """Whether children run in the order in which they are written."""
        return not self.shuffle and not self.sort


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Found:
    """A block or a test.

    Args:
        node: the same without a VM.
        name: its name without what differs from run to run.
        key: what it is found by in another VM.
        children: what it holds.
        broken: its body did not run to its end, so what it holds is known only when its turn comes.
    """

    node: Node
    name: str
    key: Key
    children: Sequence[Found] = ()
    broken: bool = False


def discover(suite: Suite, order: Order) -> Sequence[Found]:
    """Return the children of a suite's file.

    Args:
        suite: freshly opened.
        order: in which order they run.

    Raises:
        LuaSyntaxError: the file is not Lua 5.3.
        TestsFailed: it raised an error.
    """
    root = suite.load()
    return _children(suite, root, suite.enter(root), order)


def keyed(nodes: Iterable[Node]) -> dict[Key, Node]:
    """Return the children of a block by what they are found by: block or test, name, and which one of that name."""
    found: dict[Key, Node] = {}
    counts: dict[tuple[bool, str], int] = {}
    for node in nodes:
        same = (node.is_block, _lasting(node.name))
        counts[same] = counts.get(same, 0) + 1
        found[(*same, counts[same])] = node
    return found


def _children(suite: Suite, block: Node, nodes: list[Node], order: Order) -> Sequence[Found]:
    found = [_found(suite, key, node, order) for key, node in keyed(nodes).items()]
    if order.settle:
        lines = groupby(found, key=lambda child: child.node.place)
        found = [child for _, group in lines for child in sorted(group, key=_natural)]
    if order.sort:
        found.sort(key=lambda child: child.name)
    wanted = suite.order(block)
    if order.shuffle or (wanted is not None and wanted is not False):
        seed = order.seed if wanted is None or isinstance(wanted, bool) else wanted
        random.Random(f"{seed} {block.place.line} {block.name}").shuffle(found)  # noqa: S311 - it keeps no secret
    return found


def _found(suite: Suite, key: Key, node: Node, order: Order) -> Found:
    name = _lasting(node.name)
    bare = replace(node, handle=None)
    if not node.is_block:
        return Found(node=bare, name=name, key=key)
    try:
        nodes = suite.enter(node)
        children = _children(suite, node, nodes, order)
    except Tim3Error:
        return Found(node=bare, name=name, key=key, broken=True)
    finally:
        suite.step("leave", node)
    return Found(node=bare, name=name, key=key, children=children)


def _lasting(name: str) -> str:
    return _ADDRESS.sub("0x0", name)


def _natural(child: Found) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", child.name)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]
