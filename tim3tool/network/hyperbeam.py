"""A HyperBEAM node (``ao.N.1``): signed items to ``/push``, slots, and reads by plain GET."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from tim3tool.aos import Result
from tim3tool.errors import LimitExceeded, NetworkError, NetworkRefused
from tim3tool.network.answer import result_of
from tim3tool.network.evals import Evaluated, evaluated, is_eval
from tim3tool.network.http import BadReply, NoReply
from tim3tool.network.node import WINDOW, Node, number
from tim3tool.network.patience import Later, Patience
from tim3tool.network.port import Answered, slots_behind
from tim3tool.network.sending import send_until_taken
from tim3tool.network.terms import HYPERBEAM
from tim3tool.network.verdict import is_final, refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.http import Http, Reply
    from tim3tool.network.terms import Terms

__all__ = ["Hyperbeam"]

_WRITE: Final = {"Content-Type": "application/ans104", "codec-device": "ans104@1.0"}
_JSON: Final = {"require-codec": "application/json", "accept-bundle": "true"}


class Hyperbeam:
    """A network of one node that schedules and computes; a `Port`.

    A node evaluates the same item again each time it comes. So the schedule of its process is read for it before it is
    sent again, and where a run begins anew (`find`).

    Args:
        name: its name in the manifest.
        node: URL of the node, without a slash at its end; it is the scheduler of what is spawned there.
        http: the client.
        patience: how long to wait for an outcome.
        reads: URLs of further nodes that are asked for results and state when the node does not tell.
        scheduler: address of the scheduler; None for the node's own.
        authority: address that signs mail between processes; None for the node's own.
    """

    def __init__(
        self,
        name: str,
        node: str,
        *,
        http: Http,
        patience: Patience,
        reads: Sequence[str] = (),
        scheduler: str | None = None,
        authority: str | None = None,
    ) -> None:
        self._name = name
        self._node = Node(node, reads=reads, http=http, network=name)
        self._http = http
        self._patience = patience
        self._scheduler = scheduler
        self._authority = authority
        self._address: str | None = None
        self._asking = threading.Lock()  # who wants to know the address waits for who has asked for it
        self._slots: dict[str, int] = {}
        self._results: dict[str, Result] = {}

    @property
    def name(self) -> str:
        """Its name in the manifest."""
        return self._name

    @property
    def terms(self) -> Terms:
        """Those of HyperBEAM."""
        return HYPERBEAM

    @property
    def scheduler(self) -> str | None:
        """The address it was made with, or the node's.

        Raises:
            NetworkError: the node does not tell.
        """
        return self._scheduler or self._own_address()

    @property
    def authority(self) -> str | None:
        """The address it was made with, or the node's; see `scheduler`."""
        return self._authority or self._own_address()

    def spawn(self, item: DataItem) -> str:
        """Send a Process item.

        Args:
            item: the signed item, without an anchor, and with a tag that no other spawn has.

        Returns:
            The process id, which is the item's.

        Raises:
            NetworkRefused: the node will never take it, as when it is not the item's scheduler.
            NetworkError: it did not answer in time.
        """
        return self._send(item, process=item.id, path="/push")

    def message(self, item: DataItem) -> str:
        """Send a Message item to the process it targets.

        Args:
            item: the signed item.

        Returns:
            The message id, which is the item's.

        Raises:
            LimitExceeded: the item is larger than nodes were seen to take.
            NetworkRefused: the node will never take it.
            NetworkError: it did not answer in time.
        """
        if len(item.raw) > HYPERBEAM.max_bytes:
            msg = f"the message has {len(item.raw):,} bytes; network `{self._name}` takes {HYPERBEAM.max_bytes:,}"
            raise LimitExceeded(msg, help="send less, in several messages")
        return self._send(item, process=item.target, path=f"/{item.target}~process@1.0/push")

    def result(self, process: str, message: str) -> Result:
        """Return what a process answered to a message; see `Port`.

        Raises:
            NetworkError: there was no result in time.
        """
        if message not in self._results:
            self._results[message] = self._patience.until(lambda: self._result(process, message), who=self._who)
        return self._results[message]

    def results(self, process: str, *, after: str = "", newest_first: bool = False) -> Iterator[Answered]:
        """Yield the results of a process, each marked with its slot; see `Port`.

        Raises:
            UsageError: the mark is no slot.
            NetworkError: the node does not tell, or does not know the process.
        """
        last = self._patience.until(lambda: self._node.last_slot(process), who=self._who)
        if last < 0:
            msg = f"{self._who} does not know the process `{process}`"
            raise NetworkRefused(msg, help="check the id, and the URL of the node")
        slots = slots_behind(after, last=last, newest_first=newest_first, network=self._name)
        for start in range(0, len(slots), WINDOW):
            window = slots[start : start + WINDOW]
            ends = sorted((window[0], window[-1]))
            messages = self._patience.until(partial(self._node.messages, process, *ends), who=self._who)
            ids = {slot: message["Id"] for slot, message in messages}
            for slot in window:
                yield Answered(mark=str(slot), message=ids.get(slot), result=self._at(process, slot))

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        """Return what a process would answer to a message of nobody: a node does not let one say who asks.

        Raises:
            NetworkError: the node does not tell.
        """
        del owner
        query = _JSON | dict(tags) | ({"data": data} if data else {})
        path = f"/{process}~process@1.0/as=execution/compute?{urlencode(query, quote_via=quote)}"
        return self._patience.until(lambda: self._valid(self._node.read(path)), who=self._who)

    def last_eval(self, process: str, *, owner: str, known: Collection[str] = ()) -> Evaluated | None:
        """Return the newest Eval of that wallet that the process carried out, or else its spawn; see `Port`.

        Raises:
            NetworkError: the node does not tell.
        """
        return self._patience.until(lambda: self._last_eval(process, owner, known), who=self._who)

    def find(self, process: str, item_id: str) -> bool:
        """Tell whether the item stands in the schedule of its process; a process does so for itself.

        Raises:
            NetworkError: the node does not tell.
        """
        return self._patience.until(lambda: self._look(process, item_id) is not None, who=self._who)

    def state(self, process: str, path: str) -> str | None:
        """Return what a process published of its state (``patch@1.0``).

        Args:
            process: the process id.
            path: such as ``cache/balances``.

        Returns:
            The value as the node writes it; None where there is none.

        Raises:
            NetworkError: the node does not tell.
        """

        def attempt() -> str | None:
            reply = self._node.read(f"/{process}~process@1.0/now/{quote(path)}")
            if reply.status == 404:
                return None
            if reply.status != 200:
                raise refusal(reply, who=self._who)
            return reply.text

        return self._patience.until(attempt, who=self._who)

    def _send(self, item: DataItem, *, process: str, path: str) -> str:
        send_until_taken(
            lambda: self._http.send("POST", self._node.url + path, headers=_WRITE, body=item.raw),
            check=lambda reply: self._taken(reply, item, process),
            find=lambda: self._look(process, item.id) is not None,
            settle=self.terms.settle,
            patience=self._patience,
            who=self._who,
        )
        return item.id

    def _taken(self, reply: Reply, item: DataItem, process: str) -> None:
        """Return when the node has taken an item: pushed it, or at least put it into the schedule.

        Some nodes answer 400 to the push of an item with which nothing is wrong.
        """
        try:
            self._check(reply, item, process)
        except (Later, NetworkRefused) as refused:
            if reply.status != 400 or not item.target or is_final(reply):
                raise
            self._schedule_instead(item, process, refused)

    def _schedule_instead(self, item: DataItem, process: str, refused: Later | NetworkRefused) -> None:
        """Have an item scheduled that the node refused to push, and then what it sends on pushed, if the node does."""
        url = f"{self._node.url}/{process}~process@1.0"
        if self._look(process, item.id) is not None:
            return
        try:
            self._check(self._http.send("POST", f"{url}/schedule", headers=_WRITE, body=item.raw), item, process)
        except NoReply as problem:
            msg = f"did not answer: {problem}"
            raise Later(msg) from None
        except (Later, NetworkError, BadReply):
            raise refused from None
        with suppress(NoReply, BadReply):
            self._http.send("POST", f"{url}/push&slot={self._slots[item.id]}", headers=_WRITE, body=b"")

    def _check(self, reply: Reply, item: DataItem, process: str) -> None:
        """Refuse every reply but one that names the process and the slot."""
        document = reply.document
        members = document if isinstance(document, dict) else {}
        slot = number(reply.headers.get("slot", members.get("slot")))
        named = reply.headers.get("process")
        if not 200 <= reply.status < 300 or (named is None and slot is None):
            raise refusal(reply, who=self._who)
        if named is not None and named != process:
            msg = f"{self._who} answered for process `{named}` when it was sent an item for `{process}`"
            raise NetworkRefused(msg, help="check the URL of the node")
        if slot is None:
            msg = "named no slot"
            raise Later(msg)
        self._slots[item.id] = slot if item.target else 0  # a spawn that came twice is a message of its own in slot 1
        if item.target and (result := result_of(document)) is not None:
            self._results[item.id] = result

    def _result(self, process: str, message: str) -> Result:
        slot = self._slot(process, message)
        if slot is None:
            msg = f"does not have the message `{message}` in the schedule of process `{process}`"
            raise Later(msg)
        return self._computed(process, slot)

    def _at(self, process: str, slot: int) -> Result:
        return self._patience.until(partial(self._computed, process, slot), who=self._who)

    def _computed(self, process: str, slot: int) -> Result:
        # `compute/results=N` ignores its number and gives the latest.
        return self._valid(
            self._node.read(f"/{process}~process@1.0/compute={slot}/results?{urlencode(_JSON, safe='/')}")
        )

    def _valid(self, reply: Reply) -> Result:
        document = reply.document
        result = result_of(document) if reply.status == 200 else None
        if result is not None:
            return result
        if isinstance(document, dict) and document.get("phase") == "compute":
            return Result({"Error": _thrown(document)})
        if reply.status == 200:
            msg = "answered with something other than a result"
            raise Later(msg)
        raise refusal(reply, who=self._who)

    def _last_eval(self, process: str, owner: str, known: Collection[str]) -> Evaluated | None:
        for slot, message in self._node.backwards(process, self._node.last_slot(process)):
            if slot and not is_eval(message, owner):
                continue
            if not slot or message["Id"] in known or self._computed(process, slot).error is None:
                return evaluated(message)
        return None

    def _slot(self, process: str, item_id: str) -> int | None:
        return self._slots[item_id] if item_id in self._slots else self._look(process, item_id)

    def _look(self, process: str, item_id: str) -> int | None:
        """Ask for the slot of an item; None when it is in none."""
        found = self._node.slot_of(process, item_id)
        if found is not None:
            self._slots[item_id] = found
        return found

    def _own_address(self) -> str:
        with self._asking:
            if self._address is None:
                self._address = self._patience.until(self._node.address, who=self._who)
            return self._address

    @property
    def _who(self) -> str:
        return self._node.who


def _thrown(document: dict[str, Any]) -> str:
    """Return what a native Lua process threw: the first parameter of the trace's first call."""
    try:
        return str(document["trace"]["1"]["parameters"]["1"])
    except (KeyError, TypeError):
        return "the node could not compute this slot"
