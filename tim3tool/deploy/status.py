"""Where each process of a manifest is, as far as the files of a project tell; no network is asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from tim3tool.deploy.expect import is_met
from tim3tool.deploy.journal import journal_path, pending_in
from tim3tool.deploy.lock import held_by
from tim3tool.deploy.state import State, load, state_path
from tim3tool.deploy.wanted import UNKNOWN_IDS, Wants
from tim3tool.errors import ManifestError, SourceError
from tim3tool.project import STANDARD_AUTHORITY, STANDARD_SCHEDULER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tim3tool.bundle import Bundle
    from tim3tool.deploy.state import ProcessState
    from tim3tool.project import Context, Manifest, ProcessSpec

__all__ = ["NetworkStatus", "PendingItem", "ProcessStatus", "status_of"]

Standing = Literal["current", "changed", "no known code", "not deployed", "not in manifest", "does not build"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingItem:
    """A data item that a deploy was about to send, and of which nobody knows what became."""

    kind: str
    process: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessStatus:
    """One process.

    Args:
        name: its name.
        id: its id; None before it is spawned.
        standing: whether it runs what the sources give now.
        deployed: build hash of what it runs; None where that is not known.
        built: build hash of what the sources give now; None where they give none.
        setup_done: names of its set-up messages that it has handled as they are now.
        setup_pending: names of those that a deploy would send.
        setup_unmet: names of those it has handled whose answer was not found to be as expected; a deploy compares it.
        replaced: ids that stood in its place before, oldest first.
    """

    name: str
    id: str | None
    standing: Standing
    deployed: str | None
    built: str | None
    setup_done: tuple[str, ...] = ()
    setup_pending: tuple[str, ...] = ()
    setup_unmet: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkStatus:
    """All that is known of a network.

    Args:
        network: the network's name.
        owner: address of the wallet that owns the processes; None before a deploy.
        processes: those of the manifest in its order, then those that only the state knows.
        pending: what a deploy that was stopped has left.
        held_by: who is at work on it now, in words; None for nobody.
    """

    network: str
    owner: str | None
    processes: tuple[ProcessStatus, ...]
    pending: tuple[PendingItem, ...]
    held_by: str | None

    @property
    def is_unfinished(self) -> bool:
        """Whether a deploy was stopped, and nobody is at finishing it."""
        return bool(self.pending) and self.held_by is None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def status_of(
    manifest: Manifest, bundles: Mapping[str, Bundle], *, network: str, environ: Mapping[str, str]
) -> NetworkStatus:
    """Return where each process is.

    Args:
        manifest: the manifest; its folder holds ``.tim3``.
        bundles: by process name, as the sources give them now; those that do not build are missing.
        network: the network's name.
        environ: environment variables that the manifest may refer to.

    Raises:
        UsageError: there is no such network.
        StateError: the state or the journal cannot be used.
    """
    manifest = manifest.on(network)
    root = manifest.root
    state = load(state_path(root, network), network=network) or State(network=network, owner="")
    journal = journal_path(root, network)
    wants = Wants(
        manifest=manifest,
        bundles=bundles,
        network=network,
        scheduler=next(_of_network(manifest, state, "scheduler"), None),
        authority=next(_of_network(manifest, state, "authority"), None),
        owner=state.owner,
        environ=environ,
    )
    known = {name: process.id for name, process in state.processes.items()}
    ids = wants.ids(known, [name for name in manifest.processes if name not in known], UNKNOWN_IDS[0])
    own = [_process(wants, spec, state.processes.get(spec.name), ids) for spec in manifest.processes.values()]
    others = [
        ProcessStatus(
            name=name,
            id=process.id,
            standing="not in manifest",
            deployed=process.build_hash,
            built=None,
            setup_done=tuple(process.setup),
            replaced=process.replaced,
        )
        for name, process in state.processes.items()
        if name not in manifest.processes
    ]
    return NetworkStatus(
        network=network,
        owner=state.owner or None,
        processes=(*own, *others),
        pending=tuple(
            PendingItem(kind=entry.kind, process=entry.process, message=entry.item.id) for entry in pending_in(journal)
        ),
        held_by=held_by(journal.with_suffix(".lock")),
    )


def _of_network(manifest: Manifest, state: State, what: Literal["scheduler", "authority"]) -> Iterator[str]:
    """Yield the network's own address, which processes were spawned with where the manifest gives AO's usual one."""
    for name, process in state.processes.items():
        spec = manifest.processes.get(name)
        if spec and what == "scheduler" and spec.scheduler == STANDARD_SCHEDULER and process.scheduler:
            yield process.scheduler
        if spec and what == "authority" and [each.value for each in spec.authority] == [STANDARD_AUTHORITY]:
            yield from process.authority or ()


def _process(wants: Wants, spec: ProcessSpec, process: ProcessState | None, ids: Mapping[str, str]) -> ProcessStatus:
    bundle = wants.bundles.get(spec.name)
    done = tuple(message.name for message in spec.setup if _is_done(wants, spec, message.name, process, ids))
    return ProcessStatus(
        name=spec.name,
        id=process.id if process else None,
        standing=_standing(wants, spec, process, ids),
        deployed=process.build_hash if process else None,
        built=bundle.build_hash if bundle else None,
        setup_done=done,
        setup_pending=tuple(message.name for message in spec.setup if message.name not in done),
        setup_unmet=tuple(_unmet(wants.context(ids), spec, done, process)) if process else (),
        replaced=process.replaced if process else (),
    )


def _unmet(context: Context, spec: ProcessSpec, done: Sequence[str], process: ProcessState) -> Iterator[str]:
    for message in spec.setup:
        if message.name in done and not is_met(message, process.setup[message.name], context):
            yield message.name


def _standing(wants: Wants, spec: ProcessSpec, process: ProcessState | None, ids: Mapping[str, str]) -> Standing:
    if spec.name not in wants.bundles:
        return "does not build"
    if process is None:
        return "not deployed"
    if process.code_hash is None:
        return "no known code"
    try:
        same = wants.code_hash(spec, ids) == process.code_hash
    except (ManifestError, SourceError):  # what it refers to is not known here, so the sources alone can tell
        same = wants.bundles[spec.name].build_hash == process.build_hash
    return "current" if same else "changed"


def _is_done(wants: Wants, spec: ProcessSpec, name: str, process: ProcessState | None, ids: Mapping[str, str]) -> bool:
    sent = process.setup.get(name) if process else None
    if sent is None:
        return False
    message = next(each for each in spec.setup if each.name == name)
    try:
        return wants.message(message, ids).hash == sent.hash
    except ManifestError:
        return True
