"""Following what a process answers from now on, also over a network that is away for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.errors import LockHeld, NetworkError, NetworkRefused, RateLimited
from tim3tool.network.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tim3tool.errors import Tim3Error
    from tim3tool.network.port import Answered, Port

__all__ = ["PACE", "watch"]

PACE: Final = Patience(first=1.0, longest=15.0, limited=30.0)


def watch(
    port: Port,
    process: str,
    *,
    after: str,
    away: Callable[[Tim3Error], object],
    back: Callable[[], object],
    pace: Patience = PACE,
) -> Iterator[Answered]:
    """Yield what a process answers, each answer once, without end.

    Pauses grow while nothing new comes, and are short again after something has.

    Args:
        port: the network.
        process: the process id.
        after: the mark to begin behind; "" for the first answer of all.
        away: told why the network does not answer, once each time it stops to.
        back: told that it answers again.
        pace: its pauses and what sleeps; its deadline plays no part.

    Raises:
        NetworkRefused: the network will never tell.
        UsageError: the mark is none of the network's.
    """
    seen = {after}  # a unit that does not know a mark begins at the first answer again
    pause, is_away = pace.first, False
    while True:
        limited = False
        try:
            for answered in port.results(process, after=after):
                if answered.mark not in seen:
                    seen.add(answered.mark)
                    after, pause = answered.mark, pace.first
                    yield answered
        except NetworkRefused:
            raise
        except (NetworkError, LockHeld) as error:
            if not is_away:
                away(error)
            is_away, limited = True, isinstance(error, RateLimited)
        else:
            if is_away:
                back()
            is_away = False
        pace.sleep(max(pause, pace.limited) if limited else pause)
        pause = min(pause * pace.factor, pace.longest)
