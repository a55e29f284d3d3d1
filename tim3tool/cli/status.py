"""`tim3tool status`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tim3tool.cli.options import AsJson, Directory, ManifestFile, NetworkName

if TYPE_CHECKING:
    from tim3tool.bundle import Bundle
    from tim3tool.deploy.status import NetworkStatus
    from tim3tool.project import Manifest

__all__ = ["status"]

_SHORT: Final = 12


def status(
    *,
    network: NetworkName = "local",
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
) -> int:
    """Show where each process is and whether it runs what the sources give now; no network is asked."""
    from tim3tool.cli.project import manifest_of
    from tim3tool.cli.terminal import document
    from tim3tool.deploy.status import status_of

    manifest = manifest_of(directory, file)
    manifest.network(network)
    bundles = _bundles(manifest.on(network))
    found = status_of(manifest, bundles, network=network, environ=os.environ)
    if as_json:
        document("status", {**found.as_dict(), "unfinished": found.is_unfinished})
    else:
        _print(found)
    return 0


def _bundles(manifest: Manifest) -> dict[str, Bundle]:
    """Return what the sources give, and say why where they give nothing."""
    from tim3tool.cli.project import build_one
    from tim3tool.cli.terminal import Talk
    from tim3tool.errors import SourceError

    made = {}
    for name, spec in manifest.processes.items():
        try:
            made[name] = build_one(manifest, spec)
        except SourceError as error:
            Talk(quiet=False).warn(f"`{name}` does not build: {error}")
    return made


def _print(found: NetworkStatus) -> None:
    from tim3tool.cli.terminal import line, table

    table(
        f"network {found.network}" + (f", wallet {found.owner}" if found.owner else ""),
        ["process", "id", "status", "deployed", "built", "set-up"],
        [
            [
                each.name,
                each.id or "-",
                each.standing,
                (each.deployed or "-")[:_SHORT],
                (each.built or "-")[:_SHORT],
                f"{len(each.setup_done)}/{len(each.setup_done) + len(each.setup_pending)}",
            ]
            for each in found.processes
        ],
    )
    for each in found.processes:
        for name in each.setup_unmet:
            line(f"not met: {each.name} has not answered its set-up message {name} as the manifest expects")
    for item in found.pending:
        line(f"pending: {item.kind} of {item.process}, item {item.message}")
    if found.held_by:
        line(f"{found.held_by} is deploying to it now")
    elif found.pending:
        line(f"a deploy was stopped: run `tim3tool deploy --network {found.network}` to finish it")
