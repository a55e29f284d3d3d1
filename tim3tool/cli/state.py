"""`tim3tool state`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, NetworkName, WalletFile

if TYPE_CHECKING:
    from tim3tool.deploy.state import ProcessState, State
    from tim3tool.project import Manifest

__all__ = ["state"]

state = typer.Typer(help="What is known of the processes on a network.", no_args_is_help=True, rich_markup_mode=None)


@state.command("list")
def list_states(*, directory: Directory = None, file: ManifestFile = None, as_json: AsJson = False) -> int:
    """List the networks that something was deployed to."""
    from tim3tool.cli.project import manifest_of
    from tim3tool.cli.terminal import document, line, table
    from tim3tool.deploy.editing import known_states

    manifest = manifest_of(directory, file)
    found = list(known_states(manifest.root))
    if as_json:
        networks = [
            {
                "network": name,
                "owner": each.owner,
                "processes": {key: known.id for key, known in each.processes.items()},
            }
            for name, each in found
        ]
        document("state-list", {"networks": networks})
    elif found:
        rows = [[name, str(len(each.processes)), each.owner] for name, each in found]
        table("", ["network", "processes", "wallet"], rows, numbers=["processes"])
    else:
        line("nothing is deployed")
    return 0


@state.command("show")
def show(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A process; all of them by default.")] = None,
    *,
    network: NetworkName = "local",
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
) -> int:
    """Show all that is known of a process."""
    from tim3tool.cli.project import manifest_of
    from tim3tool.cli.terminal import document

    known = _known(manifest_of(directory, file), network)
    chosen = dict(known.processes) if name is None else {name: _process(known, name)}
    if as_json:
        said = {"network": known.network, "owner": known.owner, "variant": known.variant}
        processes = {each: asdict(process) for each, process in chosen.items()}
        document("state", said | {"processes": processes, "removed": [list(each) for each in known.removed]})
    else:
        _print(known, chosen, removed=name is None)
    return 0


@state.command("import")
def take_in(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="State files of aoform (state*.yaml), or of tim3tool.")
    ],
    *,
    force: Annotated[bool, typer.Option("--force", help="Put them in the place of processes of other ids.")] = False,
    network: NetworkName = "local",
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
) -> int:
    """Take processes that something else deployed into the state of a network; the wallet must be their owner's."""
    from tim3tool.cli.network import open_network, wallet_of
    from tim3tool.cli.project import manifest_of
    from tim3tool.cli.terminal import Talk, document, table
    from tim3tool.deploy.editing import processes_in
    from tim3tool.deploy.editing import take_in as change
    from tim3tool.project.imported import imported_ids

    manifest = manifest_of(directory, file)
    wallet = wallet_of(wallet_file, manifest.network(network))
    port = open_network(manifest, network)
    paths = [(directory or Path()) / each for each in files]
    ids = imported_ids(paths, owner=wallet.address, variant=port.terms.variant)
    done, known = change(manifest.root, processes_in(paths, ids), port=port, owner=wallet.address, force=force)
    for name in ids:
        if name not in manifest.processes:
            Talk(quiet=False).warn(_stray(name, manifest))
    if as_json:
        document(
            "state-import", {"network": network, "owner": known.owner, "processes": [asdict(each) for each in done]}
        )
    else:
        rows = [[each.name, each.id, each.action, each.before or "-"] for each in done]
        table(f"network {network}", ["process", "id", "change", "before"], rows)
    return 0


@state.command("rm")
def forget(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Processes.")],
    *,
    network: NetworkName = "local",
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
) -> int:
    """Forget processes, so that the next deploy spawns them anew; their ids are printed, and kept as removed."""
    from tim3tool.cli.project import manifest_of
    from tim3tool.cli.terminal import document, line
    from tim3tool.deploy.editing import forget as change

    manifest = manifest_of(directory, file)
    done = change(manifest.root, network, names)
    if as_json:
        document("state-rm", {"network": network, "processes": [asdict(each) for each in done]})
        return 0
    for each in done:
        line(f"forgot {each.name}: {', '.join(each.ids)}")
        for item in each.items:
            line(f"  item {item} of a deploy that was stopped will not be sent")
    return 0


def _known(manifest: Manifest, network: str) -> State:
    from tim3tool.deploy.state import load, state_path
    from tim3tool.errors import UsageError

    known = load(state_path(manifest.root, network), network=network)
    if known is None:
        manifest.network(network)
        msg = f"nothing is deployed to network `{network}`"
        raise UsageError(msg, help=f"run `tim3tool deploy --network {network}`, or `tim3tool state import`")
    return known


def _process(known: State, name: str) -> ProcessState:
    from tim3tool.errors import UsageError, suggestion

    if name not in known.processes:
        near = suggestion(name, known.processes)
        listed = ", ".join(f"`{each}`" for each in known.processes) or "none"
        msg = f"the state of network `{known.network}` has no process `{name}`"
        raise UsageError(msg, help=f"did you mean `{near}`?" if near else f"there are: {listed}")
    return known.processes[name]


def _print(known: State, chosen: dict[str, ProcessState], *, removed: bool) -> None:
    from tim3tool.cli.terminal import line, table

    line(f"network {known.network}, {known.variant or 'of an unknown variant'}, wallet {known.owner}")
    for name, process in chosen.items():
        line()
        table(name, ["fact", "value"], _facts(process))
    if removed:
        for name, each in known.removed:
            line(f"removed: {name} {each}")


def _facts(process: ProcessState) -> list[list[str]]:
    unknown = "unknown"
    return [
        ["id", process.id],
        ["spawn item", process.spawn_item],
        ["module", process.module or unknown],
        ["scheduler", process.scheduler or unknown],
        ["authority", unknown if process.authority is None else ", ".join(process.authority) or "none"],
        *([f"tag {name}", value] for name, value in process.tags or ()),
        ["build hash", process.build_hash or unknown],
        ["code hash", process.code_hash or unknown],
        ["Eval message", process.eval_message or unknown],
        *([f"set-up {name}", sent.message] for name, sent in process.setup.items()),
        *(["replaced", each] for each in process.replaced),
    ]


def _stray(name: str, manifest: Manifest) -> str:
    from tim3tool.errors import suggestion

    near = suggestion(name, manifest.processes)
    hint = f"did you mean `{near}`?" if near else "deploy leaves it alone"
    return f"`{name}` is no process of the manifest: {hint}"
