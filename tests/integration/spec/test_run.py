"""Whole runs in a process of their own: `run`, and pytest with the plugin."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import pytest

PASSES = 'describe("good", function() it("passes", function() end) end)\n'
FAILS = 'describe("bad", function()\n  it("fails", function()\n    assert.equal(1, 2)\n  end)\nend)\n'
RUN = """
import sys
from pathlib import Path
from tim3tool.spec.run import run
paths, arguments = sys.argv[1].split(":"), sys.argv[2:]
sys.exit(run([Path(path) for path in paths if path], root=Path.cwd(), pytest_args=arguments))
"""


@pytest.fixture
def project(tmp_path):
    """An empty folder to write files into, by their path."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + (".lua" if not name.endswith("_py") else ""))
            path = path.with_name(path.name.removesuffix("_py") + ".py") if name.endswith("_py") else path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def tim3test(folder, paths, *arguments):
    command = [sys.executable, "-c", RUN, paths, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def plain_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_all_passed_is_0(project):
    done = tim3test(project(a_spec=PASSES), "a_spec.lua", "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a_spec.lua::good::passes PASSED" in done.stdout


def test_a_failure_is_1_and_says_where(project):
    done = tim3test(project(a_spec=FAILS, b_spec=PASSES), ".")
    assert done.returncode == 1
    assert "a_spec.lua:3: Expected objects to be equal." in done.stdout
    assert "FAILED a_spec.lua::bad::fails - Expected objects to be equal. Passed in: " in done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_suite_that_does_not_load_is_1_and_the_others_run(project):
    done = tim3test(project(a_spec="it(", b_spec=PASSES), ".")
    assert done.returncode == 1
    assert "1 passed, 1 error" in done.stdout


def test_no_test_at_all_is_1(project):
    folder = project(helper="return 1")
    assert tim3test(folder, ".").returncode == 1
    none = tim3test(folder, "")
    assert none.returncode == 1
    assert "TestsFailed: no test was found" in none.stderr


def test_none_selected_is_1(project):
    assert tim3test(project(a_spec=PASSES), ".", "-k", "nothing").returncode == 1


@pytest.mark.parametrize("arguments", [("nothing_spec.lua",), (".", "--no-such-option"), (".", "--lua-timeout=-1")])
def test_bad_usage_is_2(project, arguments):
    assert tim3test(project(a_spec=PASSES), *arguments).returncode == 2


def test_python_tests_run_too(project):
    folder = project(
        sub__a_spec=PASSES,
        sub__conftest_py="import pytest\n@pytest.fixture\ndef five(): return 5\n",
        sub__test_it_py="def test_it(five): assert five == 5\n",
    )
    done = tim3test(folder, "sub", "-v")
    assert done.returncode == 0, done.stdout
    assert "sub/test_it.py::test_it PASSED" in done.stdout
    assert "2 passed" in done.stdout


def test_the_projects_pytest_configuration_does_not_apply(project):
    folder = project(a_spec=PASSES)
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = ["--no-such-option"]\n')
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    assert tim3test(folder, ".").returncode == 0


def test_lf_runs_what_failed(project):
    folder = project(a_spec=FAILS + 'it("passes", function() end)', b_spec=PASSES)
    assert tim3test(folder, ".").returncode == 1
    again = tim3test(folder, ".", "--lf", "-v")
    assert again.returncode == 1
    assert "a_spec.lua::bad::fails FAILED" in again.stdout
    assert "passed" not in again.stdout


def test_workers_share_the_files(project):
    ordered = (
        'local n = 0\nfor i = 1, 20 do it("t" .. i, function() n = n + 1 assert.equal(i, n) end) end\n'
        'it("prints", function() print("from a worker") assert.is_true(false) end)\n'
    )
    done = tim3test(project(a_spec=ordered, b_spec=ordered, c_spec="it("), ".", "-n", "2")
    assert done.returncode == 1
    assert "2 failed, 40 passed" in done.stdout
    assert "from a worker" in done.stdout
    assert "FAILED a_spec.lua::prints - Expected objects to be the same." in done.stdout
    assert "c_spec.lua:1: " in done.stdout


def test_x_with_workers_is_1(project):
    assert tim3test(project(a_spec=FAILS, b_spec=PASSES), ".", "-x", "-n", "1").returncode == 1


def test_junit_xml_holds_every_outcome(project):
    suite = FAILS + PASSES + 'pending("later")\nit("errs", function() finally(5) end)\n'
    suite += 'describe("hook", function() before_each(function() error("no") end) it("x", function() end) end)\n'
    folder = project(a_spec=suite)
    tim3test(folder, ".", "--junit-xml=report.xml")
    cases = {case.get("name"): case for case in ET.parse(folder / "report.xml").iter("testcase")}
    assert set(cases) == {"fails", "passes", "later", "errs", "x"}
    failure = cases["fails"].find("failure")
    assert failure.get("message").startswith("Expected objects to be equal. Passed in: (number) 2")
    assert "a_spec.lua:3: Expected" in failure.text
    assert cases["later"].find("skipped") is not None
    assert cases["x"].find("error") is not None
    assert cases["passes"].get("classname") == "a_spec.lua.good"


@pytest.mark.parametrize("arguments", [(), ("--lua-timeout=0",)])
def test_ctrl_c_is_130_even_in_an_endless_loop(project, arguments):
    loop = 'it("loops", function()\n  io.open("started", "w"):close()\n  while true do pcall(function() end) end\nend)'
    folder = project(a_spec=loop)
    command = [sys.executable, "-c", RUN, "a_spec.lua", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            deadline = time.monotonic() + 30
            while not (folder / "started").exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            running.send_signal(signal.SIGINT)
            assert running.wait(timeout=30) == 130
        finally:
            running.kill()


def test_pytest_alone_runs_suites_with_the_plugin_only(project):
    folder = project(a_spec=PASSES, test_it_py="def test_it(): pass\n")
    without = plain_pytest(folder, "-q")
    assert "1 passed" in without.stdout
    having = plain_pytest(folder, "-q", "-p", "tim3tool.spec.plugin")
    assert "2 passed" in having.stdout
    durations = plain_pytest(folder, "-p", "tim3tool.spec.plugin", "--durations=0", "-vv")
    assert "call     a_spec.lua::good::passes" in durations.stdout
    listed = plain_pytest(folder, "-p", "tim3tool.spec.plugin", "--collect-only", "-q")
    assert "a_spec.lua::good::passes" in listed.stdout


SHARED = """
describe("a", function()
  setup(function() error("no setup") end)
  it("x", function() end)
  it("y", function() end)
end)
describe("b", function()
  teardown(function() error("no teardown") end)
  it("z", function() end)
end)
it("w", function() end)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_many_tests_share_is_reported_once(project, workers):
    done = tim3test(project(a_spec=SHARED, b_spec=SHARED), ".", *workers, "--junit-xml=report.xml")
    assert done.returncode == 1
    assert "4 passed, 4 errors" in done.stdout
    assert "ERROR a_spec.lua::a::setup - no setup" in done.stdout
    assert "ERROR b_spec.lua::b::teardown - no teardown" in done.stdout
    cases = [case.get("name") for case in ET.parse(project() / "report.xml").iter("testcase")]
    assert sorted(cases) == sorted(["setup", "z", "teardown", "w"] * 2)


def test_lf_runs_the_block_whose_setup_failed(project):
    folder = project(a_spec=SHARED)
    tim3test(folder, ".")
    project(a_spec=SHARED.replace('error("no setup")', ""))
    again = tim3test(folder, ".", "--lf", "-v")
    assert "a_spec.lua::a::x PASSED" in again.stdout
    assert "a_spec.lua::w PASSED" not in again.stdout


def test_workers_agree_on_tests_made_with_pairs(project):
    names = ", ".join(f"n{i} = {i}" for i in range(40))
    suite = f'for name in pairs {{ {names} }} do it(name .. " of " .. tostring({{}}), function() end) end\n'
    done = tim3test(project(a_spec=suite, b_spec=suite), ".", "-n", "2")
    assert done.returncode == 0, done.stdout
    assert "80 passed" in done.stdout


def test_a_suite_may_move_and_read_files_of_its_folder(project):
    suite = 'it("reads", function() assert.is_truthy(io.open("here.txt")) require("lfs").chdir("/") end)\n'
    folder = project(a_spec=suite, b_spec=suite)
    (folder / "here.txt").write_text("x")
    assert "2 passed" in tim3test(folder, ".").stdout


def test_a_busted_file_moves_the_run(tmp_path):
    (tmp_path / "inner/spec").mkdir(parents=True)
    (tmp_path / "spec").mkdir()
    (tmp_path / ".busted").write_text('return { default = { directory = "inner" }, gone = { directory = "gone" } }')
    (tmp_path / "inner/spec/a_spec.lua").write_text(
        'it("moves", function() assert.truthy(io.open("spec/a_spec.lua")) end)'
    )
    (tmp_path / "spec/b_spec.lua").write_text('it("is not run", function() error("x") end)')

    def test(*words):
        command = [sys.executable, "-m", "tim3tool", "test", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (ran := test()).returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
    assert (ran := test("spec/b_spec.lua")).returncode == 2
    assert "error: there is no file or folder `spec/b_spec.lua`" in ran.stderr
    assert (ran := test("--run=gone")).returncode == 2
    assert "error: there is no folder `gone`, in which `.busted` says to run" in ran.stderr
