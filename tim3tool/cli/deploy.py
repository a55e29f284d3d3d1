"""`tim3tool deploy`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, NetworkName, Quiet, Timeout, WalletFile

if TYPE_CHECKING:
    from tim3tool.deploy.apply import Deployment

__all__ = ["deploy"]


def deploy(
    *,
    network: NetworkName = "local",
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    timeout: Timeout = None,
    no_smoke: Annotated[bool, typer.Option("--no-smoke", help="Leave the smoke checks out.")] = False,
) -> int:
    """Spawn and update the processes on a network; running again resumes, or changes nothing."""
    from tim3tool.cli.network import open_network, wallet_of
    from tim3tool.cli.project import build_one, manifest_of
    from tim3tool.cli.terminal import Talk, document
    from tim3tool.deploy.apply import deploy as apply

    manifest = manifest_of(directory, file)
    wallet = wallet_of(wallet_file, manifest.network(network))
    port = open_network(manifest, network, timeout=timeout)
    talk = Talk(quiet=quiet or as_json)
    done = apply(
        manifest,
        {name: build_one(manifest, spec) for name, spec in manifest.processes.items()},
        port=port,
        wallet=wallet,
        environ=os.environ,
        report=lambda step: talk.say(str(step)),
        smoke=not no_smoke,
    )
    if as_json:
        document("deploy", done.as_dict())
    else:
        _print(done)
    return 0


def _print(done: Deployment) -> None:
    from tim3tool.cli.terminal import line, table

    table(
        f"network {done.network}",
        ["process", "id", "change", "build hash"],
        [[process.name, process.id, process.action, process.build_hash] for process in done.processes],
    )
    if done.smoke:
        line(f"{len(done.smoke)} smoke check{'s' if len(done.smoke) > 1 else ''} passed")
    line(f"{done.sent} sent" if done.changed else "no change: everything is as the manifest says, nothing was sent")
