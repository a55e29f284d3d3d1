"""What a deploy knows of a network afterwards: ids, hashes, message ids; never a secret.

It lies in ``.tim3/state/<network>.json`` and is written whole after every step.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tim3tool.deploy.strict import named, named_texts, or_none, pairs, text, texts
from tim3tool.errors import StateError
from tim3tool.network.files import make_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tim3tool.network.port import Port

__all__ = ["ProcessState", "Run", "SentSetup", "State", "load", "save", "state_of", "state_path"]

_FORMAT: Final = 2
_READABLE: Final = (1, 2)  # format 1 did not say what members with a default hold, and they are unknown then
_WAY_OUT: Final = (
    "restore the file; or remove it: the next deploy spawns everything anew,\n"
    "but for processes whose ids `tim3tool state import` takes in before"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentSetup:
    """A set-up message that a process has handled.

    Args:
        hash: sha256 of its tags and data.
        message: its message id.
        met: digest of the expectations that its answer was found to meet; None while it was not.
    """

    hash: str
    message: str
    met: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """One process on the network.

    What it was spawned with may be unknown: an import and format 1 do not tell. None says so.

    Args:
        id: the process id.
        spawn_item: id of the data item that spawned it.
        module: id of the module it was spawned on.
        scheduler: address of its scheduler.
        authority: addresses it was spawned to trust.
        tags: the manifest's own tags of its spawn, as they were sent: (name, value), in order.
        build_hash: that of the bundle it runs; None before the first Eval.
        code_hash: sha256 of the Eval data it runs; None before the first Eval.
        eval_message: id of the item that carried that data, which may be the spawn; None before the first Eval.
        modules: sha256 of each source of what it runs: of a Lua module by its name, of another file by its path.
        setup: the set-up messages it has handled, by name.
        replaced: the ids that stood here before, oldest first; those processes are still on the network.
    """

    id: str
    spawn_item: str
    module: str | None = None
    scheduler: str | None = None
    authority: tuple[str, ...] | None = None
    tags: tuple[tuple[str, str], ...] | None = None
    build_hash: str | None = None
    code_hash: str | None = None
    eval_message: str | None = None
    modules: Mapping[str, str] | None = None
    setup: Mapping[str, SentSetup] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A deploy that has begun and not ended yet, as far as the next one must know to finish it.

    Args:
        plan: digest of the saved plan that it carries out; None without one.
        replaces: the processes that it was told to spawn anew: their ids before, by name.
    """

    plan: str | None = None
    replaces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Everything on one network.

    Args:
        network: the network's name.
        owner: address of the wallet that owns the processes.
        variant: the variant of AO that it speaks (see `Terms`); None while that is unknown, as in format 1.
        processes: by their names in the manifest.
        run: the deploy that has not ended yet, where there is more to know of it than the journal says.
        removed: (name, id) of processes that the user took out, oldest first; they are still on the network.
    """

    network: str
    owner: str
    variant: str | None = None
    processes: Mapping[str, ProcessState] = field(default_factory=dict)
    run: Run | None = None
    removed: tuple[tuple[str, str], ...] = ()

    def runs(self, name: str, build_hash: str) -> bool:
        """Tell whether the code that a process was given last has a build hash, whatever stood in front of it."""
        process = self.processes.get(name)
        return process is not None and process.code_hash is not None and process.build_hash == build_hash

    def with_process(self, name: str, process: ProcessState) -> State:
        """Return the state with one process added or replaced."""
        return replace(self, processes={**self.processes, name: process})


def state_path(root: Path, network: str) -> Path:
    """Return where the state of a network lies.

    Args:
        root: the folder that holds ``.tim3``.
        network: the network's name.
    """
    return root / ".tim3" / "state" / f"{network}.json"


def load(path: Path, *, network: str) -> State | None:
    """Read a state.

    Args:
        path: see `state_path`.
        network: the network it must be of.

    Returns:
        The state, or None when there is no such file.

    Raises:
        StateError: the file is no state, of another format, or of another network.
    """
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}"
        raise StateError(msg) from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "format" not in document:
        msg = f"`{path}` is not a state of tim3tool"
        raise StateError(msg, help=_WAY_OUT)
    if document["format"] not in _READABLE:
        msg = f"`{path}` has format {document['format']}, and this tim3tool reads formats up to {_FORMAT}"
        raise StateError(msg, help="use the tim3tool that wrote it")
    try:
        state = _state(document)
    except (AttributeError, KeyError, TypeError):
        msg = f"`{path}` is damaged: a member is missing or of the wrong type"
        raise StateError(msg, help=_WAY_OUT) from None
    if state.network != network:
        msg = f"`{path}` is the state of network `{state.network}`, not of `{network}`"
        raise StateError(msg, help="give it back the name of its network")
    return state


def state_of(root: Path, *, port: Port, owner: str) -> State:
    """Return the state of a network for one of its owner's runs; one without processes is anybody's.

    Args:
        root: the folder that holds ``.tim3``.
        port: the network.
        owner: address of the wallet that signs.

    Raises:
        StateError: as for `load`; or it belongs to another wallet, or to a network of another variant of AO.
    """
    path, variant = state_path(root, port.name), port.terms.variant
    state = load(path, network=port.name) or State(network=port.name, owner=owner)
    if not state.processes:  # what is left are ids that were removed, which keep nobody out
        return replace(state, owner=owner, variant=variant)
    forget = f"tim3tool state rm {' '.join(state.processes)} --network {port.name}"
    anew = f"`{forget}` forgets its processes but for their ids, to spawn them anew"
    if state.owner != owner:
        msg = f"`{path}` belongs to wallet `{state.owner}`, and this is wallet `{owner}`"
        raise StateError(msg, help=f"use that wallet; or {anew} with this one")
    if state.variant not in (None, variant):
        msg = f"the processes in `{path}` are of `{state.variant}`, and network `{port.name}` is now of `{variant}`"
        raise StateError(msg, help=f"give the network another name in the manifest; or {anew} there")
    return replace(state, variant=variant)


def save(path: Path, state: State) -> None:
    """Write a state, whole or not at all.

    Args:
        path: see `state_path`.
        state: what to write.

    Raises:
        StateError: the file cannot be written.
    """
    written = json.dumps({"format": _FORMAT} | asdict(state), indent=2, sort_keys=True, ensure_ascii=False)
    try:
        make_folder(path.parent)
        write_whole(path, f"{written}\n".encode())
    except OSError as error:
        msg = f"`{path}` cannot be written: {error.strerror}"
        raise StateError(msg) from None


def _state(document: Mapping[str, Any]) -> State:
    return State(
        network=text(document["network"]),
        owner=text(document["owner"]),
        variant=or_none(document.get("variant"), text),
        processes=named(document["processes"], _process),
        run=or_none(document.get("run"), _run),
        removed=pairs(document.get("removed", [])),
    )


def _process(document: Any) -> ProcessState:
    return ProcessState(
        id=text(document["id"]),
        spawn_item=text(document["spawn_item"]),
        module=or_none(document["module"], text),
        scheduler=or_none(document["scheduler"], text),
        authority=or_none(document.get("authority"), texts),
        tags=or_none(document.get("tags"), pairs),
        build_hash=or_none(document["build_hash"], text),
        code_hash=or_none(document["code_hash"], text),
        eval_message=or_none(document["eval_message"], text),
        modules=or_none(document.get("modules"), named_texts),
        setup=named(document["setup"], _sent),
        replaced=texts(document.get("replaced", [])),
    )


def _sent(document: Any) -> SentSetup:
    return SentSetup(
        hash=text(document["hash"]), message=text(document["message"]), met=or_none(document.get("met"), text)
    )


def _run(document: Any) -> Run:
    return Run(plan=or_none(document["plan"], text), replaces=named_texts(document["replaces"]))
