"""Whether a network still runs what was deployed to it. Nothing is sent: the network is only asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tim3tool.deploy.drift import Drift, drift_of
from tim3tool.deploy.lines import KeptLines
from tim3tool.deploy.smoke import check_askers, paths_of, run_smoke
from tim3tool.deploy.wanted import Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tim3tool.bundle import Bundle
    from tim3tool.deploy.smoke import Smoked
    from tim3tool.deploy.state import ProcessState, State
    from tim3tool.network.port import Port
    from tim3tool.project import Manifest, ProcessSpec

__all__ = ["Verification", "Verified", "verify"]


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

    @property
    def unready(self) -> bool:
        """Whether it cannot be asked anything."""
        return any(each.kind in ("lost", "unfinished") for each in self.drift)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {**asdict(self), "ok": not self.drift}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What a network says of what was deployed to it.

    Args:
        network: its name.
        owner: address of the wallet that deployed.
        processes: in the order they were asked for.
        smoke: the smoke checks of those that could be asked.
    """

    network: str
    owner: str
    processes: tuple[Verified, ...]
    smoke: tuple[Smoked, ...]

    @property
    def drifted(self) -> tuple[Verified, ...]:
        """The processes that are not as the state says."""
        return tuple(each for each in self.processes if each.drift)

    @property
    def failed(self) -> tuple[Smoked, ...]:
        """The smoke checks that failed."""
        return tuple(each for each in self.smoke if each.error is not None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "network": self.network,
            "owner": self.owner,
            "ok": not (self.drifted or self.failed),
            "processes": [each.as_dict() for each in self.processes],
            "smoke": [each.as_dict() for each in self.smoke],
        }


def verify(
    manifest: Manifest,
    state: State,
    names: Collection[str],
    *,
    port: Port,
    environ: Mapping[str, str],
    build: Callable[[ProcessSpec], Bundle],
) -> Verification:
    """Compare processes of a state with those on the network, and run their smoke checks.

    Args:
        manifest: the manifest; it need not define them all.
        state: what was deployed.
        names: which of its processes.
        port: the network.
        environ: environment variables that the manifest may refer to.
        build: makes a bundle; called only where a smoke check refers to one.

    Returns:
        What there is to say, in the order of the names.

    Raises:
        ManifestError: a smoke check refers to what is not known, or says who asks where the network does not let it.
        NetworkError: the network did not answer.
    """
    manifest = manifest.on(port.name)
    specs = {name: manifest.process(name) for name in names if name in manifest.processes}
    check_askers(specs.values(), port=port)
    processes = tuple(
        _verified(
            name,
            state.processes[name],
            owner=state.owner,
            port=port,
            is_packed=name in specs and specs[name].pack,
        )
        for name in names
    )
    ready = [each.name for each in processes if not each.unready]
    built = {path[1] for spec in specs.values() for check in spec.smoke for path in paths_of(check) if "bundle" in path}
    bundles = {name: build(manifest.process(name)) for name in built}
    wants = Wants.on(port, manifest, bundles, owner=state.owner, environ=environ)
    smoke = run_smoke(
        [specs[name] for name in manifest.processes if name in ready],
        {name: state.processes[name].id for name in ready},
        port=port,
        context=wants.context({name: process.id for name, process in state.processes.items()}),
        lines=KeptLines(manifest.root),
    )
    return Verification(network=port.name, owner=state.owner, processes=processes, smoke=smoke)


def _verified(name: str, process: ProcessState, *, owner: str, port: Port, is_packed: bool) -> Verified:
    found: str | None = None
    drift: tuple[Drift, ...]
    if not port.find(process.id, process.spawn_item):
        hint = f"`tim3tool state rm {name}` forgets it, and the next deploy spawns it anew"
        drift = (Drift(kind="lost", message="is not on the network", hint=hint),)
    elif process.code_hash is None:
        hint = f"`tim3tool deploy --network {port.name}` gives it its code"
        drift = (Drift(kind="unfinished", message="never got its code", hint=hint),)
    else:
        found, drift = drift_of(name, process, owner=owner, port=port, is_packed=is_packed)
    return Verified(name=name, id=process.id, build_hash=process.build_hash, found=found, drift=drift)
