"""What must hold of TIM3's value, in every order of its messages, whoever lies: the safety invariants of docs/protocol.md.

Those that need an honest coordinator are in `conduct`, and those that hold at rest in `rest`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from views import L, T, U, change, tag, view

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.simulate import Scenario, World

__all__ = ["backing", "books", "grow", "only_rightful", "register", "stay_final", "supply"]

# Which states an operation may go to from each; from others, and from those of no entry, never.
TOKEN_STATES: Final = {
    None: {"asked", "vouched", "minted", "cancelled", "burned", "rejected"},
    "asked": {"vouched", "minted", "cancelled"},
    "vouched": {"minted", "voided"},
    "cancelled": {"voided"},
    "burned": {"released", "restored"},
}
LOCK_STATES: Final = {
    None: {
        "locking",
        "expected",
        "asking",
        "held",
        "cancelled",
        "quarantined",
        "buffer",
        "releasing",
        "done",
        "failed",
    },
    "locking": {"held", "failed", "returning", "returned"},
    "expected": {"held", "cancelled"},
    "asking": {"held", "merged", "returned"},
    "held": {"used", "captured", "returning", "returned"},
    "used": {"captured"},
    "failed": {"returning", "returned"},
    "returning": {"returned", "captured"},
    "releasing": {"done", "failed"},
    "quarantined": {"released"},
}
GROWING: Final = {
    T: ("Minted", "Burned", "Restored", "Vouched"),
    L: ("Vouched", "Voided", "Released", "Returned", "Credits", "Payouts", "PoolIn"),
    U: (),
}


def backing(world: World, mode: str) -> int:
    """Return K(L): how much of U there is for L, in base units."""
    books = view(world, U)
    return (books.held if mode == "custody" else books.locked).get(world.address(L), 0)


def supply(world: World) -> int:
    """Return how much TIM3 there is, in base units."""
    return view(world, T).sums["TotalSupply"]


def register(scenario: Scenario, mode: str) -> None:
    """Register the invariants that hold after every message, whatever C does and whatever is lost.

    Args:
        scenario: with processes `mock-usda`, `lock-manager` and `token-manager`.
        mode: `custody` or `lock`.
    """
    books(scenario, T, "I3 I4 I5 I6 I12 I23 I26: the token-manager's books agree")
    books(scenario, L, "I6 I8 I10 I11 I16 I23 I26: the lock-manager's books agree")
    books(scenario, U, "I6 I7 I23 I26: the collateral token's books agree")
    for process, names in GROWING.items():
        grow(scenario, process, names)
    _backing(scenario, mode)
    _two_keys(scenario)
    _keep_word(scenario)
    for process, allowed in ((T, TOKEN_STATES), (L, LOCK_STATES)):
        stay_final(scenario, process, allowed)
    _pay_under_a_claim(scenario)


def books(scenario: Scenario, process: str, name: str) -> None:
    """Register that a process's own books agree."""
    scenario.invariant(lambda world: view(world, process).problem, of=process, name=name)


def grow(scenario: Scenario, process: str, names: tuple[str, ...]) -> None:
    """Register that the clock of a process and sums since ever never go back, and that it has the handlers it had."""

    @scenario.invariant(of=process, name=f"I4 I21 I23: clock, sums and handlers of the {process}")
    def forward(world: World) -> str | None:
        before, now = change(world, process)
        if before.now > now.now or before.block > now.block:
            return f"the clock went from {before.now}, {before.block} to {now.now}, {now.block}"
        if before.handlers != now.handlers:
            return f"{before.handlers} handlers became {now.handlers}"
        return next((f"{name} fell to {now.sums[name]}" for name in names if before.sums[name] > now.sums[name]), None)


def _backing(scenario: Scenario, mode: str) -> None:
    @scenario.invariant(of=(U, T), name="I1: TIM3 is backed")
    def backed(world: World) -> str | None:
        there, out = backing(world, mode), supply(world)
        return None if out <= there else f"{out} TIM3, and {there} of collateral"

    @scenario.invariant(of=(L, U), name="I8 I16: what the lock-manager books is there")
    def booked(world: World) -> str | None:
        if mode == "lock":
            return None
        sums, there = view(world, L).sums, backing(world, mode)
        came, sent = sums["Credits"], sums["Payouts"]
        return None if came - sent <= there else f"{came - sent} booked, {there} there"

    @scenario.invariant(of=U, name="I25: no collateral appears or disappears")
    def conserved(world: World) -> bool:
        before, now = change(world, U)
        return before.sums == now.sums or tag(world.last.message, "Action") in ("Mint", "Burn")

    @scenario.invariant(of=(L, T), name="I9: no more is released than was burned")
    def released(world: World) -> str | None:
        token, locks = view(world, T).sums, view(world, L).sums
        burned, out = token["Burned"] - token["Restored"], locks["Released"] + locks["Releasing"]
        return None if out <= burned else f"{out} released or to be, {burned} burned"


def _two_keys(scenario: Scenario) -> None:
    @scenario.invariant(of=(L, T), name="I5 I10: each effect has its other key, of equal user and quantity")
    def two_keys(world: World) -> str | None:
        token, locks = view(world, T), view(world, L)
        for id_, op in token.ops.items():
            is_vouched = op.kind == "mint" and op.state in ("vouched", "minted", "voided")
            if is_vouched and not locks.has_forgotten(id_):
                other = locks.ops.get(id_)
                if other is None or (other.user, other.quantity) != (op.user, op.quantity):
                    return f"{id_}: vouched for {other}, {op.state} for {op.user} {op.quantity}"
        for id_, op in locks.ops.items():
            if op.kind == "release" and not token.has_forgotten(id_):
                other = token.ops.get(id_)
                burned = other is not None and other.state in ("burned", "released", "restored")
                if other is None or not burned or (other.user, other.quantity) != (op.user, op.quantity):
                    return f"{id_}: {op.state} for {op.user} {op.quantity}, burned {other}"
                if op.state == "done" and other.state == "restored":
                    return f"{id_}: released and restored"
        return None


def stay_final(scenario: Scenario, process: str, allowed: dict[str | None, set[str]]) -> None:
    """Register that operations of a process take allowed steps only, and keep user and quantity."""

    @scenario.invariant(of=process, name=f"I12 I13 I14: an operation of the {process} goes one way")
    def one_way(world: World) -> str | None:
        before, now = change(world, process)
        for id_, op in now.ops.items():
            was = before.ops.get(id_)
            if was is op:
                continue
            if was is None or was.state != op.state:
                if op.state not in allowed.get(was.state if was else None, set()):
                    return f"{id_}: {was.state if was else 'nothing'} became {op.state}"
            elif (was.user, was.quantity) != (op.user, op.quantity) and op.state not in _OPEN:
                return f"{id_}: {was} became {op}"
        forgotten = (id_ for id_, op in before.ops.items() if id_ not in now.ops)
        is_early = (id_ for id_ in forgotten if before.ops[id_].state in UNFINISHED or not now.has_forgotten(id_))
        return next((f"{id_} is forgotten" for id_ in is_early), None)


_OPEN: Final = ("asked", "cancelled", "expected")
UNFINISHED: Final = {
    *("asked", "vouched", "burned", "locking", "expected", "asking", "held", "returning", "releasing"),
    *("collateral", "minting", "cancelling", "burning", "restoring"),
}

# What a process says of an operation: sender, action and result, and where the operation then never gains an effect.
WORDS: Final = {
    ("Mint-Cancelled", "never"): (T, {"minted"}),
    ("Mint-Cancelled", "voided"): (T, {"minted"}),
    ("Burn-Cancelled", None): (T, {"burned", "released", "restored"}),
    ("Collateral-Cancelled", "never-held"): (L, {"held", "used", "captured"}),
    ("Collateral-Returned", None): (L, {"held", "used", "captured"}),
}


def _keep_word(scenario: Scenario) -> None:
    @scenario.invariant(of=(L, T, U), name="I13: what was cancelled never gains an effect")
    def kept(world: World) -> str | None:
        said: dict[str, tuple[str, str, str, frozenset[str]]] = world.memory.setdefault("said", {})
        by = world.name(world.last.process)
        for message in world.last.result.messages:
            action = str(tag(message, "Action"))
            word = WORDS.get((action, tag(message, "Result")))
            if word and word[0] == by:
                said[f"{tag(message, 'Op-Id')} {by}"] = (str(tag(message, "Op-Id")), by, action, frozenset(word[1]))
            elif action == "Unlock-Confirmed" and tag(message, "Lock-Id"):
                id_ = str(tag(message, "Lock-Id"))
                said[f"{id_} {U}"] = (id_, U, action, frozenset({"held", "captured"}))
        for id_, where, action, effects in said.values():
            op = view(world, where).ops.get(id_) if where == by else None
            if op is not None and op.state in effects:
                return f"{id_}: the {where} said {action}, and it is {op.state}"
        return None


def _pay_under_a_claim(scenario: Scenario) -> None:
    @scenario.invariant(of=L, name="I11: a payout leaves under its payee's own claim, once")
    def claimed(world: World) -> str | None:
        delivery = world.last
        usda = world.address(U)
        sent = [m for m in delivery.result.messages if m.get("Target") == usda and tag(m, "Action") == "Transfer"]
        if not sent:
            return None
        payee, seen = tag(sent[0], "Recipient"), world.memory.setdefault("claims", [])
        is_root = delivery.parent is None and delivery.message["From"] == payee
        is_new = delivery.message_id not in seen
        seen.append(delivery.message_id)
        if len(sent) == 1 and is_root and is_new and tag(delivery.message, "Action") == "Claim":
            return None
        return f"{len(sent)} to {payee} under {tag(delivery.message, 'Action')} of {delivery.message['From']}"


def only_rightful(scenario: Scenario, process: str, rights: dict[str, Callable[[World, str], bool]]) -> None:
    """Register that a message of somebody without the right to it changes nothing but counters and the clock.

    Args:
        scenario: the scenario.
        process: the process.
        rights: who may say an action that changes something, by action: a function of the world and the sender.
    """

    @scenario.invariant(of=process, name=f"I22: only the rightful change the {process}")
    def rightful(world: World) -> str | None:
        message = world.last.message
        action = _first(message, "Action")
        allowed = rights.get(action)
        if allowed is not None and allowed(world, str(message["From"])):
            return None
        before, now = change(world, process)
        return None if before.is_like(now) else f"{action} of {world.name(str(message['From']))} changed it"


def _first(message: dict[str, Any], name: str) -> str:
    return tag(message, name) or ""
