"""The one way on which a deploy changes anything on a network.

A data item is signed once, put into the journal, sent, its result judged, what it did put into the state, and taken out
of the journal. A run that was stopped anywhere on this way is taken up there by the next one.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tim3tool.deploy import judge
from tim3tool.deploy.journal import Entry, Journal, Kind, journal_path
from tim3tool.deploy.lines import KeptLines
from tim3tool.deploy.state import ProcessState, SentSetup, save, state_of, state_path
from tim3tool.deploy.strict import named_texts, or_none, pairs, texts
from tim3tool.errors import LimitExceeded, NetworkError, NetworkRefused, ProcessFailed, StateError, Unfinished
from tim3tool.network.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from tim3tool.aos import Result
    from tim3tool.deploy.state import Run
    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.port import Port

__all__ = ["Sender", "Step"]

_PATIENCE: Final = Patience()


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One data item that has done its work, and whose work the state knows.

    Args:
        kind: what it did.
        process: the name of the process.
        process_id: the id of the process.
        message: the id of the item.
        setup: the name of the set-up message, for that kind.
        resumed: an earlier run had signed it.
    """

    kind: Kind
    process: str
    process_id: str
    message: str
    setup: str | None
    resumed: bool

    def __str__(self) -> str:
        match self.kind:
            case "spawn":
                done = f"spawned {self.process} as {self.process_id}"
            case "eval":
                done = f"gave {self.process} its code"
            case "setup":
                done = f"sent {self.process} its set-up message {self.setup}"
        return f"{done} (begun by an earlier run)" if self.resumed else done


class Sender:
    """Sends the items of one deploy to one network.

    Several threads may send at once, each for another process: what is written to the disk is written by one of them at
    a time, and while the network is asked nobody waits for anybody.

    Args:
        port: the network.
        owner: address of the wallet that signs.
        root: the folder that holds ``.tim3``.
        report: called after each step, by one thread at a time.
        patience: how it waits.

    Raises:
        StateError: the state or the journal cannot be used, or belongs to another wallet or kind of network.
    """

    def __init__(
        self,
        *,
        port: Port,
        owner: str,
        root: Path,
        report: Callable[[Step], None],
        patience: Patience = _PATIENCE,
    ) -> None:
        self.network = port.name
        self.state = state_of(root, port=port, owner=owner)
        self.steps: list[Step] = []
        self.sent = 0
        self._port = port
        self._path = state_path(root, port.name)
        self._journal = Journal(journal_path(root, port.name), network=port.name, owner=owner)
        self._lines = KeptLines(root)
        self._report = report
        self._answers: dict[str, Result] = {}
        self._patience = patience
        # What an earlier run sent may still be on its way, however late in that run it was.
        self._settled = patience.clock() + port.terms.settle
        self._writing = threading.Lock()  # the journal, the state, and what is told of them
        self._check_variant()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Tell a network that fell silent half-way from one that never answered.

        Raises:
            Unfinished: the network did not answer, after this run had sent something.
            NetworkError: it did not answer before, or refuses.
        """
        try:
            yield
        except NetworkRefused:
            raise
        except NetworkError as error:
            if not self.sent:
                raise
            done = f"{self.sent} data item{'' if self.sent == 1 else 's'} sent by then; nothing of it is lost"
            hint = "run the same command again: it goes on from here, and sends nothing twice"
            raise Unfinished(error.message, help=hint, notes=[*error.notes, done]) from None

    def mark(self, run: Run | None) -> None:
        """Say in the state what the next run must know of this one, or that it has ended.

        Raises:
            StateError: the state cannot be written.
        """
        if run != self.state.run:
            with self._writing:
                self.state = replace(self.state, run=run)
                save(self._path, self.state)

    def take_up(self, *, dropped: Collection[str] = ()) -> None:
        """Finish what earlier runs left in the journal.

        Args:
            dropped: names of processes that are about to be replaced; what was meant for the old ones is left alone.

        Raises:
            ProcessFailed: a process that an earlier run spawned could not boot.
            NetworkError: the network did not answer.
        """
        for entry in self._journal.pending:
            if self._is_moot(entry, dropped):
                self._close(entry)
                continue
            try:
                self._finish(entry, resumed=True)
            except ProcessFailed:
                if entry.kind == "spawn" and not _carries_code(entry):
                    raise
                # It changed nothing, so what is still wanted of it differs from the state and is sent anew.
            except NetworkError as error:
                give_up = f"tim3tool state rm {entry.process} --network {self.network}"
                error.notes += (f"an earlier run began this; `{give_up}` gives it up, if it can never be finished",)
                raise

    def send(self, kind: Kind, process: str, item: DataItem, record: Mapping[str, Any]) -> None:
        """Send an item and see to what becomes of it.

        Args:
            kind: what it does.
            process: the name of the process it does it to.
            item: the item, freshly signed.
            record: what the state keeps of it, by the state's own names.

        Raises:
            ProcessFailed: the process answered with an error, and the state is as before.
            NetworkError: the network did not answer; the next run goes on from there.
            StateError: the journal or the state cannot be written.
        """
        entry = Entry(kind=kind, process=process, record=record, item=item)
        with self._writing:
            self._journal.write(entry)
        self._finish(entry, resumed=False)

    def answer(self, process: str, setup: str) -> Result:
        """Return what a process answered to a set-up message of the state, as this run or an earlier one sent it.

        Args:
            process: the name of the process.
            setup: the name of the message.

        Raises:
            NetworkError: the network did not answer.
        """
        known = self.state.processes[process]
        message = known.setup[setup].message
        answer = self._answers.get(message)
        return self._port.result(known.id, message) if answer is None else answer

    def met(self, process: str, setup: str, digest: str) -> None:
        """Note that the answer to a set-up message meets what is expected of it.

        Args:
            process: the name of the process.
            setup: the name of the message.
            digest: that of the expectations.

        Raises:
            StateError: the state cannot be written.
        """
        with self._writing:
            known = self.state.processes[process]
            sent = replace(known.setup[setup], met=digest)
            self._keep(process, replace(known, setup={**known.setup, setup: sent}))

    def forget(self, process: str, setup: str) -> None:
        """Take a set-up message out of the state, so that the next run sends it again.

        Args:
            process: the name of the process.
            setup: the name of the message.

        Raises:
            StateError: the state cannot be written.
        """
        with self._writing:
            known = self.state.processes[process]
            left = {name: sent for name, sent in known.setup.items() if name != setup}
            self._keep(process, replace(known, setup=left))

    def _finish(self, entry: Entry, *, resumed: bool) -> None:
        process = entry.item.target or entry.item.id
        if not (resumed and self._has_arrived(process, entry.item.id)):
            self._post(entry, process)
        early = entry.kind == "spawn" and not _carries_code(entry)
        if early:  # whatever it answers, the process is there and its id must not be lost
            with self._writing:
                self._record(entry)
        try:
            self._judge(entry)
        except ProcessFailed:
            self._close(entry)
            raise
        with self._writing:
            if not early:
                self._record(entry)
            self._journal.close(entry)
            step = Step(
                kind=entry.kind,
                process=entry.process,
                process_id=process,
                message=entry.item.id,
                setup=entry.record.get("setup"),
                resumed=resumed,
            )
            self.steps.append(step)
            self._report(step)

    def _has_arrived(self, process: str, item_id: str) -> bool:
        """Look for an item of an earlier run, for as long as it may still be on its way."""
        while not self._port.find(process, item_id):
            if self._patience.clock() >= self._settled:
                return False
            self._patience.sleep(self._patience.first)
        return True

    def _post(self, entry: Entry, process: str) -> None:
        try:
            (self._port.spawn if entry.kind == "spawn" else self._port.message)(entry.item)
        except (NetworkRefused, LimitExceeded):
            with suppress(NetworkError):  # it stays in the journal then, and the next run asks again
                if not self._port.find(process, entry.item.id):
                    self._close(entry)  # it will never arrive, and must not be sent again for ever
            raise
        with self._writing:
            self.sent += 1

    def _close(self, entry: Entry) -> None:
        with self._writing:
            self._journal.close(entry)

    def _judge(self, entry: Entry) -> None:
        item, name = entry.item, entry.process
        if entry.kind == "spawn" and self._port.terms.ready_at_once and not _carries_code(entry):
            return  # the Eval that follows tells whether it boots
        result = self._port.result(item.target or item.id, item.id)
        match entry.kind:
            case "spawn" if _carries_code(entry):
                lines = self._lines.of_code(entry.record["code_hash"])
                judge.check_boot(result, f"the spawn of `{name}`", process=item.id, lines=lines)
            case "spawn":
                judge.check(result, f"the spawn of `{name}`")
            case "eval":
                lines = self._lines.of_code(entry.record["code_hash"])
                judge.check_eval(result, f"the Eval of `{name}`", owner=item.address, lines=lines)
            case "setup":
                lines = self._lines.of_process(item.target, network=self.network)
                judge.check_handled(result, f"the set-up message `{entry.record['setup']}` of `{name}`", lines=lines)
                self._answers[item.id] = result

    def _record(self, entry: Entry) -> None:
        item, record = entry.item, entry.record
        match entry.kind:
            case "spawn":
                process = _spawned(entry, self.state.processes.get(entry.process))
                process = _running(entry, process) if _carries_code(entry) else process
            case "eval":
                process = _running(entry, self.state.processes[entry.process])
            case "setup":
                before = self.state.processes[entry.process]
                sent = {record["setup"]: SentSetup(hash=record["hash"], message=item.id)}
                process = replace(before, setup={**before.setup, **sent})
        self._keep(entry.process, process)

    def _keep(self, name: str, process: ProcessState) -> None:
        self.state = self.state.with_process(name, process)
        save(self._path, self.state)

    def _is_moot(self, entry: Entry, dropped: Collection[str]) -> bool:
        """Tell whether an item was for a process that the user has since taken out of the state, or will replace."""
        if entry.kind == "spawn":
            return False
        process = self.state.processes.get(entry.process)
        return process is None or process.id != entry.item.target or entry.process in dropped

    def _check_variant(self) -> None:
        ours = self._port.terms.variant
        for entry in self._journal.pending:
            theirs = entry.item.tag("Variant")
            if theirs != ours:
                msg = f"`{self._journal.path}` was left by a deploy to a network of variant `{theirs}`, not `{ours}`"
                hint = f"give `{self.network}` its former kind and finish that deploy; or give this one another name"
                raise StateError(msg, help=hint)


def _carries_code(entry: Entry) -> bool:
    """Tell whether a spawn brings the code along: where that fails there is no process to speak of."""
    return "code_hash" in entry.record


def _spawned(entry: Entry, before: ProcessState | None) -> ProcessState:
    """Return what is known of a process once it is spawned; the id in whose place it comes is not lost."""
    record, item = entry.record, entry.item
    if before is not None and before.id == item.id:
        return before  # an earlier run got as far as this
    return ProcessState(
        id=item.id,
        spawn_item=item.id,
        module=record["module"],
        scheduler=record["scheduler"],
        authority=or_none(record.get("authority"), texts),
        tags=or_none(record.get("tags"), pairs),
        replaced=(*before.replaced, before.id) if before else (),
    )


def _running(entry: Entry, before: ProcessState) -> ProcessState:
    """Return what is known of a process once it runs the code of an item."""
    record = entry.record
    return replace(
        before,
        eval_message=entry.item.id,
        build_hash=record["build_hash"],
        code_hash=record["code_hash"],
        modules=or_none(record.get("modules"), named_texts),
    )
