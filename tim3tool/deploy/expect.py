"""Whether an answer is what the manifest expects of it: of a set-up message, or of a smoke check."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import ManifestError, ProcessFailed
from tim3tool.project import render, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tim3tool.aos import Result
    from tim3tool.deploy.sender import Sender
    from tim3tool.deploy.state import SentSetup
    from tim3tool.errors import Where
    from tim3tool.project import Context, Expected, SetupMessage, Value

__all__ = ["Wanted", "check", "confirm", "digest", "is_met", "rendered", "reply"]

_LONGEST: Final = 120
_PROTOCOL: Final = frozenset({"Data-Protocol", "Variant", "Type", "Reference"})
_HANDLED: Final = (
    "it was handled, and is not sent again: correct `expect`, and the same answer is compared anew;\n"
    "or correct the Lua and give the message another `name`, and it is sent once more"
)
_RESENT: Final = "the next deploy sends it again"
_MORE: Final = object()  # a member that is not there


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An expectation on one network, with its texts rendered; see `Expected`.

    Args:
        where: where it stands in the manifest.
        is_reply: whether a message is expected at all.
        tags: (name, value) of tags that the message has among others.
        data: its whole data; None where anything will do.
        json: what its data holds as JSON; None likewise.
        target: whom it is for; None where that is not told.
        output: a part of what was printed; None likewise.
    """

    where: Where
    is_reply: bool
    tags: tuple[tuple[str, str], ...]
    data: str | None
    json: Value | None
    target: str | None
    output: str | None


def rendered(expected: Sequence[Expected], context: Context, *, sender: str | None) -> tuple[Wanted, ...]:
    """Return expectations as they are on a network.

    Args:
        expected: what the manifest says.
        context: what is known there.
        sender: who sends the message, and is answered unless the manifest says otherwise; None where nobody is known.

    Raises:
        ManifestError: a text refers to what is not known.
    """
    return tuple(
        Wanted(
            where=each.where,
            is_reply=each.is_reply,
            tags=tuple((tag.name, render(tag.value, context)) for tag in each.tags),
            data=None if each.data is None else render(each.data, context),
            json=None if each.json is None else value_of(each.json, context),
            target=sender if each.target is None else render(each.target, context),
            output=None if each.output is None else render(each.output, context),
        )
        for each in expected
    )


def digest(wanted: Sequence[Wanted]) -> str:
    """Return a hash that two lists of expectations share only if they expect the same."""
    members = [{name: value for name, value in asdict(each).items() if name != "where"} for each in wanted]
    return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()


def check(result: Result, what: str, wanted: Sequence[Wanted], *, help: str | None = None) -> None:  # noqa: A002
    """Refuse an answer in which something is missing.

    Args:
        result: the answer, which is no failure.
        what: what was sent, as the subject of the error.
        wanted: what must be in it.
        help: what the user can do about it.

    Raises:
        ProcessFailed: something is missing; its notes say how the nearest message differs.
    """
    for each in wanted:
        problem = _problem(result, each)
        if problem:
            label, notes = problem
            msg = f"{what} was not answered as expected"
            raise ProcessFailed(msg, where=each.where, label=label, notes=notes, help=help)


def confirm(sender: Sender, process: str, message: SetupMessage, context: Context) -> None:
    """Make sure that the answer to a set-up message that was sent is what is expected of it.

    The message was handled, so it is not sent again when its answer is another one; each run compares the same answer
    again until it meets what the manifest expects by then. Only where the manifest says that it may be sent again is it
    taken out of the state.

    Args:
        sender: it knows the answers, and keeps which of them are as expected.
        process: the name of the process.
        message: the message, which the state has as sent.
        context: what texts of the manifest are rendered with.

    Raises:
        ManifestError: a text refers to what is not known.
        ProcessFailed: something is missing in the answer.
        NetworkError: the network did not answer.
    """
    wanted = rendered(message.expect, context, sender=context.owner)
    expected = digest(wanted)
    if not wanted or sender.state.processes[process].setup[message.name].met == expected:
        return
    what = f"the set-up message `{message.name}` of `{process}`"
    try:
        check(sender.answer(process, message.name), what, wanted, help=_RESENT if message.resend else _HANDLED)
    except ProcessFailed:
        if message.resend:
            sender.forget(process, message.name)
        raise
    sender.met(process, message.name, expected)


def is_met(message: SetupMessage, sent: SentSetup, context: Context) -> bool:
    """Tell whether the answer to a set-up message was found to be as the manifest expects it now.

    Args:
        message: the message, as the manifest has it.
        sent: what the state knows of it.
        context: what texts of the manifest are rendered with; where one is not known here, what an earlier deploy has
            found still counts.
    """
    try:
        wanted = rendered(message.expect, context, sender=context.owner)
    except ManifestError:
        return sent.met is not None
    return not wanted or sent.met == digest(wanted)


def reply(result: Result) -> dict[str, str]:
    """Return the tags of the first message that a process sends, and its ``Data``; nothing where it sends none."""
    if not result.messages:
        return {}
    first = result.messages[0]
    return {name: _text(value) for name, value in _tags(first)} | {"Data": _data(first)}


def _problem(result: Result, wanted: Wanted) -> tuple[str, list[str]] | None:
    """Return what is missing, and what came instead; None when all is there."""
    if wanted.output is not None and wanted.output not in result.text:
        return "not printed", [f"expected in its output: {_shown(wanted.output)}", _printed(result)]
    if not wanted.is_reply:
        return None
    if not result.messages:
        notes = [f"expected {_described(wanted)}", "the process sent no message"]
        return "no such reply", [*notes, *([_printed(result)] if result.text else [])]
    found = [list(_differences(message, wanted)) for message in result.messages]
    nearest = min(range(len(found)), key=lambda number: len(found[number]))
    if not found[nearest]:
        return None
    count = len(found)
    came = "the process sent one message" if count == 1 else f"the process sent {count} messages; number {nearest + 1}"
    heading = f"{came}{' is nearest' if count > 1 else ''}: {_summary(result.messages[nearest])}"
    return "no such reply", [f"expected {_described(wanted)}", heading, *found[nearest]]


def _differences(message: Mapping[str, Any], wanted: Wanted) -> Iterator[str]:
    if wanted.target is not None and message.get("Target") != wanted.target:
        yield f"Target: expected {_shown(wanted.target)}, came {_shown(message.get('Target'))}"
    tags = _tags(message)
    for name, value in wanted.tags:
        came = [_text(given) for tag, given in tags if tag.casefold() == name.casefold()]
        if not came:
            yield f"{name}: expected {_shown(value)}, not there"
        elif value not in came:
            yield f"{name}: expected {_shown(value)}, came {_shown(came[-1])}"
    data = _data(message)
    if wanted.data is not None and data != wanted.data:
        yield f"Data: expected {_shown(wanted.data)}, came {_shown(data)}"
    if wanted.json is not None:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            yield f"Data: expected JSON, came {_shown(data)}"
        else:
            yield from _json_differences("Data", wanted.json, document)


def _json_differences(at: str, wanted: Value, came: Any) -> Iterator[str]:
    """Yield each place at which a document does not hold what is wanted of it."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        for name, value in wanted.items():
            yield from _json_differences(f"{at}.{name}", value, came.get(name, _MORE))
    elif isinstance(wanted, list) and isinstance(came, list) and len(wanted) == len(came):
        for number, value in enumerate(wanted):
            yield from _json_differences(f"{at}[{number}]", value, came[number])
    elif came is _MORE:
        yield f"{at}: expected {_shown(json.dumps(wanted))}, not there"
    elif isinstance(wanted, bool) is not isinstance(came, bool) or wanted != came:
        yield f"{at}: expected {_shown(json.dumps(wanted))}, came {_shown(json.dumps(came))}"


def _described(wanted: Wanted) -> str:
    parts = [f"{name} {_shown(value)}" for name, value in wanted.tags]
    parts += [f"Data {_shown(wanted.data)}"] if wanted.data is not None else []
    parts += [f"Data with {_shown(json.dumps(wanted.json))}"] if wanted.json is not None else []
    target = f" to {_shown(wanted.target)}" if wanted.target is not None else ""
    return f"a message{target} with {', '.join(parts)}" if parts else f"a message{target}"


def _summary(message: Mapping[str, Any]) -> str:
    tags = [f"{name} {_shown(value)}" for name, value in _tags(message) if name not in _PROTOCOL]
    return ", ".join([*tags[:8], f"Data {_shown(_data(message))}"])


def _printed(result: Result) -> str:
    return f"it printed {_shown(result.text)}" if result.text else "it printed nothing"


def _tags(message: Mapping[str, Any]) -> list[tuple[str, Any]]:
    tags = message.get("Tags")
    listed = tags if isinstance(tags, list) else []
    return [(str(tag["name"]), tag.get("value")) for tag in listed if isinstance(tag, dict) and "name" in tag]


def _data(message: Mapping[str, Any]) -> str:
    """Return the data of a message; none is sent as one space."""
    data = _text(message.get("Data", ""))
    return "" if data == " " else data


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _shown(value: Any) -> str:
    """Return a text as an error shows it: in one line that can do no harm to a terminal, and not too long."""
    text = _text(value)
    text = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[: _LONGEST - 1]}…`"
