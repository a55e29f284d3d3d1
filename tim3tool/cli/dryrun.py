"""`tim3tool dryrun`."""

from __future__ import annotations

from typing import Annotated

import typer

from tim3tool.cli.argv import ID_MARK
from tim3tool.cli.options import (
    Action,
    AsJson,
    Data,
    Directory,
    ManifestFile,
    NetworkName,
    Process,
    TagOptions,
    Timeout,
    WalletFile,
)
from tim3tool.errors import UsageError

__all__ = ["dryrun"]


def dryrun(
    process: Process,
    *,
    action: Action = None,
    tags: TagOptions = None,
    data: Data = "",
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ADDRESS", help="Who asks; the key that signs by default.")
    ] = None,
    network: NetworkName = "local",
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
) -> int:
    """Print what a process would answer to a message; nothing is sent and nothing changes."""
    from tim3tool.cli.answers import show
    from tim3tool.cli.network import wallet_of
    from tim3tool.cli.reach import check_text, pairs, reach

    to = reach(process, network, directory, file, timeout=timeout)
    given = pairs(action, tags)
    check_text("the data", data)
    if sender and not to.port.terms.any_owner:
        msg = f"network `{to.port.name}` does not let a dry-run say who asks"
        raise UsageError(msg, help="leave out --from")
    owner = sender.removeprefix(ID_MARK) if sender else ""
    if to.port.terms.any_owner:
        owner = owner or wallet_of(wallet_file, to.network).address
    with to.locating():
        result = to.port.dry_run(to.process, owner=owner, tags=given, data=data)
    return show("dryrun", to.process, result, lines=to.lines, as_json=as_json)
