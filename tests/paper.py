"""A network on paper: it says yes to everything, and remembers how often each item came."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from tim3tool.aos import Result
from tim3tool.network.terms import EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.terms import Terms


class Paper:
    """A `Port` without HTTP, Lua or files.

    Args:
        on_call: told of each call before it has its effect, with its name and the item's id; what it raises is raised.
        after_call: likewise, when it has had it.
        terms: what it wants of items.
    """

    name = "paper"
    scheduler = None
    authority = None

    def __init__(
        self,
        *,
        on_call: Callable[[str, str], object] = lambda *_: None,
        after_call: Callable[[str, str], object] = lambda *_: None,
        terms: Terms = EMBEDDED,
    ) -> None:
        self.terms = replace(terms, any_owner=False)  # no process is there to tell what it runs
        self.items: dict[str, DataItem] = {}
        self.came: Counter[str] = Counter()
        self.answers: dict[str, Result] = {}
        self._on_call = on_call
        self._after_call = after_call
        self._lock = threading.Lock()

    def hold(self, item: DataItem) -> None:
        """Have an item from the beginning."""
        self.items[item.id] = item
        self.came[item.id] += 1

    def spawn(self, item: DataItem) -> str:
        return self._take("spawn", item)

    def message(self, item: DataItem) -> str:
        return self._take("message", item)

    def result(self, process: str, message: str) -> Result:
        del process
        self._on_call("result", message)
        action = self.items[message].tag("Action") or "spawn"
        return self.answers.get(action, Result({"Output": {"data": ""}}))

    def results(self, process: str) -> Iterator[tuple[str, Result]]:
        yield process, self.result(process, process)

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        del process, owner, tags, data
        return Result({"Output": {"data": ""}})

    def find(self, process: str, item_id: str) -> bool:
        del process
        self._on_call("find", item_id)
        return item_id in self.items

    def last_eval(self, process: str, *, owner: str, known: Collection[str] = ()) -> None:
        del process, owner, known

    @property
    def counts(self) -> Counter[str]:
        """How often each kind of item came: ``spawn``, or the action of a message."""
        found: Counter[str] = Counter()
        for item_id, number in self.came.items():
            found[self.items[item_id].tag("Action") or "spawn"] += number
        return found

    def _take(self, name: str, item: DataItem) -> str:
        self._on_call(name, item.id)
        with self._lock:
            self.hold(item)
        self._after_call(name, item.id)
        return item.id
