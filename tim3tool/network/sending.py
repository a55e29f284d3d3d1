"""Sending a signed item until the network has it, and never twice where the network can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.errors import NetworkRefused
from tim3tool.network.http import BadReply, NoReply
from tim3tool.network.patience import Later

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.network.http import Reply
    from tim3tool.network.patience import Patience

__all__ = ["send_until_taken"]


def send_until_taken(
    post: Callable[[], Reply],
    *,
    check: Callable[[Reply], None],
    find: Callable[[], bool],
    settle: float,
    patience: Patience,
    who: str,
) -> None:
    """Send the same bytes until the network has them.

    After an attempt that may have had its effect, the network is asked for the item for a while before it is sent
    again: a reply can be lost on its way back, the item may still be on its way there, and a HyperBEAM node would
    evaluate it once more.

    Args:
        post: sends them once.
        check: returns when a reply says that the network has the item; else it raises Later or NetworkRefused.
        find: asks for the item, once; raises Later when there is no answer.
        settle: seconds in which an item may still arrive after such an attempt.
        patience: how long to go on.
        who: the server, as the subject of errors.

    Raises:
        NetworkRefused: it will never take the item.
        NetworkError: it did not take it in time.
    """
    doubt: Later | None = None  # why the last attempt that may have had its effect did not succeed
    settled = 0.0

    def doubted(problem: Later) -> Later:
        nonlocal doubt, settled
        doubt, settled = problem, patience.clock() + settle
        return problem

    def attempt() -> None:
        if doubt is not None:
            if find():
                return
            if patience.clock() < settled:
                raise doubt
        try:
            reply = post()
        except NoReply as problem:
            later = Later(f"did not answer: {problem}")
            raise (doubted(later) if problem.arrived else later) from None
        except BadReply as problem:
            msg = f"{who} {problem}"
            raise NetworkRefused(msg, help="check the addresses of the network") from None
        try:
            check(reply)
        except Later as problem:
            raise (problem if problem.undone else doubted(problem)) from None

    patience.until(attempt, who=who)
