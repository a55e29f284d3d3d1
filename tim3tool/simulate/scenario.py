"""What is simulated: how the processes start, what users do, and what must always hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tim3tool.errors import UsageError
from tim3tool.sim import Faults

if TYPE_CHECKING:
    from random import Random

    from tim3tool.sim import Mail, Order
    from tim3tool.simulate.world import World

__all__ = ["Action", "Holds", "Invariant", "Scenario"]

Holds = Callable[["World"], "str | bool | None"]
"""Tells whether an invariant holds: None or True when it does, False or a text when it does not. It may also assert."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something that a user may do.

    Args:
        name: what it is called.
        weight: how often it is done, against the other actions.
        act: posts what the user sends; its second argument is the one thing it may draw from.
    """

    name: str
    weight: float
    act: Callable[[World, Random], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Invariant:
    """Something that must always hold.

    Args:
        name: what it is called.
        holds: tells whether it does; see `Holds`.
        of: the processes after whose messages it is asked; None for all.
        at_rest: ask only when nothing is on its way, at the end of a run.
    """

    name: str
    holds: Holds
    of: frozenset[str] | None
    at_rest: bool


class Scenario:
    """Processes, what users do to them, and what must hold whatever order messages arrive in.

    Args:
        name: what it is called.
        actions: how many actions a run has.
        faults: what goes wrong on the way; by default messages of different senders overtake each other.
        order: the order without faults; see `sim.Order`.
        raw: a message that ends in an ``Error`` keeps its effects; see `Network`.
        errors_allowed: a process may end in an ``Error``, which otherwise counts as a violation.
        most_deliveries: a run with more of them never comes to rest, which counts as a violation.

    Example:
        >>> scenario = Scenario("a token")
        >>> @scenario.setup
        ... def start(world):
        ...     world.spawn("token", source="Total = 0")
        >>> @scenario.invariant(of="token")
        ... def total_is_not_negative(world):
        ...     return world.read("token", "Total") >= 0
    """

    def __init__(
        self,
        name: str,
        *,
        actions: int = 40,
        faults: Faults | None = None,
        order: Order = "fifo",
        raw: bool = False,
        errors_allowed: bool = False,
        most_deliveries: int = 5_000,
    ) -> None:
        self.name = name
        self.action_count = actions
        self.faults = faults or Faults(reorder=1)
        self.order: Order = order
        self.raw = raw
        self.errors_allowed = errors_allowed
        self.most_deliveries = most_deliveries
        self.actions: dict[str, Action] = {}
        self.invariants: dict[str, Invariant] = {}
        self.watched: dict[str, tuple[str, ...]] = {}
        self.starts: list[Callable[[World], object]] = []
        self.rests: list[Callable[[World], object]] = []
        self.spare: Callable[[World, Mail], bool] | None = None

    def setup(self, start: Callable[[World], object]) -> Callable[[World], object]:
        """Register what makes the processes; it runs once, and every run begins with what it made."""
        self.starts.append(start)
        return start

    def action(self, act: Any = None, *, weight: float = 1, name: str | None = None) -> Any:
        """Register something that users do, as a decorator with or without arguments; see `Action`."""
        if act is None:
            return lambda act: self.action(act, weight=weight, name=name)
        called = name or act.__name__
        self._new(called, self.actions, "action")
        self.actions[called] = Action(name=called, weight=weight, act=act)
        return act

    def invariant(
        self,
        holds: Any = None,
        *,
        of: str | tuple[str, ...] | None = None,
        at_rest: bool = False,
        name: str | None = None,
    ) -> Any:
        """Register what must hold, as a decorator with or without arguments; see `Invariant`."""
        if holds is None:
            return lambda holds: self.invariant(holds, of=of, at_rest=at_rest, name=name)
        called = name or holds.__name__
        self._new(called, self.invariants, "invariant")
        names = frozenset((of,) if isinstance(of, str) else of) if of is not None else None
        self.invariants[called] = Invariant(name=called, holds=holds, of=names, at_rest=at_rest)
        return holds

    def lua_invariant(self, process: str, name: str, code: str, *, at_rest: bool = False) -> None:
        """Register what must hold inside a process, in Lua.

        Args:
            process: its name.
            name: what the invariant is called.
            code: a Lua chunk that sees the process's globals and changes nothing; it returns nil or true when the
                invariant holds, else false or what is wrong.
            at_rest: ask only when nothing is on its way.
        """
        expression = f"(function() {code}\nend)()"
        self.invariant(lambda world: world.read(process, expression), of=process, at_rest=at_rest, name=name)

    def watch(self, process: str, *expressions: str) -> None:
        """Let failures show how the values of Lua expressions in a process change."""
        self.watched[process] = (*self.watched.get(process, ()), *expressions)

    def before_rest(self, calm: Callable[[World], object]) -> Callable[[World], object]:
        """Register what brings a run to rest, such as time that passes for retries; nothing goes wrong any more."""
        self.rests.append(calm)
        return calm

    def spares(self, spare: Callable[[World, Mail], bool]) -> Callable[[World, Mail], bool]:
        """Register what tells which messages faults leave alone; they may still come in another order."""
        self.spare = spare
        return spare

    def _new(self, name: str, known: dict[str, Any], kind: str) -> None:
        if name in known:
            msg = f"scenario `{self.name}` has two {kind}s called `{name}`"
            raise UsageError(msg, help="give one of them another `name=`")
