"""What a list of a process's messages tells of the code that it runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Evaluated", "evaluated", "is_eval"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """A message that gave a process code.

    Args:
        message: its id.
        code_hash: sha256 of its data.
    """

    message: str
    code_hash: str


def is_eval(message: Mapping[str, Any], owner: str) -> bool:
    """Tell whether a process evaluates the data of a message as code.

    Args:
        message: with ``From`` and ``Tags``, as processes and schedules have it; aos goes by the last of equal tags.
        owner: address of the process's owner.
    """
    actions = [str(tag.get("value")) for tag in message["Tags"] if str(tag.get("name")).casefold() == "action"]
    return message["From"] == owner and actions[-1:] == ["Eval"]


def evaluated(message: Mapping[str, Any]) -> Evaluated:
    """Return what a message says of the code it gave; see `is_eval`."""
    code = str(message["Data"]).encode("utf-8", "surrogatepass")
    return Evaluated(message=message["Id"], code_hash=hashlib.sha256(code).hexdigest())
