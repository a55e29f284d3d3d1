"""Messages that are sent into a network, and what became of them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tim3tool.aos import Result

__all__ = ["DEFAULT_AUTHORITY", "DEFAULT_SCHEDULER", "Delivery", "Message", "Tags", "address", "pairs"]

Tags = tuple[tuple[str, str], ...]

DEFAULT_AUTHORITY: Final = "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"
DEFAULT_SCHEDULER: Final = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"


def address(label: str) -> str:
    """Return a valid 43-character address that always belongs to this label.

    >>> len(address("alice"))
    43
    """
    return base64.urlsafe_b64encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=")


def pairs(tags: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return tags as a message holds them."""
    return [{"name": name, "value": value} for name, value in tags]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What somebody sends into a network.

    Args:
        sender: a wallet's address, or the id of a process of this network, whose mail it then is.
        target: the process that evaluates it.
        tags: names and values in order; duplicates are allowed.
        data: the data.
        id: the message id; None lets the network derive one.
        anchor: the anchor.
        owner: who signed it, when that is not the sender.
    """

    sender: str
    target: str
    tags: Tags = ()
    data: str = ""
    id: str | None = None
    anchor: str = ""
    owner: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One message, evaluated by one process.

    Args:
        process: the id of that process.
        message_id: the id of the message.
        slot: the process's own count of messages, 0 for its Process message.
        message: the message as the process got it.
        result: what the process answered.
        parent: the id of the message whose result sent this one; None for what came from outside.
        index: where it stands in ``Network.deliveries``.
        cause: the index of the delivery that sent it; None for what came from outside.
    """

    process: str
    message_id: str
    slot: int
    message: dict[str, Any]
    result: Result
    parent: str | None
    index: int
    cause: int | None
