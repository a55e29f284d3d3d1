"""I19: what the coordinator accepts is within its limits, and what it refuses is not, worked out anew from its operations:
their users, amounts, and when they were accepted and done. Its own sums and windows are not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from views import C, Op, T, View, change, tag, view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.simulate import Scenario, World

__all__ = ["opened", "register"]

TICK_MS: Final = 300_000
HOUR, HOURS, DAY = 12, 48, 288  # ticks
NOT_ACCEPTED: Final = ("refunded", "expired", "rejected", "restored")
BY_VOLUME: Final = ("user-limit", "block-limit", "global-limit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One limit, and what of it is used.

    Args:
        name: what it is called.
        code: what the coordinator says when it refuses by it.
        limit: the most there may be, in base units.
        used: what there is, without the operation asked for, in base units.
    """

    name: str
    code: str
    limit: int
    used: int

    @property
    def room(self) -> int:
        """What is left of it, in base units."""
        return max(self.limit - self.used, 0)


def register(scenario: Scenario, mode: str, limits: Mapping[str, str]) -> None:
    """Register I19.

    Args:
        scenario: with all five processes.
        mode: `custody` or `lock`.
        limits: those in force, by name; the others are too high to matter.
    """

    _accepted(scenario, mode, limits)
    _refused(scenario, limits)

    @scenario.invariant(of=(T, C), name="I19: the supply stays below its cap")
    def capped(world: World) -> str | None:
        cap = int(limits.get("Supply-Cap", 0))
        sums = view(world, T).sums
        if cap and not sums["Restored"] and sums["TotalSupply"] > cap:
            return f"{sums['TotalSupply']} TIM3, the cap is {cap}"
        return None


def _accepted(scenario: Scenario, mode: str, limits: Mapping[str, str]) -> None:
    @scenario.invariant(of=C, name="I19: what is accepted is within the limits")
    def within(world: World) -> str | None:
        now = view(world, C)
        for id_, op in opened(world).items():
            others = {name: one for name, one in now.ops.items() if name != id_}
            is_unfunded = mode == "custody" and op.kind == "mint" and not id_.startswith("d")
            for window in _windows(now, others, op.kind, op.user, limits, is_unfunded=is_unfunded):
                if op.quantity > window.room:
                    return f"{id_}: {op.quantity} accepted, {window}"
        return None


def _refused(scenario: Scenario, limits: Mapping[str, str]) -> None:
    @scenario.invariant(of=C, name="I19: what is refused is above a limit")
    def beyond(world: World) -> str | None:
        now = view(world, C)
        for message in world.last.result.messages:
            kind, _, word = (tag(message, "Action") or "").lower().partition("-")
            code = tag(message, "Error-Code")
            if word != "error" or kind not in ("mint", "burn") or code not in BY_VOLUME:
                continue
            quantity = int(tag(message, "Quantity") or tag(world.last.message, "Quantity") or 0)
            said = (code, tag(message, "Limit"), tag(message, "Remaining"))
            windows = _windows(now, now.ops, kind, str(message["Target"]), limits, is_unfunded=True)
            full = [one for one in windows if quantity > one.room]
            if said not in {(one.code, str(one.limit), str(one.room)) for one in full}:
                return f"{quantity} refused by {said}, full are {full}"
        return None


def opened(world: World) -> dict[str, Op]:
    """Return the operations that the last message opened at C, without those refused at once."""
    before, now = change(world, C)
    return {id_: op for id_, op in now.ops.items() if id_ not in before.ops and op.state != "rejected"}


def _windows(
    now: View, ops: Mapping[str, Op], kind: str, user: str, limits: Mapping[str, str], *, is_unfunded: bool
) -> list[Window]:
    """Return what is used of each limit on a user's next operation.

    Args:
        now: C's clock and sums.
        ops: the operations that count.
        kind: mint or burn.
        user: whose operation it is.
        limits: as for `register`.
        is_unfunded: whether no collateral was seen for it.
    """
    accepted = [one for one in ops.values() if one.kind == kind and one.outcome not in NOT_ACCEPTED]
    title, last = kind.title(), now.now // TICK_MS

    def lately(ticks: int, moments: list[tuple[int, int]]) -> int:
        return sum(quantity for at, quantity in moments if at // TICK_MS > last - ticks)

    def done(other: str) -> list[tuple[int, int]]:
        ended = [one for one in ops.values() if one.kind == other and one.outcome == "completed"]
        return [(one.ended, one.quantity) for one in ended]

    asked = [(one.since, one.quantity) for one in accepted]
    block = [one for one in accepted if one.height == now.block]
    own = [(one.since, one.quantity) for one in accepted if one.user == user]
    limit = {name: int(value) for name, value in limits.items() if value.isdecimal()}
    supply = now.sums["Minted"] + now.sums["Restored"] - now.sums["Burned"]
    windows: list[Window] = []

    def add(name: str, code: str, most: int | None, used: int) -> None:
        if most is not None:
            windows.append(Window(name=name, code=code, limit=most, used=used))

    add("of a user", "user-limit", limit.get(f"User-{title}-24h"), lately(DAY, own))
    if f"Block-{title}" in limit:
        most = limit[f"Block-{title}"]
        share = most * limit["User-Share-Percent"] // 100
        add("a user's share", "block-limit", share, sum(one.quantity for one in block if one.user == user))
        add("of a block", "block-limit", most, sum(one.quantity for one in block))
    if kind == "burn":
        floor = limit.get("Net-Burn-4h")
        most = None if floor is None else max(floor, supply * limit["Net-Burn-4h-Percent"] // 100)
        add("net burns", "global-limit", most, max(lately(HOURS, asked) - lately(HOURS, done("mint")), 0))
        return windows
    net = max(lately(HOUR, asked) - lately(HOUR, done("burn")), 0)
    add("net mints", "global-limit", limit.get("Net-Mint-1h"), net)
    open_ = sum(one.quantity for one in accepted if one.outcome is None)
    add("the supply", "global-limit", limit.get("Supply-Cap"), supply + open_)
    unfunded = sum(one.quantity for one in accepted if one.is_unfunded)
    for name in ("Block-Mint", "Net-Mint-1h", "Supply-Cap") if is_unfunded else ():
        most = limit[name] * limit.get("Unfunded-Percent", 50) // 100 if name in limit else None
        add(f"unfunded, of {name}", "global-limit", most, unfunded)
    return windows
