"""Messages between a Lua suite and `sim.Network`: what a suite sends, and what it sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import UsageError
from tim3tool.sim import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tim3tool.aos import Result
    from tim3tool.spec.options import Options

__all__ = ["message_from", "shown_message", "shown_result"]

_FIELDS: Final = ("From", "Owner", "Target", "Data", "Tags")

# Tags that stay in `Tags` and do not become fields of the message (aos-runtime facts, section 5.2).
_NOT_LIFTED: Final = frozenset(
    {
        "Anchor",
        "Data",
        "Data-Protocol",
        "From",
        "From-Module",
        "From-Process",
        "Owner",
        "Read-Only",
        "Tags",
        "Target",
        "Type",
        "Variant",
    }
)


def message_from(options: Options, *, target: str, sender: str) -> Message:
    """Return the message that a suite describes.

    Args:
        options: ``From``, ``Owner``, ``Data`` and ``Tags``; every other name is a tag.
        target: the process it goes to.
        sender: who sends it, where ``From`` does not say.

    Raises:
        UsageError: a value is not a string, or a name is a field in the wrong case.
    """
    tags = []
    for name in sorted(options, key=lambda name: (name != "Action", name)):
        if name in _FIELDS:
            continue
        if (field := name.title()) in _FIELDS:
            msg = f"`{options.what}` has no field `{name}`"
            raise UsageError(msg, help=f"did you mean `{field}`? A tag of that name goes into `Tags`")
        tags.append((name, options.text(name)))
    return Message(
        sender=options.text("From", sender),
        owner=options.text("Owner") or None,
        target=target,
        tags=(*tags, *options.tags("Tags")),
        data=options.text("Data"),
    )


def shown_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as a handler sees it (aos-runtime facts, section 5.1).

    Args:
        message: with ``Tags`` as a list of ``{"name", "value"}``.

    Returns:
        Its fields, every tag as a field (the last of a name wins), ``Tags`` as a map (the first wins) and ``TagArray``.
    """
    tags: list[dict[str, Any]] = list(message.get("Tags") or ())
    shown = {name: value for name, value in message.items() if name != "Tags"}
    shown |= {tag["name"]: tag["value"] for tag in tags if tag["name"] not in _NOT_LIFTED}
    return shown | {"Tags": {tag["name"]: tag["value"] for tag in reversed(tags)}, "TagArray": tags}


def shown_result(result: Result) -> dict[str, Any]:
    """Return a result for a suite: ``Error`` (text or nil), and every list even where it is empty."""
    error = result.error
    return {
        "Error": error if error is None or isinstance(error, str) else json.dumps(error),
        "Output": result.output,
        "Messages": _shown(result.messages),
        "Spawns": _shown(result.spawns),
        "Assignments": result.assignments,
    }


def _shown(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [shown_message(message) for message in messages]
