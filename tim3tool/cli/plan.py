"""`tim3tool plan`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import (
    AsJson,
    Directory,
    ManifestFile,
    NetworkName,
    OnlyNames,
    ReplaceNames,
    Timeout,
    WalletFile,
)
from tim3tool.errors import ChangesPlanned

if TYPE_CHECKING:
    from tim3tool.deploy.change import Plan

__all__ = ["plan", "print_plan"]


def plan(
    *,
    network: NetworkName = "local",
    only: OnlyNames = None,
    replace: ReplaceNames = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it to a file for `deploy FILE`.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when there is something to do.")] = False,
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
    timeout: Timeout = None,
) -> int:
    """Show what a deploy would do; nothing is signed, sent or changed."""
    from tim3tool.cli.network import open_network, wallet_of
    from tim3tool.cli.project import build_one, manifest_of
    from tim3tool.cli.terminal import document, line
    from tim3tool.deploy.apply import plan as planned

    manifest = manifest_of(directory, file).on(network)
    made = planned(
        manifest,
        {name: build_one(manifest, spec) for name, spec in manifest.processes.items()},
        port=open_network(manifest, network, timeout=timeout),
        owner=wallet_of(wallet_file, manifest.network(network)).address,
        environ=os.environ,
        only=only,
        replace=replace or (),
        save=(directory or Path()) / output if output else None,
    )
    if as_json:
        document("plan", made.as_dict())
    else:
        print_plan(made)
        if output:
            line(f"written to {output}; `tim3tool deploy {output}` carries it out")
    if exit_code and not made.is_empty and not as_json:
        msg = f"a deploy to network `{made.network}` would change something"
        raise ChangesPlanned(msg, help=f"run `tim3tool deploy --network {made.network}`")
    return ChangesPlanned.exit_code if exit_code and not made.is_empty else 0


def print_plan(made: Plan) -> None:
    """Print a plan as a table: a row for each thing that is done to a process."""
    from tim3tool.cli.terminal import line, table

    rows = []
    for change in made.changes:
        first, *others = change.lines or ("",)
        rows += [[change.name, change.kind, first], *(["", "", other] for other in others)]
    table(f"network {made.network}", ["process", "change", "what"], rows)
    if made.unfinished:
        line("an earlier deploy was stopped: the next one first finishes what it left")
    if made.is_empty:
        line("no change: everything is as the manifest says")
    else:
        words = {"update": "to update", "drift": "drifted", "setup": "to set up", "none": "unchanged", "lost": "lost"}
        counts = [f"{number} {words.get(kind, f'to {kind}')}" for kind, number in made.counts.items() if number]
        line(f"{', '.join(counts)}; {made.items} to send")
