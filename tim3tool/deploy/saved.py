"""Plans in files: `tim3tool plan -o FILE` writes one, and `tim3tool deploy FILE` carries out that or nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from tim3tool.deploy.strict import named_texts, or_none, text, texts
from tim3tool.deploy.wanted import digest
from tim3tool.errors import PlanStale, StateError, UsageError
from tim3tool.network.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tim3tool.deploy.change import Plan
    from tim3tool.deploy.state import State
    from tim3tool.deploy.wanted import Wants

__all__ = ["SavedPlan", "check_saved", "read_plan", "save_plan"]

_FORMAT: Final = 2
_ANEW: Final = "make it again with `tim3tool plan -o FILE`"


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedPlan:
    """A plan as a file keeps it: what it does, and what it was made of.

    Args:
        network: the network's name.
        place: digest of what the manifest says of the network's addresses.
        owner: address of the wallet that owns the processes.
        only: the processes it is made for; None for all.
        replace: the processes that the user told to replace.
        spawns: the processes that get a new id.
        state: digest of the state it was made of.
        wants: digest of all that is wanted, each under what it is.
        drift: in which way each process that had drifted had done so, by name.
        changes: what it does, as `Plan.as_dict` says it, for people and programs to read.
    """

    network: str
    place: str
    owner: str
    only: tuple[str, ...] | None
    replace: tuple[str, ...]
    spawns: tuple[str, ...]
    state: str
    wants: Mapping[str, str]
    drift: Mapping[str, str]
    changes: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The sha256 of all of it, in hex."""
        return digest(_document(self))


def save_plan(
    path: Path, plan: Plan, wants: Wants, *, state: State, only: Sequence[str] | None, replace: Sequence[str]
) -> SavedPlan:
    """Write a plan to a file.

    Args:
        path: the file.
        plan: the plan.
        wants: what it was made of.
        state: likewise.
        only: the names that the user gave; None for all.
        replace: likewise.

    Raises:
        StateError: an earlier deploy was stopped, so that nobody knows yet what there is to do.
        UsageError: the file cannot be written.
    """
    if plan.unfinished:
        msg = f"an earlier deploy to network `{plan.network}` was stopped, and what it left comes first"
        raise StateError(msg, help=f"run `tim3tool deploy --network {plan.network}` to finish it, then plan again")
    saved = SavedPlan(
        network=plan.network,
        place=_place(wants),
        owner=plan.owner,
        only=None if only is None else tuple(only),
        replace=tuple(replace),
        spawns=plan.spawns,
        state=_state_digest(state),
        wants=_prints(wants, [change.name for change in plan.changes], state, plan.spawns),
        drift=_drift(plan),
        changes=plan.as_dict(),
    )
    document = {"format": _FORMAT, "digest": saved.digest} | _document(saved)
    try:
        write_whole(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        msg = f"`{path}` cannot be written: {error.strerror}"
        raise UsageError(msg) from None
    return saved


def read_plan(path: Path) -> SavedPlan:
    """Read a plan from a file.

    Raises:
        UsageError: there is no such file, it holds no plan, or it was changed since it was written.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        msg = f"the plan `{path}` cannot be read: {error.strerror}"
        raise UsageError(
            msg, help="`tim3tool plan -o FILE` makes one; to deploy one process, write --only NAME"
        ) from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "format" not in document or "wants" not in document:
        msg = f"`{path}` is not a plan of tim3tool"
        raise UsageError(msg, help="`tim3tool plan -o FILE` makes one")
    if document["format"] != _FORMAT:
        msg = f"the plan `{path}` has format {document['format']}, and this tim3tool reads format {_FORMAT}"
        raise UsageError(msg, help=_ANEW)
    try:
        saved = _saved(document)
        whole = text(document["digest"]) == saved.digest
    except (AttributeError, KeyError, TypeError):
        whole = False
    if not whole:
        msg = f"the plan `{path}` is damaged, or was changed since it was made"
        raise UsageError(msg, help=_ANEW)
    return saved


def check_saved(saved: SavedPlan, plan: Plan, wants: Wants, *, state: State) -> None:
    """Refuse a plan when anything it was made of is not as it was.

    A run that was stopped while it carried out this very plan may go on.

    Args:
        saved: the plan.
        plan: the same, made now.
        wants: what the manifest wants now.
        state: what is on the network now.

    Raises:
        PlanStale: with what is another than it was.
        ManifestError: a text of the manifest refers to what is not known.
        LuaSyntaxError: see `Wants.code`.
    """
    changed = list(_changed(saved, plan, wants, state=state))
    if changed:
        msg = "the plan does not fit any more: since it was made, something has changed"
        raise PlanStale(msg, notes=changed, help=_ANEW)


def _changed(saved: SavedPlan, plan: Plan, wants: Wants, *, state: State) -> Iterator[str]:
    if saved.owner != wants.owner:
        yield f"the wallet: it was `{saved.owner}`, and is `{wants.owner}`"
    if saved.place != _place(wants):
        yield f"the addresses of network `{saved.network}` in the manifest"
    under_way = state.run is not None and state.run.plan == saved.digest
    if plan.unfinished and not under_way:
        yield "another deploy was begun and stopped"
    elif saved.state != _state_digest(state) and not under_way:
        yield f"the state of network `{saved.network}`: there was another deploy"
    now = _prints(wants, [change.name for change in plan.changes], state, saved.spawns)
    for what in sorted(saved.wants.keys() | now.keys()):
        if saved.wants.get(what) != now.get(what):
            yield f"{what}{' is new' if what not in saved.wants else ' is gone' if what not in now else ''}"

    drift = saved.drift if under_way else _drift(plan)
    for name in sorted(saved.drift.keys() | drift.keys()):
        if saved.drift.get(name) != drift.get(name):
            yield f"what became of `{name}`: it {drift.get(name, 'is as it was deployed')}"


def _drift(plan: Plan) -> dict[str, str]:
    """Return what makes a process one of kind `drift`, or would, had it no other change."""
    drifted = {change.name: [each.message for each in change.drift if each.kind != "silent"] for change in plan.changes}
    return {name: "; ".join(messages) for name, messages in drifted.items() if messages}


def _prints(wants: Wants, names: Sequence[str], state: State, spawns: Sequence[str]) -> dict[str, str]:
    known = {name: process.id for name, process in state.processes.items()}
    return wants.fingerprint(names, wants.ids(known, spawns))


def _place(wants: Wants) -> str:
    spec = wants.manifest.network(wants.network)
    return digest([spec.kind, sorted(spec.urls.items()), list(spec.reads), spec.scheduler, spec.authority])


def _state_digest(state: State) -> str:
    return digest(asdict(state)["processes"])


def _document(saved: SavedPlan) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(asdict(saved), sort_keys=True))
    return document


def _saved(document: Mapping[str, Any]) -> SavedPlan:
    changes = document["changes"]
    if not isinstance(changes, dict):
        raise TypeError
    return SavedPlan(
        network=text(document["network"]),
        place=text(document["place"]),
        owner=text(document["owner"]),
        only=or_none(document["only"], texts),
        replace=texts(document["replace"]),
        spawns=texts(document["spawns"]),
        state=text(document["state"]),
        wants=named_texts(document["wants"]),
        drift=named_texts(document["drift"]),
        changes=changes,
    )
