"""Whether a network still runs what was deployed to it. Nothing is sent: the network is only asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tim3tool.deploy import judge
from tim3tool.errors import ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Collection

    from tim3tool.deploy.state import ProcessState, State
    from tim3tool.network.port import Port

__all__ = ["Drift", "Verified", "verify"]

# A bundle tells what it is by `require "tim3tool.build"`; what was not built by tim3tool tells nothing.
_QUESTION: Final = (
    "(function() local known, build = pcall(require, 'tim3tool.build')"
    " return known and type(build) == 'table' and tostring(build.hash) or 'none' end)()"
)
_NOTHING: Final = "none"
_SHOWN: Final = 12
_AGAIN: Final = "set its `code_hash` in the state to null, and the next deploy gives it its code again"

Kind = Literal["lost", "unfinished", "owner", "build", "eval", "silent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """A way in which a process is not as the state says.

    Args:
        kind: the network does not have it (lost), it never got its code (unfinished), it obeys another wallet (owner),
            it runs another bundle (build), its owner gave it other code since (eval), or it answers with errors
            (silent).
        message: what is wrong, as a predicate of the process.
        hint: what to do about it.
    """

    kind: Kind
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A process, and what became of it since it was deployed.

    Args:
        name: its name in the state.
        id: its id.
        build_hash: that of the bundle it was given; None where that is not known.
        found: the build hash that it tells of itself; None where the network cannot ask it.
        drift: what is not as the state says.
    """

    name: str
    id: str
    build_hash: str | None
    found: str | None
    drift: tuple[Drift, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {**asdict(self), "ok": not self.drift}


def verify(state: State, names: Collection[str], *, port: Port, packed: Collection[str]) -> tuple[Verified, ...]:
    """Compare processes of a state with those on the network.

    Args:
        state: what was deployed.
        names: which of its processes.
        port: the network.
        packed: the processes whose code tells its build hash: those that were built, not taken as they are.

    Returns:
        What there is to say of each, in the order of the names.

    Raises:
        NetworkError: the network did not answer.
    """
    return tuple(
        _verified(name, state.processes[name], owner=state.owner, port=port, is_packed=name in packed) for name in names
    )


def _verified(name: str, process: ProcessState, *, owner: str, port: Port, is_packed: bool) -> Verified:
    found, drift = None, []
    if not port.find(process.id, process.spawn_item):
        hint = f"`tim3tool state rm {name}` forgets it, and the next deploy spawns it anew"
        drift.append(Drift(kind="lost", message="is not on the network", hint=hint))
    elif process.code_hash is None:
        drift.append(Drift(kind="unfinished", message="never got its code", hint="`tim3tool deploy` gives it its code"))
    else:
        if port.terms.any_owner:
            found, drift = _asked(process, owner=owner, port=port, is_packed=is_packed)
        drift += _evaluated_since(process, owner=owner, port=port)
    return Verified(name=name, id=process.id, build_hash=process.build_hash, found=found, drift=tuple(drift))


def _asked(process: ProcessState, *, owner: str, port: Port, is_packed: bool) -> tuple[str | None, list[Drift]]:
    """Ask a process what it runs; return the build hash that it tells, and what is wrong."""
    try:
        result = port.dry_run(process.id, owner=owner, tags=[("Action", "Eval")], data=_QUESTION)
        judge.check(result, "the question for its build hash")
    except ProcessFailed as error:
        return None, [Drift(kind="silent", message=f"cannot be asked: {error.message}", hint=_AGAIN)]
    if judge.went_to_inbox(result):
        hint = "its new owner must give it back; `tim3tool deploy --replace` spawns another in its place"
        return None, [Drift(kind="owner", message=f"does not obey wallet `{owner}`", hint=hint)]
    told = result.text.strip()
    found = None if told == _NOTHING else told
    if not is_packed or process.build_hash is None or found == process.build_hash:
        return found, []
    runs = f"runs build `{found[:_SHOWN]}`" if found else "runs no bundle of tim3tool"
    message = f"{runs} and not `{process.build_hash[:_SHOWN]}`"
    return found, [Drift(kind="build", message=message, hint=_AGAIN)]


def _evaluated_since(process: ProcessState, *, owner: str, port: Port) -> list[Drift]:
    last = port.last_eval(process.id, owner=owner)
    if last is None or process.code_hash == last.code_hash or last.message == process.eval_message:
        return []
    message = f"was given other code by its owner's message `{last.message}`"
    return [Drift(kind="eval", message=message, hint=_AGAIN)]
