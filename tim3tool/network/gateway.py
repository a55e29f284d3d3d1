"""An Arweave gateway over HTTP: what it is asked is answered, absent, or fails in words. Nothing it says is trusted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import NetworkError
from tim3tool.network.http import BadReply, Http, NoReply, Reply, check_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Gateway"]

_EXAMPLE: Final = "give one such as https://arweave.net"
_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.5  # seconds, doubled each time
_OTHER_GATEWAY: Final = "repeat the command, or name another gateway with --gateway or TIM3_GATEWAY"
_JSON_BYTES: Final = 4 * 1024 * 1024
_ABSENT: Final = frozenset({400, 404, 410})  # gateways call an id that they do not know by each of these


class _Again(Exception):  # noqa: N818 - it never leaves this module
    """Something that may work the next time."""


class Gateway:
    """A gateway.

    Args:
        url: such as ``https://arweave.net``.
        timeout: seconds without a byte that one request may take.
        deadline: seconds that one request may take in all.
        sleep: waits for so many seconds between two attempts.
        clock: a time in seconds that only ever grows.

    Raises:
        UsageError: the URL is none of HTTP, or holds a name and password.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        deadline: float = 900.0,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = check_url(url, "a gateway", example=_EXAMPLE)
        self._sleep = sleep
        self._http = Http(timeout=timeout, deadline=deadline, clock=clock)

    def document(self, path: str, question: Mapping[str, Any] | None = None) -> Any:
        """Return a JSON document, or None where the gateway has none.

        Args:
            path: such as ``/tx/ID``.
            question: what to post as JSON, to ``/graphql``; without one the document is fetched.

        Raises:
            NetworkError: the gateway did not answer, or not with JSON.
        """
        body = self.download(path, limit=_JSON_BYTES, question=question)
        if body is None:
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            msg = f"the gateway {self.url} answered `{path}` with something other than JSON"
            raise NetworkError(msg, help=_OTHER_GATEWAY) from None

    def download(
        self,
        path: str,
        *,
        limit: int,
        question: Mapping[str, Any] | None = None,
        progress: Callable[[int], object] = lambda _: None,
    ) -> bytes | None:
        """Return all bytes of a resource, or None where the gateway has none.

        Args:
            path: such as ``/raw/ID``.
            limit: bytes that it may have.
            question: what to post as JSON.
            progress: is told how many bytes have come, now and then.

        Raises:
            NetworkError: the gateway did not answer after several attempts, or with more bytes than the limit.
        """
        pause = _FIRST_PAUSE
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._once(path, limit, question, progress)
            except _Again as problem:
                if attempt == _ATTEMPTS:
                    msg = f"the gateway {self.url} failed {_ATTEMPTS} times at `{path}`: {problem}"
                    raise NetworkError(msg, help=_OTHER_GATEWAY) from None
            self._sleep(pause)
            pause *= 2
        raise AssertionError

    def _once(
        self, path: str, limit: int, question: Mapping[str, Any] | None, progress: Callable[[int], object]
    ) -> bytes | None:
        try:
            reply = self._ask(path, limit, question, progress)
        except NoReply as problem:
            raise _Again(str(problem)) from None
        except BadReply as problem:
            msg = f"the gateway {self.url} {problem} at `{path}`"
            raise NetworkError(msg, help=_OTHER_GATEWAY) from None
        if reply.status in _ABSENT:
            return None
        if reply.status == 429 or reply.status >= 500:
            msg = f"it answered with HTTP status {reply.status}"
            raise _Again(msg)
        if reply.status != 200:
            msg = f"the gateway {self.url} answered `{path}` with HTTP status {reply.status}"
            raise NetworkError(msg, help=_OTHER_GATEWAY)
        return reply.body

    def _ask(
        self, path: str, limit: int, question: Mapping[str, Any] | None, progress: Callable[[int], object]
    ) -> Reply:
        url = self.url + path
        if question is None:
            return self._http.send("GET", url, headers={}, limit=limit, progress=progress)
        body, headers = json.dumps(question).encode(), {"Content-Type": "application/json"}
        return self._http.send("POST", url, headers=headers, body=body, limit=limit, progress=progress)
