"""A clock that only moves when somebody sleeps on it, so that waiting takes no time."""

from __future__ import annotations

from tim3tool.network.patience import Patience


class Waiting:
    """Remembers each pause."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def patience(self, **given: float) -> Patience:
        return Patience(sleep=self.sleep, clock=self.clock, **given)
