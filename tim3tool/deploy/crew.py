"""Doing several things at once, and stopping in good order when one of them fails."""

from __future__ import annotations

import threading
from collections import deque
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
    threads = [threading.Thread(target=crew.work, daemon=True) for _ in range(min(limit, len(tasks)))]
    try:
        for thread in threads:
            thread.start()
        _wait(threads)
    except KeyboardInterrupt:
        crew.stop()
        _wait(threads)
        raise
    crew.raise_first()


def _wait(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_LOOK)


class _Crew:
    """Tasks, and what became of them."""

    def __init__(self, tasks: Sequence[Callable[[], object]]) -> None:
        self._left = deque(enumerate(tasks))
        self._failures: dict[int, BaseException] = {}

    def work(self) -> None:
        """Do one task after the other until none is left or one has failed; several threads do so."""
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
