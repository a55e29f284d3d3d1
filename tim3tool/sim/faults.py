"""What goes wrong on the way between processes, and how often."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from tim3tool.errors import UsageError, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.sim.queues import Mail

__all__ = ["Faults"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Faults:
    """How often something goes wrong, each as a share of the messages from 0 to 1.

    Args:
        reorder: a message of another pair of sender and receiver comes first; at 1 the order is random, but each pair
            keeps its own.
        drop: the message never arrives, unless it is pushed again.
        duplicate: it arrives twice, with the same id.
        delay: it is held back, and with it those behind it of the same pair, for up to `delay_ms`.
        replay: a message of a process that has arrived is pushed again, with a new id and another `Pushed-For`; or one
            that was dropped is, and arrives late.
        crash: the receiver is built again from its messages first.
        upgrade: the receiver's code is evaluated again first.
        delay_ms: the longest delay.
        spare: tells which messages must arrive as they are; they may still come in another order.
    """

    reorder: float = 0
    drop: float = 0
    duplicate: float = 0
    delay: float = 0
    replay: float = 0
    crash: float = 0
    upgrade: float = 0
    delay_ms: int = 400_000
    spare: Callable[[Mail], bool] | None = None

    @classmethod
    def named(cls, shares: dict[str, float], *, what: str, base: Faults | None = None) -> Faults:
        """Return faults by their names.

        Args:
            shares: how often, by name.
            what: where they stand, for messages.
            base: what holds for those that are not named.

        Raises:
            UsageError: there is no such fault, or it is no share.
        """
        known = [field.name for field in fields(cls) if field.name not in ("delay_ms", "spare")]
        for name, share in shares.items():
            if name not in known:
                near = suggestion(name, known)
                msg = f"{what} has no fault `{name}`"
                raise UsageError(msg, help=f"did you mean `{near}`?" if near else f"there are {', '.join(known)}")
            if not 0 <= share <= 1:
                msg = f"`{name}` of {what} must be from 0 to 1 and is {share:g}"
                raise UsageError(msg)
        faults = replace(base or cls(), **shares)  # type: ignore[arg-type]  # all of them are shares
        total = sum(getattr(faults, name) for name in known if name != "reorder")
        if total >= 1:
            msg = f"the faults of {what} must leave something to deliver, and add up to {total:g}"
            raise UsageError(msg, help="`reorder` does not count; the others must stay below 1 together")
        return faults

    @classmethod
    def parse(cls, text: str, *, what: str, base: Faults | None = None) -> Faults:
        """Return the faults that a text such as ``drop=0.1,duplicate=0.05`` names.

        Args:
            text: names and shares.
            what: where it stands, for messages.
            base: what holds for those that are not named.

        Raises:
            UsageError: it is no such text; see `named`.

        >>> Faults.parse("drop=0.1", what="--fault").drop
        0.1
        """
        shares = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, share = part.partition("=")
            try:
                shares[name.strip()] = float(share)
            except ValueError:
                msg = f"{what} needs NAME=SHARE and has `{part}`"
                raise UsageError(msg, help="for example drop=0.1,duplicate=0.05") from None
        return cls.named(shares, what=what, base=base)

    def sparing(self, spare: Callable[[Mail], bool] | None) -> Faults:
        """Return the same faults with another `spare`."""
        return replace(self, spare=spare)
