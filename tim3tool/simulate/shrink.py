"""Finds a short sequence of steps that violates the same invariant."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tim3tool.simulate.runner import Run, Runner

__all__ = ["shrunk"]

_TRIES: Final = 1_500


def shrunk(runner: Runner, run: Run, *, may_go_on: Callable[[], bool] = lambda: True) -> Run:
    """Return a run whose violation is the same, and from which no step and no two steps can be left out.

    Chunks of steps are left out, half of them first and single ones in the end, then pairs such as an action and the
    delivery of what it sent.

    Args:
        runner: of the run's scenario.
        run: a run with a violation.
        may_go_on: tells whether there is time for another try; there are 1,500 at most.
    """
    wanted, best, tries = run.violation and run.violation.invariant, run, 0
    is_shorter = True
    while is_shorter:
        is_shorter = False
        for kept in _candidates(len(best.steps)):
            if tries == _TRIES or not may_go_on():
                return best
            tries += 1
            found = runner.replay(run.seed, [best.steps[index] for index in kept])
            is_same = found.violation is not None and found.violation.invariant == wanted
            if is_same and len(found.steps) < len(best.steps):
                best, is_shorter = found, True
                break
    return best


def _candidates(length: int) -> Iterator[list[int]]:
    """Yield the indexes of the steps to keep, those that leave out most first."""
    size = length // 2
    while size:
        for start in range(0, length, size):
            yield [index for index in range(length) if not start <= index < start + size]
        size //= 2
    for pair in combinations(range(length), 2):
        yield [index for index in range(length) if index not in pair]
