"""`tim3tool message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    Watch,
)

if TYPE_CHECKING:
    from tim3tool.cli.reach import Reached
    from tim3tool.network.dataitem import DataItem

__all__ = ["message"]


def message(
    process: Process,
    *,
    action: Action = None,
    tags: TagOptions = None,
    data: Data = "",
    watch: Watch = False,
    network: NetworkName = "local",
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
) -> int:
    """Send a signed message to a process, and print what it answers."""
    from tim3tool.cli.answers import show
    from tim3tool.cli.network import wallet_of
    from tim3tool.cli.reach import check_size, check_text, pairs, reach
    from tim3tool.network.protocol import message_item

    to = reach(process, network, directory, file, timeout=timeout)
    given = pairs(action, tags)
    check_text("the data", data)
    wallet = wallet_of(wallet_file, to.network)
    item = message_item(wallet, target=to.process, tags=given, data=data.encode(), terms=to.port.terms)
    check_size(item, to.port)
    if watch:
        return _and_watch(to, item, as_json=as_json)
    with to.locating():
        sent = to.port.message(item)
        result = to.port.result(to.process, sent)
    return show("message", to.process, result, lines=to.lines, as_json=as_json, message=sent)


def _and_watch(to: Reached, item: DataItem, *, as_json: bool) -> int:
    """Send a message, and print all that its process answers from then on, to this message first of all."""
    from tim3tool.cli.following import follow, newest_mark, show_results
    from tim3tool.cli.terminal import line, record

    before = newest_mark(to)
    with to.locating():
        sent = to.port.message(item)
    if as_json:
        record("sent", {"process": to.process, "message": sent})
    else:
        line(f"message {sent}")
    return follow(to, show_results(to, as_json=as_json), after=before)
