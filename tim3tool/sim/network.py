"""sim.Network: schedules messages, lets processes evaluate them, and delivers what they answer."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos import DEFAULT_MODULE, Limits, Process, Result
from tim3tool.errors import ProcessFailed
from tim3tool.sim import cron
from tim3tool.sim.clock import Clock
from tim3tool.sim.message import DEFAULT_AUTHORITY, DEFAULT_SCHEDULER, Delivery, Message, Tags, pairs
from tim3tool.sim.messenger import Outbox
from tim3tool.sim.pushing import Push
from tim3tool.sim.record import Checkpoint, Record
from tim3tool.sim.resident import Machinery
from tim3tool.sim.schedule import Order, Schedule
from tim3tool.sim.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tim3tool.aos import Measure
    from tim3tool.sim.faults import Faults
    from tim3tool.sim.queues import Mail
    from tim3tool.sim.resident import Resident

__all__ = ["Network"]

_MESSAGE_TAGS: Final = (("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"))
_EVAL: Final = (("Action", "Eval"),)


class Network:
    """Processes that send each other messages; by default first in, first out.

    Args:
        seed: what derived ids depend on, and what faults and a random order draw from.
        now: milliseconds since 1970 at the start.
        height: the block height at the start.
        authority: the address that owns process-to-process mail; processes must carry it as their Authority.
        limits: what one message may use in any process.
        shuffle: a seed that shuffles the order in which ``pairs`` visits strings in every process; see `Process`.
        wasm: the file of a real aos module that evaluates the messages of every process; None for the mock.
        measure: what is measured in every process; see `Process`.
        order: the order in which `settle` delivers; see `Order`.
        faults: what goes wrong on the way; it may be set to other faults, or to None, at any time.
        raw: a message that ends in an ``Error`` keeps its effects and what it sent, as on hyper-aos.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        now: int = 1_700_000_000_000,
        height: int = 1_300_000,
        authority: str = DEFAULT_AUTHORITY,
        limits: Limits | None = None,
        shuffle: int | None = None,
        wasm: Path | None = None,
        order: Order = "fifo",
        faults: Faults | None = None,
        raw: bool = False,
        measure: Measure | None = None,
    ) -> None:
        self.clock = Clock(now=now, height=height)
        self.authority = authority
        self._machinery = Machinery(limits=limits, shuffle=shuffle, wasm=wasm, raw=raw, measure=measure)
        self._record = Record(seed=seed)
        self._schedule = Schedule(seed=seed, order=order)
        self.faults = faults

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.clock.now

    @property
    def height(self) -> int:
        """The block height."""
        return self.clock.height

    @property
    def deliveries(self) -> list[Delivery]:
        """What was delivered so far, in order."""
        return self._record.deliveries

    @property
    def queued(self) -> tuple[Mail, ...]:
        """What is on its way, in order."""
        return tuple(self._record.queues)

    def heads(self) -> tuple[Mail, ...]:
        """Return the first message of each pair of sender and receiver, in order."""
        return tuple(self._record.queues.heads().values())

    @property
    def lost(self) -> tuple[Mail, ...]:
        """What was dropped, in order."""
        return tuple(self._record.lost)

    @property
    def undeliverable(self) -> tuple[ProcessFailed, ...]:
        """What processes sent that no network can deliver, since `settle` raised it last."""
        return tuple(self._record.undeliverable)

    def advance(self, ms: int) -> None:
        """Let time pass; a block follows every two minutes, and crons queue their messages."""
        before = self.now
        self.clock.advance(ms)
        for resident in list(self._record.residents.values()):
            for message in cron.ticks(resident, before, self.now):
                self._enqueue(resident.process.id, message)

    def spawn(
        self,
        *,
        owner: str,
        module: str = DEFAULT_MODULE,
        scheduler: str = DEFAULT_SCHEDULER,
        tags: Sequence[tuple[str, str]] = (),
        data: str = "",
        id: str | None = None,  # noqa: A002 - the field's word
    ) -> Delivery:
        """Spawn a process as a wallet does, and let it evaluate its Process message.

        Args:
            owner: the address that signs the spawn.
            module: the id of an aos module; an unknown one behaves as the default.
            scheduler: what its Scheduler tag says.
            tags: further tags; an Authority tag replaces the network's own.
            data: evaluated at once when there is a tag ``On-Boot: Data``.
            id: the process id; None lets the network derive one.

        Returns:
            The delivery of the Process message.
        """
        names = {name for name, _ in tags}
        given = {
            "Data-Protocol": "ao",
            "Variant": "ao.TN.1",
            "Type": "Process",
            "Module": module,
            "Scheduler": scheduler,
            "Authority": self.authority,
        }
        complete = tuple((name, value) for name, value in given.items() if name not in names) + tuple(tags)
        delivery = self.adopt(owner=owner, tags=complete, data=data, id=id or self._record.derive("process"))
        self.settle()
        return delivery

    def adopt(self, *, owner: str, tags: Tags, data: str, id: str, cause: Delivery | None = None) -> Delivery:  # noqa: A002
        """Spawn a process from a signed item, with exactly the tags that it has; see `spawn`.

        What its Process message sends is queued, not delivered.
        """
        self._record.residents[id] = self._machinery.resident(owner=owner, tags=tags, id=id, born=self.now)
        message = {"Id": id, "Target": id, "Owner": owner, "From": owner, "Data": data, "Tags": pairs(tags)}
        return self._evaluate(self._record.letter(id, _forwarded(message, owner), cause=cause, root=id))

    def install(self, process: str, code: str) -> Delivery:
        """Let the owner of a process evaluate its code, at once; `upgrade` evaluates it again.

        Args:
            process: its id.
            code: Lua.

        Returns:
            The delivery of the Eval.
        """
        resident = self._resident(process)
        body = self._body(Message(sender=resident.process.owner, target=process, tags=_EVAL, data=code))
        resident.code = code
        return self._evaluate(self._record.letter(process, body))

    def upgrade(self, process: str) -> Delivery | None:
        """Evaluate what `install` evaluated in a process once more, at once; None when that was nothing."""
        code = self._resident(process).code
        return None if code is None else self.install(process, code)

    def restart(self, process: str) -> None:
        """Let a process crash: its state is what replaying its messages in a new VM gives."""
        self._resident(process).crash()

    def post(self, message: Message, *, is_awaited: bool = False) -> str:
        """Queue a message.

        Args:
            message: what to send; its target must be a process of this network.
            is_awaited: keep faults away from it.

        Returns:
            The message id.

        Raises:
            ProcessFailed: there is no such process.
        """
        self._resident(message.target)
        body = self._body(message)
        self._enqueue(message.target, body, is_awaited=is_awaited)
        return str(body["Id"])

    def settle(self) -> list[Delivery]:
        """Deliver until nothing is queued, in the network's order and with its faults.

        Returns:
            The deliveries made, in order.

        Raises:
            ProcessFailed: a process sent what no network can deliver; everything else has been delivered.
        """
        before = len(self.deliveries)
        if self.faults is None:
            queues = self._record.queues
            while queues:
                self._wait_for(mail := queues.pop())
                self._evaluate(mail)
        else:
            self._schedule.settle(self, self.faults)
        if self._record.undeliverable:
            first = self._record.undeliverable[0]
            self._record.undeliverable = []
            raise first
        return self.deliveries[before:]

    def deliver(self, mail: Mail) -> Delivery:
        """Deliver one message that is on its way, before all others; KeyError when it is not on its way.

        One that is held back arrives when it is due: the clock moves there.
        """
        self._record.queues.take(mail)
        self._wait_for(mail)
        return self._evaluate(mail)

    def drop(self, mail: Mail) -> None:
        """Lose a message that is on its way; KeyError when it is not."""
        self._record.queues.take(mail)
        self._record.lost.append(mail)

    def delay(self, mail: Mail, ms: int) -> None:
        """Hold back a message that is on its way, and with it those behind it of the same pair."""
        self._record.queues.replace(replace(mail, due=self.now + ms))

    def duplicate(self, mail: Mail) -> None:
        """Schedule a message that is on its way twice: the second comes with the same id, behind all others."""
        self._record.queues.append(self._record.again(mail))

    def repeat(self, delivery: Delivery) -> None:
        """Schedule a message that has arrived once more, with the same id, behind all others."""
        self._record.queues.append(self._record.repeated(delivery))

    def resend(self, mail: Mail) -> None:
        """Send a message that was dropped, as somebody does who pushes the result again that it was in."""
        self._record.lost.remove(mail)
        self._record.queues.append(self._record.again(mail))

    def is_replayable(self, delivery: Delivery) -> bool:
        """Tell whether `replay` of a delivery would get through."""
        return self._record.is_replayable(delivery)

    def replay(self, delivery: Delivery) -> Mail | None:
        """Push a message of a process again, as anybody can: with a new id, `Pushed-For` the message that caused it.

        Args:
            delivery: of the message, when it came first.

        Returns:
            The message, now on its way; None where a compute unit drops it, because it is as before: what was sent
            while evaluating a message from outside keeps its `Pushed-For`. What came from outside cannot be pushed.
        """
        mail = self._record.pushed_again(delivery)
        if mail is not None:
            self._record.queues.append(mail)
        return mail

    def send(self, message: Message) -> Delivery:
        """Queue a message and deliver until nothing is queued; faults leave this message alone. See `post`.

        Returns:
            The delivery of this very message.
        """
        message_id = self.post(message, is_awaited=True)
        self.settle()
        return self._record.residents[message.target].evaluated[message_id]

    def dry_run(self, message: Message) -> Result:
        """Let a process evaluate a message without any trace; see `post`."""
        resident = self._resident(message.target)
        scheduled = resident.scheduled(self._body(message), self.clock, str(self._record.seed))
        return resident.process.dry_run(scheduled)

    def result(self, process: str, message_id: str) -> Result | None:
        """Return what a process answered to a message, or None when it never got it."""
        resident = self._record.residents.get(process)
        delivery = resident.evaluated.get(message_id) if resident else None
        return delivery.result if delivery else None

    def process(self, id: str) -> Process:  # noqa: A002 - the field's word
        """Return a process of this network.

        Raises:
            ProcessFailed: there is no such process.
        """
        return self._resident(id).process

    @property
    def processes(self) -> tuple[str, ...]:
        """The ids of the processes, in the order of their spawning."""
        return tuple(self._record.residents)

    def changes(self, process: str) -> int:
        """Return a number that grows whenever the state of a process may have changed.

        Raises:
            ProcessFailed: there is no such process.
        """
        return self._resident(process).changes

    def has(self, id: str) -> bool:  # noqa: A002 - the field's word
        """Tell whether a process of this id lives here."""
        return id in self._record.residents

    def mail(self, receiver: str) -> tuple[dict[str, Any], ...]:
        """Return the messages that processes sent to an address that is no process, in order."""
        return tuple(self._record.mail.get(receiver, ()))

    def trace(self, names: Mapping[str, str], *, since: int = 0) -> Trace:
        """Return what was delivered, for people.

        Args:
            names: what to call addresses.
            since: the number of deliveries to leave out.
        """
        return Trace(deliveries=self.deliveries[since:], lost=self.lost, names=names)

    def checkpoint(self) -> Checkpoint:
        """Remember everything, so that `rewind` comes back to it at little cost."""
        return Checkpoint.of(self._record, self.clock)

    def rewind(self, checkpoint: Checkpoint, *, seed: int) -> None:
        """Go back to a checkpoint of this network; what came after it is forgotten.

        Args:
            checkpoint: from `checkpoint`.
            seed: the network's seed from now on.
        """
        self._record = checkpoint.restored(seed)
        self._schedule = Schedule(seed=seed, order=self._schedule.order)
        self.clock = copy(checkpoint.clock)

    def _resident(self, process: str) -> Resident:
        resident = self._record.residents.get(process)
        if resident is None:
            msg = f"no process `{process}` on this network"
            raise ProcessFailed(msg)
        return resident

    def _body(self, message: Message) -> dict[str, Any]:
        tags = message.tags if _has_protocol(message.tags) else (*message.tags, *_MESSAGE_TAGS)
        owner = message.owner or message.sender
        sender = self._record.residents.get(message.sender)
        if sender:
            owner = message.owner or self.authority
            tags = (*tags, ("From-Process", message.sender), ("From-Module", sender.module))
        body = {
            "Id": message.id or self._record.derive("message"),
            "Target": message.target,
            "Owner": owner,
            "From": message.sender,
            "Data": message.data,
            "Anchor": message.anchor,
            "Tags": pairs(tags),
        }
        return _forwarded(body, owner)

    def _enqueue(self, process: str, message: dict[str, Any], *, is_awaited: bool = False) -> None:
        self._record.queues.append(self._record.letter(process, message, is_awaited=is_awaited))

    def _wait_for(self, mail: Mail) -> None:
        if mail.due > self.now:
            self.advance(mail.due - self.now)

    def _evaluate(self, mail: Mail) -> Delivery:
        resident = self._record.residents[mail.process]
        scheduled = resident.scheduled(mail.message, self.clock, str(self._record.seed))
        delivery = self._record.deliver(mail, scheduled, resident.process.handle(scheduled))
        result = self._machinery.outbox(resident.process, delivery.result)
        outbox = Outbox(delivery=delivery, result=result, module=resident.module, root=mail.root)
        push = Push(outbox, self._record, authority=self.authority, adopt=self.adopt)
        self._schedule.queue(self._record.queues, push.run(by_key=self._schedule.is_depth_first))
        return delivery


def _forwarded(message: dict[str, Any], owner: str) -> dict[str, Any]:
    """Return a message as the units read it that says which process it is from."""
    forwarder = next((tag["value"] for tag in message["Tags"] if tag["name"] == "From-Process" and tag["value"]), None)
    return {**message, "From": forwarder, "Forwarded-By": owner} if forwarder else message


def _has_protocol(tags: Tags) -> bool:
    return any(name == "Data-Protocol" for name, _ in tags)
