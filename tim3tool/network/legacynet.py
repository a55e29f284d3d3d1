"""AO's legacy network: messenger, compute and scheduler units (``ao.TN.1``), which several programs speak alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from tim3tool.aos import Result
from tim3tool.errors import LimitExceeded, NetworkRefused
from tim3tool.network.answer import result_of
from tim3tool.network.patience import Later, Patience
from tim3tool.network.port import Answered
from tim3tool.network.sending import send_until_taken
from tim3tool.network.terms import LEGACYNET
from tim3tool.network.verdict import asked, refusal, said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.http import Http, Reply
    from tim3tool.network.terms import Terms

__all__ = ["Legacynet", "Units"]

_WRITE: Final = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
_ASK: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_DUPLICATE: Final = "already exists"
_ABSENT: Final = frozenset({400, 404})
_PAGE: Final = 100
_BY_ID: Final = "query($ids:[ID!]!){transactions(ids:$ids){edges{node{id}}}}"
_DRY_TAGS: Final = (("Data-Protocol", "ao"), ("Type", "Message"), ("Variant", "ao.TN.1"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Units:
    """Where the units of a network are: URLs without a slash at their end.

    Args:
        mu: the messenger unit, which takes items.
        cu: the compute unit, which tells results.
        su: the scheduler unit, or a router to it, which tells whether it has an item; "" where it must not be asked.
        gateway: a GraphQL endpoint that is asked instead then; "" where there is none.
    """

    mu: str
    cu: str
    su: str = ""
    gateway: str = ""


class Legacynet:
    """A network of units; a `Port`.

    An item that the network has already is not evaluated again: the scheduler unit refuses it, and that is a success.

    Args:
        name: its name in the manifest.
        units: where the units are.
        http: the client.
        patience: how long to wait for an outcome.
        scheduler: address of its scheduler; None for AO's usual one.
        authority: address of its messenger's wallet; None for AO's usual one.
    """

    def __init__(
        self,
        name: str,
        units: Units,
        *,
        http: Http,
        patience: Patience,
        scheduler: str | None = None,
        authority: str | None = None,
    ) -> None:
        self._name = name
        self._units = units
        self._http = http
        self._patience = patience
        self._scheduler = scheduler
        self._authority = authority

    @property
    def name(self) -> str:
        """Its name in the manifest."""
        return self._name

    @property
    def terms(self) -> Terms:
        """Those of legacynet."""
        return LEGACYNET

    @property
    def scheduler(self) -> str | None:
        """The address it was made with."""
        return self._scheduler

    @property
    def authority(self) -> str | None:
        """The address it was made with."""
        return self._authority

    def spawn(self, item: DataItem) -> str:
        """Send a Process item.

        Args:
            item: the signed item.

        Returns:
            The process id, which is the item's.

        Raises:
            NetworkRefused: the network will never take it.
            NetworkError: it did not answer in time.
        """
        return self._send(item, process=item.id)

    def message(self, item: DataItem) -> str:
        """Send a Message item to the process it targets.

        The messenger may not know a process that was spawned a moment ago for minutes; it is asked again until then.

        Args:
            item: the signed item.

        Returns:
            The message id, which is the item's.

        Raises:
            LimitExceeded: the item is larger than a scheduler takes.
            NetworkRefused: the network will never take it.
            NetworkError: it did not answer in time.
        """
        if len(item.raw) > LEGACYNET.max_bytes:
            msg = f"the message has {len(item.raw):,} bytes; network `{self._name}` takes {LEGACYNET.max_bytes:,}"
            raise LimitExceeded(msg, help="send less, in several messages")
        return self._send(item, process=item.target)

    def result(self, process: str, message: str) -> Result:
        """Return what a process answered to a message; see `Port`.

        Raises:
            NetworkRefused: the compute unit does not serve this process.
            NetworkError: there was no result in time.
        """
        return self._patience.until(lambda: self._result(process, message), who=self._who("compute"))

    def results(self, process: str, *, after: str = "", newest_first: bool = False) -> Iterator[Answered]:
        """Yield the results of a process, each marked with its cursor; see `Port`.

        Raises:
            NetworkError: the compute unit does not tell.
        """
        seen = {after}
        cursor = after
        while True:
            page = self._patience.until(
                partial(self._page, process, cursor, newest_first=newest_first), who=self._who("compute")
            )
            fresh = [edge for edge in page["edges"] if edge["cursor"] not in seen]
            for edge in fresh:
                result = result_of(edge.get("node"))
                if result is not None:
                    yield Answered(mark=edge["cursor"], message=None, result=result)
            # A unit that always says there is more would be asked without end.
            if not fresh or not page.get("pageInfo", {}).get("hasNextPage", len(fresh) == _PAGE):
                return
            seen.update(edge["cursor"] for edge in fresh)
            cursor = fresh[-1]["cursor"]

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        """Return what a process would answer to a message of that owner; nobody checks the owner.

        Raises:
            NetworkRefused: the network does not have the process.
            NetworkError: the compute unit does not tell.
        """
        question = {
            "Id": "1234",
            "Target": process,
            "Owner": owner,
            "Anchor": "0",
            "Data": data or " ",
            "Tags": [{"name": name, "value": value} for name, value in (*tags, *_DRY_TAGS)],
        }
        body = json.dumps(question).encode()
        url = f"{self._units.cu}/dry-run?{urlencode({'process-id': process})}"

        def attempt() -> Result:
            reply = asked(lambda: self._http.send("POST", url, headers=_ASK, body=body), who=self._who("compute"))
            try:
                return self._valid(reply)
            except Later:
                # A unit says the same of a process that it does not know yet, and of one that it never will.
                if (self._units.su or self._units.gateway) and not self._has(process, process):
                    raise self._unknown(process) from None
                raise

        return self._patience.until(attempt, who=self._who("compute"))

    def last_eval(self, process: str, *, owner: str, known: Collection[str] = ()) -> None:
        """Return None: scheduler units list messages oldest first, and a dry-run of the owner tells what runs."""
        del process, owner, known

    def find(self, process: str, item_id: str) -> bool:
        """Tell whether the network has the item; its scheduler says so, or its gateway where it has no scheduler.

        Raises:
            NetworkError: they do not tell.
        """
        return self._patience.until(lambda: self._has(process, item_id), who=self._who("scheduler"))

    def _send(self, item: DataItem, *, process: str) -> str:
        who = self._who("messenger")

        def check(reply: Reply) -> None:
            if _DUPLICATE in said(reply).casefold():
                return
            document = reply.document
            if not 200 <= reply.status < 300:
                raise refusal(reply, who=who)
            if not isinstance(document, dict) or "error" in document:
                msg = "answered with something other than an id"
                raise Later(msg)
            answered = document.get("processId") or document.get("id") or item.id
            if answered != item.id:
                msg = f"{who} answered for `{answered}` when it was sent `{item.id}`"
                raise NetworkRefused(msg, help="check the address of the messenger unit")

        send_until_taken(
            lambda: self._http.send("POST", f"{self._units.mu}/", headers=_WRITE, body=item.raw),
            check=check,
            find=lambda: self._has(process, item.id),
            settle=self.terms.settle,
            patience=self._patience,
            who=who,
        )
        return item.id

    def _result(self, process: str, message: str) -> Result:
        reply = self._get(self._result_url(process, message), "compute")
        if reply.status == 200 and not reply.body.strip():
            # One that has the message tells so that evaluating it ended with no answer at all.
            if self._has(process, message):
                return Result({})
            msg = "has no result"
            raise Later(msg)
        return self._valid(reply)

    def _valid(self, reply: Reply) -> Result:
        result = result_of(reply.document) if reply.status == 200 else None
        if result is not None:
            return result
        if reply.status == 202:
            msg = "is still evaluating"
            raise Later(msg)
        if 200 <= reply.status < 300:
            text = said(reply)
            raise Later(f"answered with no result: {text}" if text else "answered with something other than a result")
        raise refusal(reply, who=self._who("compute"))

    def _page(self, process: str, cursor: str, *, newest_first: bool) -> dict[str, Any]:
        order = "DESC" if newest_first else "ASC"
        query = {"sort": order, "limit": str(_PAGE)} | ({"from": cursor} if cursor else {})
        reply = self._get(f"{self._units.cu}/results/{quote(process)}?{urlencode(query)}", "compute")
        document = reply.document
        if reply.status != 200:
            raise refusal(reply, who=self._who("compute"))
        edges = document.get("edges") if isinstance(document, dict) else None
        if not isinstance(edges, list) or not all(
            isinstance(edge, dict) and isinstance(edge.get("cursor"), str) for edge in edges
        ):
            msg = "answered with something other than results"
            raise Later(msg)
        return dict(document)

    def _has(self, process: str, item_id: str) -> bool:
        if self._units.su:
            return self._scheduled(process, item_id)
        if self._units.gateway:
            return self._indexed(item_id)
        reply = self._get(self._result_url(process, item_id), "compute")
        if reply.status in _ABSENT or (reply.status == 200 and not reply.body.strip()):
            return False
        self._valid(reply)
        return True

    def _scheduled(self, process: str, item_id: str) -> bool:
        path = f"/processes/{item_id}" if item_id == process else f"/{item_id}?{urlencode({'process-id': process})}"
        reply = self._get(self._units.su + path, "scheduler")
        document = reply.document
        if reply.status == 200 and isinstance(document, dict) and "error" not in document:
            return True
        if reply.status in _ABSENT and isinstance(document, dict):
            return False
        if 200 <= reply.status < 300:
            msg = "answered with something other than JSON"
            raise Later(msg)
        raise refusal(reply, who=self._who("scheduler"))

    def _indexed(self, item_id: str) -> bool:
        body = json.dumps({"query": _BY_ID, "variables": {"ids": [item_id]}}).encode()
        who = self._who("gateway")
        reply = asked(lambda: self._http.send("POST", self._units.gateway, headers=_ASK, body=body), who=who)
        if reply.status != 200:
            raise refusal(reply, who=who)
        try:
            edges = reply.document["data"]["transactions"]["edges"]
            return any(edge["node"]["id"] == item_id for edge in edges)
        except (KeyError, TypeError):
            msg = "answered a GraphQL query with something else"
            raise Later(msg) from None

    def _get(self, url: str, unit: str) -> Reply:
        return asked(lambda: self._http.get(url), who=self._who(unit))

    def _result_url(self, process: str, message: str) -> str:
        return f"{self._units.cu}/result/{quote(message)}?{urlencode({'process-id': process})}"

    def _unknown(self, process: str) -> NetworkRefused:
        msg = f"{self._who('scheduler')} does not have the process `{process}`"
        return NetworkRefused(msg, help="deploy it first; or check the id, and the addresses of the network")

    def _who(self, unit: str) -> str:
        """Return a unit as the subject of an error."""
        url = {
            "messenger": self._units.mu,
            "compute": self._units.cu,
            "scheduler": self._units.su or self._units.gateway or self._units.cu,
            "gateway": self._units.gateway,
        }[unit]
        return f"the {unit} unit of network `{self._name}` ({url})"
