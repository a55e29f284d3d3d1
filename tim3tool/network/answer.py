"""What units and nodes send as the result of a message, brought into one shape."""

from __future__ import annotations

import json
from typing import Any, Final

from tim3tool.aos import Result

__all__ = ["result_of"]

_MEMBERS: Final = frozenset({"Output", "Messages", "Spawns", "Error"})
_LISTS: Final = ("Messages", "Spawns", "Assignments")
_DEPTH: Final = 4


def result_of(document: Any) -> Result | None:
    """Return the result that a JSON document is or holds.

    A compute unit sends it as it is. HyperBEAM nodes put it at ``raw``, ``results.raw``, as text at ``json.body`` or
    ``results.json.body``, or below ``body``; that of a native Lua process (``lua@5.3a``) has only ``output``.

    Args:
        document: JSON data.

    Returns:
        The result; None when there is none: no object, an ``{"error": …}``, or an object without a member of a result.
    """
    members = _found(document, _DEPTH)
    return None if members is None else Result(_normal(members))


def _found(document: Any, depth: int) -> dict[str, Any] | None:
    if isinstance(document, str) and document.lstrip().startswith("{"):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return None
    if not isinstance(document, dict) or not depth:
        return None
    if _MEMBERS & document.keys():
        return document
    inner = (_found(document[key], depth - 1) for key in ("raw", "results", "json", "body") if key in document)
    found = next((found for found in inner if found is not None), None)
    if found is None and isinstance(document.get("output"), dict):
        return {"Output": document["output"]}
    return found


def _normal(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members with an ``Output`` that is an object whose ``data`` is text.

    Nodes send ``""`` beside an ``Error``, some units a bare value, and aos 1.x its value one level deeper.
    """
    lists: dict[str, Any] = {key: _objects(members[key]) for key in _LISTS if key in members}
    members = {**members, **lists}
    output = members.get("Output")
    if isinstance(output, dict):
        data = output.get("data")
        if isinstance(data, dict) and "output" in data:
            return {**members, "Output": {**output, "data": _text(data["output"])}}
        return members
    if output in ("", None):
        return {key: value for key, value in members.items() if key != "Output"}
    return {**members, "Output": {"data": _text(output)}}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
