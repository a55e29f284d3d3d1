"""What happened on a network, for people: the delivered messages with what caused them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tim3tool.sim.message import Delivery
    from tim3tool.sim.queues import Mail

__all__ = ["Trace"]

_HIDDEN: Final = frozenset(
    {
        *("Action", "Data-Protocol", "From-Module", "From-Process", "Pushed-For", "Reference", "Type", "Variant"),
        *("X-Reference", "X-Origin"),
    }
)
_VALUE: Final = 48
_ERROR: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Deliveries with their causes.

    Args:
        deliveries: in order.
        lost: the messages that were dropped.
        names: what to call addresses; others are shortened.
    """

    deliveries: Sequence[Delivery]
    lost: Sequence[Mail] = ()
    names: Mapping[str, str]

    def tree(self, notes: Mapping[int, Sequence[str]] | None = None) -> str:
        """Return a line for each message, below the one that caused it, numbered in the order of arrival.

        Args:
            notes: lines to put below a delivery, by its index in the network's deliveries.
        """
        known = {delivery.index for delivery in self.deliveries}
        children: dict[int | None, list[Delivery]] = {}
        for delivery in self.deliveries:
            children.setdefault(delivery.cause if delivery.cause in known else None, []).append(delivery)
        numbers = {delivery.index: number for number, delivery in enumerate(self.deliveries, 1)}
        lines: list[str] = []

        def visit(delivery: Delivery, depth: int) -> None:
            indent = "   " * depth
            lines.append(f"{numbers[delivery.index]:>4} {indent}{self._said(delivery.message, delivery.process)}")
            if delivery.result.error is not None:
                lines.append(f"     {indent}   ! {_short(delivery.result.text, _ERROR)}")
            lines.extend(f"     {indent}   * {note}" for note in (notes or {}).get(delivery.index, ()))
            for child in children.get(delivery.index, ()):
                visit(child, depth + 1)
            lines.extend(f"   - {indent}   {said}" for said in self._leaves(delivery))

        for delivery in children.get(None, ()):
            visit(delivery, 0)
        lines += [f"   x {self._said(m.message, m.process)} (lost)" for m in self.lost if m.cause not in known]
        return "\n".join(lines)

    def mermaid(self) -> str:
        """Return a mermaid sequence diagram of the same."""
        lines = ["sequenceDiagram"]
        seen: list[str] = []
        arrows: list[str] = []
        for delivery in self.deliveries:
            self._arrow(arrows, seen, delivery.message, delivery.process, "->>")
            if delivery.result.error is not None:
                arrows.append(f"  Note over {_alias(self._name(delivery.process))}: Error")
            for message in self._outside(delivery):
                self._arrow(arrows, seen, {**message, "From": delivery.process}, str(message["Target"]), "-->>")
        for mail in self.lost:
            self._arrow(arrows, seen, mail.message, mail.process, "-x")
        return "\n".join([*lines, *(f"  participant {_alias(name)} as {name}" for name in seen), *arrows]) + "\n"

    def digest(self) -> str:
        """Return a hash of every message and every answer: equal for equal runs, byte by byte."""
        sha = hashlib.sha256()
        for one in self.deliveries:
            said = [one.process, one.slot, one.cause, one.message, one.result.transcript()]
            sha.update(json.dumps(said, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return sha.hexdigest()

    def _arrow(self, arrows: list[str], seen: list[str], message: Mapping[str, Any], to: str, arrow: str) -> None:
        ends = [self._name(str(message["From"])), self._name(to)]
        seen.extend(name for name in dict.fromkeys(ends) if name not in seen)
        said = self._content(message).replace(";", ",").replace("#", "")
        arrows.append(f"  {_alias(ends[0])}{arrow}{_alias(ends[1])}: {said}")

    def _leaves(self, delivery: Delivery) -> Iterator[str]:
        for message in self._outside(delivery):
            yield self._said({**message, "From": delivery.process}, str(message["Target"]))
        for mail in self.lost:
            if mail.cause == delivery.index:
                yield self._said(mail.message, mail.process) + " (lost)"

    def _outside(self, delivery: Delivery) -> Iterator[Mapping[str, Any]]:
        """Yield what a result sends to addresses that are known, but no process."""
        processes = {one.process for one in self.deliveries} | {mail.process for mail in self.lost}
        for message in delivery.result.messages:
            if message.get("Target") in self.names and message["Target"] not in processes:
                yield message

    def _said(self, message: Mapping[str, Any], to: str) -> str:
        return f"{self._name(str(message['From']))} -> {self._name(to)}: {self._content(message)}"

    def _content(self, message: Mapping[str, Any]) -> str:
        tags: list[Mapping[str, Any]] = message.get("Tags") or []
        action = next((str(tag["value"]) for tag in tags if tag["name"] == "Action"), "(no action)")
        shown = [f"{tag['name']}={_short(self._name(str(tag['value'])))}" for tag in tags if tag["name"] not in _HIDDEN]
        return " ".join([action, *shown])

    def _name(self, address: str) -> str:
        return self.names.get(address) or (f"{address[:6]}…" if len(address) > 40 else address)


def _short(text: str, most: int = _VALUE) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _alias(name: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in name) or "_"
