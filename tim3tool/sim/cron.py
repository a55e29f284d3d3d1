"""What a process asks for with its ``Cron-Interval`` tags: messages that come by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tim3tool.sim.clock import BLOCK_MS
from tim3tool.sim.message import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.sim.message import Tags
    from tim3tool.sim.resident import Resident

__all__ = ["ticks"]

_INTERVAL: Final = re.compile(r"(\d+)-(second|minute|hour|day|month|year|block)s?")
_MS: Final = {
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "month": 2_592_000_000,
    "year": 31_536_000_000,
    "block": BLOCK_MS,
}


def ticks(resident: Resident, since: int, until: int) -> Iterator[dict[str, Any]]:
    """Yield the messages that a process's crons make in a time, as the compute unit does (ao-wire facts).

    Such a message has no id, is from the process's owner, and has the tags that ``Cron-Tag-<Name>`` tags give it.

    Args:
        resident: the process.
        since: ms since 1970; what is due then has been made.
        until: ms since 1970; what is due then is made.
    """
    owner, id_ = resident.process.owner, resident.process.id
    born = resident.born
    due = [
        (at, tags)
        for every, tags in _crons(resident.tags)
        for at in range(since - (since - born) % every + every, until + 1, every)
    ]
    for _, tags in sorted(due):
        yield {"Target": id_, "Owner": owner, "From": owner, "Tags": pairs(tags)}


def _crons(tags: Tags) -> list[tuple[int, Tags]]:
    """Return the intervals in ms, each with the tags of its messages, which follow it."""
    crons: list[tuple[int, list[tuple[str, str]]]] = []
    for name, value in tags:
        if name == "Cron-Interval" and (match := _INTERVAL.fullmatch(value)) and int(match[1]):
            crons.append((int(match[1]) * _MS[match[2]], []))
        elif name.startswith("Cron-Tag-") and crons:
            crons[-1][1].append((name.removeprefix("Cron-Tag-"), value))
    return [(every, tuple(own)) for every, own in crons]
