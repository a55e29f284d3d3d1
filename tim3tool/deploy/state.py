"""What a deploy knows of a network afterwards: ids, hashes, message ids; never a secret.

It lies in ``.tim3/state/<network>.json`` and is written whole after every step.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import StateError
from tim3tool.network.files import make_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ProcessState", "SentSetup", "State", "load", "save", "state_path"]

_FORMAT: Final = 1
_WAY_OUT: Final = "restore the file; or remove it, and the next deploy spawns everything anew"


@dataclass(frozen=True, kw_only=True, slots=True)
class SentSetup:
    """A set-up message that a process has handled.

    Args:
        hash: sha256 of its tags and data.
        message: its message id.
    """

    hash: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """One process on the network.

    Args:
        id: the process id.
        module: id of the module it was spawned on.
        scheduler: address of its scheduler.
        spawn_item: id of the data item that spawned it.
        build_hash: that of the bundle it runs; None before the first Eval.
        code_hash: sha256 of the Eval data it runs; None before the first Eval.
        eval_message: id of the message that carried that data; None before the first Eval.
        setup: the set-up messages it has handled, by name.
    """

    id: str
    module: str
    scheduler: str
    spawn_item: str
    build_hash: str | None = None
    code_hash: str | None = None
    eval_message: str | None = None
    setup: Mapping[str, SentSetup] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Everything on one network.

    Args:
        network: the network's name.
        owner: address of the wallet that owns the processes.
        processes: by their names in the manifest.
    """

    network: str
    owner: str
    processes: Mapping[str, ProcessState] = field(default_factory=dict)

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
    if document["format"] != _FORMAT:
        msg = f"`{path}` has format {document['format']}, and this tim3tool reads format {_FORMAT}"
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


def save(path: Path, state: State) -> None:
    """Write a state, whole or not at all.

    Args:
        path: see `state_path`.
        state: what to write.

    Raises:
        StateError: the file cannot be written.
    """
    text = json.dumps({"format": _FORMAT} | asdict(state), indent=2, sort_keys=True, ensure_ascii=False)
    try:
        make_folder(path.parent)
        write_whole(path, f"{text}\n".encode())
    except OSError as error:
        msg = f"`{path}` cannot be written: {error.strerror}"
        raise StateError(msg) from None


def _state(document: Mapping[str, Any]) -> State:
    processes = {_text(name): _process(value) for name, value in document["processes"].items()}
    return State(network=_text(document["network"]), owner=_text(document["owner"]), processes=processes)


def _process(document: Mapping[str, Any]) -> ProcessState:
    setup = {
        _text(name): SentSetup(hash=_text(sent["hash"]), message=_text(sent["message"]))
        for name, sent in document["setup"].items()
    }
    return ProcessState(
        id=_text(document["id"]),
        module=_text(document["module"]),
        scheduler=_text(document["scheduler"]),
        spawn_item=_text(document["spawn_item"]),
        build_hash=_text_or_none(document["build_hash"]),
        code_hash=_text_or_none(document["code_hash"]),
        eval_message=_text_or_none(document["eval_message"]),
        setup=setup,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
