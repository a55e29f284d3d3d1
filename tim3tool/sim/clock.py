"""The virtual clock of a network."""

from __future__ import annotations

from typing import Final

__all__ = ["BLOCK_MS", "Clock"]

BLOCK_MS: Final = 120_000


class Clock:
    """Milliseconds and blocks that move only when told to, and never back.

    Args:
        now: milliseconds since 1970.
        height: the block height at that time; a block follows every two minutes.
    """

    def __init__(self, *, now: int = 1_700_000_000_000, height: int = 1_300_000) -> None:
        self._start = now
        self._base = height
        self._now = now
        self._floor = height

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._now

    @property
    def height(self) -> int:
        """The block height."""
        return max(self._floor, self._base + (self._now - self._start) // BLOCK_MS)

    def advance(self, ms: int) -> None:
        """Move on.

        Args:
            ms: milliseconds, not negative.

        Raises:
            ValueError: the clock would go back.
        """
        if ms < 0:
            msg = f"a clock never goes back (asked for {ms} ms)"
            raise ValueError(msg)
        self._now += ms

    def advance_to(self, now: int, height: int) -> None:
        """Move on to a recorded time; what lies behind is ignored.

        Args:
            now: milliseconds since 1970.
            height: the block height at that time.
        """
        self._now = max(self._now, now)
        self._floor = max(self._floor, height)
