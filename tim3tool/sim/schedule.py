"""The order in which messages arrive, and what happens to them on the way: everything that chance decides."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final, Literal

from tim3tool.sim.steps import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.sim.faults import Faults
    from tim3tool.sim.network import Network
    from tim3tool.sim.queues import Mail, Queues

__all__ = ["Order", "Schedule"]

_TRIES: Final = 8  # few deliveries can be pushed again; the more there are, the sooner one is drawn

Order = Literal["fifo", "depth-first"]
"""``fifo``: first in, first out. ``depth-first``: all that follows from a message comes before what was sent after it,
and the messages of a result in the order of their numbers as text, as HyperBEAM pushes them."""


class Schedule:
    """Decides what happens next on a network.

    Args:
        seed: what it draws from; or a source of chance of the caller's own.
        order: the order without faults.
    """

    def __init__(self, *, seed: int | Random, order: Order = "fifo") -> None:
        self.order: Order = order
        self._chance = seed if isinstance(seed, Random) else Random(seed)  # noqa: S311 - it must be repeatable

    @property
    def is_depth_first(self) -> bool:
        """Whether what follows from a message comes before all else."""
        return self.order == "depth-first"

    def queue(self, queues: Queues, letters: Sequence[Mail]) -> None:
        """Queue what one result sent."""
        if self.is_depth_first:
            queues.prepend(letters)
        else:
            for mail in letters:
                queues.append(mail)

    def settle(self, network: Network, faults: Faults) -> None:
        """Let steps happen until nothing is on its way."""
        while step := self.next(network, faults):
            step.apply(network)

    def next(self, network: Network, faults: Faults) -> Step | None:
        """Return what happens next, or None when nothing is on its way."""
        heads = network.heads()
        if not heads:
            return None
        ready = [mail for mail in heads if mail.due <= network.now]
        if not ready:
            return Step(kind="deliver", pair=min(heads, key=lambda mail: (mail.due, mail.number)).pair)
        mail = ready[0]
        if len(ready) > 1 and faults.reorder and self._chance.random() < faults.reorder:
            mail = self._chance.choice(ready)
        if mail.is_awaited or (faults.spare and faults.spare(mail)):
            return Step(kind="deliver", pair=mail.pair)
        return self._fault(network, faults, mail) or Step(kind="deliver", pair=mail.pair)

    def _fault(self, network: Network, faults: Faults, mail: Mail) -> Step | None:
        kind = self._drawn(faults)
        if kind == "delay":
            ms = self._chance.randint(1, faults.delay_ms)
            return None if mail.due else Step(kind="delay", pair=mail.pair, amount=ms)
        if kind == "replay":
            return self._replay(network)
        return Step(kind=kind, pair=mail.pair) if kind else None

    def _drawn(self, faults: Faults) -> str | None:
        """Return the fault that happens, if any."""
        shares = (
            ("drop", faults.drop),
            ("duplicate", faults.duplicate),
            ("delay", faults.delay),
            ("replay", faults.replay),
            ("restart", faults.crash),
            ("upgrade", faults.upgrade),
        )
        if not any(share for _, share in shares):
            return None
        left = self._chance.random()
        for kind, share in shares:
            if left < share:
                return kind
            left -= share
        return None

    def _replay(self, network: Network) -> Step | None:
        if network.lost and self._chance.random() < 1 / 2:
            return Step(kind="resend", pair=self._chance.choice(network.lost).pair)
        drawn = (self._chance.choice(network.deliveries) for _ in range(_TRIES))
        delivery = next((one for one in drawn if network.is_replayable(one)), None)
        if delivery is None:
            return None
        pair = (str(delivery.message["From"]), delivery.process)
        earlier = network.deliveries[: delivery.index]
        nth = sum(1 for one in earlier if one.process == pair[1] and one.message["From"] == pair[0])
        return Step(kind="replay", pair=pair, amount=nth)
