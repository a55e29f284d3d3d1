"""An AO network inside tim3tool: `sim.Network` fed from a log of signed data items.

The log is the truth. What the processes are is what replaying it gives, so two runs of tim3tool, now or years apart,
see the same processes with the same ids.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Final

from tim3tool.errors import NetworkError, NetworkRefused, ProcessFailed
from tim3tool.network import dataitem
from tim3tool.network.evals import Evaluated, evaluated, is_eval
from tim3tool.network.log import Entry, Log
from tim3tool.network.port import Answered, slots_behind
from tim3tool.network.terms import EMBEDDED
from tim3tool.sim import Clock, Message, Network

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from tim3tool.aos import Result
    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.terms import Terms
    from tim3tool.sim import Delivery

__all__ = ["Embedded"]

_FIRST_HEIGHT: Final = 1_300_000
_SPAWN_TAGS: Final = ("Module", "Scheduler")


class Embedded:
    """A network of its own for each file; a `Port`.

    Like the real units it accepts an item before it evaluates it: an item that ends in an ``Error`` stays in the log
    and has no effect. Unlike a HyperBEAM node it takes an item that it already has as done.

    Args:
        path: the log's SQLite file, which is made when the first item is accepted.
        clock: the time now, in ms since 1970.
        patience: seconds to wait for another run that is writing to the log.
        once: an item that the log has already is taken as done; a HyperBEAM node schedules it once more.
    """

    def __init__(self, path: Path, *, clock: Callable[[], int], patience: float = 5.0, once: bool = True) -> None:
        self._once = once
        self._log = Log(path, patience=patience)
        self._clock = clock
        self._name = path.stem
        self._network: Network | None = None
        self._slot = 0
        self._failures: dict[str, ProcessFailed] = {}

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        return self._name

    @property
    def terms(self) -> Terms:
        """Those of legacynet, which it is a small one of."""
        return EMBEDDED

    @property
    def scheduler(self) -> str | None:
        """None: any scheduler will do."""
        return None

    @property
    def authority(self) -> str | None:
        """None: it signs as AO's usual authority."""
        return None

    def spawn(self, item: DataItem) -> str:
        """Accept a Process item and evaluate it.

        Args:
            item: a signed item with the tags ``Data-Protocol: ao``, ``Type: Process``, ``Module`` and ``Scheduler``.

        Returns:
            The process id, which is the item's.

        Raises:
            NetworkError: the item is not such an item.
            StateError: the log cannot be used.
            LockHeld: another run is at work on the log.
        """
        self._check(item, "Process")
        missing = [name for name in _SPAWN_TAGS if not item.tag(name)]
        if missing:
            raise self._refused(item, because=f"it has no tag `{missing[0]}`")
        return self._accept(item)

    def message(self, item: DataItem) -> str:
        """Accept a Message item and evaluate it, and whatever follows from it.

        Args:
            item: a signed item with the tags ``Data-Protocol: ao`` and ``Type: Message`` that targets a process here.

        Returns:
            The message id, which is the item's.

        Raises:
            NetworkError: the item is not such an item, or there is no such process.
            StateError: the log cannot be used.
            LockHeld: another run is at work on the log.
        """
        self._check(item, "Message")
        return self._accept(item)

    def result(self, process: str, message: str) -> Result:
        """Return what a process answered to a message.

        Args:
            process: the process id.
            message: the message id; the process id for the spawn.

        Returns:
            The result.

        Raises:
            NetworkError: the process never got the message.
            ProcessFailed: the process answered with what no network can deliver.
            StateError: the log cannot be used.
        """
        network = self._caught_up()
        if message in self._failures:
            raise self._failures[message]
        result = network.result(process, message) if network else None
        if result is None:
            msg = f"process `{process}` on network `{self._name}` never got the message `{message}`"
            raise NetworkError(msg)
        return result

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        """Return what a process would answer now, without leaving a trace.

        Args:
            process: the process id.
            owner: the address that the message says it is from; nobody checks it.
            tags: (name, value) in order.
            data: the contents; none is one space, as in a message that is sent.

        Returns:
            The result.

        Raises:
            NetworkError: there is no such process.
            StateError: the log cannot be used.
        """
        network = self._caught_up()
        if network is None or not network.has(process):
            raise self._unknown(process)
        recorded = network.clock
        network.clock = copy(recorded)  # this message comes now, while the log's own time stands still
        network.clock.advance_to(self._clock(), 0)
        try:
            return network.dry_run(Message(sender=owner, target=process, tags=tuple(tags), data=data or " "))
        finally:
            network.clock = recorded

    def last_eval(self, process: str, *, owner: str, known: Collection[str] = ()) -> Evaluated | None:
        """Return the newest Eval of that wallet that the process carried out, or else its spawn; see `Port`.

        Raises:
            StateError: the log cannot be used.
        """
        del known  # it is told for nothing here
        for delivery in reversed(self.history(process)):
            if not delivery.slot or (is_eval(delivery.message, owner) and delivery.result.error is None):
                return evaluated(delivery.message)
        return None

    def find(self, process: str, item_id: str) -> bool:
        """Tell whether the item with this id was accepted; a log is of all processes."""
        del process
        return self._log.has(item_id)

    def results(self, process: str, *, after: str = "", newest_first: bool = False) -> Iterator[Answered]:
        """Yield what a process answered to each message, each marked with its slot; see `Port`.

        Raises:
            UsageError: the mark is no slot.
            NetworkError: there is no such process.
            StateError: the log cannot be used.
        """
        history = self.history(process)
        if not history:
            raise self._unknown(process)
        for slot in slots_behind(after, last=len(history) - 1, newest_first=newest_first, network=self._name):
            delivery = history[slot]
            yield Answered(mark=str(slot), message=delivery.message_id, result=delivery.result)

    def history(self, process: str) -> tuple[Delivery, ...]:
        """Return what was delivered to a process, in the order of its slots; nothing for one that is not here.

        Raises:
            StateError: the log cannot be used.
        """
        network = self._caught_up()
        return tuple(each for each in network.deliveries if each.process == process) if network else ()

    def _check(self, item: DataItem, kind: str) -> None:
        if not dataitem.verify(item):
            raise self._refused(item, because="its signature does not fit its contents")
        if item.tag("Data-Protocol") != "ao":
            raise self._refused(item, because="it has no tag `Data-Protocol: ao`")
        if item.tag("Type") != kind:
            raise self._refused(item, because=f"it has no tag `Type: {kind}`")

    def _accept(self, item: DataItem) -> str:
        self._caught_up()  # most of the work, before anybody else has to wait
        with self._log.appending() as append:
            if not (self._once and self._log.has(item.id)):
                network = self._caught_up()
                if item.tag("Type") == "Message" and not (network and network.has(item.target)):
                    raise self._unknown(item.target)
                append(self._entry(item, network))
        self._caught_up()
        return item.id

    def _entry(self, item: DataItem, network: Network | None) -> Entry:
        clock = copy(network.clock) if network else Clock(now=self._clock(), height=_FIRST_HEIGHT)
        if network:
            clock.advance_to(max(self._clock(), clock.now + 1), 0)
        return Entry(slot=self._slot + 1, item=item, timestamp=clock.now, height=clock.height)

    def _caught_up(self) -> Network | None:
        """Evaluate what the log holds beyond what was evaluated here; None when it is empty."""
        try:
            for entry in self._log.after(self._slot):
                self._network = self._network or Network(now=entry.timestamp, height=entry.height)
                self._network.clock.advance_to(entry.timestamp, entry.height)
                self._evaluate(self._network, entry.item)
                self._slot = entry.slot
        except BaseException:  # Ctrl-C too: half an evaluation is no state
            self._forget()
            raise
        return self._network

    def _evaluate(self, network: Network, item: DataItem) -> None:
        """Deliver an item and all that follows from it; what cannot be delivered stops nothing else."""
        deliver: Callable[[], object] = partial(_submit, network, item)
        while True:
            try:
                deliver()
            except ProcessFailed as failure:
                self._failures.setdefault(item.id, failure)
            else:
                return
            deliver = network.settle

    def _forget(self) -> None:
        self._network, self._slot, self._failures = None, 0, {}

    def _refused(self, item: DataItem, *, because: str) -> NetworkRefused:
        msg = f"network `{self._name}` refuses the data item `{item.id}`: {because}"
        return NetworkRefused(msg)

    def _unknown(self, process: str) -> NetworkRefused:
        msg = f"there is no process `{process}` on network `{self._name}`"
        return NetworkRefused(msg, help="deploy it first, or check the id")


def _submit(network: Network, item: DataItem) -> None:
    data = item.data.decode("utf-8", "replace")  # as the JSON that carries it to a process does
    if item.tag("Type") == "Process" and not network.has(item.id):
        network.adopt(owner=item.address, tags=item.tags, data=data, id=item.id)
    else:
        anchor = item.anchor.decode("utf-8", "replace")
        target = item.target or item.id  # a Process item once more is a message to its process
        message = Message(sender=item.address, target=target, tags=item.tags, data=data, id=item.id, anchor=anchor)
        network.post(message)
    network.settle()
