"""From a result to what is on its way: messages, spawns and assignments, as the messenger unit sends them on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from tim3tool.errors import ProcessFailed
from tim3tool.sim.message import pairs
from tim3tool.sim.resident import STAMP

if TYPE_CHECKING:
    from tim3tool.sim.message import Delivery, Tags
    from tim3tool.sim.messenger import Item, Outbox
    from tim3tool.sim.queues import Mail
    from tim3tool.sim.record import Record

__all__ = ["Adopt", "Push"]


class Adopt(Protocol):
    """Spawns a process from a signed item; `Network.adopt`."""

    def __call__(self, *, owner: str, tags: Tags, data: str, id: str, cause: Delivery | None) -> object:  # noqa: A002
        """Spawn it."""


class Push:
    """Sends on what one result asks for.

    Args:
        outbox: the result.
        record: the network's record.
        authority: who signs it.
        adopt: what spawns processes.
    """

    def __init__(self, outbox: Outbox, record: Record, *, authority: str, adopt: Adopt) -> None:
        self._outbox = outbox
        self._record = record
        self._authority = authority
        self._adopt = adopt
        self._letters: list[Mail] = []

    def run(self, *, by_key: bool) -> list[Mail]:
        """Send it on; what cannot be signed is written down, and the rest of the result is not to blame.

        Args:
            by_key: take the messages in the order of their numbers as text (1, 10, 2), as HyperBEAM does.

        Returns:
            What goes to processes, in order; it is not queued yet. What goes elsewhere is in the record.
        """
        result = self._outbox.result
        numbers = sorted(range(1, len(result.messages) + 1), key=str if by_key else None)
        jobs = [partial(self._message, number) for number in numbers]
        jobs += [partial(self._spawn, number) for number in range(1, len(result.spawns) + 1)]
        jobs += [partial(self._assignment, assignment) for assignment in result.assignments]
        for job in jobs:
            try:
                job()
            except ProcessFailed as failure:
                self._record.undeliverable.append(failure)
        return self._letters

    def _message(self, number: int) -> None:
        item = self._outbox.message(number)
        if item is not None:
            self._send(item)

    def _spawn(self, number: int) -> None:
        item = self._outbox.spawn(number)
        if item is None:
            return
        child = self._record.derive("process")
        self._adopt(owner=self._authority, tags=item.tags, data=item.data, id=child, cause=self._outbox.delivery)
        self._send(self._outbox.notice(number, child))

    def _assignment(self, assignment: dict[str, Any]) -> None:
        wanted = str(assignment.get("Message"))
        original = self._record.originals.get(wanted)
        if original is None:
            return
        kept = {key: value for key, value in original.items() if key not in STAMP}
        for process in assignment.get("Processes") or ():
            resident = self._record.residents.get(process)
            if resident and wanted not in resident.evaluated:
                self._letter(process, kept)

    def _send(self, item: Item) -> None:
        body = {
            "Id": self._record.derive("message"),
            "Target": item.target,
            "Owner": self._authority,
            "From": self._outbox.delivery.process,
            "Forwarded-By": self._authority,
            "Data": item.data,
            "Anchor": item.anchor,
            "Tags": pairs(item.tags),
        }
        if item.target in self._record.residents:
            self._letter(item.target, body)
        else:
            self._record.mail.setdefault(item.target, []).append(body)

    def _letter(self, process: str, message: dict[str, Any]) -> None:
        outbox = self._outbox
        self._letters.append(self._record.letter(process, message, cause=outbox.delivery, root=outbox.root))
