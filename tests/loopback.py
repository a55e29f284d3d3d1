"""An Arweave gateway on this machine: it serves what it is given over real HTTP, and misbehaves as it is told."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tim3tool.network import base64url

if TYPE_CHECKING:
    from tim3tool.network.dataitem import DataItem

Route = bytes | Callable[[BaseHTTPRequestHandler], None]
"""A body, or what answers a request."""


class Loopback:
    """What a gateway serves, by path, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.routes: dict[str, Route] = {}
        self.asked: list[str] = []

    def serve_item(self, item: DataItem, *, as_text: bool = False, **changed: Any) -> None:
        """Serve a bundled data item as gateways do: its data, and the rest through GraphQL."""
        node = {
            "id": item.id,
            "signature": base64url.encode(item.signature),
            "anchor": item.anchor.decode() if as_text else base64url.encode(item.anchor),
            "recipient": item.target,
            "owner": {"key": base64url.encode(item.owner)},
            "tags": [{"name": name, "value": value} for name, value in item.tags],
        }
        answer = {"data": {"transactions": {"edges": [{"node": node | changed}]}}}
        self.routes["/graphql"] = json.dumps(answer).encode()
        self.routes[f"/raw/{item.id}"] = item.data


def reply(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
    """Answer a request."""
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextlib.contextmanager
def running() -> Iterator[Loopback]:
    """Run a gateway while the block runs."""
    loopback = Loopback()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            loopback.asked.append(self.path)
            route = loopback.routes.get(self.path)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if callable(route):
                    route(self)
                elif route is None:
                    reply(self, b"Not Found", status=404)
                else:
                    reply(self, route)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    loopback.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
