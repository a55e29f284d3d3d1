"""One run of a scenario: steps that chance decides, or steps that were written down, with invariants after each."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from tim3tool.errors import Tim3Error, UsageError
from tim3tool.sim import Faults, Network, Schedule, Step
from tim3tool.simulate.world import World
from tim3tool.spec.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tim3tool.simulate.mutation import Mutation
    from tim3tool.simulate.scenario import Invariant, Scenario

__all__ = ["Act", "Run", "Runner", "Violation", "describe"]

_EAGERNESS: Final = 0.3
_ERROR: Final = "no process ends in an Error"
_UNDELIVERABLE: Final = "every message can be signed"
_RESTLESS: Final = "the run comes to rest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """A step in which a user acts.

    Args:
        name: the action.
        salt: the seed of what it draws from.
    """

    name: str
    salt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """An invariant that did not hold.

    Args:
        invariant: its name.
        text: what was wrong.
    """

    invariant: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What happened in a run.

    Args:
        seed: the seed of its network.
        steps: those that had something to happen to, up to the violation.
        violation: the first one, if any.
        deliveries: how many messages were delivered.
    """

    seed: int
    steps: tuple[Act | Step, ...]
    violation: Violation | None
    deliveries: int


class _Violated(Exception):  # noqa: N818 - it ends a run
    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.text)
        self.violation = violation


class Runner:
    """Runs a scenario as often as wanted, each time from the state that its setup made.

    Args:
        scenario: the scenario.
        folder: where it lies; its manifest is found from here.
        faults: what goes wrong; None for the scenario's own.
        workspace: where manifests and bundles come from.
        mutations: mistakes to make in processes of the manifest.

    Raises:
        UsageError: the scenario's own code fails.
        Tim3Error: its setup does.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        folder: Path,
        faults: Faults | None = None,
        workspace: Workspace | None = None,
        mutations: Sequence[Mutation] = (),
    ) -> None:
        self.scenario = scenario
        network = Network(order=scenario.order, raw=scenario.raw)
        self.world = World(network, folder=folder, workspace=workspace or Workspace(), mutations=mutations)
        self._faults = faults or scenario.faults
        if scenario.spare is not None:
            self._faults = self._faults.sparing(partial(scenario.spare, self.world))
        for start in scenario.starts:
            self._run_own(start, self.world)
        network.settle()
        self._back = self.world.checkpoint()
        self.started = len(network.deliveries)
        self._checked = self.started
        self._weights = list(accumulate(action.weight for action in scenario.actions.values()))
        self._watch: Callable[[], object] | None = None
        self.world.after = self._check

    def begin(self, seed: int) -> None:
        """Go back to the state that the setup made."""
        self._back(seed)
        self._checked = self.started

    def explore(self, seed: int, *, chance: Random | None = None) -> Run:
        """Do one run.

        Args:
            seed: of its network; and of all that chance decides, unless told otherwise.
            chance: what to draw from, such as Hypothesis's ``randoms()``.
        """
        own = Random(seed)  # noqa: S311 - it must be repeatable
        return self._go(seed, self._drawn(chance or own, is_salted=chance is None))

    def play(self, script: Callable[[World], object], *, seed: int = 0) -> Run:
        """Do one run in which a function decides what happens; what it asserts is its own.

        Args:
            script: what happens. Invariants are checked after each message that `World.settle` delivers, after the
                script, and at rest.
            seed: of the network.
        """
        self.begin(seed)
        violation = None
        try:
            script(self.world)
            self._check()
            self._rest()
        except _Violated as violated:
            violation = violated.violation
        return Run(seed=seed, steps=(), violation=violation, deliveries=self._made())

    def replay(self, seed: int, steps: Iterable[Act | Step], *, watch: Callable[[], object] | None = None) -> Run:
        """Do one run by steps that were written down.

        Args:
            seed: of its network.
            steps: what happens; a step that nothing can happen to is left out.
            watch: called after each message, before the invariants.
        """

        def drawn() -> Iterable[tuple[Act | Step, Random]]:
            for step in steps:
                yield step, Random(step.salt if isinstance(step, Act) else 0)  # noqa: S311 - it must be repeatable

        self._watch = watch
        try:
            return self._go(seed, drawn())
        finally:
            self._watch = None

    def _go(self, seed: int, steps: Iterable[tuple[Act | Step, Random]]) -> Run:
        self.begin(seed)
        done: list[Act | Step] = []
        violation = None
        try:
            for step, chance in steps:
                if self._apply(step, chance):
                    done.append(step)
                    self._check()
            self._rest()
        except _Violated as violated:
            violation = violated.violation
        return Run(seed=seed, steps=tuple(done), violation=violation, deliveries=self._made())

    def _made(self) -> int:
        return len(self.world.network.deliveries) - self.started

    def _drawn(self, chance: Random, *, is_salted: bool) -> Iterable[tuple[Act | Step, Random]]:
        """Yield steps that chance decides; each must have happened before the next is drawn."""
        schedule = Schedule(seed=chance, order=self.scenario.order)
        network = self.world.network
        names = list(self.scenario.actions)
        left = self.scenario.action_count if names else 0
        while True:
            if left and (not network.queued or chance.random() < _EAGERNESS):
                left -= 1
                name = chance.choices(names, cum_weights=self._weights)[0]
                salt = chance.getrandbits(32) if is_salted else 0
                own = Random(salt) if is_salted else chance  # noqa: S311 - it must be repeatable
                yield Act(name=name, salt=salt), own
            elif step := schedule.next(network, self._faults):
                yield step, chance
            elif not left:
                return

    def _apply(self, step: Act | Step, chance: Random) -> bool:
        if isinstance(step, Step):
            return step.apply(self.world.network)
        self._run_own(self.scenario.actions[step.name].act, self.world, chance)
        return True

    def _rest(self) -> None:
        self.world.settle()
        for calm in self.scenario.rests:
            self._run_own(calm, self.world)
            self.world.settle()
        for invariant in self.scenario.invariants.values():
            if invariant.at_rest:
                self._ask(invariant)

    def _check(self) -> None:
        """Ask every invariant that the deliveries since the last time concern."""
        network = self.world.network
        if self._watch is not None:
            self._watch()
        made = network.deliveries[self._checked :]
        self._checked = len(network.deliveries)
        if network.undeliverable:
            failure = network.undeliverable[0]
            raise _Violated(Violation(invariant=_UNDELIVERABLE, text=str(failure)))
        for delivery in made:
            if delivery.result.error is not None and not self.scenario.errors_allowed:
                text = f"`{self.world.name(delivery.process)}`: {delivery.result.text.strip()}"
                raise _Violated(Violation(invariant=_ERROR, text=text))
        if self._checked - self.started > self.scenario.most_deliveries:
            text = f"more than {self.scenario.most_deliveries:,} deliveries"
            raise _Violated(Violation(invariant=_RESTLESS, text=text))
        names = {self.world.name(delivery.process) for delivery in made}
        for invariant in self.scenario.invariants.values():
            if names and not invariant.at_rest and (invariant.of is None or not invariant.of.isdisjoint(names)):
                self._ask(invariant)

    def _ask(self, invariant: Invariant) -> None:
        try:
            held = invariant.holds(self.world)
        except AssertionError as error:
            text = str(error) or f"`{_line_of(error)}` does not hold"
            raise _Violated(Violation(invariant=invariant.name, text=text)) from None
        except (_Violated, Tim3Error):
            raise
        except Exception as error:
            raise _broken(error, f"invariant `{invariant.name}`") from error
        if held is False or isinstance(held, str):
            raise _Violated(Violation(invariant=invariant.name, text=held or "it does not hold"))

    def _run_own(self, function: Callable[..., object], *args: object) -> None:
        """Run code of the scenario, whose mistakes are its author's to mend."""
        try:
            function(*args)
        except (_Violated, Tim3Error):
            raise
        except Exception as error:
            raise _broken(error, f"`{getattr(function, '__name__', 'the scenario')}`") from error


def _broken(error: Exception, what: str) -> UsageError:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    msg = f"{what} of the scenario raised {type(error).__name__}: {error}"
    return UsageError(msg, help=f"mend it at {Path(frame.filename).name}:{frame.lineno}: {frame.line}")


def _line_of(error: AssertionError) -> str:
    return traceback.extract_tb(error.__traceback__)[-1].line or "assert"


def describe(step: Act | Step, name: Callable[[str], str]) -> str:
    """Return a step for people.

    Args:
        step: the step.
        name: what an address is called.
    """
    if isinstance(step, Act):
        return f"act {step.name}"
    sender, process = (name(end) for end in step.pair)
    match step.kind:
        case "restart" | "upgrade":
            return f"{step.kind} {process}"
        case "advance":
            return f"advance {step.amount} ms"
        case "delay":
            return f"delay {sender} -> {process} by {step.amount} ms"
        case "replay":
            return f"replay {sender} -> {process} (number {step.amount + 1})"
        case kind:
            return f"{kind} {sender} -> {process}"
