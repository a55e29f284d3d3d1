"""`tim3tool verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, NetworkName, Timeout
from tim3tool.errors import Drifted, UsageError, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.deploy.state import State
    from tim3tool.deploy.verify import Verified
    from tim3tool.project import Manifest

__all__ = ["verify"]


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Processes; all that are deployed by default.")
    ] = None,
    *,
    network: NetworkName = "local",
    timeout: Timeout = None,
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
) -> int:
    """Ask a network whether it still runs what was deployed; nothing is sent, and 1 says that something differs."""
    from tim3tool.cli.network import open_network
    from tim3tool.cli.project import manifest_of
    from tim3tool.cli.terminal import document
    from tim3tool.deploy.verify import verify as compare

    manifest = manifest_of(directory, file)
    port = open_network(manifest, network, timeout=timeout)
    state = _state(manifest, network)
    wanted = _wanted(names or [], state, manifest)
    packed = [name for name in wanted if name in manifest.processes and manifest.process(name).pack]
    done = compare(state, wanted, port=port, packed=packed)
    drifted = [each for each in done if each.drift]
    if as_json:
        said = {"network": network, "owner": state.owner, "ok": not drifted}
        document("verify", said | {"processes": [each.as_dict() for each in done]})
        return Drifted.exit_code if drifted else 0
    _print(network, done)
    if drifted:
        raise _error(network, drifted)
    return 0


def _state(manifest: Manifest, network: str) -> State:
    from tim3tool.deploy.state import load, state_path

    state = load(state_path(manifest.root, network), network=network)
    if state is None or not state.processes:
        msg = f"nothing is deployed to network `{network}`"
        raise UsageError(msg, help=f"run `tim3tool deploy --network {network}`")
    return state


def _wanted(names: Sequence[str], state: State, manifest: Manifest) -> list[str]:
    """Return names of processes of the state, those of the manifest first."""
    for name in names:
        if name in state.processes:
            continue
        if name in manifest.processes:
            msg = f"process `{name}` is not deployed to network `{state.network}`"
            raise UsageError(msg, help=f"run `tim3tool deploy --network {state.network}`")
        near = suggestion(name, state.processes)
        msg = f"unknown process `{name}`"
        raise UsageError(msg, help=f"did you mean `{near}`?" if near else "name processes of the manifest")
    if names:
        return list(dict.fromkeys(names))
    ordered = [name for name in manifest.processes if name in state.processes]
    return [*ordered, *(name for name in state.processes if name not in manifest.processes)]


def _print(network: str, done: Sequence[Verified]) -> None:
    from tim3tool.cli.terminal import table

    table(
        f"network {network}",
        ["process", "id", "state", "build hash"],
        [
            [each.name, each.id, ", ".join(drift.kind for drift in each.drift) or "as deployed", each.build_hash or ""]
            for each in done
        ],
    )


def _error(network: str, drifted: Sequence[Verified]) -> Drifted:
    names = ", ".join(f"`{each.name}`" for each in drifted)
    found = [(each.name, drift) for each in drifted for drift in each.drift]
    hints = dict.fromkeys(drift.hint for _, drift in found)
    msg = f"network `{network}` is not as it was deployed: {names}"
    return Drifted(msg, notes=[f"`{name}` {drift.message}" for name, drift in found], help="\n".join(hints))
