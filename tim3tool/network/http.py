"""HTTP, one request at a time: redirects keep their body, sizes and times have an end, and no reply is trusted."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BadReply", "Http", "NoReply", "Reply", "check_url", "redirected"]

_REDIRECTS: Final = 5
_KEEP_BODY: Final = frozenset({307, 308})
_MOVED: Final = _KEEP_BODY | {301, 302, 303}
_MAX_BYTES: Final = 64 * 1024 * 1024
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a server answered.

    Args:
        status: the HTTP status.
        headers: by lower-case name.
        body: all its bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, without the white space around it."""
        return self.body.decode("utf-8", "replace").strip()

    @property
    def document(self) -> Any:
        """The body as JSON data, or None where it is none (as the HTML of a proxy)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class NoReply(Exception):  # noqa: N818 - named for what happened; callers turn it into errors of the tree
    """No reply came, or not a whole one.

    Args:
        reason: why, in a few words.
        arrived: whether the request may have reached the server, and had its effect there.
    """

    def __init__(self, reason: str, *, arrived: bool) -> None:
        super().__init__(reason)
        self.arrived = arrived


class BadReply(Exception):  # noqa: N818
    """A reply that no repetition makes better; the text is a predicate of the server: ``redirects …``."""


class Http:
    """A client, which several threads may use at once: its pool of connections is theirs in common.

    Args:
        timeout: seconds without a byte that one request may take.
        deadline: seconds that one request may take in all.
        clock: a time in seconds that only ever grows.
    """

    def __init__(
        self, *, timeout: float = 60.0, deadline: float = 900.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeout = timeout
        self._deadline = deadline
        self._clock = clock
        self._session = requests.Session()

    def get(self, url: str, *, accept: str = "application/json") -> Reply:
        """Fetch a URL; see `send`."""
        return self.send("GET", url, headers={"Accept": accept})

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        limit: int = _MAX_BYTES,
        progress: Callable[[int], object] = lambda _: None,
    ) -> Reply:
        """Send one request, and again to wherever it is redirected.

        Args:
            method: ``GET`` or ``POST``.
            url: the whole URL.
            headers: header fields.
            body: what is sent; the same bytes to each server on the way.
            limit: bytes that the reply may have.
            progress: is told how many bytes have come, now and then.

        Returns:
            The reply, whatever its status.

        Raises:
            NoReply: none came, or it broke off.
            BadReply: it redirects without end, to where it must not, or has more bytes than the limit.
        """
        for _ in range(_REDIRECTS + 1):
            reply = self._once(method, url, headers=headers, body=body, limit=limit, progress=progress)
            location = reply.headers.get("location", "")
            if reply.status not in _MOVED or not location:
                return reply
            url = redirected(method, url, location, reply.status)
        msg = f"redirects more than {_REDIRECTS} times"
        raise BadReply(msg)

    def _once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
        progress: Callable[[int], object],
    ) -> Reply:
        end = self._clock() + self._deadline
        # What comes compressed could be far larger than it looks.
        own = {"Accept-Encoding": "identity", "User-Agent": "tim3tool", **headers}
        pieces: list[bytes] = []
        size = 0
        try:
            with self._session.request(
                method, url, data=body, headers=own, timeout=self._timeout, stream=True, allow_redirects=False
            ) as response:
                for piece in response.iter_content(_PIECE):
                    pieces.append(piece)
                    size += len(piece)
                    if size > limit:
                        msg = f"sends more than {limit:,} bytes"
                        raise BadReply(msg)
                    if self._clock() > end:
                        msg = f"not done after {self._deadline:g} s"
                        raise NoReply(msg, arrived=True)
                    progress(size)
        except requests.RequestException as problem:
            raise self._lost(problem) from None
        named = {name.lower(): value for name, value in response.headers.items()}
        return Reply(status=response.status_code, headers=named, body=b"".join(pieces))

    def _lost(self, problem: requests.RequestException) -> NoReply:
        """Say why in words: requests wraps what urllib3 wraps around what the system said."""
        slow = f"no answer within {self._timeout:g} s"
        match problem:
            case requests.exceptions.SSLError():
                reason, arrived = "its certificate cannot be verified", False
            case requests.ConnectTimeout():
                reason, arrived = slow, False
            case requests.Timeout():
                reason, arrived = slow, True
            case requests.exceptions.ChunkedEncodingError():
                reason, arrived = "the answer broke off", True
            case requests.ConnectionError() if _never_began(problem):
                reason, arrived = "there is no connection", False
            case requests.ConnectionError():
                reason, arrived = "the connection broke off", True
            case _:
                reason, arrived = type(problem).__name__, True
        return NoReply(reason, arrived=arrived)


def check_url(url: str, what: str, *, example: str) -> str:
    """Return the URL of a server, without the slash at its end.

    Args:
        url: such as ``https://arweave.net``.
        what: what it should be the URL of, for messages.
        example: what to give in its place, for messages.

    Raises:
        UsageError: it is none of HTTP, holds a name and password, or has a query.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        msg = f"`{url}` is not the URL of {what}"
        raise UsageError(msg, help=example)
    if "@" in parts.netloc:
        msg = f"the URL of {what} must not hold a name or password"
        raise UsageError(msg, help=example)
    if parts.query or parts.fragment:
        msg = f"the URL of {what} has neither query nor fragment: `{url}`"
        raise UsageError(msg, help=example)
    return url.rstrip("/")


def redirected(method: str, url: str, location: str, status: int) -> str:
    """Return where a request goes next.

    Args:
        method: of the request.
        url: where it went.
        location: where the reply sends it, perhaps relative to that.
        status: the reply's.

    Raises:
        BadReply: it would lose its body or its encryption, or leave HTTP.

    >>> redirected("POST", "http://su.example/a?b=c", "/x", 307)
    'http://su.example/x'
    """
    target = urljoin(url, location)
    if method != "GET" and status not in _KEEP_BODY:
        msg = f"redirects with HTTP status {status}, which would lose what is sent, to {target}"
        raise BadReply(msg)
    if urlsplit(target).scheme not in ("http", "https"):
        msg = f"redirects to `{target}`, which is not HTTP"
        raise BadReply(msg)
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        msg = f"redirects to {target}, which is not encrypted"
        raise BadReply(msg)
    return target


def _never_began(problem: requests.ConnectionError) -> bool:
    cause = getattr(problem.args[0] if problem.args else None, "reason", None)
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)
