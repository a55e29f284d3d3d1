"""An Arweave gateway over HTTP: what it is asked is answered, absent, or fails in words. Nothing it says is trusted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests

from tim3tool.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

__all__ = ["Gateway"]

_EXAMPLE: Final = "give one such as https://arweave.net"
_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.5  # seconds, doubled each time
_REDIRECTS: Final = 5
_OTHER_GATEWAY: Final = "repeat the command, or name another gateway with --gateway or TIM3_GATEWAY"
_JSON_BYTES: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024
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
        _check(url)
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._deadline = deadline
        self._sleep = sleep
        self._clock = clock
        self._session = requests.Session()
        self._session.max_redirects = _REDIRECTS

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
        end = self._clock() + self._deadline
        pieces: list[bytes] = []
        size = 0
        try:
            with self._request(path, question) as response:
                if response.status_code in _ABSENT:
                    return None
                self._check_status(path, response.status_code)
                for piece in response.iter_content(_PIECE):
                    pieces.append(piece)
                    size += len(piece)
                    if size > limit:
                        msg = f"the gateway {self.url} sends more than {limit:,} bytes for `{path}`"
                        raise NetworkError(msg, help=_OTHER_GATEWAY)
                    if self._clock() > end:
                        msg = f"not done after {self._deadline:g} s"
                        raise _Again(msg)
                    progress(size)
        except requests.TooManyRedirects:
            msg = f"the gateway {self.url} redirects `{path}` more than {_REDIRECTS} times"
            raise NetworkError(msg, help=_OTHER_GATEWAY) from None
        except requests.Timeout:
            msg = f"no answer within {self._timeout:g} s"
            raise _Again(msg) from None
        except requests.exceptions.ChunkedEncodingError:
            msg = "the answer broke off"
            raise _Again(msg) from None
        except requests.RequestException as problem:
            raise _Again(_reason(problem)) from None
        return b"".join(pieces)

    def _request(self, path: str, question: Mapping[str, Any] | None) -> AbstractContextManager[requests.Response]:
        # What comes compressed could be far larger than it looks.
        headers = {"Accept-Encoding": "identity", "User-Agent": "tim3tool"}
        method = "GET" if question is None else "POST"
        return self._session.request(
            method, self.url + path, json=question, headers=headers, timeout=self._timeout, stream=True
        )

    def _check_status(self, path: str, status: int) -> None:
        if status == 429 or status >= 500:
            msg = f"it answered with HTTP status {status}"
            raise _Again(msg)
        if status != 200:
            msg = f"the gateway {self.url} answered `{path}` with HTTP status {status}"
            raise NetworkError(msg, help=_OTHER_GATEWAY)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        msg = f"`{url}` is not the URL of a gateway"
        raise UsageError(msg, help=_EXAMPLE)
    if "@" in parts.netloc:
        msg = "the URL of a gateway must not hold a name or password"
        raise UsageError(msg, help=_EXAMPLE)
    if parts.query or parts.fragment:
        msg = f"the URL of a gateway has neither query nor fragment: `{url}`"
        raise UsageError(msg, help=_EXAMPLE)


def _reason(problem: requests.RequestException) -> str:
    """Return the innermost cause in words: requests wraps what urllib3 wraps around what the system said."""
    if isinstance(problem, requests.exceptions.SSLError):
        return "its certificate cannot be verified"
    if isinstance(problem, requests.exceptions.ConnectionError):
        return "there is no connection"
    return type(problem).__name__
