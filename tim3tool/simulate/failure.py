"""A violated invariant, with everything that helps to understand it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tim3tool.simulate.runner import describe
from tim3tool.simulate.shrink import shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tim3tool.simulate.runner import Run, Runner

__all__ = ["Change", "Failure"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A value in a process that a message changed.

    Args:
        message: the number of the message in the trace, from 1.
        process: the name of the process.
        path: where the value stands, such as ``Usda.Balances.alice``.
        before: what it was; None where there was nothing.
        after: what it is; None where there is nothing.
    """

    message: int
    process: str
    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A violated invariant.

    Args:
        seed: the seed that finds it again.
        invariant: its name.
        text: what was wrong.
        found_after: how many steps the run had in which it was found.
        steps: the shortest sequence that was found, for people.
        trace: the messages of it as a tree, each with what it changed.
        mermaid: the same as a sequence diagram.
        changes: what each message changed in the states that the scenario watches.
    """

    seed: int
    invariant: str
    text: str
    found_after: int
    steps: tuple[str, ...]
    trace: str
    mermaid: str
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, runner: Runner, run: Run, *, may_go_on: Callable[[], bool] = lambda: True) -> Failure:
        """Shrink a run, and look at the shortest in detail.

        Args:
            runner: of the run's scenario.
            run: a run with a violation.
            may_go_on: tells whether there is time for another try at a shorter one.

        Raises:
            ValueError: the run holds no violation.
        """
        if run.violation is None:
            msg = "the run holds no violation"
            raise ValueError(msg)
        best = shrunk(runner, run, may_go_on=may_go_on)
        watcher = _Watcher(runner)
        final = runner.replay(best.seed, best.steps, watch=watcher)
        violation = final.violation or run.violation
        world = runner.world
        trace = world.network.trace(world.names, since=runner.started)
        notes: dict[int, list[str]] = {}
        for change in watcher.changes:
            notes.setdefault(change.message + runner.started - 1, []).append(_shown(change))
        return cls(
            seed=run.seed,
            invariant=violation.invariant,
            text=_named(violation.text, world.names),
            found_after=len(run.steps),
            steps=tuple(describe(step, world.name) for step in final.steps),
            trace=trace.tree(notes),
            mermaid=trace.mermaid(),
            changes=tuple(watcher.changes),
        )

    def lines(self) -> Iterator[str]:
        """Yield the failure for people."""
        yield f"violated: {self.invariant}"
        yield f"  {self.text}"
        yield f"seed {self.seed}: {len(self.steps)} steps are enough (found after {self.found_after})"
        yield ""
        yield from (f"{number:>4} {step}" for number, step in enumerate(self.steps, 1))
        yield ""
        yield "messages, each with what it changed:"
        yield from self.trace.splitlines()

    def as_dict(self) -> dict[str, Any]:
        """Return the failure as plain data."""
        return asdict(self)


class _Watcher:
    """Compares the states that a scenario watches after each message with those before it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.changes: list[Change] = []
        runner.begin(0)
        self._before = self._states()

    def __call__(self) -> None:
        number = len(self._runner.world.network.deliveries) - self._runner.started
        now = self._states()
        for process, state in now.items():
            before = self._before.get(process, {})
            for path in sorted({*before, *state}):
                if before.get(path) != state.get(path):
                    was, is_ = before.get(path), state.get(path)
                    self.changes.append(Change(message=number, process=process, path=path, before=was, after=is_))
        self._before = now

    def _states(self) -> dict[str, dict[str, str]]:
        world = self._runner.world
        return {
            process: {
                path: value
                for expression in expressions
                for path, value in _flat(world.read(process, expression), expression, world.name)
            }
            for process, expressions in self._runner.scenario.watched.items()
        }


def _flat(value: Any, path: str, name: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        value = {str(number): item for number, item in enumerate(value, 1)}
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{name(str(key))}", name)
    elif value is not None:
        yield path, name(value) if isinstance(value, str) else str(value)


def _named(text: str, names: Mapping[str, str]) -> str:
    for address, name in names.items():
        text = text.replace(address, name)
    return text


def _shown(change: Change) -> str:
    before = "nothing" if change.before is None else change.before
    after = "nothing" if change.after is None else change.after
    return f"{change.process} {change.path}: {before} -> {after}"
