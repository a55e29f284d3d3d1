"""Suites end here as they end under busted: every test of the corpus, its outcome and the order.

``tests/data/busted/recorded.json`` holds what busted 2.1.1 on Lua 5.3 answered, so that the corpus is checked where
busted is not installed. ``python tests/conformance/test_busted.py`` records it anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CORPUS = HERE.parent / "data" / "busted"
RECORDED = CORPUS / "recorded.json"
LUA, BUSTED = shutil.which("lua5.3"), shutil.which("busted")
needs_busted = pytest.mark.skipif(not (LUA and BUSTED), reason="busted is not installed (Debian: lua5.3 lua-busted)")
STATUS = {"success": "passed", "failure": "failed", "error": "error", "pending": "pending"}

# The runs: a corpus file, alone or with options of busted.
RUNS = [path.name for path in sorted(CORPUS.glob("*.lua"))] + [
    f"{options} busted_tags.lua"
    for options in (
        "--tags=one", "--tags=two", "--tags=one,two", "--tags=one --tags=four", "--exclude-tags=two",
        "--tags=one --exclude-tags=two", "--tags=on", "--tags=#one", "--tags=o.e", "--tags=one_x", "--tags=%a", "--tags=One", "--filter=a", "--filter=inner",
        "--filter=^plain", "--filter-out=inner", "--filter=b --filter=c", "--filter=%d --tags=one", "--filter=[x-z]",
    )
] + [f"{options} busted_hooks.lua" for options in ("--lazy", "--filter-out=nothing")] + ["--sort busted_tags.lua"]  # fmt: skip

# Whole projects, with `.busted`, helpers and Lua modules; run as `tim3tool test` does.
PROJECTS = CORPUS / "projects"
PROJECT_RUNS = (
    [path.name for path in sorted(PROJECTS.iterdir())]
    + [f"profiles {options}" for options in ("--run=slow", "--run=one", "--tags=slow")]
    + ["proxy --run=unit", "proxy --run=integration", "shuffled --shuffle --seed=3", "gateway --shuffle-files"]
)

Event = list[str]


def plain(name: str) -> str:
    """A name without what our node ids change in it."""
    name = " ".join(name.split()).replace("::", ":").replace("[", "(").replace("]", ")")
    return re.sub(r"0x[0-9a-f]{6,}", "0x0", name)


def under_busted(words: list[str], corpus: Path) -> list[Event]:
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events"
        events.touch()
        shutil.copytree(corpus, Path(folder) / "corpus")
        command = [str(LUA), str(BUSTED), "-o", str(HERE / "busted_events.lua"), *words]
        environment = {**os.environ, "BUSTED_EVENTS": str(events)}
        subprocess.run(
            command, cwd=Path(folder) / "corpus", env=environment, capture_output=True, timeout=120, check=False
        )
        lines = events.read_text(errors="replace").splitlines()
    assert lines[-1:] == ["end"], f"busted did not finish {words} in {corpus}"
    return [busted_event(*line.split("\t")) for line in lines[:-1]]


def project_under_busted(run: str) -> list[Event]:
    """What a project's tests answer, sorted: where a file cannot be read is told before any test runs here."""
    name, *options = run.split()
    return sorted(under_busted(options, PROJECTS / name))


def project_under_us(run: str) -> list[Event]:
    name, *options = run.split()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "events.json"
        shutil.copytree(PROJECTS / name, Path(folder) / "corpus")
        words = [*options, "--", "-p", "test_busted", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "tim3tool", "test", *words],
            cwd=Path(folder) / "corpus",
            env={**os.environ, "PYTHONPATH": str(HERE), "TIM3_EVENTS": str(report)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert report.exists(), done.stdout + done.stderr
        return sorted(json.loads(report.read_text()))


def pytest_configure(config: pytest.Config) -> None:
    """Write events when this file is a plugin of a run, as in `project_under_us`."""
    config.pluginmanager.register(Events(os.environ["TIM3_EVENTS"]))


def busted_event(kind: str, outcome: str, name: str) -> Event:
    unescaped = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), name)
    if kind == "test":
        return [STATUS[outcome], plain(unescaped)]
    if kind in ("before_each", "after_each", "file"):
        return ["error", kind]
    if kind == "describe":
        return ["error", plain(unescaped)]
    hook = kind.removeprefix("strict_")
    block = re.sub(r"\s*\S+$", "", unescaped)  # the corpus gives no hook a name of several words
    return ["error", plain(f"{block} {hook}")]


def under_us(run: str) -> list[Event]:
    *options, name = run.split()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "events.json"
        shutil.copytree(CORPUS, Path(folder) / "corpus")
        command = [sys.executable, __file__, "--events", str(report), f"--busted={' '.join(options)}", name]
        done = subprocess.run(
            command, cwd=Path(folder) / "corpus", capture_output=True, text=True, timeout=300, check=False
        )
        assert report.exists(), done.stdout + done.stderr
        events: list[Event] = json.loads(report.read_text())
        return events


class Events:
    """A plugin that writes what pytest reports as events of busted."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.events: list[Event] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.events.append(["error", "file"])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = plain(re.sub(r" \(\d+\)(?= |$)", "", report.location[2].replace("(unnamed)", "")))
        if report.skipped:
            self.events.append(["pending", name])
        elif report.when == "call":
            self.events.append(["passed" if report.passed else "failed", name])
        elif report.when == "run":
            self.events.append(["error", name])
        elif report.failed:
            shared = report.nodeid.rpartition("::")[2] in ("setup", "teardown", "lazy_setup", "lazy_teardown")
            hook = "before_each" if report.when == "setup" else "after_each"
            self.events.append(["error", name if shared else hook])

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.events))


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = json.loads(RECORDED.read_text())
    return found


def test_the_record_holds_every_run(recorded):
    assert sorted(recorded) == sorted(RUNS + PROJECT_RUNS)
    assert sum(len(events) for run, events in recorded.items() if " " not in run) >= 400


@pytest.mark.parametrize("run", PROJECT_RUNS)
def test_a_project_ends_as_it_was_recorded_under_busted(run, recorded):
    assert project_under_us(run) == recorded[run]


@needs_busted
@pytest.mark.parametrize("run", PROJECT_RUNS)
def test_the_record_of_a_project_is_what_busted_answers(run, recorded):
    assert project_under_busted(run) == recorded[run]


@pytest.mark.parametrize("run", RUNS)
def test_a_suite_ends_as_it_was_recorded_under_busted(run, recorded):
    assert under_us(run) == recorded[run]


@needs_busted
@pytest.mark.parametrize("run", RUNS)
def test_the_record_is_what_busted_answers(run, recorded):
    assert under_busted(run.split(), CORPUS) == recorded[run]


def main() -> None:
    if sys.argv[1:2] == ["--events"]:
        options = [
            "-p",
            "tim3tool.spec.plugin",
            "-p",
            "no:hypothesispytest",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
        ]
        options += ["--rootdir=.", "-q", "--continue-on-collection-errors"]
        sys.exit(pytest.main([*options, *sys.argv[3:]], plugins=[Events(sys.argv[2])]))
    outcomes = {run: under_busted(run.split(), CORPUS) for run in RUNS}
    outcomes |= {run: project_under_busted(run) for run in PROJECT_RUNS}
    lines = ",\n".join(
        f'"{run}": [\n' + ",\n".join(json.dumps(event, ensure_ascii=False) for event in events) + "\n]"
        for run, events in outcomes.items()
    )
    RECORDED.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
