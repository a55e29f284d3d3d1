"""What the user changes in a state by hand: processes that are taken in, and processes that are forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tim3tool.deploy.journal import Journal, journal_path, pending_in
from tim3tool.deploy.lock import holding
from tim3tool.deploy.state import ProcessState, State, load, save, state_of, state_path
from tim3tool.errors import StateError, UsageError, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tim3tool.network.port import Port

__all__ = ["Forgotten", "TakenIn", "forget", "known_states", "processes_in", "take_in"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """A process that was taken out of a state.

    Args:
        name: its name.
        ids: its id, and behind it those that stood in its place before; all are still on the network.
        items: ids of the data items that a deploy was about to send it, which will not be sent now.
    """

    name: str
    ids: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenIn:
    """A process that was to be imported, and what became of it."""

    name: str
    id: str
    action: Literal["added", "replaced", "unchanged"]
    before: str | None = None


def known_states(root: Path) -> Iterator[tuple[str, State]]:
    """Yield each network that there is a state of, by name, with its state.

    Args:
        root: the folder that holds ``.tim3``.

    Raises:
        StateError: a state cannot be used.
    """
    for path in sorted(state_path(root, "*").parent.glob("*.json")):
        state = load(path, network=path.stem)
        if state is not None:
            yield path.stem, state


def forget(root: Path, network: str, names: Sequence[str]) -> tuple[Forgotten, ...]:
    """Take processes out of a state, so that the next deploy spawns them anew; their ids are kept beside the others.

    Args:
        root: the folder that holds ``.tim3``.
        network: the network's name.
        names: the processes; all of them are there, or nothing is changed.

    Returns:
        What was taken out.

    Raises:
        UsageError: there is no such process.
        StateError: the state or the journal cannot be used.
        LockHeld: a deploy is at work.
    """
    path, journal_file = state_path(root, network), journal_path(root, network)
    with holding(journal_file.with_suffix(".lock"), network=network):
        pending = pending_in(journal_file)
        owner = pending[0].item.address if pending else ""
        state = load(path, network=network) or State(network=network, owner=owner)
        waiting = {entry.process for entry in pending}
        for name in names:
            _check_known(name, {**state.processes, **dict.fromkeys(waiting)}, network)
        journal = Journal(journal_file, network=network, owner=state.owner) if waiting & set(names) else None
        done = []
        for name in dict.fromkeys(names):
            entries = [entry for entry in journal.pending if entry.process == name] if journal else []
            process = state.processes.get(name)
            spawned = [entry.item.id for entry in entries if entry.kind == "spawn"]
            ids = (process.id, *reversed(process.replaced)) if process else ()
            ids += tuple(each for each in spawned if each not in ids)
            rest = {other: known for other, known in state.processes.items() if other != name}
            removed = (*state.removed, *((name, each) for each in reversed(ids)))
            state = replace(state, processes=rest, removed=removed)
            save(path, state)
            for entry in entries:
                if journal:
                    journal.close(entry)
            done.append(Forgotten(name=name, ids=ids, items=tuple(entry.item.id for entry in entries)))
        return tuple(done)


def processes_in(paths: Iterable[Path], ids: Mapping[str, str]) -> dict[str, ProcessState]:
    """Return what files say of processes: all that a state of tim3tool knows, and of other files just their ids.

    Args:
        paths: the files.
        ids: process id by name, as they say.

    Raises:
        StateError: one is a state of tim3tool that cannot be used.
    """
    found = {name: ProcessState(id=each, spawn_item=each) for name, each in ids.items()}
    for path in paths:
        found |= _processes_of(path)
    return found


def _processes_of(path: Path) -> Mapping[str, ProcessState]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or "format" not in document:
        return {}
    state = load(path, network=str(document.get("network")))
    return state.processes if state else {}


def take_in(
    root: Path, processes: Mapping[str, ProcessState], *, port: Port, owner: str, force: bool = False
) -> tuple[tuple[TakenIn, ...], State]:
    """Put processes that something else deployed into a state; the network is not asked about them.

    Args:
        root: the folder that holds ``.tim3``.
        processes: what is known of them, by name.
        port: their network, which is not asked for them.
        owner: address of the wallet that owns them.
        force: put them in the place of others, whose ids are kept.

    Returns:
        What became of each, and the state.

    Raises:
        StateError: one is there already with another id; or the state cannot be used.
        LockHeld: a deploy is at work.
    """
    path, journal = state_path(root, port.name), journal_path(root, port.name)
    with holding(journal.with_suffix(".lock"), network=port.name):
        state = state_of(root, port=port, owner=owner)
        ids = {name: process.id for name, process in processes.items()}
        _check_free(ids, state, unfinished={entry.process for entry in pending_in(journal)}, force=force)
        done = []
        for name, process in processes.items():
            before = state.processes.get(name)
            if before and before.id == process.id:
                done.append(TakenIn(name=name, id=process.id, action="unchanged"))
                continue
            replaced = (*process.replaced, *before.replaced, before.id) if before else process.replaced
            state = state.with_process(name, replace(process, replaced=replaced))
            action: Literal["added", "replaced"] = "replaced" if before else "added"
            done.append(TakenIn(name=name, id=process.id, action=action, before=before.id if before else None))
        if any(each.action != "unchanged" for each in done):
            back = {(each.name, each.id) for each in done}
            state = replace(state, removed=tuple(each for each in state.removed if each not in back))
            save(path, state)
        return tuple(done), state


def _check_free(ids: Mapping[str, str], state: State, *, unfinished: set[str], force: bool) -> None:
    others = {known.id: name for name, known in state.processes.items()}
    for name, process_id in ids.items():
        if name in unfinished:
            msg = f"a deploy of `{name}` to network `{state.network}` has not ended"
            raise StateError(msg, help=f"run `tim3tool deploy --network {state.network}` to finish it")
        if others.get(process_id, name) != name and others[process_id] not in ids:
            msg = f"`{process_id}` is `{others[process_id]}` on network `{state.network}`, so it cannot be `{name}`"
            hint = f"`tim3tool state rm {others[process_id]} --network {state.network}` forgets the one there"
            raise StateError(msg, help=hint)
        known = state.processes.get(name)
        if known and known.id != process_id and not force:
            msg = f"`{name}` is `{known.id}` on network `{state.network}` already, not `{process_id}`"
            raise StateError(msg, help="with --force it takes that place, and the id there is kept as replaced")


def _check_known(name: str, known: Mapping[str, object], network: str) -> None:
    if name not in known:
        msg = f"the state of network `{network}` has no process `{name}`"
        near = suggestion(name, known)
        listed = ", ".join(f"`{each}`" for each in known) or "none"
        raise UsageError(msg, help=f"did you mean `{near}`?" if near else f"there are: {listed}")
