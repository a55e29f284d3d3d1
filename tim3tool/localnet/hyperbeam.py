"""A HyperBEAM node of the kind that runs aos modules: ``/push``, slots, schedules and computed results."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import NetworkError, UsageError
from tim3tool.localnet.server import Answer, Request, as_json
from tim3tool.network import dataitem
from tim3tool.sim import DEFAULT_AUTHORITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.embedded import Embedded
    from tim3tool.sim import Delivery

__all__ = ["HyperbeamNode"]

_PROCESS: Final = re.compile(r"/([A-Za-z0-9_-]{43})(?:~process@1\.0)?/(.*)")
_COMPUTE: Final = re.compile(r"compute(?:=|&slot=)(\d+)/(.*)")
_EMPTY: Final = Answer(status=500)
_NOBODY: Final = "1234"


class HyperbeamNode:
    """Answers as a node does: it schedules an item each time it comes, and undoes what ends in an error.

    Args:
        network: the embedded network behind it, made with ``once=False``.
    """

    def __init__(self, network: Embedded) -> None:
        self.address = DEFAULT_AUTHORITY  # the scheduler of its processes, and whoever signs the mail between them
        self._network = network
        self._spawns: dict[Any, set[str]] = {}

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        process, path = "", request.path
        if found := _PROCESS.fullmatch(request.path):
            process, path = found.groups()
        match request.method, path:
            case "GET", "/~meta@1.0/info/address":
                said = Answer(body=self.address.encode())
            case "GET", "/~scheduler@1.0/schedule":
                said = self._schedule(request.query)
            case "POST", "/push" | "push":
                said = self._push(request.body, process)
            case "POST", "schedule" if process:
                said = self._push(request.body, process, is_pushed=False)
            case "GET", "slot/current":
                said = Answer(body=str(len(self._history(process)) - 1).encode())
            case "GET", "as=execution/compute":
                said = self._dry_run(process, request.query)
            case "GET", _ if process:
                said = self._computed(process, path, request)
            case _:
                said = Answer(status=404, body=b"<html>404</html>", headers={"Content-Type": "text/html"})
        return said

    def _push(self, body: bytes, process: str, *, is_pushed: bool = True) -> Answer:
        try:
            item = dataitem.parse(body)
        except UsageError:
            return _EMPTY
        names = [name.casefold() for name, _ in item.tags]
        if not dataitem.verify(item) or item.anchor:
            return _EMPTY
        if len(set(names)) < len(names):
            return Answer(status=400, body=b"Message is not valid.")
        return self._message(item, process, is_pushed=is_pushed) if process else self._spawn(item)

    def _spawn(self, item: DataItem) -> Answer:
        scheduler = next((value for name, value in item.tags if name.casefold() == "scheduler"), None)
        if scheduler is None:
            return Answer(status=400, body=b"No scheduler information provided.")
        if scheduler != self.address:
            return Answer(body=b"no_viable_responses")
        # Equal spawns of one wallet are one message with two commitments, and then neither of them works.
        self._spawns.setdefault((item.address, item.tags, item.data), set()).add(item.id)
        self._network.spawn(item)
        return self._taken(item, item.id, is_pushed=False)

    def _message(self, item: DataItem, process: str, *, is_pushed: bool) -> Answer:
        if item.target != process or not self._history(process):
            return _unknown(process)
        self._network.message(item)
        return self._taken(item, process, is_pushed=is_pushed)

    def _taken(self, item: DataItem, process: str, *, is_pushed: bool) -> Answer:
        """Answer with the slot of the item, which is its last, and with what is in it where the item asks for JSON."""
        slots = [each for each in self._network.history(process) if each.message_id == item.id]
        delivery = slots[-1]
        headers = {"process": process, "slot": str(delivery.slot), "status": "200"}
        if item.tag("require-codec") != "application/json":
            return Answer(body=delivery.result.text.encode(), headers={**headers, "ao-body-key": "data"})
        if not is_pushed:
            return as_json({"process": process, "slot": delivery.slot, "type": "assignment"}, headers=headers)
        members = {"process": process, "slot": delivery.slot, **self._outbox(delivery), **_results(delivery)}
        return as_json(members, headers=headers)

    def _outbox(self, delivery: Delivery) -> dict[str, Any]:
        """Say what became of each message that was sent on: a wallet is no process, and that is no failure."""
        outcome: dict[str, Any] = {}
        for number, message in enumerate(delivery.result.messages, 1):
            target = str(message.get("Target"))
            if self._history(target):
                outcome[str(number)] = {"target": target, "resulted-in": {"process": target}}
            else:
                outcome[str(number)] = {
                    "reason": "Could not access target process!",
                    "response": "error",
                    "status": 404,
                    "target": target,
                }
        return outcome

    def _schedule(self, query: Mapping[str, str]) -> Answer:
        start, end = int(query.get("from", 0)), int(query.get("to", 1 << 30))
        edges = [
            {"cursor": each.slot, "node": {"message": _shown(each), "assignment": {"Tags": []}}}
            for each in self._history(query.get("target", ""))
            if start <= each.slot <= end
        ]
        return as_json({"edges": edges})

    def _computed(self, process: str, path: str, request: Request) -> Answer:
        deliveries = self._history(process)
        if not deliveries:
            return _unknown(process)
        last = deliveries[-1].slot
        found = _COMPUTE.fullmatch(path)
        slot, what = (int(found[1]), found[2]) if found else (last, path.removeprefix("now/"))
        if path.startswith("compute/results="):  # the number is ignored, as it is on a real node
            what = "results"
        if slot > last:
            reason = "Requested slot not yet available in schedule."
            return as_json({"reason": reason, "attempted-slot": last + 1, "status": 404}, status=404)
        match what:
            case "results" if request.query.get("require-codec") == "application/json":
                said = as_json(_results(deliveries[slot]))
            case "results/json/body":
                said = as_json(_members(deliveries[slot]))
            case "at-slot":
                said = Answer(body=str(slot).encode())
            case _:
                said = Answer(status=404, body=b"<html>404</html>")
        return said

    def _dry_run(self, process: str, query: Mapping[str, str]) -> Answer:
        tags = [
            (name, value) for name, value in query.items() if name not in ("require-codec", "accept-bundle", "data")
        ]
        try:
            result = self._network.dry_run(process, owner=_NOBODY, tags=tags, data=query.get("data", ""))
        except NetworkError:
            return _unknown(process)
        return as_json({"process": process, "results": {"json": {"body": json.dumps(dict(result))}}})

    def _history(self, process: str) -> tuple[Delivery, ...]:
        merged = any(process in ids and len(ids) > 1 for ids in self._spawns.values())
        return () if merged else self._network.history(process)


def _shown(delivery: Delivery) -> dict[str, Any]:
    message = delivery.message
    return {name: message.get(name, "") for name in ("Id", "Owner", "From", "Target", "Data", "Tags", "Anchor")}


def _members(delivery: Delivery) -> dict[str, Any]:
    """Return a result as the compute unit beside a node writes it: with ``Output: ""`` beside an ``Error``."""
    members = {"Messages": [], "Assignments": [], "Spawns": [], "Patches": [], "GasUsed": 0, **dict(delivery.result)}
    return members if "Output" in members else {**members, "Output": ""}


def _results(delivery: Delivery) -> dict[str, Any]:
    body = json.dumps(_members(delivery), ensure_ascii=False)
    return {"data": delivery.result.text, "json": {"body": body, "content-type": "application/json"}, "status": 200}


def _unknown(process: str) -> Answer:
    details = f'{{necessary_message_not_found,<<"/">>,<<"{process}">>}}'
    return as_json({"details": details, "status": 500, "type": "throw"}, status=500)
