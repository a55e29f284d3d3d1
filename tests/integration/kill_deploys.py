"""Kills deploys at chosen lines, finishes them, and prints what is on the network as JSON; for test_deploy_kill.py.

usage: python kill_deploys.py FOLDER WALLET [POINT…]

A point is the number of a line executed in tim3tool/deploy or in the embedded network, counted from the start of a
deploy. Without points it prints how many there are. Every deploy runs in a process of its own, forked from this one so
that nothing is imported twice.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

import tim3tool
from tim3tool.bundle import build
from tim3tool.deploy.apply import deploy
from tim3tool.deploy.state import load as load_state
from tim3tool.deploy.state import state_path
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded
from tim3tool.network.log import Log
from tim3tool.project import load

MANIFEST = """
processes:
  first:
    entry: first.lua
    tags: { Second: "{{ processes['second'].id }}" }
    setup:
      - { action: Add, tags: { Quantity: "5" } }
  second:
    entry: second.lua
"""
FIRST = """
Evals = (Evals or 0) + 1
Total = Total or 0
Handlers.add("add", "Add", function(msg) Total = Total + tonumber(msg.Quantity) end)
"""
PACKAGE = Path(tim3tool.__file__).parent
WATCHED = {
    *map(str, (PACKAGE / "deploy").glob("*.py")),
    *(str(PACKAGE / "network" / name) for name in ("embedded.py", "log.py", "files.py")),
}


class Killer:
    """Ends the process at a line, as SIGKILL would: no handler, no `finally`, no buffer is run or flushed."""

    def __init__(self, point: int) -> None:
        self.point = point
        self.lines = 0

    def __call__(self, frame, event, _):
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.point:
                os._exit(9)
        return self


def run(root: Path, wallet: wallets.Wallet, point: int) -> int:
    """Deploy, to the end or to a point; return how many lines that took."""
    manifest = load(root / "aoform.yaml")
    bundles = {name: build(spec.entry, name=name, root=root) for name, spec in manifest.processes.items()}
    port = Embedded(log_path(root), clock=lambda: int(time.time() * 1000))
    killer = Killer(point)
    sys.settrace(killer)
    deploy(manifest, bundles, port=port, wallet=wallet, environ={}, report=lambda _: None)
    sys.settrace(None)
    return killer.lines


def forked(root: Path, wallet: wallets.Wallet, point: int) -> int:
    """Deploy in a process of its own; return its exit code."""
    child = os.fork()
    if child == 0:
        try:
            run(root, wallet, point)
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def log_path(root: Path) -> Path:
    return root / ".tim3" / "networks" / "local.sqlite"


def found(root: Path, wallet: wallets.Wallet) -> dict[str, object]:
    """What is on the network, and what the state says."""
    state = load_state(state_path(root, "local"), network="local")
    names = {process.id: name for name, process in state.processes.items()}
    items = [entry.item for entry in Log(log_path(root), patience=1).after(0)]
    port = Embedded(log_path(root), clock=lambda: int(time.time() * 1000))
    values = port.dry_run(
        state.processes["first"].id,
        owner=wallet.address,
        tags=[("Action", "Eval")],
        data="return Evals .. ' ' .. Total",
    )
    return {
        "sent": dict(Counter(f"{names[item.target or item.id]} {item.tag('Action') or 'spawn'}" for item in items)),
        "values": values.text,
        "left": sorted(
            path.name for path in (root / ".tim3").rglob("*") if path.is_file() and "cache" not in path.parts
        ),
    }


def project(folder: Path, point: int) -> Path:
    root = folder / str(point)
    root.mkdir()
    (root / "aoform.yaml").write_text(MANIFEST)
    (root / "first.lua").write_text(FIRST)
    (root / "second.lua").write_text("Evals = 1\n")
    return root


def say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


def main() -> None:
    folder, wallet = Path(sys.argv[1]), wallets.load(Path(sys.argv[2]))
    points = [int(point) for point in sys.argv[3:]]
    if not points:
        say(run(project(folder, 0), wallet, 0))
    for point in points:
        root = project(folder, point)
        exits = [forked(root, wallet, point), forked(root, wallet, point // 2), forked(root, wallet, 0)]
        say({"point": point, "exits": exits, **found(root, wallet)})


if __name__ == "__main__":
    main()
