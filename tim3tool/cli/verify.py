"""`tim3tool verify`."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, NetworkName, Timeout
from tim3tool.errors import Drifted, UsageError, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.deploy.state import State
    from tim3tool.deploy.verify import Verification
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
    from tim3tool.cli.project import build_one, manifest_of
    from tim3tool.cli.terminal import document
    from tim3tool.deploy.smoke import raise_failed
    from tim3tool.deploy.verify import verify as compare

    manifest = manifest_of(directory, file)
    port = open_network(manifest, network, timeout=timeout)
    state = _state(manifest, network)
    done = compare(
        manifest,
        state,
        _wanted(names or [], state, manifest),
        port=port,
        environ=os.environ,
        build=partial(build_one, manifest),
    )
    if as_json:
        document("verify", done.as_dict())
        return Drifted.exit_code if done.drifted or done.failed else 0
    _print(done)
    if done.drifted:
        raise _error(done)
    raise_failed(done.smoke, help="nothing was sent; see what became of the processes")
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


def _print(done: Verification) -> None:
    from tim3tool.cli.terminal import line, table

    table(
        f"network {done.network}",
        ["process", "id", "state", "build hash"],
        [
            [each.name, each.id, ", ".join(drift.kind for drift in each.drift) or "as deployed", each.build_hash or ""]
            for each in done.processes
        ],
    )
    if done.smoke:
        line(f"{len(done.smoke) - len(done.failed)} of {len(done.smoke)} smoke checks passed")


def _error(done: Verification) -> Drifted:
    names = ", ".join(f"`{each.name}`" for each in done.drifted)
    found = [(each.name, drift) for each in done.drifted for drift in each.drift]
    notes = [f"`{name}` {drift.message}" for name, drift in found]
    notes += [str(each.error) for each in done.failed]
    hints = dict.fromkeys(drift.hint for _, drift in found)
    msg = f"network `{done.network}` is not as it was deployed: {names}"
    return Drifted(msg, notes=notes, help="\n".join(hints))
