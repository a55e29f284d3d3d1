"""`tim3tool simulate` as a user runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

SCENARIO = """
from tim3tool.simulate import Scenario

scenario = Scenario("counting", actions=10)
scenario.watch("counter", "Count")


@scenario.setup
def start(world):
    world.spawn("counter")


@scenario.action
def add(world, chance):
    world.post("alice", "counter", {"Action": "Add", "Amount": str(chance.randint(1, 9))})


@scenario.invariant(of="counter")
def count_stays_low(world):
    return world.read("counter", "Count") < LIMIT
"""


def test_a_scenario_that_holds_is_zero(project):
    project.write("sim/counting.py", SCENARIO.replace("LIMIT", "1000"))
    ran = project.run("simulate", "sim/counting.py", "--runs", "20", "--fault", "duplicate=0.1", "--workers", "2")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("20 runs, ")
    assert ran.out.endswith("no invariant violated\n")
    assert ran.err == ""


def test_a_violation_is_one_and_shows_how_to_see_it_again(project):
    project.write("counting.py", SCENARIO.replace("LIMIT", "30"))
    ran = project.run("simulate", "counting.py::scenario", "--fault", "duplicate=0.1", "--mermaid", "failure.mmd")
    assert ran.code == 1
    assert "violated: count_stays_low" in ran.out
    assert "alice -> counter: Add Amount=" in ran.out
    assert "* counter Count: 0 -> " in ran.out
    assert (project.folder / "failure.mmd").read_text().startswith("sequenceDiagram")
    again = next(line for line in ran.out.splitlines() if line.startswith("again: tim3tool "))
    repeated = project.run(*again.removeprefix("again: tim3tool ").split())
    assert repeated.code == 1
    assert repeated.out.split("again:")[0] == ran.out.split("again:")[0]


def test_json_is_one_document(project):
    project.write("counting.py", SCENARIO.replace("LIMIT", "30"))
    ran = project.run("simulate", "counting.py", "--json")
    document = ran.document
    assert ran.code == 1
    assert document["schema"] == "tim3tool.simulate/1"
    assert document["ok"] is False
    assert document["failure"]["invariant"] == "count_stays_low"
    assert document["failure"]["changes"][0]["path"] == "Count"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing.py"], "there is no scenario `nothing.py`"),
        (["counting.py::other"], "`counting.py` has no scenario `other`"),
        (["counting.py", "--runs", "0"], "--runs must be at least 1 and is 0"),
        (["counting.py", "--workers", "0"], "--workers must be at least 1 and is 0"),
        (["counting.py", "--time", "nan"], "--time must be at least 0 and is nan"),
        (["counting.py", "--fault", "drop=2"], "`drop` of --fault must be from 0 to 1 and is 2"),
        (["counting.py", "--fault", "dorp=0.1"], "did you mean `drop`?"),
        (["counting.py", "--mermaid", "no/such/folder.mmd"], "cannot write `no/such/folder.mmd`"),
        ([], "missing argument"),
    ],
)
def test_bad_input_is_two(project, words: list[str], message: str):
    project.write("counting.py", SCENARIO.replace("LIMIT", "30"))
    ran = project.run("simulate", *words)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_code_that_fails_is_shown(project, workers: str):
    project.write("counting.py", SCENARIO.replace("world.spawn", "world.spown"))
    ran = project.run("simulate", "counting.py", "--workers", workers)
    assert ran.code == 2
    assert "raised AttributeError" in ran.err
    assert "mend it at counting.py:" in ran.err
    assert "Traceback" not in ran.err


def test_an_interruption_ends_the_workers_and_leaves_nothing_behind(project):
    project.write("counting.py", SCENARIO.replace("LIMIT", "100000"))
    words = [sys.executable, "-m", "tim3tool", "simulate", "counting.py", "--time", "120", "--workers", "2"]
    with subprocess.Popen(
        words, cwd=project.folder, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        time.sleep(4)
        os.killpg(ran.pid, signal.SIGINT)  # as a terminal does
        out, err = ran.communicate(timeout=60)
    assert ran.returncode == 130, err
    assert "Traceback" not in out + err
    assert "leaked" not in err


def test_time_is_kept_by_all_workers(project):
    project.write("counting.py", SCENARIO.replace("LIMIT", "100000"))
    start = time.monotonic()
    ran = project.run("simulate", "counting.py", "--time", "3", "--workers", "2")
    assert ran.code == 0, ran.err
    assert time.monotonic() - start < 30
