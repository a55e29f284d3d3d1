"""What must hold of TIM3 at rest: no message is on its way, and every operation has ended."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from conduct import FINAL
from invariants import backing, supply
from views import PROCESSES, C, L, S, T, U, tag, view

if TYPE_CHECKING:
    from tim3tool.sim import Delivery
    from tim3tool.simulate import Scenario, World

__all__ = ["is_of_a_process", "register"]

REPEATED: Final = 12

# What the token-manager may say of an operation, by what the coordinator says.
OUTCOMES: Final = {
    ("mint", "completed"): {"minted"},
    ("mint", "refunded"): {"voided", "cancelled", "none"},
    ("mint", "expired"): {"voided", "cancelled", "none"},
    ("mint", "rejected"): {"cancelled", "none"},
    ("burn", "completed"): {"released"},
    ("burn", "restored"): {"restored"},
    ("burn", "rejected"): {"rejected", "none"},
    ("burn", "expired"): {"cancelled", "none"},
}


def is_of_a_process(world: World, delivery: Delivery) -> bool:
    """Tell whether a message is one that a process of TIM3 said to another, and that a network may deliver again."""
    is_ours = world.name(str(delivery.message["From"])) in PROCESSES
    return is_ours and delivery.parent is not None and tag(delivery.message, "Action") != "Transfer"


def register(scenario: Scenario, mode: str) -> None:
    """Register what holds when everything has ended.

    Args:
        scenario: with all five processes.
        mode: `custody` or `lock`.
    """
    _balanced(scenario, mode)
    _agreed(scenario)
    _settled(scenario)

    @scenario.invariant(at_rest=True, name="I14 I18: every operation ends")
    def ended(world: World) -> str | None:
        left = {id_: op.state for id_, op in view(world, C).ops.items() if op.state not in FINAL}
        return f"not ended: {left}" if left else None

    @scenario.invariant(at_rest=True, name="I28: the configuration is one")
    def one_configuration(world: World) -> bool:
        return len({world.read(process, "Tim3.Config.hash") for process in (C, L, T, S)}) == 1


def _balanced(scenario: Scenario, mode: str) -> None:
    @scenario.invariant(at_rest=True, name="I2 I8: collateral is the supply, and what is owed")
    def balanced(world: World) -> str | None:
        there, out, sums = backing(world, mode), supply(world), view(world, L).sums
        if mode == "lock":
            booked = sums["Collateral"]
            return None if there == out == booked else f"{there} locked, {out} TIM3, {booked} booked"
        owed = sum(sums[name] for name in ("Quarantined", "Owed", "Buffer", "Pending"))
        return None if there == out + owed else f"{there} of collateral, {out} TIM3, {owed} owed"


def _agreed(scenario: Scenario) -> None:
    @scenario.invariant(at_rest=True, name="I15: the processes agree on what became of each operation")
    def agreed(world: World) -> str | None:
        token, locks = view(world, T), view(world, L)
        for id_, op in view(world, C).ops.items():
            if op.state not in FINAL or token.has_forgotten(id_) or locks.has_forgotten(id_):
                continue
            there = token.ops[id_].state if id_ in token.ops else "none"
            held = locks.ops[id_].state if id_ in locks.ops else "none"
            if there not in OUTCOMES[op.kind, op.state] or (held in ("used", "captured")) != (there == "minted"):
                return f"{id_}: {op.kind} {op.state} for the coordinator, {there} for the token, {held} for the locks"
        return None


def _settled(scenario: Scenario) -> None:
    @scenario.invariant(at_rest=True, name="I27: what the processes said, said again, changes nothing")
    def settled(world: World) -> str | None:
        before = [view(world, process).held for process in (U, L, T)]
        chance = Random(len(world.network.deliveries))
        said = [one for one in world.network.deliveries if is_of_a_process(world, one)]
        for delivery in chance.sample(said, min(REPEATED, len(said))):
            world.network.repeat(delivery)
        world.settle()
        after = [view(world, process).held for process in (U, L, T)]
        return None if before == after else f"{before} became {after}"
