"""The units of a legacy network in one server: ``/mu``, ``/cu``, ``/su``, a router to it, and ``/graphql``."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import NetworkError, UsageError
from tim3tool.localnet.server import Answer, Request, as_json
from tim3tool.network import dataitem
from tim3tool.network.terms import LEGACYNET
from tim3tool.sim import DEFAULT_SCHEDULER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.embedded import Embedded
    from tim3tool.sim import Delivery

__all__ = ["LegacynetNode"]

_NO_ITEM: Final = "Error: A valid and signed data item must be provided as the body"


class LegacynetNode:
    """Answers as the units do: it checks signatures, takes each item once, and undoes what ends in an error.

    Args:
        network: the embedded network behind them.
        whitelist: the only processes that may be spoken to, and none may be spawned; None for all.
        unready: how many messages to a new process meet a messenger that does not know it yet.
    """

    def __init__(self, network: Embedded, *, whitelist: Sequence[str] | None = None, unready: int = 0) -> None:
        self._network = network
        self._whitelist = whitelist
        self._unready = unready
        self._asked: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        unit, _, path = request.path.removeprefix("/").partition("/")
        process = request.query.get("process-id", "")
        match request.method, unit, path.split("/"):
            case "POST", "mu", [""]:
                said = self._post(request.body)
            case "GET", "cu", ["result", message]:
                said = self._result(message, process)
            case "GET", "cu", ["results", process]:
                said = self._results(process, request.query)
            case "POST", "cu", ["dry-run"]:
                said = self._dry_run(process, request.body)
            case "GET", "su-router", [*_]:
                location = f"/su/{path}?process-id={process or path.rpartition('/')[2]}"
                said = Answer(status=307, headers={"Location": location})
            case "GET", "su", ["processes", process]:
                said = self._process(process)
            case "GET", "su", [message]:
                said = self._assignment(message, process)
            case "POST", "graphql", [*_]:
                said = self._transactions(json.loads(request.body))
            case _:
                said = Answer(status=404, body=b"Not Found", headers={"Content-Type": "text/plain"})
        return said

    def _post(self, body: bytes) -> Answer:
        try:
            item = dataitem.parse(body)
        except UsageError:
            return _error(_NO_ITEM)
        spawns = item.tag("Type") == "Process"
        if not spawns and len(item.raw) > LEGACYNET.max_bytes:
            return as_json({"error": "Message size limit exceeded"}, status=413)
        if problem := self._problem(item, spawns=spawns):
            return _error(problem)
        try:
            (self._network.spawn if spawns else self._network.message)(item)
        except NetworkError as error:
            return _error(f"Error: {error.message}")
        return as_json({"message": "Processing DataItem", "id": item.id}, status=202)

    def _problem(self, item: DataItem, *, spawns: bool) -> str | None:
        process = item.id if spawns else item.target
        if not dataitem.verify(item) or item.tag("Data-Protocol") != "ao":
            return _NO_ITEM
        if refused := self._refused(item.target, spawns=spawns):
            return refused
        if self._network.find(process, item.id):
            return "Error: 400: Message already exists"
        if not spawns and self._is_unready(process):
            return f"Error: Could not locate owner information for '{process}'"
        return None

    def _refused(self, target: str, *, spawns: bool) -> str | None:
        if self._whitelist is None:
            return None
        if spawns:
            return "Error: Process spawning is not supported"
        return None if target in self._whitelist else "Error: Forbidden, process not whitelisted"

    def _is_unready(self, process: str) -> bool:
        if not self._network.history(process):
            return True
        self._asked[process] = self._asked.get(process, 0) + 1
        return self._asked[process] <= self._unready

    def _result(self, message: str, process: str) -> Answer:
        deliveries = self._network.history(process)
        if not deliveries:
            return _error(f"Error: Process '{process}' was not found")
        delivery = next((each for each in deliveries if each.message_id == message), None)
        return as_json(_shown(delivery)) if delivery else _error(f"Error: Message '{message}' was not found")

    def _results(self, process: str, query: Any) -> Answer:
        deliveries = list(self._network.history(process))
        if query.get("sort") == "DESC":
            deliveries.reverse()
        cursors = [_cursor(each) for each in deliveries]
        start = cursors.index(query["from"]) + 1 if query.get("from") in cursors else 0
        end = start + int(query.get("limit") or 25)
        edges = [
            {"cursor": cursor, "node": _shown(each)}
            for cursor, each in zip(cursors[start:end], deliveries[start:end], strict=True)
        ]
        return as_json({"pageInfo": {"hasNextPage": end < len(deliveries)}, "edges": edges})

    def _dry_run(self, process: str, body: bytes) -> Answer:
        question = json.loads(body)
        tags = [(tag["name"], tag["value"]) for tag in question["Tags"]]
        try:
            result = self._network.dry_run(process, owner=question["Owner"], tags=tags, data=question["Data"])
        except NetworkError as error:
            return _error(f"Error: {error.message}")
        return as_json(dict(result))

    def _process(self, process: str) -> Answer:
        deliveries = self._network.history(process)
        if not deliveries:
            return as_json({"error": "Process not found"}, status=400)
        message = deliveries[0].message
        owner = {"address": message["Owner"], "key": ""}
        return as_json({"process_id": process, "owner": owner, "tags": message["Tags"], "data": message["Data"]})

    def _assignment(self, message: str, process: str) -> Answer:
        if not message:
            return as_json({"Unit": "Scheduler", "Address": DEFAULT_SCHEDULER})
        found = next((each for each in self._network.history(process) if each.message_id == message), None)
        if found is None:
            return as_json({"error": "Message not found"}, status=400)
        tags = [{"name": name, "value": str(value)} for name, value in (("Process", process), ("Nonce", found.slot))]
        body = {"id": message, "owner": {"address": found.message["Owner"]}, "tags": found.message["Tags"]}
        return as_json({"message": body, "assignment": {"tags": tags}})

    def _transactions(self, question: dict[str, Any]) -> Answer:
        wanted = question.get("variables", {}).get("ids") or []
        edges = [{"node": {"id": each}} for each in wanted if self._network.find(each, each)]
        return as_json({"data": {"transactions": {"edges": edges}}})


def _shown(delivery: Delivery) -> dict[str, Any]:
    return dict(delivery.result)


def _cursor(delivery: Delivery) -> str:
    mark = {"timestamp": delivery.message["Timestamp"], "ordinate": str(delivery.slot), "cron": None, "sort": "ASC"}
    return base64.b64encode(json.dumps(mark).encode()).decode()


def _error(text: str) -> Answer:
    return as_json({"error": text}, status=500)
