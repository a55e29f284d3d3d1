"""A process as its network holds it, with what its scheduler and compute unit add to a message."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos import DEFAULT_MODULE, DEFAULT_VERSION, MODULES, Limits, Process, Result
from tim3tool.sim.message import address, pairs

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.aos import Measure
    from tim3tool.sim.clock import Clock
    from tim3tool.sim.message import Delivery, Tags

__all__ = ["STAMP", "Machinery", "Resident"]

STAMP: Final = frozenset({"Timestamp", "Block-Height", "Cron", "Read-Only", "Epoch", "Nonce", "Hash-Chain"})

_OUTBOX: Final = "{ Messages = ao.outbox.Messages, Spawns = ao.outbox.Spawns, Assignments = ao.outbox.Assignments }"


@dataclass(frozen=True, kw_only=True, slots=True)
class Machinery:
    """What the processes of a network run on.

    Args:
        limits: what one message may use.
        shuffle: a seed that shuffles the order in which ``pairs`` visits strings; see `Process`.
        wasm: the file of a real aos module; None for the mock.
        raw: keep the state after an ``Error``; see `Process`.
        measure: what is measured in every process; see `Process`.
    """

    limits: Limits | None
    shuffle: int | None
    wasm: Path | None
    raw: bool
    measure: Measure | None

    def process(self, *, owner: str, tags: Tags, id: str) -> Process:  # noqa: A002 - the field's word
        """Return a new process that has had no message yet."""
        module = _module(tags)
        env = {
            "Process": {"Id": id, "Owner": owner, "Tags": pairs(tags)},
            "Module": {"Id": module, "Owner": address("module owner"), "Tags": pairs((("Type", "Module"),))},
        }
        return Process(
            env,
            aos=MODULES.get(module, DEFAULT_VERSION),
            raw=self.raw,
            limits=self.limits,
            shuffle=self.shuffle,
            engine="wasm" if self.wasm else "mock",
            module=self.wasm,
            measure=self.measure,
        )

    def outbox(self, process: Process, result: Result) -> Result:
        """Return what is sent on of a result: nothing after an ``Error``, unless the state after it is kept."""
        if result.error is None:
            return result
        return Result(process.read(_OUTBOX)) if self.raw and not result.threw else Result({})

    def resident(self, *, owner: str, tags: Tags, id: str, born: int) -> Resident:  # noqa: A002
        """Return a new process with the books that its network keeps of it."""
        return Resident(process=self.process(owner=owner, tags=tags, id=id), module=_module(tags), tags=tags, born=born)


@dataclass(kw_only=True, slots=True)
class Resident:
    """A process, and what its network knows of it.

    Args:
        process: the process.
        module: the id of its module.
        tags: those of its Process message.
        born: when it was spawned, in ms since 1970; its crons count from there.
        slots: how many messages it has had.
        evaluated: its deliveries by message id, the first of an id.
        code: what `Network.install` evaluated in it last.
        changes: how many messages and crashes it has had: until the next, its state is the same.
    """

    process: Process
    module: str
    tags: Tags
    born: int
    slots: int = 0
    evaluated: dict[str, Delivery] = field(default_factory=dict)
    code: str | None = None
    changes: int = 0

    def scheduled(self, message: dict[str, Any], clock: Clock, chain: str) -> dict[str, Any]:
        """Return a message with what scheduler and compute unit know of it (aos-runtime facts, section 1.1).

        Args:
            message: as it was signed.
            clock: the time and block height now.
            chain: what the hash chain starts from.
        """
        is_cron = "Id" not in message
        stamp: dict[str, Any] = {
            "Timestamp": clock.now,
            "Block-Height": clock.height,
            "Cron": is_cron,
            "Read-Only": False,
        }
        if self.slots and not is_cron:
            stamp |= {
                "Epoch": 0,
                "Nonce": self.slots,
                "Hash-Chain": address(f"{chain} chain {self.process.id} {self.slots}"),
            }
        tags = [tag for tag in message["Tags"] if tag["name"] not in ("From", "Owner")]
        return {**message, "Tags": tags, **stamp}

    def count(self, delivery: Delivery) -> None:
        """Write down a delivery."""
        self.slots += 1
        self.changes += 1
        self.evaluated.setdefault(delivery.message_id, delivery)

    def crash(self) -> None:
        """Forget the state; it is what replaying the messages gives."""
        self.process.reload()
        self.changes += 1

    def copy(self) -> Resident:
        """Return books of their own for the same process."""
        return replace(self, evaluated=self.evaluated.copy())


def _module(tags: Tags) -> str:
    return dict(reversed(tags)).get("Module", DEFAULT_MODULE)
