"""In which ways a process is not as the state says; a network is only asked, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from tim3tool.deploy.crew import side_by_side
from tim3tool.deploy.running import ask, short
from tim3tool.errors import NetworkError, NetworkRefused, ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.deploy.state import ProcessState, State
    from tim3tool.network.port import Port

__all__ = ["Drift", "Seen", "drift_of", "look"]

Kind = Literal["lost", "unfinished", "owner", "build", "eval", "silent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """A way in which a process is not as the state says.

    Args:
        kind: the network does not have it (lost), it never got its code (unfinished), it obeys another wallet (owner),
            it runs another bundle (build), its owner gave it other code since (eval), or nobody can tell (silent).
        message: what is wrong, as a predicate of the process.
        hint: what to do about it.
    """

    kind: Kind
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a network says of the processes of a state.

    Args:
        lost: the names of those that it does not have.
        drift: what is wrong with those that were asked what they run, by name.
    """

    lost: frozenset[str]
    drift: Mapping[str, tuple[Drift, ...]]


def look(port: Port, state: State, *, asked: Mapping[str, bool]) -> Seen:
    """Look for every process of a state, or ask it what it runs, and ask the network for its own addresses, at once.

    A process that answers need not be looked for; one that does not is looked for then.

    Args:
        port: the network.
        state: what was deployed.
        asked: the names of those to ask, all of which have code; and whether that is a bundle, which tells its hash.

    Returns:
        What it says; those that cannot be asked, though they are there, are `silent`.

    Raises:
        NetworkError: it did not answer.
    """
    lost: set[str] = set()
    drift: dict[str, tuple[Drift, ...]] = {}
    failed: dict[str, NetworkError] = {}

    def find(name: str, process: ProcessState) -> None:
        if not port.find(process.id, process.spawn_item):
            lost.add(name)

    def question(name: str, *, is_packed: bool) -> None:
        try:
            _, drift[name] = drift_of(name, state.processes[name], owner=state.owner, port=port, is_packed=is_packed)
        except NetworkError as error:
            failed[name] = error

    questions = [partial(question, name, is_packed=is_packed) for name, is_packed in asked.items()]
    finds = [partial(find, name, process) for name, process in state.processes.items() if name not in asked]
    # A node is asked for its address once; here that takes no time of its own.
    side_by_side([lambda: port.scheduler, *questions, *finds], limit=port.terms.parallel)
    if failed and not (drift or finds) and not any(isinstance(error, NetworkRefused) for error in failed.values()):
        raise next(iter(failed.values()))  # nobody answered, and to wait as long again would tell the same
    side_by_side([partial(find, name, state.processes[name]) for name in failed], limit=port.terms.parallel)
    drift |= {name: (_silent(name, error),) for name, error in failed.items()}
    return Seen(lost=frozenset(lost), drift=drift)


def drift_of(
    name: str, process: ProcessState, *, owner: str, port: Port, is_packed: bool
) -> tuple[str | None, tuple[Drift, ...]]:
    """Ask a process that is on a network what it runs, and the network what it was given.

    Args:
        name: its name.
        process: what the state knows of it; it has code.
        owner: address of the wallet that deployed.
        port: the network.
        is_packed: its code is a bundle, which tells its build hash.

    Returns:
        The build hash that it tells of itself, None where the network cannot ask it; and what is not as it should be.

    Raises:
        NetworkError: the network did not answer.
    """
    found, drift = (
        _asked(name, process, owner=owner, port=port, is_packed=is_packed) if port.terms.any_owner else (None, [])
    )
    return found, (*drift, *_evaluated_since(process, owner=owner, port=port))


def _asked(
    name: str, process: ProcessState, *, owner: str, port: Port, is_packed: bool
) -> tuple[str | None, list[Drift]]:
    try:
        running = ask(process.id, port=port, owner=owner)
    except ProcessFailed as error:
        return None, [_silent(name, error)]
    if not running.obeys:
        hint = f"its new owner must give it back; `tim3tool deploy --replace {name}` spawns another in its place"
        return None, [Drift(kind="owner", message=f"does not obey wallet `{owner}`", hint=hint)]
    found = running.build_hash
    if not is_packed or process.build_hash is None or found == process.build_hash:
        return found, []
    message = f"runs {short(found)} and not {short(process.build_hash)}"
    return found, [Drift(kind="build", message=message, hint=_again(port))]


def _evaluated_since(process: ProcessState, *, owner: str, port: Port) -> list[Drift]:
    ours = {process.eval_message or "", *(sent.message for sent in process.setup.values())}
    last = port.last_eval(process.id, owner=owner, known=ours)
    if last is None and not port.terms.any_owner:
        msg = f"network `{port.name}` does not tell what process `{process.id}` runs"
        raise NetworkRefused(msg, help="check that it has the process")
    if last is None or process.code_hash == last.code_hash or last.message in ours:
        return []
    message = f"was given other code by its owner's message `{last.message}`"
    return [Drift(kind="eval", message=message, hint=_again(port))]


def _silent(name: str, error: ProcessFailed | NetworkError) -> Drift:
    hint = f"if that lasts, `tim3tool deploy --replace {name}` spawns another in its place"
    return Drift(kind="silent", message=f"cannot be asked: {error.message}", hint=hint)


def _again(port: Port) -> str:
    return f"`tim3tool deploy --network {port.name}` gives it its code again"
