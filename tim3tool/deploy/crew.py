"""Doing several things at once, and stopping in good order when one of them fails."""

from __future__ import annotations

import queue
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tim3tool.errors import Tim3Error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["side_by_side"]

_LOOK: Final = 0.1  # seconds; a wait without an end is deaf to Ctrl-C on some systems


def side_by_side(tasks: Sequence[Callable[[], object]], *, limit: int) -> None:
    """Do every task, several at once.

    The first failure, or Ctrl-C, lets no other task begin. Those that have begun go on to their end, since what they
    have sent is on its way; a second Ctrl-C does not wait for them.

    Args:
        tasks: what to do; they begin in this order.
        limit: how many may be under way at once; where it is 1 they are done one after the other in this thread.

    Raises:
        BaseException: what a task raised; of several the first one's, whose notes name the others.
    """
    if limit == 1 or len(tasks) < 2:
        for task in tasks:
            task()
        return
    crew = _Crew(tasks)
    try:
        for _ in range(min(limit, len(tasks))):
            threading.Thread(target=crew.work, daemon=True).start()
        crew.wait()
    except KeyboardInterrupt:
        crew.stop()
        crew.wait()
        raise
    crew.raise_first()


class _Crew:
    """Tasks, and what became of them."""

    def __init__(self, tasks: Sequence[Callable[[], object]]) -> None:
        self._left = deque(enumerate(tasks))
        self._failures: dict[int, BaseException] = {}
        self._at_work: set[int] = set()  # by threads' numbers
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()

    def work(self) -> None:
        """Do one task after the other until none is left or one has failed; several threads do so."""
        self._at_work.add(threading.get_ident())  # before it takes a task, so that `wait` never overlooks one
        self._work()
        self._at_work.discard(threading.get_ident())
        self._ended.put(None)

    def wait(self) -> None:
        """Return when no task is left or under way.

        Not by `Thread.join`: one that Ctrl-C has cut off takes its thread for dead (Python 3.11).
        """
        while self._left or self._at_work:
            with suppress(queue.Empty):
                self._ended.get(timeout=_LOOK)

    def _work(self) -> None:
        while True:
            try:
                number, task = self._left.popleft()
            except IndexError:
                return
            try:
                task()
            except BaseException as failure:
                self._failures[number] = failure
                self.stop()

    def stop(self) -> None:
        """Let no other task begin."""
        self._left.clear()

    def raise_first(self) -> None:
        """Raise what went wrong, if anything did: of several the first task's, with the others in its notes."""
        if not self._failures:
            return
        failures = [failure for _, failure in sorted(self._failures.items())]
        first = next((failure for failure in failures if not isinstance(failure, Tim3Error)), failures[0])
        if isinstance(first, Tim3Error):
            first.notes += tuple(f"also: {other}" for other in failures if other is not first)
        raise first
