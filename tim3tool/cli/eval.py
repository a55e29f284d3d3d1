"""`tim3tool eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, NetworkName, Process, Quiet, Timeout, WalletFile
from tim3tool.errors import ProcessFailed, UsageError

if TYPE_CHECKING:
    from tim3tool.aos import Result
    from tim3tool.cli.reach import Reached
    from tim3tool.deploy.lines import GivenCode
    from tim3tool.errors import Where

__all__ = ["evaluate"]

_STDIN = "-"


def evaluate(
    process: Process,
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="Lua, or - to read it from stdin.")] = None,
    *,
    script: Annotated[
        Path | None, typer.Option("--script", metavar="FILE", help="A file of Lua in place of CODE.")
    ] = None,
    network: NetworkName = "local",
    wallet_file: WalletFile = None,
    directory: Directory = None,
    file: ManifestFile = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Let a process evaluate Lua as its owner, and print what it returns."""
    from tim3tool.cli.network import wallet_of
    from tim3tool.cli.reach import check_size, reach
    from tim3tool.cli.terminal import Talk
    from tim3tool.deploy.lines import GivenCode
    from tim3tool.network.protocol import message_item

    shown, text = _given(code, script, directory)
    to = reach(process, network, directory, file, timeout=timeout)
    wallet = wallet_of(wallet_file, to.network)
    item = message_item(wallet, target=to.process, tags=[("Action", "Eval")], data=text, terms=to.port.terms)
    check_size(item, to.port)
    with to.locating():
        sent = to.port.message(item)
        result = to.port.result(to.process, sent)
    lines = GivenCode(path=shown, text=text, beneath=to.lines)
    failure = _failure(result, owner=wallet.address, lines=lines)
    Talk(quiet=quiet or as_json).say(f"message {sent}")
    _show(to, sent, result, failure, as_json=as_json)
    if failure is None:
        _warn(to)
    return ProcessFailed.exit_code if failure else 0


def _given(code: str | None, script: Path | None, directory: Path | None) -> tuple[str, bytes]:
    """Return how messages call the code, and the code."""
    from tim3tool.lua.source import strip

    if (code is None) == (script is None):
        problem = "there is no code to evaluate" if code is None else "there are two codes to evaluate"
        raise UsageError(problem, help="give it as an argument, with --script FILE, or on stdin with -")
    if script is not None:
        shown, raw = str(script), strip(_read((directory or Path()) / script))
    elif code == _STDIN:
        shown, raw = "stdin", sys.stdin.buffer.read()
    else:
        shown, raw = "CODE", (code or "").encode("utf-8", "surrogateescape")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        msg = f"`{shown}` is not UTF-8: byte {error.start + 1}"
        raise UsageError(msg, help="a message carries text; write other bytes as escapes") from None
    if not raw.strip():
        msg = f"`{shown}` is empty: there is no code to evaluate"
        raise UsageError(msg)
    return shown, raw


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}"
        raise UsageError(msg, help="name a file of Lua") from None


def _failure(result: Result, *, owner: str, lines: GivenCode) -> ProcessFailed | None:
    """Return why the code did not run to its end, or None when it did."""
    from tim3tool.deploy.judge import check_eval

    try:
        check_eval(result, "the Eval", owner=owner, lines=lines)
    except ProcessFailed as failure:
        other = lines.other_place(failure.where)
        if other is None:
            return failure
        note = f"or it is {other}, which the process ran before and calls by the same name"
        return ProcessFailed(failure.message, where=failure.where, help=failure.help, notes=[*failure.notes, note])
    return None


def _show(to: Reached, sent: str, result: Result, failure: ProcessFailed | None, *, as_json: bool) -> None:
    from tim3tool.cli.answers import print_answer
    from tim3tool.cli.terminal import document

    if as_json:
        said = {"process": to.process, "message": sent, "ok": failure is None, "result": dict(result)}
        problem = {"problem": failure.message, "where": _place(failure.where)} if failure else {}
        document("eval", said | problem)
    elif failure:
        raise failure
    else:
        print_answer(result, None)


def _place(where: Where | None) -> dict[str, str | int] | None:
    return {"path": where.path, "line": where.line} if where else None


def _warn(to: Reached) -> None:
    """Say that what runs is no longer what the state tells, where the state tells of the process."""
    from tim3tool.cli.project import shown_path
    from tim3tool.cli.terminal import Talk
    from tim3tool.deploy.state import load, state_path

    path = state_path(to.manifest.root, to.port.name)
    state = load(path, network=to.port.name)
    names = [name for name, known in state.processes.items() if known.id == to.process] if state else []
    if names:
        unknown = f"`{shown_path(path)}` does not know what this Eval changed"
        Talk(quiet=False).warn(f"{unknown}: it no longer says all of what `{names[0]}` runs")
