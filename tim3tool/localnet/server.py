"""An HTTP server on the loopback address, and the faults it can be told to make."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Answer", "Fault", "Request", "Served", "as_json", "serving"]

FaultKind = Literal[
    "request-lost", "reply-lost", "truncated", "slow", "twice", "html", "rate-limited", "busy", "redirect", "moved"
]
_HTML: Final = b"<!DOCTYPE html>\n<html><body><h1>500 Internal Server Error</h1></body></html>\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked.

    Args:
        method: ``GET`` or ``POST``.
        path: without its query, escapes resolved.
        query: the last value of each name; "" for a name without one.
        headers: by lower-case name.
        body: all of it.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is answered.

    Args:
        status: the HTTP status.
        body: all of it.
        headers: further header fields.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that goes wrong.

    Args:
        kind: what: the request is lost before it has its effect, or the reply after it; the reply is cut off, comes
            late, or is that of a second delivery (twice); in place of the server a proxy answers with HTML, or a unit
            that it was one request too many or that it is busy; the client is sent on with its body (redirect, 307) or
            without (moved, 302).
        on: a pattern that ``METHOD /path?query`` is searched for.
        times: how often it happens.
        after: how many matching requests go well before it.
        seconds: how late, for ``slow``.
    """

    kind: FaultKind
    on: str = ""
    times: int = 1
    after: int = 0
    seconds: float = 0.0


class Served:
    """A server that runs.

    Args:
        url: where.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self._faults: list[list[Any]] = []
        self._lock = threading.Lock()

    def fail(self, *faults: Fault) -> None:
        """Let things go wrong from now on."""
        with self._lock:
            self._faults += [[fault, fault.after, fault.times] for fault in faults]

    def count(self, pattern: str) -> int:
        """Return how many requests matched a pattern; see `Fault.on`."""
        return sum(bool(re.search(pattern, line)) for line in self.asked)

    @property
    def faults_left(self) -> int:
        """How many faults have not happened yet."""
        return sum(entry[2] for entry in self._faults)

    def take(self, line: str) -> Fault | None:
        """Note a request; return what goes wrong with it."""
        with self._lock:
            self.asked.append(line)
            for entry in self._faults:
                if entry[2] and re.search(entry[0].on, line):
                    if entry[1]:
                        entry[1] -= 1
                        continue
                    entry[2] -= 1
                    return entry[0]  # type: ignore[no-any-return]
        return None


def as_json(document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with a JSON body."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[Served]:
    """Serve on a free port of 127.0.0.1 while the block runs.

    Args:
        answer: answers requests, one at a time.

    Yields:
        The server, to be told what goes wrong and asked what it was asked.
    """
    turn = threading.Lock()

    def in_turn(request: Request) -> Answer:
        with turn:
            return answer(request)

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"served": served, "answer": staticmethod(in_turn)})
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers requests for a `Served`; a subclass of it knows which."""

    served: Served
    answer: Callable[[Request], Answer]

    def handle_any(self) -> None:
        """Answer one request, or make what goes wrong with it."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.served.take(f"{self.command} {self.path}")
        with suppress(BrokenPipeError, ConnectionResetError):
            self._reply(self._request(body), fault)

    do_GET = do_POST = handle_any  # noqa: N815 - the names that http.server asks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _reply(self, request: Request, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if kind == "request-lost":
            self._hang_up()
            return
        said = _instead(kind, self.path) or type(self).answer(request)
        if fault and kind == "slow":
            time.sleep(fault.seconds)
        if kind == "twice":
            said = type(self).answer(request)
        if kind == "reply-lost":
            self._hang_up()
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body) + (100 if kind == "truncated" else 0)))
        self.end_headers()
        self.wfile.write(said.body)

    def _hang_up(self) -> None:
        """Reset the connection, as a server that dies does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _request(self, body: bytes) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )


def _instead(kind: FaultKind | None, path: str) -> Answer | None:
    """Return what somebody else answers in the server's place."""
    match kind:
        case "html":
            return Answer(status=500, body=_HTML, headers={"Content-Type": "text/html"})
        case "rate-limited":
            return as_json({"error": "Error: Rate limit exceeded"}, status=500)
        case "busy":
            return as_json({"message": "Evaluation of process is in progress."}, status=202)
        case "redirect":
            return Answer(status=307, headers={"Location": path})
        case "moved":
            return Answer(status=302, headers={"Location": path})
    return None
