"""mock-usda keeps its invariants under random schedules, and each of these mistakes breaks one."""

from __future__ import annotations

from pathlib import Path

import pytest
from proof import sample

from tim3tool.simulate import Failure, Mutation, Runner, load

FILE = Path(__file__).with_name("mock_usda.py")
SCHEDULES = 40

MUTATIONS = {
    "a capture does not unlock": ("    accounts.unlock(usda, lock.owner, lock.qty)\n    ledger.move", "    ledger.move"),
    "a lock is captured twice": ('  if lock.state == "held" then\n    lock.state = "captured"', '  if true then\n    lock.state = "captured"'),
    "a release is paid twice": ("  if known then\n    return repeated(request, known)\n  end\n  local forwarded", "  local forwarded"),
    "a lock takes more than is available": ("  local problem, text = accounts.refuse(usda, user, quantity)\n  if not problem", "  local problem, text\n  if not problem"),
    "a transfer takes what is locked": ("  local available = accounts.available(usda, account)", "  local available = ledger.balance(usda, account)"),
    "the pool pays more than it has": ("  if amounts.isLess(pool, quantity) then", "  if false then"),
}  # fmt: skip


def test_the_invariants_hold_under_every_schedule():
    runner = Runner(load(FILE), folder=FILE.parent)
    deliveries = 0
    for seed in range(sample(SCHEDULES)):
        run = runner.explore(seed)
        assert run.violation is None, "\n".join(Failure.of(runner, run).lines())
        deliveries += run.deliveries
    assert deliveries > 90 * sample(SCHEDULES)


def test_a_run_can_be_repeated_byte_by_byte():
    def digest(runner: Runner, seed: int) -> str:
        runner.explore(seed)
        return runner.world.network.trace({}).digest()

    first, second = (Runner(load(FILE), folder=FILE.parent) for _ in range(2))
    assert [digest(first, seed) for seed in (1, 2, 1)] == [digest(second, seed) for seed in (1, 2, 1)]
    assert digest(first, 1) != digest(first, 2)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mistake_is_noticed(name: str):
    old, new = MUTATIONS[name]
    runner = Runner(load(FILE), folder=FILE.parent, mutations=[Mutation(process="mock-usda", old=old, new=new)])
    assert any(runner.explore(seed).violation for seed in range(SCHEDULES))
