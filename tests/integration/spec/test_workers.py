"""Suites shared among worker processes: nothing but the time tells such a run from one without."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import pytest

RUN = """
import sys
from pathlib import Path
from tim3tool.spec.run import run
sys.exit(run([Path(".")], root=Path.cwd(), pytest_args=sys.argv[1:]))
"""
KEEPS = """
import sys
from pathlib import Path
from tim3tool.spec.run import run

class Keeps:
    kept = []
    def pytest_collection_finish(self, session):
        session.items[1].user_properties.append(("given", "before"))
    def pytest_runtest_logreport(self, report):
        if report.when == "setup" and report.nodeid.endswith("down"):
            report.more = "than pytest's"
        told = vars(report) | {"nodeid": report.nodeid, "longrepr": report.longreprtext, "location": (*report.location,)}
        told["user_properties"] = [(*each,) for each in report.user_properties]
        told["sections"] = [(*each,) for each in report.sections]
        told["keywords"] = sorted(report.keywords)
        told.pop("$report_type", None)  # pytest's own, where it sent the report
        assert told.pop("stop") >= told.pop("start") > 1e9
        assert told.pop("duration") >= 0
        self.kept.append(repr(sorted(told.items())))

run([Path(".")], root=Path.cwd(), pytest_args=sys.argv[2:], plugins=[keeps := Keeps()])
Path(sys.argv[1]).write_text("\\n".join(keeps.kept))
"""
MIXED = """
describe("block {n}", function()
  setup(function() print("setup {n}") end)
  it("passes", function() end)
  it("fails", function() print("said {n}") assert.equal(1, {n}) end)
  it("raises", function() error("oh") end)
  it("skips", function() pending("later") end)
  describe("torn", function()
    teardown(function() error("teardown") end)
    it("down", function() end)
  end)
  describe("lost", function()
    setup(function() error("setup") end)
    it("x", function() end)
    it("y", function() end)
  end)
end)
"""
KILLS = """
it("before", function() end)
it("kills", function() io.open("killed", "w"):close() while true do end end)
it("after", function() end)
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with six suites; the first takes longer than the others."""
    for number in range(6):
        (tmp_path / f"s{number}_spec.lua").write_text(MIXED.format(n=number))
    slow = 'it("is slow", function() local s = os.clock() while os.clock() - s < 0.3 do end end)\n'
    (tmp_path / "s0_spec.lua").write_text(slow + MIXED.format(n=0))
    return tmp_path


def ran(folder, *arguments):
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def without_times(text):
    return re.sub(r"=*( in)? \d+\.\d+s =*", "", text)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-v",),
        ("-x",),
        ("--maxfail=9",),
        ("-k", "fails or down"),
        ("--sw", "--cache-clear", "-k", "raises"),
        ("--capture=sys",),
        ("--collect-only",),
        ("--busted=--shuffle --seed=3",),
    ],
)
def test_the_output_is_that_of_a_run_without_workers(folder, arguments):
    alone, shared = ran(folder, *arguments), ran(folder, *arguments, "-n", "3")
    assert without_times(shared.stdout) == without_times(alone.stdout)
    assert shared.returncode == alone.returncode


def test_junit_xml_is_that_of_a_run_without_workers(folder):
    def cases(*arguments):
        ran(folder, "--junit-xml=report.xml", *arguments)
        found = ET.parse(folder / "report.xml").iter("testcase")
        return [(case.get("classname"), case.get("name"), [(each.tag, each.text) for each in case]) for case in found]

    assert cases("-n2") == cases()


def test_reports_are_those_of_a_run_without_workers(folder):
    def reports(name, *arguments):
        command = [sys.executable, "-c", KEEPS, name, *arguments]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=True)
        return (folder / name).read_text().splitlines()

    alone = reports("alone")
    assert reports("shared", "-n3") == alone
    assert sum("'given', 'before'" in line for line in alone) == 3
    assert sum("than pytest" in line for line in alone) == 6


def test_lf_knows_what_failed_in_workers(folder):
    ran(folder, "-n", "auto", "-k", "fails")
    assert "5 failed" in ran(folder, "--lf", "--numprocesses=2").stdout


def test_durations_and_captured_output_arrive(folder):
    done = ran(folder, "-n", "2", "--durations=1", "-k", "slow or (s3 and fails)")
    assert "call     s0_spec.lua::is slow" in done.stdout
    assert "setup 3" in done.stdout
    assert "said 3" in done.stdout
    assert "said 3\n" in ran(folder, "-n", "2", "-s", "-k", "fails").stdout


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_fails_the_test_it_was_at(tmp_path, number):
    (tmp_path / "a_spec.lua").write_text(KILLS)
    (tmp_path / "b_spec.lua").write_text('it("is well", function() end)\n')
    (tmp_path / "c_spec.lua").write_text('it("is well", function() end)\n')
    killed = tmp_path / "killed"
    command = [sys.executable, "-c", RUN, "-n", "2", "-v"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        _wait_for(killed.exists)
        children = f"/proc/{running.pid}/task/{running.pid}/children"
        if not os.path.exists(children):  # noqa: PTH110 - of a file system that only Linux has
            running.kill()
            pytest.skip("the children of a process are found in /proc only")
        _wait_for(lambda: len(_read(children).split()) == 1)  # the other has nothing to do any more
        os.kill(int(_read(children)), number)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "a_spec.lua::before PASSED" in out
    assert "a_spec.lua::kills ERROR" in out
    assert f"the worker process ended by signal {number.value} ({number.name}) while this test ran" in out
    assert "a_spec.lua::after PASSED" in out
    assert "4 passed, 1 error" in out


def test_ctrl_c_ends_the_workers(tmp_path):
    for name in ("a", "b"):
        loops = f'it("loops", function() io.open("{name}", "w"):close() while true do pcall(function() end) end end)'
        (tmp_path / f"{name}_spec.lua").write_text(loops)
    command = [sys.executable, "-c", RUN, "-n", "2", "--lua-timeout=0"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as running:
        _wait_for(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        out, _ = running.communicate(timeout=30)  # ends only when no worker holds the pipe
    assert running.returncode == 130
    assert "INTERNALERROR" not in out


def test_a_plugin_that_raises_in_a_worker_is_heard(folder):
    (folder / "conftest.py").write_text(
        "def pytest_runtest_call(item):\n    raise SystemExit('enough') if item.name == 'down' else 0\n"
    )
    done = ran(folder, "-n", "2")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_a_plugin_may_end_the_run_in_a_worker(folder):
    (folder / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_runtest_logreport(report):\n"
        "    if report.nodeid.endswith('down'): pytest.exit('that will do', returncode=1)\n"
    )
    done = ran(folder, "-n", "2")
    assert done.returncode == 1
    assert "that will do" in done.stdout


@pytest.mark.parametrize("arguments", [("-n", "0"), ("-n1",), ("-n", "2", "--dist=loadfile"), ("-n", "2", "--pdb-x")])
def test_other_ways_to_ask(tmp_path, arguments):
    (tmp_path / "a_spec.lua").write_text('it("x", function() end)\n')
    (tmp_path / "b_spec.lua").write_text('it("x", function() end)\n')
    done = ran(tmp_path, *arguments)
    assert done.returncode == (2 if "--pdb-x" in arguments else 0)
    assert ("2 passed" in done.stdout) == ("--pdb-x" not in arguments)


@pytest.mark.parametrize("word", ["two", "-1", "1.5"])
def test_a_number_that_is_none_is_an_error(tmp_path, word):
    (tmp_path / "a_spec.lua").write_text("")
    command = [sys.executable, "-m", "tim3tool", "test", "a_spec.lua", "-n", word]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"error: -n needs a number of processes or `auto`, and got `{word}`" in done.stderr


def test_python_tests_have_the_workers_of_xdist(folder):
    (folder / "test_it.py").write_text("import os\ndef test_it(): assert 'PYTEST_XDIST_WORKER' in os.environ\n")
    assert "2 passed" in ran(folder, "-n", "2", "-k", "test_it or (s1 and passes)").stdout


def _wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _read(path):
    with open(path) as file:  # noqa: PTH123 - as above
        return file.read()
