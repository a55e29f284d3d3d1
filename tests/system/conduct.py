"""How an honest coordinator and state-manager behave: limits, pauses, rights, reports. See docs/protocol.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import invariants
import volumes
from views import C, L, S, T, U, change, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tim3tool.simulate import Scenario, World

__all__ = ["register"]

FINAL: Final = {"completed", "refunded", "expired", "rejected", "restored"}
STATES: Final = {
    None: {"collateral", "burning", "rejected"},
    "collateral": {"held", "minting", "cancelling", "rejected", "completed"},
    "held": {"minting", "completed", "cancelling"},
    "minting": {"completed", "cancelling"},
    "burning": {"releasing", "rejected", "restored", "completed", "restoring", "cancelling"},
    "releasing": {"completed", "restoring", "restored"},
    "restoring": {"restored"},
    "cancelling": {"expired", "refunded", "completed", "rejected", "releasing", "restored", "restoring"},
}


def register(scenario: Scenario, mode: str, limits: Mapping[str, str]) -> None:
    """Register what holds after every message while the coordinator and the state-manager run their own code.

    Args:
        scenario: with all five processes.
        mode: `custody` or `lock`.
        limits: those in force, by name.
    """
    invariants.books(scenario, C, "I12 I20 I23 I26: the coordinator's books agree")
    invariants.books(scenario, S, "I23 I26: the state-manager's books agree")
    invariants.stay_final(scenario, C, STATES)
    invariants.grow(scenario, C, ("Minted", "Burned", "Restored"))
    invariants.grow(scenario, S, ())
    _pauses(scenario)
    volumes.register(scenario, mode, limits)
    _reports(scenario)
    for process, rights in RIGHTS.items():
        invariants.only_rightful(scenario, process, rights)


def _pauses(scenario: Scenario) -> None:
    @scenario.invariant(of=C, name="I17: nothing begins under a pause, which itself changes nothing")
    def paused(world: World) -> str | None:
        before, now = change(world, C)
        for id_, op in volumes.opened(world).items():
            if before.facts[f"paused-{op.kind}"] == "yes":
                return f"{id_}: a {op.kind} was accepted under a pause"
        message = world.last.message
        if tag(message, "Action") == "Pause" and before.facts["refunding"] == now.facts["refunding"]:
            for id_, op in before.ops.items():
                if now.ops[id_] is not op and now.ops[id_].state != "cancelling":  # its deadline may have come
                    return f"{id_}: {op.state} became {now.ops[id_].state} by a pause"
        return None

    @scenario.invariant(of=C, name="I24: the state-manager stops, and starts nothing")
    def tightened(world: World) -> str | None:
        before, now = change(world, C)
        if world.last.message["From"] != world.address(S):
            return None
        loosened = [k for k, v in before.facts.items() if k.startswith("paused-") and v == "yes" != now.facts[k]]
        return f"{', '.join(loosened)} ended" if loosened else None


def _reports(scenario: Scenario) -> None:
    @scenario.invariant(of=S, name="I24: the ratio is that of one round")
    def exact(world: World) -> str | None:
        before, now = change(world, S)
        facts = now.facts
        if before.facts["round"] == facts["round"]:
            return None
        supply = int(facts["first-Minted"]) + int(facts["second-Restored"]) - int(facts["second-Burned"])
        there = max(int(facts["locks-Backing"]) - int(facts["locks-Deficit"]), 0)
        ratio = str(there * 10_000 // supply) if supply > 0 else "none"
        rounds = {facts[f"{step}-Round"].partition("-")[0] for step in ("first", "locks", "second")}
        if rounds != {facts["round"]} or facts["ratio"] != ratio:
            return f"the ratio of rounds {sorted(rounds)} is {ratio}, round {facts['round']} says {facts['ratio']}"
        return None


def _is(*names: str) -> Callable[[World, str], bool]:
    return lambda world, sender: world.name(sender) in names


def _anyone(_world: World, _sender: str) -> bool:
    return True


def _rights(*groups: tuple[tuple[str, ...], str]) -> dict[str, Callable[[World, str], bool]]:
    """Return who may say what: each group is the names of senders, none for anybody, and actions."""
    return {action: _is(*senders) if senders else _anyone for senders, actions in groups for action in actions.split()}


_OWNER: Final = (("owner",), "Configure Set-Limits Transfer-Admin Propose-Config Apply-Config Eval")
_TIME: Final = ((), "Tick Cron")

# Section "who may say what" of docs/protocol.md: what changes anything, and whose word it must be.
RIGHTS: Final = {
    C: _rights(
        _OWNER,
        _TIME,
        ((), "Mint Burn Nudge"),
        ((L,), "Collateral-Held Collateral-Failed Collateral-Cancelled Collateral-Returned Deposit-Received Release-Ack"),
        ((T,), "Mint-Confirmed Mint-Waiting Mint-Rejected Mint-Cancelled"),
        ((T,), "Burn-Confirmed Burn-Rejected Burn-Cancelled Burn-Restored"),
        ((L, T), "Op-Conflict"),
        ((S,), "Risk-Alert Get-Report"),
        (("owner", "guardian"), "Pause"),
        (("owner",), "Unpause Activate Set-Guardian"),
        ((L, T, S), "Hello Hello-Ack"),
    ),
    L: _rights(
        _OWNER,
        _TIME,
        ((C,), "Lock-Collateral Expect-Deposit Deposit-Decision Cancel-Collateral"),
        ((T,), "Voucher-Used Voucher-Void Voucher-Ack Release-Order"),
        ((U,), "Credit-Notice Lock-Confirmed Lock-Error Capture-Confirmed Unlock-Confirmed Unlock-Error"),
        ((), "Claim Set-Payee"),
        (("owner",), "Resolve"),
        ((C, T, S), "Hello Hello-Ack Get-Report"),
    ),
    T: _rights(
        _OWNER,
        _TIME,
        ((), "Transfer"),
        ((C,), "Mint Cancel-Mint Burn Cancel-Burn"),
        ((L,), "Voucher Release-Ack Ack"),
        ((C, L, S), "Hello Hello-Ack Get-Report"),
    ),
    U: _rights(
        (("owner",), "Mint Eval Faucet-Cap"),
        ((), "Transfer Approve Faucet Burn"),
        ((L,), "Lock Capture Unlock"),
    ),
    S: _rights(
        _OWNER,
        _TIME,
        ((), "Refresh"),
        ((C, L, T), "Report Hello Hello-Ack"),
    ),
}  # fmt: skip
