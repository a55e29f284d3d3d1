"""What a messenger unit makes of a result: the messages, spawns and notices that it signs and sends on.

What it adds and drops on the way follows the aos-runtime facts, section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import ProcessFailed, Where
from tim3tool.sim.message import pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tim3tool.aos import Result
    from tim3tool.sim.message import Delivery, Tags

__all__ = ["Item", "Outbox"]

_REPLACED: Final = frozenset({"Data-Protocol", "Type", "From-Process", "From-Module", "Assignments"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something that a messenger has signed.

    Args:
        target: who gets it; nobody where it spawns a process.
        tags: names and values in order.
        data: the data, never empty.
        anchor: the anchor.
    """

    target: str
    tags: Tags
    data: str
    anchor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outbox:
    """The result of a delivery, as its messenger sees it.

    Args:
        delivery: the delivery.
        result: what is sent on; the delivery's own result but where the state after an ``Error`` is kept.
        module: the module of the process that answered.
        root: the id of the message from outside that it all follows from.
    """

    delivery: Delivery
    result: Result
    module: str
    root: str

    def message(self, number: int) -> Item | None:
        """Sign a message of the result.

        Args:
            number: its number, from 1.

        Returns:
            The item, or None when it lacks what every messenger asks for and is dropped.

        Raises:
            ProcessFailed: it holds a value that is no string.
        """
        message = self.result.messages[number - 1]
        target, anchor, tags = message.get("Target"), message.get("Anchor"), message.get("Tags")
        if not target or not anchor or not tags:
            return None
        data = self._signable(message.get("Data") or " ", "the Data", "Messages", number)
        return Item(target=target, tags=self._tags(tags, "Messages", number, kind="Message"), data=data, anchor=anchor)

    def spawn(self, number: int) -> Item | None:
        """Sign a spawn of the result; see `message`."""
        spawn = self.result.spawns[number - 1]
        if not spawn.get("Tags"):
            return None
        data = self._signable(spawn.get("Data") or " ", "the Data", "Spawns", number)
        tags = self._tags(spawn["Tags"], "Spawns", number, kind="Process")
        return Item(target="", tags=tags, data=data, anchor=spawn.get("Anchor", ""))

    def notice(self, number: int, child: str) -> Item:
        """Sign the message that tells a process of the child that it spawned.

        Args:
            number: the number of the spawn, from 1.
            child: the id of the child.
        """
        spawn = self.result.spawns[number - 1]
        own = [tag for tag in spawn["Tags"] if tag["name"] != "Variant"]
        said = pairs((("Process", child), ("Action", "Spawned"), ("Variant", "ao.TN.1")))
        tags = self._tags([*own, *said], "Spawns", number, kind="Message")
        return Item(target=self.delivery.process, tags=tags, data=" ", anchor=spawn.get("Anchor", ""))

    def _tags(self, tags: Iterable[dict[str, Any]], which: str, number: int, *, kind: str) -> Tags:
        own = tuple(
            (str(tag["name"]), self._signable(tag.get("value"), f"tag `{tag['name']}`", which, number))
            for tag in tags
            if tag["name"] not in _REPLACED
        )
        return (
            *own,
            ("Data-Protocol", "ao"),
            ("Type", kind),
            ("From-Process", self.delivery.process),
            ("From-Module", self.module),
            ("Pushed-For", self.root),
        )

    def _signable(self, value: Any, what: str, which: str, number: int) -> str:
        """Return a value that can be signed, which is a string."""
        if isinstance(value, str):
            return value
        type_name = {bool: "boolean", int: "number", float: "number", type(None): "nil"}.get(type(value), "table")
        place = self.result.places.get((which, number))
        sent = f"{which[:-1].lower()} {number} of the result"
        action = next((tag["value"] for tag in self.delivery.message["Tags"] if tag["name"] == "Action"), None)
        msg = f"{what} of {sent} is a {type_name}, which the network cannot sign: it would never arrive"
        raise ProcessFailed(
            msg,
            where=Where(path=place.chunk, line=place.line) if place else None,
            process=self.delivery.process,
            help="send strings only, e.g. tostring(value)",
            notes=[
                f"process {self.delivery.process}",
                f"while handling message {self.delivery.message_id} (Action {action!r})",
            ],
        )
