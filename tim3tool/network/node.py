"""A HyperBEAM node asked one question at a time: its address, its slots, its schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tim3tool.errors import NetworkError, NetworkRefused
from tim3tool.network import base64url
from tim3tool.network.patience import Later
from tim3tool.network.verdict import asked, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tim3tool.network.http import Http, Reply

__all__ = ["WINDOW", "Node", "number"]

WINDOW: Final = 50  # slots of a schedule that are read at once
_UNKNOWN: Final = ("necessary_message_not_found", "not_found")


class Node:
    """A node, and others that may know what it does not tell.

    Every question raises Later where there is no answer yet, and NetworkError where there never will be one.

    Args:
        url: where it is, without a slash at the end.
        reads: the others, which are asked for results and state only.
        http: the client.
        network: the network's name, for errors.
    """

    def __init__(self, url: str, *, reads: Sequence[str], http: Http, network: str) -> None:
        self.url = url
        self.who = f"the node of network `{network}` ({url})"
        self._reads = tuple(reads)
        self._http = http

    def address(self) -> str:
        """Return its own address."""
        reply = self._ask(f"{self.url}/~meta@1.0/info/address")
        if reply.status != 200:
            raise refusal(reply, who=self.who)
        if not base64url.is_id(reply.text):
            msg = f"{self.who} does not tell its address"
            raise NetworkRefused(msg, help="check the URL of the node, or give `scheduler` and `authority`")
        return reply.text

    def last_slot(self, process: str) -> int:
        """Return the last slot of a process, -1 when the node knows none of it."""
        reply = self._ask(f"{self.url}/{process}/slot/current")
        slot = number(reply.text)
        if reply.status == 200 and slot is not None:
            return slot
        if reply.status in (404, 500) and any(word in reply.text for word in _UNKNOWN):
            return -1
        if reply.status == 200:
            msg = "answered with something other than a slot"
            raise Later(msg)
        raise refusal(reply, who=self.who)

    def slot_of(self, process: str, item_id: str) -> int | None:
        """Return the slot of an item; None when it is in none. One that came more than once has its last."""
        last = self.last_slot(process)
        if item_id == process:
            return 0 if last >= 0 else None
        return next((slot for slot, message in self.backwards(process, last) if message["Id"] == item_id), None)

    def backwards(self, process: str, last: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (slot, message) of a schedule from a slot down to the spawn."""
        for end in range(last, -1, -WINDOW):
            yield from reversed(self.messages(process, max(0, end - WINDOW + 1), end))

    def messages(self, process: str, start: int, end: int) -> list[tuple[int, dict[str, Any]]]:
        """Return (slot, message) of a part of a schedule; a node may give less at once than was asked for."""
        messages: list[tuple[int, dict[str, Any]]] = []
        while start <= end:
            part = self._schedule(process, start, end)
            messages += part
            start = max((slot for slot, _ in part), default=end) + 1
        return messages

    def read(self, path: str) -> Reply:
        """Ask the node, and the others in turn where it has no answer; the node's own failure is the one told."""
        try:
            first: Reply | Later = self._ask(self.url + path)
        except Later as problem:
            first = problem
        if isinstance(first, Later) or first.status >= 500 or first.status == 404:
            for other in self._reads:
                try:
                    reply = self._ask(other + path)
                except (Later, NetworkError):
                    continue
                if reply.status == 200:
                    return reply
        if isinstance(first, Later):
            raise first
        return first

    def _schedule(self, process: str, start: int, end: int) -> list[tuple[int, dict[str, Any]]]:
        query = {"target": process, "from": start, "to": end, "accept": "application/aos-2"}
        reply = self._ask(f"{self.url}/~scheduler@1.0/schedule?{urlencode(query, safe='/')}")
        if reply.status != 200:
            raise refusal(reply, who=self.who)
        try:
            return [(int(edge["cursor"]), _message(edge["node"]["message"])) for edge in reply.document["edges"]]
        except (KeyError, TypeError, ValueError):
            msg = "answered with something other than a schedule"
            raise Later(msg) from None

    def _ask(self, url: str) -> Reply:
        return asked(lambda: self._http.get(url, accept="*/*"), who=self.who)


def number(value: Any) -> int | None:
    """Return a slot as a node writes it, or None where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _message(document: dict[str, Any]) -> dict[str, Any]:
    """Return a message of a schedule with every member that is read here."""
    given = {name: document.get(name) or "" for name in ("From", "Data")}
    return {"Id": document["Id"], "Tags": [dict(tag) for tag in document.get("Tags") or ()], **given}
