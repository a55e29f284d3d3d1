"""`tim3tool deploy`."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import (
    AsJson,
    Directory,
    ManifestFile,
    NetworkName,
    OnlyNames,
    Quiet,
    ReplaceNames,
    Timeout,
    WalletFile,
)
from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.cli.terminal import Talk
    from tim3tool.deploy.change import Plan
    from tim3tool.deploy.deployment import Deployment
    from tim3tool.deploy.saved import SavedPlan
    from tim3tool.deploy.sender import Step
    from tim3tool.network.port import Port
    from tim3tool.project import NetworkSpec

__all__ = ["deploy"]

_DEFAULT_NETWORK = "local"


def deploy(
    plan_file: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", help="A file of `plan -o`: do that, or nothing.")
    ] = None,
    *,
    network: NetworkName | None = None,
    only: OnlyNames = None,
    replace: ReplaceNames = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before sending to a public network.")] = False,
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

    saved = _saved(plan_file, directory, network, only, replace)
    name = saved.network if saved else network or _DEFAULT_NETWORK
    manifest = manifest_of(directory, file).on(name)
    port = open_network(manifest, name, timeout=timeout)
    _ask_early(port)
    from tim3tool.deploy.apply import deploy as apply

    wallet = wallet_of(wallet_file, manifest.network(name))
    talk = Talk(quiet=quiet or as_json)
    told = _Told(talk, manifest.network(name), yes=yes, may_ask=sys.stdin.isatty() and not as_json)
    try:
        done = apply(
            manifest,
            {each.name: build_one(manifest, each) for each in manifest.processes.values()},
            port=port,
            wallet=wallet,
            environ=os.environ,
            report=told.step,
            only=only,
            replace=replace or (),
            saved=saved,
            review=told.review,
            smoke=not no_smoke,
        )
    finally:
        talk.progress("")
    if as_json:
        document("deploy", done.as_dict())
    else:
        _print(done)
    return 0


def _ask_early(port: Port) -> None:
    """Let a node tell its address while more is loaded and built; what goes wrong is told when it is needed."""

    def ask() -> None:
        with suppress(Exception):
            _ = port.scheduler

    threading.Thread(target=ask, daemon=True).start()


def _saved(
    plan_file: Path | None,
    directory: Path | None,
    network: str | None,
    only: Sequence[str] | None,
    replace: Sequence[str] | None,
) -> SavedPlan | None:
    """Return the plan of a file, and refuse what would make it another."""
    if plan_file is None:
        return None
    from tim3tool.deploy.saved import read_plan  # only now, as what it loads can wait until the network is asked

    saved = read_plan((directory or Path()) / plan_file)
    if only or replace:
        msg = "a saved plan says itself which processes it deploys and replaces"
        raise UsageError(msg, help="give --only and --replace to `tim3tool plan`")
    if network not in (None, saved.network):
        msg = f"the plan `{plan_file}` is for network `{saved.network}`, not for `{network}`"
        raise UsageError(msg, help=f"leave out --network, or make one with `tim3tool plan --network {network} -o FILE`")
    return saved


class _Told:
    """Asks before anything is sent to a public network, and says how far the deploy is."""

    def __init__(self, talk: Talk, network: NetworkSpec, *, yes: bool, may_ask: bool) -> None:
        self._talk = talk
        self._network = network
        self._yes = yes
        self._may_ask = may_ask
        self._items = 0
        self._done = 0

    def review(self, planned: Plan) -> None:
        """Let the user look at a plan where it is for a public network."""
        self._items = planned.items
        for change in planned.changes:
            for note in change.notes:
                self._talk.say(f"note: {change.name} {note}")
        if planned.is_empty or self._yes or not self._network.is_public:
            return
        if not self._may_ask:
            msg = f"network `{planned.network}` is public, and nobody is here to confirm the deploy"
            raise UsageError(msg, help=f"look at `tim3tool plan --network {planned.network}`, then add --yes")
        from tim3tool.cli.plan import print_plan

        print_plan(planned)
        if not typer.confirm(f"deploy this to network {planned.network}?", err=True):
            msg = "not confirmed, and nothing was sent"
            raise UsageError(msg)

    def step(self, step: Step) -> None:
        """Tell of a finished step: on a terminal in the place of the one before, elsewhere on a line of its own."""
        self._done += 1
        if sys.stderr.isatty():
            self._talk.progress(f"{self._done} of {max(self._items, self._done)}: {step}")
        else:
            self._talk.say(str(step))


def _print(done: Deployment) -> None:
    from tim3tool.cli.terminal import line, table

    table(
        f"network {done.network}",
        ["process", "id", "change", "build hash"],
        [[process.name, process.id, process.action, process.build_hash] for process in done.processes],
    )
    for process in done.processes:
        if process.action == "replaced":
            line(f"{process.name} was {process.replaced[-1]} before")
    if done.smoke:
        line(f"{len(done.smoke)} smoke check{'s' if len(done.smoke) > 1 else ''} passed")
    line(f"{done.sent} sent" if done.changed else "no change: everything is as the manifest says, nothing was sent")
