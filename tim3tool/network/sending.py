"""Sending a signed item until the network has it, and never twice where the network can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.errors import NetworkRefused
from tim3tool.network.http import BadReply, NoReply
from tim3tool.network.patience import Later, Patience

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.network.http import Reply

__all__ = ["send_until_taken"]


def send_until_taken(
    post: Callable[[], Reply],
    *,
    check: Callable[[Reply], None],
    find: Callable[[], bool],
    patience: Patience,
    who: str,
) -> None:
    """Send the same bytes until the network has them.

    After an attempt that may have had its effect, the network is asked for the item before it is sent again: a reply
    can be lost on its way back, and a HyperBEAM node would evaluate the item once more.

    Args:
        post: sends them once.
        check: returns when a reply says that the network has the item; else it raises Later or NetworkRefused.
        find: asks for the item, once; raises Later when there is no answer.
        patience: how long to go on.
        who: the server, as the subject of errors.

    Raises:
        NetworkRefused: it will never take the item.
        NetworkError: it did not take it in time.
    """
    doubtful = False

    def attempt() -> None:
        nonlocal doubtful
        if doubtful and find():
            return
        try:
            reply = post()
        except NoReply as problem:
            doubtful = doubtful or problem.arrived
            msg = f"did not answer: {problem}"
            raise Later(msg) from None
        except BadReply as problem:
            msg = f"{who} {problem}"
            raise NetworkRefused(msg, help="check the addresses of the network") from None
        doubtful = True
        check(reply)

    patience.until(attempt, who=who)
