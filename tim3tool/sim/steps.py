"""The steps of a run: each is one thing that happens on a network, named so that it means the same in another run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.sim.network import Network
    from tim3tool.sim.queues import Mail, Pair

__all__ = ["Step"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing that happens on a network.

    Args:
        kind: ``deliver``, ``drop``, ``duplicate`` and ``delay`` concern the first message of a pair, ``resend`` the
            first that was dropped, ``replay`` a delivery, ``restart`` and ``upgrade`` a process, ``advance`` the clock.
        pair: who sent the message, and which process it goes to; the sender is empty where none is meant.
        amount: ms of ``delay`` and ``advance``; which delivery of the pair ``replay`` means, from 0.
    """

    kind: str
    pair: Pair = ("", "")
    amount: int = 0

    def apply(self, network: Network) -> bool:
        """Let it happen; False when there is nothing that it could happen to."""
        return _KINDS[self.kind](network, self)


def _with_mail(act: Callable[[Network, Mail, int], object]) -> Callable[[Network, Step], bool]:
    def apply(network: Network, step: Step) -> bool:
        mail = next((mail for mail in network.queued if mail.pair == step.pair), None)
        if mail is None:
            return False
        act(network, mail, step.amount)
        return True

    return apply


def _resend(network: Network, step: Step) -> bool:
    mail = next((mail for mail in network.lost if mail.pair == step.pair), None)
    if mail is not None:
        network.resend(mail)
    return mail is not None


def _replay(network: Network, step: Step) -> bool:
    sender, process = step.pair
    came = (one for one in network.deliveries if one.process == process and one.message["From"] == sender)
    delivery = next((one for number, one in enumerate(came) if number == step.amount), None)
    return delivery is not None and network.replay(delivery) is not None


def _restart(network: Network, step: Step) -> bool:
    if not network.has(step.pair[1]):
        return False
    network.restart(step.pair[1])
    return True


def _upgrade(network: Network, step: Step) -> bool:
    return network.has(step.pair[1]) and network.upgrade(step.pair[1]) is not None


def _advance(network: Network, step: Step) -> bool:
    network.advance(step.amount)
    return True


_KINDS: Final[dict[str, Callable[[Network, Step], bool]]] = {
    "deliver": _with_mail(lambda network, mail, _: network.deliver(mail)),
    "drop": _with_mail(lambda network, mail, _: network.drop(mail)),
    "duplicate": _with_mail(lambda network, mail, _: network.duplicate(mail)),
    "delay": _with_mail(lambda network, mail, ms: network.delay(mail, ms)),
    "resend": _resend,
    "replay": _replay,
    "restart": _restart,
    "upgrade": _upgrade,
    "advance": _advance,
}
