"""Many runs of a scenario, in one process or several."""

from __future__ import annotations

import signal
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from tim3tool.errors import UsageError
from tim3tool.sim import Faults
from tim3tool.simulate.failure import Failure
from tim3tool.simulate.load import load
from tim3tool.simulate.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Campaign", "Summary"]

_BATCH: Final = 10
_SHRINKING: Final = 30.0


def _unseen(_runs: int, _deliveries: int, _seconds: float) -> None:
    """Show no progress."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What many runs gave.

    Args:
        runs: how many there were.
        deliveries: how many messages they delivered.
        seconds: how long they took.
        failure: the violation with the smallest seed, if any.
    """

    runs: int
    deliveries: int
    seconds: float
    failure: Failure | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """Many runs of a scenario, with the seeds that follow each other.

    Args:
        path: the scenario's file.
        name: which scenario of it; None for its only one.
        seed: the first seed.
        runs: how many runs; None for as many as there is time for.
        seconds: when to start no further runs; None for no limit.
        workers: how many processes; the seeds are shared between them, and give the same whatever their number.
        faults: what goes wrong, as `Faults.parse` reads it; what it does not name is the scenario's own.
    """

    path: Path
    name: str | None = None
    seed: int = 0
    runs: int | None = 100
    seconds: float | None = None
    workers: int = 1
    faults: str | None = None

    def run(
        self,
        *,
        progress: Callable[[int, int, float], object] = _unseen,
        clock: Callable[[], float] = time.monotonic,
    ) -> Summary:
        """Run until the runs or the time are used up, or an invariant is violated.

        Args:
            progress: told how many runs and deliveries there were so far, and in how many seconds.
            clock: what measures them.

        Raises:
            UsageError: there is neither a number of runs nor a time, or the scenario cannot be used.
        """
        if self.runs is None and self.seconds is None:
            msg = "a simulation without end: give it a number of runs or a time"
            raise UsageError(msg)
        start = clock()
        runs = deliveries = 0
        failed: _Batch | None = None
        batches = self._inline(start, clock) if self.workers == 1 else self._spread(start, clock)
        for batch in batches:
            runs += batch.runs
            deliveries += batch.deliveries
            progress(runs, deliveries, clock() - start)
            if batch.failing is not None and (failed is None or batch.failing < (failed.failing or 0)):
                failed = batch
        failure = self._failure(failed.failing) if failed and failed.failing is not None else None
        return Summary(runs=runs, deliveries=deliveries, seconds=clock() - start, failure=failure)

    def _failure(self, seed: int) -> Failure:
        runner = _runner(self)
        end = time.monotonic() + _SHRINKING
        return Failure.of(runner, runner.explore(seed), may_go_on=lambda: time.monotonic() < end)

    def _ranges(self) -> Iterator[range]:
        first = self.seed
        end = None if self.runs is None else self.seed + self.runs
        size = _BATCH if self.runs is None else max(1, min(_BATCH, self.runs // (self.workers * 2)))
        for number in count():
            batch = range(first + number * size, first + (number + 1) * size)
            if end is not None and batch.start >= end:
                return
            yield batch if end is None else range(batch.start, min(batch.stop, end))

    def _is_over(self, start: float, clock: Callable[[], float]) -> bool:
        return self.seconds is not None and clock() - start >= self.seconds

    def _inline(self, start: float, clock: Callable[[], float]) -> Iterator[_Batch]:
        for seeds in self._ranges():
            batch = _batch(self, seeds, lambda: self._is_over(start, clock))
            yield batch
            if batch.failing is not None or self._is_over(start, clock):
                return

    def _spread(self, start: float, clock: Callable[[], float]) -> Iterator[_Batch]:
        ranges = self._ranges()
        is_failed = False
        until = None if self.seconds is None else time.time() + self.seconds - (clock() - start)
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"), initializer=_leave_to_parent) as pool:
            waiting: set[Future[_Batch]] = set()
            try:
                while True:
                    while len(waiting) < self.workers * 2 and not is_failed and not self._is_over(start, clock):
                        seeds = next(ranges, None)
                        if seeds is None:
                            break
                        waiting.add(pool.submit(_batch_until, self, seeds, until))
                    if not waiting:
                        return
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        batch = future.result()
                        is_failed = is_failed or batch.failing is not None
                        yield batch
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # an interruption does not wait for what runs
                raise


def _leave_to_parent() -> None:
    """Let an interruption from the terminal end the parent alone, which then ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _batch_until(campaign: Campaign, seeds: range, until: float | None) -> _Batch:
    """Run seeds until one violates an invariant, or a moment has come (seconds since 1970)."""
    return _batch(campaign, seeds, lambda: until is not None and time.time() >= until)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Batch:
    runs: int
    deliveries: int
    failing: int | None


_runners: dict[tuple[Path, str | None, str | None], Runner] = {}


def _runner(campaign: Campaign) -> Runner:
    """Return the runner of a campaign, which is made once in each process."""
    key = (campaign.path, campaign.name, campaign.faults)
    if key not in _runners:
        scenario = load(campaign.path, campaign.name)
        faults = Faults.parse(campaign.faults or "", what="--fault", base=scenario.faults)
        _runners[key] = Runner(scenario, folder=campaign.path.absolute().parent, faults=faults)
    return _runners[key]


def _batch(campaign: Campaign, seeds: range, is_over: Callable[[], bool] = lambda: False) -> _Batch:
    """Run seeds until one violates an invariant."""
    runner = _runner(campaign)
    runs = deliveries = 0
    for seed in seeds:
        run = runner.explore(seed)
        runs += 1
        deliveries += run.deliveries
        if run.violation is not None:
            return _Batch(runs=runs, deliveries=deliveries, failing=seed)
        if is_over():
            break
    return _Batch(runs=runs, deliveries=deliveries, failing=None)
