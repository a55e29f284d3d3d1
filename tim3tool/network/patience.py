"""Repeating what may work later: pauses that grow, up to a deadline, on a clock from outside."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tim3tool.errors import NetworkError, RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Later", "Patience"]

_Done = TypeVar("_Done")


class Later(Exception):  # noqa: N818 - it is caught where it is repeated
    """Something did not work this time.

    Args:
        reason: why, as a predicate of what was asked: ``answered …``.
        limited: it was one request too many, so the pause is a long one.
        undone: it certainly had no effect.
    """

    def __init__(self, reason: str, *, limited: bool = False, undone: bool = False) -> None:
        super().__init__(reason)
        self.limited = limited
        self.undone = undone


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long to wait, and how often to ask meanwhile.

    Args:
        deadline: seconds in all.
        first: seconds of the first pause.
        factor: what each pause is longer than the one before it.
        longest: seconds that no pause exceeds.
        limited: seconds of a pause after one request too many.
        sleep: waits for so many seconds.
        clock: a time in seconds that only ever grows.
    """

    deadline: float = 240.0
    first: float = 0.25
    factor: float = 1.5
    longest: float = 10.0
    limited: float = 20.0
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def until(self, attempt: Callable[[], _Done], *, who: str) -> _Done:
        """Repeat until there is an outcome.

        Args:
            attempt: raises Later when there is none yet.
            who: what was asked, as the subject of the error.

        Returns:
            What the attempt returned.

        Raises:
            RateLimited: the deadline passed, the last time for one request too many.
            NetworkError: the deadline passed.
        """
        end = self.clock() + self.deadline
        pause = self.first
        while True:
            try:
                return attempt()
            except Later as problem:
                wait = max(pause, self.limited) if problem.limited else pause
                if self.clock() + wait > end:
                    raise self._given_up(problem, who) from None
            self.sleep(wait)
            pause = min(pause * self.factor, self.longest)

    def _given_up(self, problem: Later, who: str) -> NetworkError:
        msg = f"{who} {problem}"
        if problem.limited:
            return RateLimited(msg, help="wait a while, then repeat the command")
        return NetworkError(msg, notes=[f"asked for {self.deadline:g} s"], help="repeat the command; nothing is lost")
