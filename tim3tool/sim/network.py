"""sim.Network: schedules messages, lets processes evaluate them, and delivers what they answer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos import DEFAULT_MODULE, DEFAULT_VERSION, MODULES, Limits, Process, Result
from tim3tool.errors import ProcessFailed
from tim3tool.sim.clock import Clock
from tim3tool.sim.message import DEFAULT_AUTHORITY, DEFAULT_SCHEDULER, Delivery, Message, Tags, address, pairs
from tim3tool.sim.messenger import Item, Outbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tim3tool.aos import Measure

__all__ = ["Network"]

_MESSAGE_TAGS: Final = (("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"))
_STAMP: Final = frozenset({"Timestamp", "Block-Height", "Cron", "Read-Only", "Epoch", "Nonce", "Hash-Chain"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Queued:
    process: str
    message: dict[str, Any]
    parent: str | None
    root: str


@dataclass(slots=True)
class _Resident:
    process: Process
    module: str
    slots: int = 0
    evaluated: dict[str, Delivery] = field(default_factory=dict)


class Network:
    """Processes that send each other messages, first in, first out.

    Args:
        seed: what derived ids depend on.
        now: milliseconds since 1970 at the start.
        height: the block height at the start.
        authority: the address that owns process-to-process mail; processes must carry it as their Authority.
        limits: what one message may use in any process.
        shuffle: a seed that shuffles the order in which ``pairs`` visits strings in every process; see `Process`.
        wasm: the file of a real aos module that evaluates the messages of every process; None for the mock.
        measure: what is measured in every process; see `Process`.
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
        measure: Measure | None = None,
    ) -> None:
        self.clock = Clock(now=now, height=height)
        self.authority = authority
        self.deliveries: list[Delivery] = []
        self._seed = seed
        self._limits = limits
        self._shuffle = shuffle
        self._wasm = wasm
        self._measure = measure
        self._derived = 0
        self._residents: dict[str, _Resident] = {}
        self._queue: deque[_Queued] = deque()
        self._mail: dict[str, list[dict[str, Any]]] = {}
        self._undeliverable: list[ProcessFailed] = []

    @property
    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.clock.now

    @property
    def height(self) -> int:
        """The block height."""
        return self.clock.height

    def advance(self, ms: int) -> None:
        """Let time pass; a block follows every two minutes."""
        self.clock.advance(ms)

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
        delivery = self.adopt(owner=owner, tags=complete, data=data, id=id or self._derive("process"))
        self.settle()
        return delivery

    def adopt(self, *, owner: str, tags: Tags, data: str, id: str, parent: str | None = None) -> Delivery:  # noqa: A002
        """Spawn a process from a signed item, with exactly the tags that it has; see `spawn`.

        What its Process message sends is queued, not delivered.
        """
        module = dict(reversed(tags)).get("Module", DEFAULT_MODULE)
        named = pairs(tags)
        env = {
            "Process": {"Id": id, "Owner": owner, "Tags": named},
            "Module": {"Id": module, "Owner": address("module owner"), "Tags": pairs((("Type", "Module"),))},
        }
        process = Process(
            env,
            aos=MODULES.get(module, DEFAULT_VERSION),
            limits=self._limits,
            shuffle=self._shuffle,
            engine="wasm" if self._wasm else "mock",
            module=self._wasm,
            measure=self._measure,
        )
        self._residents[id] = _Resident(process, module)
        message = {"Id": id, "Target": id, "Owner": owner, "From": owner, "Data": data, "Tags": named}
        forwarder = dict(tags).get("From-Process")
        if forwarder:
            message |= {"From": forwarder, "Forwarded-By": owner}
        return self._deliver(_Queued(process=id, message=message, parent=parent, root=id))

    def post(self, message: Message) -> str:
        """Queue a message.

        Args:
            message: what to send; its target must be a process of this network.

        Returns:
            The message id.

        Raises:
            ProcessFailed: there is no such process.
        """
        self._resident(message.target)
        body = self._body(message)
        queued = _Queued(process=message.target, message=body, parent=None, root=body["Id"])
        self._queue.append(queued)
        return str(body["Id"])

    def settle(self) -> list[Delivery]:
        """Deliver until nothing is queued.

        Returns:
            The deliveries made, in order.

        Raises:
            ProcessFailed: a process sent what no network can deliver; everything else has been delivered.
        """
        before = len(self.deliveries)
        while self._queue:
            self._deliver(self._queue.popleft())
        if self._undeliverable:
            first = self._undeliverable[0]
            self._undeliverable = []
            raise first
        return self.deliveries[before:]

    def send(self, message: Message) -> Delivery:
        """Queue a message and deliver until nothing is queued; see `post`.

        Returns:
            The delivery of this very message.
        """
        message_id = self.post(message)
        self.settle()
        return self._residents[message.target].evaluated[message_id]

    def dry_run(self, message: Message) -> Result:
        """Let a process evaluate a message without any trace; see `post`."""
        resident = self._resident(message.target)
        return resident.process.dry_run(self._scheduled(resident, self._body(message)))

    def result(self, process: str, message_id: str) -> Result | None:
        """Return what a process answered to a message, or None when it never got it."""
        resident = self._residents.get(process)
        delivery = resident.evaluated.get(message_id) if resident else None
        return delivery.result if delivery else None

    def process(self, id: str) -> Process:  # noqa: A002 - the field's word
        """Return a process of this network.

        Raises:
            ProcessFailed: there is no such process.
        """
        return self._resident(id).process

    def has(self, id: str) -> bool:  # noqa: A002 - the field's word
        """Tell whether a process of this id lives here."""
        return id in self._residents

    def mail(self, receiver: str) -> tuple[dict[str, Any], ...]:
        """Return the messages that processes sent to an address that is no process, in order."""
        return tuple(self._mail.get(receiver, ()))

    def _resident(self, process: str) -> _Resident:
        resident = self._residents.get(process)
        if resident is None:
            msg = f"no process `{process}` on this network"
            raise ProcessFailed(msg)
        return resident

    def _body(self, message: Message) -> dict[str, Any]:
        tags = message.tags if _has_protocol(message.tags) else (*message.tags, *_MESSAGE_TAGS)
        owner = message.owner or message.sender
        if message.sender in self._residents:
            owner = message.owner or self.authority
            tags = (*tags, ("From-Process", message.sender), ("From-Module", self._residents[message.sender].module))
        body = {
            "Id": message.id or self._derive("message"),
            "Target": message.target,
            "Owner": owner,
            "From": message.sender,
            "Data": message.data,
            "Anchor": message.anchor,
            "Tags": pairs(tags),
        }
        forwarder = next((value for name, value in tags if name == "From-Process" and value), None)
        if forwarder:
            body |= {"From": forwarder, "Forwarded-By": owner}
        return body

    def _scheduled(self, resident: _Resident, message: dict[str, Any]) -> dict[str, Any]:
        """Add what the scheduler and the compute unit know of a message (aos-runtime facts, section 1.1)."""
        stamp: dict[str, Any] = {
            "Timestamp": self.now,
            "Block-Height": self.height,
            "Cron": False,
            "Read-Only": False,
        }
        if resident.slots:
            stamp |= {
                "Epoch": 0,
                "Nonce": resident.slots,
                "Hash-Chain": address(f"{self._seed} chain {resident.process.id} {resident.slots}"),
            }
        tags = [tag for tag in message["Tags"] if tag["name"] not in ("From", "Owner")]
        return {**message, "Tags": tags, **stamp}

    def _deliver(self, queued: _Queued) -> Delivery:
        resident = self._residents[queued.process]
        scheduled = self._scheduled(resident, queued.message)
        delivery = Delivery(
            process=queued.process,
            message_id=str(scheduled["Id"]),
            slot=resident.slots,
            message=scheduled,
            result=resident.process.handle(scheduled),
            parent=queued.parent,
        )
        resident.slots += 1
        resident.evaluated[delivery.message_id] = delivery
        self.deliveries.append(delivery)
        if delivery.result.error is None:
            self._push(delivery, queued.root)
        return delivery

    def _push(self, delivery: Delivery, root: str) -> None:
        """Send on what a result asks for: messages, spawns, assignments, as the messenger unit does."""
        result = delivery.result
        outbox = Outbox(delivery=delivery, module=self._residents[delivery.process].module, root=root)
        jobs = [partial(self._push_message, outbox, n) for n in range(1, len(result.messages) + 1)]
        jobs += [partial(self._push_spawn, outbox, n) for n in range(1, len(result.spawns) + 1)]
        jobs += [partial(self._push_assignment, outbox, item) for item in result.assignments]
        for job in jobs:
            try:
                job()
            except ProcessFailed as failure:  # the rest of the result is not to blame
                self._undeliverable.append(failure)

    def _push_message(self, outbox: Outbox, number: int) -> None:
        item = outbox.message(number)
        if item is not None:
            self._mail_item(outbox, item)

    def _push_spawn(self, outbox: Outbox, number: int) -> None:
        item = outbox.spawn(number)
        if item is None:
            return
        child = self._derive("process")
        self.adopt(owner=self.authority, tags=item.tags, data=item.data, id=child, parent=outbox.delivery.message_id)
        self._mail_item(outbox, outbox.notice(number, child))

    def _push_assignment(self, outbox: Outbox, assignment: dict[str, Any]) -> None:
        wanted = assignment.get("Message")
        original = next((past.message for past in self.deliveries if past.message_id == wanted), None)
        if original is None:
            return
        kept = {key: value for key, value in original.items() if key not in _STAMP}
        parent = outbox.delivery.message_id
        for process in assignment.get("Processes") or ():
            resident = self._residents.get(process)
            if resident and wanted not in resident.evaluated:
                self._queue.append(_Queued(process=process, message=kept, parent=parent, root=outbox.root))

    def _mail_item(self, outbox: Outbox, item: Item) -> None:
        body = {
            "Id": self._derive("message"),
            "Target": item.target,
            "Owner": self.authority,
            "From": outbox.delivery.process,
            "Forwarded-By": self.authority,
            "Data": item.data,
            "Anchor": item.anchor,
            "Tags": pairs(item.tags),
        }
        if item.target in self._residents:
            parent = outbox.delivery.message_id
            self._queue.append(_Queued(process=item.target, message=body, parent=parent, root=outbox.root))
        else:
            self._mail.setdefault(item.target, []).append(body)

    def _derive(self, kind: str) -> str:
        self._derived += 1
        return address(f"{self._seed} {kind} {self._derived}")


def _has_protocol(tags: Tags) -> bool:
    return any(name == "Data-Protocol" for name, _ in tags)
