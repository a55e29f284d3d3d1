"""Deploys that do not come to their end: what they say, what code they end with, and that the next one finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter

import pytest

from tim3tool.localnet import Fault, HyperbeamNode, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded

OTHER = """\
  other:
    entry: ao/counter/src/main.lua
"""


class Place:
    """A project of two processes, and what is behind a HyperBEAM test node that comes and goes."""

    def __init__(self, project, file):
        self.project = project
        self.embedded = Embedded(file, clock=lambda: time.time_ns() // 1_000_000, once=False)
        self.manifest = (project.folder / "aoform.yaml").read_text() + OTHER
        self.aim("http://127.0.0.1:9")

    def aim(self, url):
        self.project.write("aoform.yaml", f"networks:\n  there: {{kind: hyperbeam, node: '{url}'}}\n{self.manifest}")

    def node(self):
        return serving(HyperbeamNode(self.embedded).answer)

    @property
    def words(self):
        return ["deploy", "--network", "there", "--wallet", "key.json", "--timeout", "4"]

    def run(self, *more):
        return self.project.run(*self.words, *more)

    def started(self):
        return subprocess.Popen(
            self.project.command(*self.words),
            cwd=self.project.folder,
            env=self.project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self):
        """Deploy to a node without faults; return how often each action reached each process."""
        with self.node() as served:
            self.aim(served.url)
            ran = self.run()
            assert ran.code == 0, ran.err
            assert not (self.project.folder / ".tim3" / "journal" / "there.jsonl").exists()
        state = json.loads((self.project.folder / ".tim3" / "state" / "there.json").read_text())
        return {
            name: Counter(
                {tag["name"]: tag["value"] for tag in each.message["Tags"]}.get("Action", "spawn")
                for each in self.embedded.history(process["id"])
            )
            for name, process in state["processes"].items()
        }


ONCE = {"counter": {"spawn": 1, "Eval": 1, "Add": 1}, "other": {"spawn": 1, "Eval": 1}}


@pytest.fixture
def place(project, wallet, tmp_path_factory):
    wallets.save(wallet, project.folder / "key.json")
    return Place(project, tmp_path_factory.mktemp("node") / "node.sqlite")


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_network_that_never_answered_was_sent_nothing(place):
    ran = place.run()
    assert ran.code == 3
    assert "there is no connection" in ran.err
    assert not (place.project.folder / ".tim3" / "journal" / "there.jsonl").exists()
    assert place.finish() == ONCE


@pytest.mark.parametrize("kind", ["request-lost", "reply-lost"])
def test_a_network_that_fell_silent_half_way_leaves_work_that_the_same_command_finishes(place, kind):
    with place.node() as served:
        place.aim(served.url)
        served.fail(Fault(kind=kind, on="POST", after=2, times=10_000), Fault(kind="html", on="schedule", times=10_000))
        ran = place.run("--json")
    assert ran.code == 5
    error = ran.document["error"]
    assert error["kind"] == "unfinished"
    assert "run the same command again" in error["hint"]
    assert "2 data items sent by then; nothing of it is lost" in error["notes"]
    assert place.finish() == ONCE


def test_ctrl_c_in_the_middle_ends_it_and_the_same_command_goes_on(place):
    with place.node() as served:
        place.aim(served.url)
        served.fail(Fault(kind="slow", on="POST .*push", after=2, times=2, seconds=2.0))
        with place.started() as run:
            until(lambda: served.count("POST .*push") > 2)
            run.send_signal(signal.SIGINT)
            _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "running the same command again goes on from here" in err
    assert place.finish() == ONCE


def test_a_second_deploy_is_told_who_is_at_work_and_a_killed_one_holds_nothing(place):
    with place.node() as served:
        place.aim(served.url)
        served.fail(Fault(kind="slow", on="POST", after=2, times=4, seconds=30.0))
        with place.started() as run:
            until(lambda: served.count("POST") > 2)
            second = place.run("--json")
            assert second.code == 6
            assert (
                f"another run (process {run.pid} on {os.uname().nodename}, since 20"
                in second.document["error"]["message"]
            )
            run.kill()
            run.communicate()
        assert run.returncode == -signal.SIGKILL
    assert place.finish() == ONCE
