"""`tim3tool message` and `tim3tool dryrun`."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from tim3tool.errors import ProcessFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tim3tool.aos import Result
    from tim3tool.deploy.lines import KeptLines, Located
    from tim3tool.network.port import Port
    from tim3tool.project import NetworkSpec

__all__ = ["dryrun", "message"]

_PROTOCOL = frozenset({"Data-Protocol", "Variant", "Type", "Reference"})


def message(
    process: Process,
    *,
    action: Action = None,
    tags: TagOptions = None,
    data: Data = "",
    network: NetworkName = "local",
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
) -> int:
    """Send a signed message to a process, and print what it answers."""
    from tim3tool.cli.network import wallet_of
    from tim3tool.network.protocol import message_item

    to = _reach(process, network, directory, file, timeout=timeout)
    port, target, lines = to.port, to.process, to.lines
    pairs = _pairs(action, tags)
    _check_text("the data", data)
    wallet = wallet_of(wallet_file, to.network)
    item = message_item(wallet, target=target, tags=pairs, data=data.encode(), terms=port.terms)
    with _locating(port, lines):
        sent = port.message(item)
        result = port.result(target, sent)
    return _show(
        "message", target, result, lines=lines.of_process(target, network=port.name), as_json=as_json, message=sent
    )


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
    from tim3tool.cli.network import wallet_of

    to = _reach(process, network, directory, file, timeout=timeout)
    port, target, lines = to.port, to.process, to.lines
    pairs = _pairs(action, tags)
    _check_text("the data", data)
    if sender and not port.terms.any_owner:
        msg = f"network `{port.name}` does not let a dry-run say who asks"
        raise UsageError(msg, help="leave out --from")
    owner = sender.removeprefix("id:") if sender else ""
    if port.terms.any_owner:
        owner = owner or wallet_of(wallet_file, to.network).address
    with _locating(port, lines):
        result = port.dry_run(target, owner=owner, tags=pairs, data=data)
    return _show("dryrun", target, result, lines=lines.of_process(target, network=port.name), as_json=as_json)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reached:
    """A process on a network, and the lines of what runs there."""

    port: Port
    network: NetworkSpec
    process: str
    lines: KeptLines


def _reach(process: str, network: str, directory: Path | None, file: Path | None, *, timeout: float | None) -> _Reached:
    from tim3tool.cli.network import open_network, process_id
    from tim3tool.cli.project import manifest_of
    from tim3tool.deploy.lines import KeptLines

    manifest = manifest_of(directory, file)
    return _Reached(
        port=open_network(manifest, network, timeout=timeout),
        network=manifest.network(network),
        process=process_id(manifest, network, process),
        lines=KeptLines(manifest.root),
    )


@contextmanager
def _locating(port: Port, lines: KeptLines) -> Iterator[None]:
    """Show the error of a process at its line in the sources."""
    try:
        yield
    except ProcessFailed as error:
        located = lines.of_process(error.process, network=port.name) if error.process else None
        raise located.error(error) if located else error from None


def _pairs(action: str | None, tags: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    pairs = [("Action", action)] if action is not None else []
    for word in tags or ():
        name, equals, value = word.partition("=")
        if not equals or not name:
            msg = f"`{word}` is not a tag"
            raise UsageError(msg, help="write NAME=VALUE, such as -t Quantity=5")
        pairs.append((name, value))
    for name, value in pairs:
        _check_text(f"tag `{name}`", value)
    return tuple(pairs)


def _check_text(what: str, value: str) -> None:
    """Refuse what the shell passed on that is no UTF-8, which Python keeps as lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        msg = f"{what} is not UTF-8".encode("utf-8", "replace").decode()
        raise UsageError(msg) from None


def _show(
    verb: str,
    process: str,
    result: Result,
    *,
    lines: Located | None,
    as_json: bool,
    message: str | None = None,
) -> int:
    failed = result.error is not None
    if as_json:
        from tim3tool.cli.terminal import document

        said: dict[str, Any] = {"process": process} | ({"message": message} if message else {})
        where = lines.place(result.text) if failed and lines else None
        said |= {"where": {"path": where.path, "line": where.line}} if where else {}
        document(verb, said | {"ok": not failed, "result": dict(result)})
    elif failed:
        from tim3tool.deploy.judge import explained

        first, rest, where = explained(result, lines)
        msg = f"the process answered with an Error: {first}"
        raise ProcessFailed(msg, where=where, notes=rest)
    else:
        _print(result, message)
    return ProcessFailed.exit_code if failed else 0


def _print(result: Result, message: str | None) -> None:
    from tim3tool.cli.terminal import line

    if message:
        line(f"message {message}")
    if result.text:
        line(result.text)
    for sent in result.messages:
        _print_message(sent)


def _print_message(sent: dict[str, Any]) -> None:
    from tim3tool.cli.terminal import line, table

    tags = [(tag["name"], tag.get("value")) for tag in sent["Tags"] if tag["name"] not in _PROTOCOL]
    action = next((str(value) for name, value in tags if name == "Action"), "message")
    rows = [[name, str(value)] for name, value in tags if name != "Action"]
    data = sent.get("Data")
    members = _members(data)
    if data not in (None, "", " ") and members is None:
        rows.append(["Data", str(data)])
    line()
    table(f"{action} to {sent.get('Target', 'nobody')}", ["tag", "value"], rows)
    if members is not None:
        line()
        table("its Data", ["key", "value"], members)


def _members(data: Any) -> list[list[str]] | None:
    """Return the members of data that is a JSON object, as rows of a table."""
    try:
        decoded = json.loads(data)
    except (TypeError, ValueError):
        return None
    if not isinstance(decoded, dict):
        return None
    return [[key, value if isinstance(value, str) else json.dumps(value)] for key, value in decoded.items()]
