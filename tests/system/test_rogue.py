"""No lie of the coordinator harms TIM3, and each of these mistakes in the processes lets one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from proof import sample

from tim3tool.simulate import Failure, Mutation, Runner, load

FILE = Path(__file__).with_name("rogue.py")
SCHEDULES = 15
MODES = ("custody", "lock")

REFUSING = Mutation(
    process="mock-usda",
    old="  local spender, input = request.from, request.input\n  local id, recipient, quantity",
    new='  if true then return nil, "op-conflict", "a token that releases nothing" end\n'
    "  local spender, input = request.from, request.input\n  local id, recipient, quantity",
)

# The mistakes that a model of the protocol is known to notice, in that order; the twelfth, a timeout that is taken for an
# answer, is an honest coordinator's and in test_tim3.py. name: the mode in which it shows, and the mistake
MISTAKES = {
    "a credit counts as often as it comes": (
        "custody",
        Mutation(
            process="lock-manager",
            old='  local id = "d" .. tags.Reference\n',
            new='  local id = "d" .. tags.Reference .. tim3.Ops.Size\n',
        ),
    ),
    "a transfer error is believed": (
        "custody",
        Mutation(
            process="lock-manager",
            old='    payout.state = "disputed"\n',
            new='    payout.state = "disputed"\n    sums.owe(tim3, "Payouts", payout.account, payout.qty)\n',
        ),
    ),
    "a cancelled mint leaves no mark": (
        "lock",
        Mutation(process="token-manager", old="    tombstone(tim3, id, record, request.now)\n", new=""),
    ),
    "collateral is returned after its voucher": (
        "lock",
        Mutation(
            process="lock-manager",
            old='  elseif record.state == "locking" or record.state == "asking" then\n',
            new='  elseif record.state == "locking" or record.state == "asking" or record.state == "held" then\n',
        ),
    ),
    "an unlock leaves no mark": (
        "lock",
        Mutation(
            process="mock-usda",
            old='    lock = { state = "cancelled" }\n    records.put(usda, usda.Locks, spender, id, lock)\n',
            new='    lock = { state = "cancelled" }\n',
        ),
    ),
    "the coordinator may order a release": (
        "lock",
        Mutation(
            process="lock-manager",
            old='{ kind = "peer", from = setup.from("token-manager"), takes = { OP_ID, USER, QUANTITY }, run = releases.order }',
            new='{ kind = "peer", takes = { OP_ID, USER, QUANTITY }, run = releases.order }',
        ),
    ),
    "a payout is sent again": (
        "custody",
        Mutation(
            process="lock-manager",
            old='    return { { Target = from, Action = "Claim-Sent", Quantity = tim3.Sent[id].qty, ["Payout-Id"] = id } }\n',
            new="    return { payouts.transfer(tim3, id, tim3.Sent[id]) }\n",
        ),
    ),
    "a burn that comes twice burns twice": (
        "lock",
        Mutation(
            process="token-manager",
            old='  local record = opbook.get(tim3.Ops, id)\n  if record then\n    local isEqual = record.kind == "burn"',
            new='  local record = nil\n  if record then\n    local isEqual = record.kind == "burn"',
        ),
    ),
    "a foreign Op-Id is trusted": (
        "custody",
        Mutation(
            process="lock-manager",
            old='  local isOpen = known and known.state == "expected" and known.user == record.user and known.qty == record.qty\n  if known and not isOpen',
            new='  local isOpen = known and known.state == "expected"\n  if known and not isOpen',
        ),
    ),
    "what was restored is restored again": (
        "lock",
        Mutation(process="token-manager", old="  elseif record.state == final then\n    return {}\n", new=""),
    ),
    "a mint needs no voucher": (
        "lock",
        Mutation(
            process="token-manager",
            old='    return { to(tim3, "coordinator", "Mint-Waiting", id) }\n  elseif record.state == "cancelled"',
            new='    return mint(tim3, request, id, opbook.get(tim3.Ops, id))\n  elseif record.state == "cancelled"',
        ),
    ),
}  # fmt: skip

# What an honest network never shows, so that the mistake can.
NEEDS = {"what was restored is restored again": [REFUSING]}


def runner_of(mode: str, *mutations: Mutation) -> Runner:
    return Runner(load(FILE, mode), folder=FILE.parent, mutations=mutations)


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_minted_without_backing_and_no_collateral_lost(mode: str):
    runner = runner_of(mode)
    states: Counter[str] = Counter()
    for seed in range(sample(SCHEDULES)):
        run = runner.explore(seed)
        assert run.violation is None, "\n".join(Failure.of(runner, run).lines())
        for process in ("token-manager", "lock-manager"):
            for line in runner.world.read(
                process,
                "(function() local l = {} for _, r in pairs(Tim3.Ops.Records) do l[#l + 1] = r.state end return l end)()",
            ):
                states[line] += 1
    reached = {"minted", "burned", "released", "rejected", "cancelled", "voided", "held", "returned", "done"}
    assert reached <= {*states, *({"burned"} if states["released"] else ())}, states


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_lets_a_lie_harm(name: str):
    mode, mutation = MISTAKES[name]
    runner = runner_of(mode, mutation, *NEEDS.get(name, ()))
    assert any(runner.explore(seed).violation for seed in range(60))


def test_a_token_that_releases_nothing_costs_nobody():
    runner = runner_of("lock", REFUSING)
    restored = 0
    for seed in range(SCHEDULES):
        run = runner.explore(seed)
        assert run.violation is None, "\n".join(Failure.of(runner, run).lines())
        restored += int(runner.world.read("token-manager", "Tim3.Restored"))
    assert restored > 0
