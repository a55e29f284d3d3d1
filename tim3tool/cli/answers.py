"""How the verbs show what a process answers, to a reader or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import ProcessFailed

if TYPE_CHECKING:
    from tim3tool.aos import Result
    from tim3tool.deploy.lines import Lines
    from tim3tool.network.port import Answered

__all__ = ["answer_members", "answered_members", "print_answer", "print_answered", "show"]

_PROTOCOL: Final = frozenset({"Data-Protocol", "Variant", "Type", "Reference"})
_LONGEST: Final = 160  # characters of one message in a list


def show(
    verb: str,
    process: str,
    result: Result,
    *,
    lines: Lines | None,
    as_json: bool,
    message: str | None = None,
) -> int:
    """Print what a process answered to one message.

    Args:
        verb: the command, for the document's schema.
        process: the process id.
        result: the answer.
        lines: the lines of what it runs, where they are known.
        as_json: print one JSON document.
        message: the id of the message, where there is one.

    Returns:
        The exit code.

    Raises:
        ProcessFailed: the answer is an ``Error``, and is not shown as JSON.
    """
    if as_json:
        from tim3tool.cli.terminal import document

        named = {"process": process} | ({"message": message} if message else {})
        document(verb, named | answer_members(result, lines))
        return 0 if result.error is None else ProcessFailed.exit_code
    if result.error is not None:
        from tim3tool.deploy.judge import explained

        first, rest, where = explained(result, lines)
        msg = f"the process answered with an Error: {first}"
        raise ProcessFailed(msg, where=where, notes=rest)
    print_answer(result, message)
    return 0


def answer_members(result: Result, lines: Lines | None) -> dict[str, Any]:
    """Return ``ok``, ``result``, and ``where`` for an error whose place in the sources is known."""
    failed = result.error is not None
    where = lines.place(result.text) if failed and lines else None
    place = {"where": {"path": where.path, "line": where.line}} if where else {}
    return place | {"ok": not failed, "result": dict(result)}


def answered_members(answered: Answered, lines: Lines | None) -> dict[str, Any]:
    """Return what a list of answers says of one: ``mark`` and ``message``, and as `answer_members`."""
    return {"mark": answered.mark, "message": answered.message, **answer_members(answered.result, lines)}


def print_answer(result: Result, message: str | None) -> None:
    """Print an answer that is no ``Error``: what was printed, and each message that is sent, as a table.

    Args:
        result: the answer.
        message: the id of the message that it answers, where there is one.
    """
    from tim3tool.cli.terminal import line, printed

    if message:
        line(f"message {message}")
    if said := output_of(result):
        line(printed(said))
    for sent in result.messages:
        _print_message(sent)


def print_answered(answered: Answered, lines: Lines | None) -> None:
    """Print one answer of a list, each thing in it on a line of its own."""
    from tim3tool.cli.terminal import line, printed

    named = answered.message not in (None, answered.mark)
    line(f"{answered.mark}  message {answered.message}" if named else answered.mark)
    result = answered.result
    for text in output_of(result).splitlines():
        line(f"  {printed(text)}".rstrip())
    if result.error is not None:
        from tim3tool.deploy.judge import explained

        first, _, where = explained(result, lines)
        line(f"  error: {first}" + (f" ({where})" if where else ""))
    for sent in result.messages:
        line(f"  sends {printed(_in_short(sent))}")
    for spawn in result.spawns:
        line(f"  spawns {printed(_in_short(spawn))}")


def output_of(result: Result) -> str:
    """Return what was printed, with its terminal colours."""
    data = result.output.get("data", "")
    return data if isinstance(data, str) else json.dumps(data)


def _print_message(sent: dict[str, Any]) -> None:
    from tim3tool.cli.terminal import line, printed, table

    tags = [(printed(name), printed(str(value))) for name, value in _tags(sent)]
    action = next((value for name, value in tags if name == "Action"), "message")
    rows = [[name, value] for name, value in tags if name != "Action"]
    data = sent.get("Data")
    members = _members(data)
    if data not in (None, "", " ") and members is None:
        rows.append(["Data", printed(str(data))])
    line()
    table(f"{action} to {printed(str(sent.get('Target', 'nobody')))}", ["tag", "value"], rows)
    if members is not None:
        line()
        table("its Data", ["key", "value"], members)


def _in_short(sent: dict[str, Any]) -> str:
    """Return a message as one line: its Action, its target, its other tags and its data."""
    tags = _tags(sent)
    action = next((str(value) for name, value in tags if name == "Action"), "a message")
    words = [f"{name}={value}" for name, value in tags if name != "Action"]
    data = sent.get("Data")
    if data not in (None, "", " "):
        words.append(f"Data={data}")
    text = " ".join(f"{action} to {sent.get('Target', 'nobody')}{': ' if words else ''}{' '.join(words)}".split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _tags(sent: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the tags that are not the protocol's own."""
    tags = [tag for tag in sent.get("Tags") or () if isinstance(tag, dict) and "name" in tag]
    return [(str(tag["name"]), tag.get("value")) for tag in tags if tag["name"] not in _PROTOCOL]


def _members(data: Any) -> list[list[str]] | None:
    """Return the members of data that is a JSON object, as rows of a table."""
    from tim3tool.cli.terminal import printed

    try:
        decoded = json.loads(data)
    except (TypeError, ValueError, RecursionError):
        return None
    if not isinstance(decoded, dict):
        return None
    texts = ((key, value if isinstance(value, str) else json.dumps(value)) for key, value in decoded.items())
    return [[printed(key), printed(text)] for key, text in texts]
