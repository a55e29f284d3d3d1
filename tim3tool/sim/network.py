"""sim.Network: schedules messages, lets processes evaluate them, and delivers what they answer.

What a messenger unit adds and drops on the way follows the aos-runtime facts, section 10.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos import DEFAULT_MODULE, DEFAULT_VERSION, MODULES, Limits, Process, Result
from tim3tool.errors import ProcessFailed
from tim3tool.sim.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["DEFAULT_AUTHORITY", "DEFAULT_SCHEDULER", "Delivery", "Message", "Network", "address"]

Tags = tuple[tuple[str, str], ...]

DEFAULT_AUTHORITY: Final = "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"
DEFAULT_SCHEDULER: Final = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
_MESSAGE_TAGS: Final = (("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"))
_REPLACED_BY_MESSENGER: Final = frozenset({"Data-Protocol", "Type", "From-Process", "From-Module", "Assignments"})


def address(label: str) -> str:
    """Return a valid 43-character address that always belongs to this label.

    >>> len(address("alice"))
    43
    """
    return base64.urlsafe_b64encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What somebody sends into a network.

    Args:
        sender: a wallet's address, or the id of a process of this network, whose mail it then is.
        target: the process that evaluates it.
        tags: names and values in order; duplicates are allowed.
        data: the data.
        id: the message id; None lets the network derive one.
        anchor: the anchor.
        owner: who signed it, when that is not the sender.
    """

    sender: str
    target: str
    tags: Tags = ()
    data: str = ""
    id: str | None = None
    anchor: str = ""
    owner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One message, evaluated by one process.

    Args:
        process: the id of that process.
        message_id: the id of the message.
        slot: the process's own count of messages, 0 for its Process message.
        message: the message as the process got it.
        result: what the process answered.
        parent: the id of the message whose result sent this one; None for what came from outside.
    """

    process: str
    message_id: str
    slot: int
    message: dict[str, Any]
    result: Result
    parent: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Queued:
    process: str
    message: dict[str, Any]
    parent: str | None
    root: str


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message or spawn of a result, by the list it is in and its number there."""

    delivery: Delivery
    kind: str
    number: int

    def signable(self, value: Any, what: str) -> str:
        """Return a value that a messenger can sign, which is a string (aos-runtime facts, section 10)."""
        if isinstance(value, str):
            return value
        type_name = {bool: "boolean", int: "number", float: "number", type(None): "nil"}.get(type(value), "table")
        place = self.delivery.result.places.get((self.kind, self.number))
        sent = f"{self.kind[:-1].lower()} {self.number} of the result" + (f", sent at {place}," if place else "")
        action = next((tag["value"] for tag in self.delivery.message["Tags"] if tag["name"] == "Action"), None)
        msg = f"{what} of {sent} is a {type_name}, which the network cannot sign: it would never arrive"
        raise ProcessFailed(
            msg,
            help="send strings only, e.g. tostring(value)",
            notes=[
                f"process {self.delivery.process}",
                f"while handling message {self.delivery.message_id} (Action {action!r})",
            ],
        )


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
    ) -> None:
        self.clock = Clock(now=now, height=height)
        self.authority = authority
        self.deliveries: list[Delivery] = []
        self._seed = seed
        self._limits = limits
        self._shuffle = shuffle
        self._wasm = wasm
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
        pairs = _pairs(tags)
        env = {
            "Process": {"Id": id, "Owner": owner, "Tags": pairs},
            "Module": {"Id": module, "Owner": address("module owner"), "Tags": _pairs((("Type", "Module"),))},
        }
        process = Process(
            env,
            aos=MODULES.get(module, DEFAULT_VERSION),
            limits=self._limits,
            shuffle=self._shuffle,
            engine="wasm" if self._wasm else "mock",
            module=self._wasm,
        )
        self._residents[id] = _Resident(process, module)
        message = {"Id": id, "Target": id, "Owner": owner, "From": owner, "Data": data, "Tags": pairs}
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
            "Tags": _pairs(tags),
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
        jobs = [partial(self._push_message, delivery, item, n, root) for n, item in enumerate(result.messages, 1)]
        jobs += [partial(self._push_spawn, delivery, item, n, root) for n, item in enumerate(result.spawns, 1)]
        jobs += [partial(self._push_assignment, delivery, item, root) for item in result.assignments]
        for job in jobs:
            try:
                job()
            except ProcessFailed as failure:  # the rest of the result is not to blame
                self._undeliverable.append(failure)

    def _push_message(self, delivery: Delivery, message: dict[str, Any], number: int, root: str) -> None:
        target = message.get("Target")
        if not target or not message.get("Anchor") or not message.get("Tags"):
            return
        what = _Sent(delivery, "Messages", number)
        tags = self._signed_tags(what, message["Tags"], root, kind="Message")
        data = what.signable(message.get("Data") or " ", "the Data")
        body = self._mail_body(delivery, target, tags, data, message["Anchor"])
        if target in self._residents:
            self._queue.append(_Queued(process=target, message=body, parent=delivery.message_id, root=root))
        else:
            self._mail.setdefault(target, []).append(body)

    def _push_spawn(self, delivery: Delivery, spawn: dict[str, Any], number: int, root: str) -> None:
        if not spawn.get("Tags"):
            return
        what = _Sent(delivery, "Spawns", number)
        tags = self._signed_tags(what, spawn["Tags"], root, kind="Process")
        data = what.signable(spawn.get("Data") or " ", "the Data")
        child = self._derive("process")
        self.adopt(owner=self.authority, tags=tags, data=data, id=child, parent=delivery.message_id)
        own = [tag for tag in spawn["Tags"] if tag["name"] != "Variant"]
        said = _pairs((("Process", child), ("Action", "Spawned"), ("Variant", "ao.TN.1")))
        notice = self._signed_tags(what, [*own, *said], root, kind="Message")
        body = self._mail_body(delivery, delivery.process, notice, " ", spawn.get("Anchor", ""))
        self._queue.append(_Queued(process=delivery.process, message=body, parent=delivery.message_id, root=root))

    def _push_assignment(self, delivery: Delivery, assignment: dict[str, Any], root: str) -> None:
        wanted = assignment.get("Message")
        original = next((past.message for past in self.deliveries if past.message_id == wanted), None)
        if original is None:
            return
        kept = {key: value for key, value in original.items() if key not in _STAMP}
        for process in assignment.get("Processes") or ():
            resident = self._residents.get(process)
            if resident and wanted not in resident.evaluated:
                self._queue.append(_Queued(process=process, message=kept, parent=delivery.message_id, root=root))

    def _signed_tags(self, what: _Sent, tags: Iterable[dict[str, Any]], root: str, *, kind: str) -> Tags:
        own = tuple(
            (str(tag["name"]), what.signable(tag.get("value"), f"tag `{tag['name']}`"))
            for tag in tags
            if tag["name"] not in _REPLACED_BY_MESSENGER
        )
        delivery = what.delivery
        return (
            *own,
            ("Data-Protocol", "ao"),
            ("Type", kind),
            ("From-Process", delivery.process),
            ("From-Module", self._residents[delivery.process].module),
            ("Pushed-For", root),
        )

    def _mail_body(self, delivery: Delivery, target: str, tags: Tags, data: str, anchor: str) -> dict[str, Any]:
        return {
            "Id": self._derive("message"),
            "Target": target,
            "Owner": self.authority,
            "From": delivery.process,
            "Forwarded-By": self.authority,
            "Data": data,
            "Anchor": anchor,
            "Tags": _pairs(tags),
        }

    def _derive(self, kind: str) -> str:
        self._derived += 1
        return address(f"{self._seed} {kind} {self._derived}")


_STAMP: Final = frozenset({"Timestamp", "Block-Height", "Cron", "Read-Only", "Epoch", "Nonce", "Hash-Chain"})


def _pairs(tags: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in tags]


def _has_protocol(tags: Tags) -> bool:
    return any(name == "Data-Protocol" for name, _ in tags)
