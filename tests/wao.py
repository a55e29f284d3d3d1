"""AO units of the npm package wao on this machine (scripts/install-wao.sh --server), and a proxy that makes faults."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from tim3tool.localnet import Answer, Request, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
FOLDER = Path(os.environ.get("TIM3_WAO") or _CACHE / "tim3tool-wao" / "0.35.7" / "server")
_SERVER = FOLDER / "node_modules" / "wao" / "cjs" / "run.js"
_START_SECONDS = 60.0


def _absent() -> str:
    if shutil.which("node") is None:
        return "node is not installed"
    if not _SERVER.is_file():
        return "wao is not installed: run scripts/install-wao.sh --server"
    return ""


ABSENT = _absent()
needs_wao = pytest.mark.skipif(bool(ABSENT), reason=ABSENT)


@dataclass(frozen=True)
class Units:
    """Where wao's units listen.

    Args:
        port: of the gateway; the messenger and compute units are two and four above it.
    """

    port: int

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def mu(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def cu(self) -> str:
        return f"http://127.0.0.1:{self.port + 4}"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Units]:
    """Run wao on free ports while the block runs.

    Args:
        folder: what it may write to.
    """
    units = Units(_free_ports(5))
    command = ["node", "--experimental-wasm-memory64", str(_SERVER), "--port", str(units.port), "--memory"]
    with (folder / "wao.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _await(units, process)
            yield units
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def behind_faults(url: str) -> Iterator[Served]:
    """Forward every request to a server, apart from the faults that are asked for."""

    def forward(request: Request) -> Answer:
        headers = {name: request.headers[name] for name in ("content-type", "accept") if name in request.headers}
        sent = requests.request(
            request.method,
            url + request.path,
            params=dict(request.query),
            data=request.body,
            headers=headers,
            timeout=60,
        )
        kept = {"Content-Type": sent.headers["Content-Type"]} if "Content-Type" in sent.headers else {}
        return Answer(status=sent.status_code, body=sent.content, headers=kept)

    with serving(forward) as served:
        yield served


def _free_ports(count: int) -> int:
    """Return the first of so many ports in a row that nobody listens on, each process beginning at another place."""
    for number in range(1000):
        first = 20_000 + (os.getpid() + number) % 1000 * 10
        with contextlib.ExitStack() as sockets:
            try:
                for port in range(first, first + count):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError


def _await(units: Units, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if all(requests.get(url, timeout=5).status_code < 600 for url in (units.gateway, units.mu, units.cu)):
                return
        time.sleep(0.1)
    msg = "wao did not start; see wao.log"
    raise AssertionError(msg)
