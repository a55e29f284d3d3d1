"""TIM3 keeps its invariants under random schedules, faults, orders and error semantics, in both collateral modes."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path

import pytest
import tim3
from proof import FULL, sample
from views import view

from tim3tool.sim import Faults
from tim3tool.simulate import Failure, Mutation, Runner

HERE = Path(__file__).parent
SHARDS = 5
SCHEDULES = 2000 if FULL else 50  # of each shard and mode
ROOM = 2 * SCHEDULES  # seeds of each: those whose schedule is too short do not count
DELIVERIES = 100
MODES = ("custody", "lock")

# The coordinator decides for itself what it should ask.
MISTAKES = {
    "an expected collateral expires by itself": (
        '      ["Collateral-Failed"] = "rejected",\n      deadline = "cancelling",',
        '      ["Collateral-Failed"] = "rejected",\n      deadline = "expired",',
    ),
    "a mint under way expires by itself": ('  deadline = "cancelling",\n}', '  deadline = "refunded",\n}'),
    "a burn expires by itself": (
        '      ["Release-Ack failed"] = "restoring",\n      deadline = "cancelling",',
        '      ["Release-Ack failed"] = "restoring",\n      deadline = "expired",',
    ),
    "a message that comes twice opens two operations": ("    if known then\n      return { commands.notice", "    if false then\n      return { commands.notice"),
    "nobody is asked again": ("    retries.start(tim3, id, op, now)\n  end\n  return", "  end\n  return"),
    "a reservation is not returned": ("  quotas.settle(tim3, op, now)\n", ""),
}  # fmt: skip


def runner_of(mode: str, *mutations: Mutation, faults: Faults | None = None, **options) -> Runner:
    return Runner(tim3.made(mode, **options), folder=HERE, faults=faults, mutations=mutations)


def checked(runner: Runner, first: int, wanted: int, *, least: int = 0) -> Counter[str]:
    """Run so many schedules with enough deliveries, fail at a violation, and count what became of the operations."""
    outcomes: Counter[str] = Counter()
    for seed in count(first):
        run = runner.explore(seed)
        assert run.violation is None, "\n".join(Failure.of(runner, run).lines())
        outcomes["schedules"] += run.deliveries >= least
        outcomes.update(f"{op.kind} {op.state}" for op in view(runner.world, tim3.C).ops.values())
        if outcomes["schedules"] == wanted:
            break
    return outcomes


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("mode", MODES)
def test_the_invariants_hold_under_every_schedule(mode: str, shard: int):
    outcomes = checked(runner_of(mode), shard * ROOM, SCHEDULES, least=DELIVERIES)
    assert {"mint completed", "mint refunded", "burn completed", "burn rejected"} <= set(outcomes), outcomes


SETTINGS = {
    "without faults": {"faults": Faults(reorder=1)},
    "many messages twice": {"faults": Faults(reorder=1, duplicate=0.15)},
    "half of them late": {"faults": Faults(reorder=1, delay=0.4)},
    "much is lost": {"faults": Faults(reorder=1, drop=0.3, replay=0.1)},
    "crashes and upgrades in the middle of everything": {"faults": Faults(reorder=1, crash=0.04, upgrade=0.04)},
    "depth first, as HyperBEAM": {"faults": Faults(), "order": "depth-first"},
    "depth first with faults": {"faults": Faults(drop=0.05, duplicate=0.05, replay=0.05), "order": "depth-first"},
    "errors keep their effects": {"raw": True},
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("mode", MODES)
def test_the_invariants_hold_in_other_settings(mode: str, setting: str):
    outcomes = checked(runner_of(mode, **SETTINGS[setting]), 0, 60 if FULL else 2)
    assert any(outcome.startswith("mint ") for outcome in outcomes), outcomes


@pytest.mark.parametrize("name", MISTAKES)
def test_a_coordinator_that_does_not_ask_is_noticed(name: str):
    old, new = MISTAKES[name]
    runners = [runner_of(mode, Mutation(process=tim3.C, old=old, new=new)) for mode in MODES]
    assert any(runner.explore(seed).violation for seed in range(40) for runner in runners)


@pytest.mark.parametrize("mode", MODES)
def test_a_run_can_be_repeated_byte_by_byte(mode: str):
    def digests(runner: Runner, seeds: range) -> list[str]:
        found = []
        for seed in seeds:
            runner.explore(seed)
            found.append(runner.world.network.trace({}).digest())
        return found

    seeds = range(sample(5))
    assert digests(runner_of(mode), seeds) == digests(runner_of(mode), seeds)
