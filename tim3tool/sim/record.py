"""What a network knows: its processes, what was delivered, and what is on its way."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tim3tool.sim.message import Delivery, address
from tim3tool.sim.queues import Mail, Queues
from tim3tool.sim.resident import STAMP

if TYPE_CHECKING:
    from tim3tool.aos import Result
    from tim3tool.errors import ProcessFailed
    from tim3tool.sim.clock import Clock
    from tim3tool.sim.resident import Resident

__all__ = ["Checkpoint", "Record"]


@dataclass(kw_only=True, slots=True)
class Record:
    """What a network knows.

    Args:
        seed: what derived ids depend on.
        derived: how many ids were derived.
        numbered: how many messages have been on their way.
        residents: the processes by id.
        deliveries: what was delivered, in order.
        originals: the first message of each id, as its process got it.
        queues: what is on its way.
        lost: what was dropped.
        mail: what was sent to addresses that are no process.
        undeliverable: what processes sent that no network can deliver.
    """

    seed: int
    derived: int = 0
    numbered: int = 0
    residents: dict[str, Resident] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    originals: dict[str, dict[str, Any]] = field(default_factory=dict)
    queues: Queues = field(default_factory=Queues)
    lost: list[Mail] = field(default_factory=list)
    mail: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    undeliverable: list[ProcessFailed] = field(default_factory=list)

    def derive(self, kind: str) -> str:
        """Return a new id, which depends on the seed and on how many there were before."""
        self.derived += 1
        return address(f"{self.seed} {kind} {self.derived}")

    def letter(
        self,
        process: str,
        message: dict[str, Any],
        *,
        cause: Delivery | None = None,
        root: str | None = None,
        is_awaited: bool = False,
    ) -> Mail:
        """Return a message with a number of its own, not yet queued.

        Args:
            process: the id of the process that it goes to.
            message: as it was signed.
            cause: the delivery that sent it; None for what comes from outside.
            root: the id of the message from outside that it follows from; None for itself.
            is_awaited: keep faults away from it.
        """
        self.numbered += 1
        number = self.numbered
        return Mail(
            number=number,
            process=process,
            message=message,
            parent=cause.message_id if cause else None,
            cause=cause.index if cause else None,
            root=root or str(message.get("Id") or f"cron {number}"),
            is_awaited=is_awaited,
        )

    def again(self, mail: Mail) -> Mail:
        """Return a message under a new number."""
        self.numbered += 1
        return replace(mail, number=self.numbered)

    def repeated(self, delivery: Delivery) -> Mail:
        """Return the message of a delivery, as it was when it was on its way."""
        message = {key: value for key, value in delivery.message.items() if key not in STAMP}
        cause = None if delivery.cause is None else self.deliveries[delivery.cause]
        pushed = next((tag["value"] for tag in message["Tags"] if tag["name"] == "Pushed-For"), None)
        return self.letter(delivery.process, message, cause=cause, root=pushed)

    def is_replayable(self, delivery: Delivery) -> bool:
        """Tell whether its message differs when it is pushed again; see `Network.replay`."""
        return delivery.cause is not None and self.deliveries[delivery.cause].parent is not None

    def pushed_again(self, delivery: Delivery) -> Mail | None:
        """Return the message of a delivery as it is when somebody pushes it again; see `Network.replay`."""
        if delivery.parent is None or delivery.cause is None or not self.is_replayable(delivery):
            return None
        message = {key: value for key, value in delivery.message.items() if key not in STAMP}
        tags = [tag for tag in message["Tags"] if tag["name"] != "Pushed-For"]
        tags.append({"name": "Pushed-For", "value": delivery.parent})
        message |= {"Id": self.derive("message"), "Tags": tags}
        return self.letter(delivery.process, message, cause=self.deliveries[delivery.cause], root=delivery.parent)

    def deliver(self, mail: Mail, message: dict[str, Any], result: Result) -> Delivery:
        """Write down that a process has evaluated a message.

        Args:
            mail: what was on its way.
            message: the same, as the process got it.
            result: what it answered.
        """
        resident = self.residents[mail.process]
        delivery = Delivery(
            process=mail.process,
            message_id=mail.id,
            slot=resident.slots,
            message=message,
            result=result,
            parent=mail.parent,
            index=len(self.deliveries),
            cause=mail.cause,
        )
        resident.count(delivery)
        self.deliveries.append(delivery)
        self.originals.setdefault(mail.id, message)
        return delivery


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A network's record at one moment, with what brings its processes back there.

    Args:
        record: a copy of the record.
        clock: a copy of the clock.
        marks: what `Process.mark` returned, by process id.
    """

    record: Record
    clock: Clock
    marks: dict[str, int]

    @classmethod
    def of(cls, record: Record, clock: Clock) -> Checkpoint:
        """Remember a record and its clock."""
        marks = {id_: resident.process.mark() for id_, resident in record.residents.items()}
        return cls(record=_copied(record), clock=copy(clock), marks=marks)

    def restored(self, seed: int) -> Record:
        """Take the processes back, and return a record with this seed that may be written on."""
        for id_, resident in self.record.residents.items():
            resident.process.rewind(self.marks[id_])
        record = _copied(self.record)
        record.seed = seed
        return record


def _copied(record: Record) -> Record:
    return Record(
        seed=record.seed,
        derived=record.derived,
        numbered=record.numbered,
        residents={id_: resident.copy() for id_, resident in record.residents.items()},
        deliveries=record.deliveries.copy(),
        originals=record.originals.copy(),
        queues=record.queues.copy(),
        lost=record.lost.copy(),
        mail={receiver: list(mail) for receiver, mail in record.mail.items()},
        undeliverable=record.undeliverable.copy(),
    )
