"""pytest-rerunfailures runs a Lua test again, in blocks that start anew."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")

FLAKY = """
local begun = 0
describe("flaky", function()
  before_each(function() begun = begun + 1 end)
  it("passes at last", function()
    local file = io.open("tries", "a+")
    local tries = #file:read("a")
    file:write("x"):close()
    assert.equal(1, begun)
    assert.equal(2, tries)
  end)
  it("never passes", function() assert.equal(1, 2) end)
  it("errors", function() error("no") end)
end)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
@pytest.mark.parametrize("front", ["tim3tool", "pytest"])
def test_a_test_that_failed_runs_again(tmp_path, front, workers):
    (tmp_path / "a_spec.lua").write_text(FLAKY)
    fronts = {
        "tim3tool": ("-m", "tim3tool", "test", "a_spec.lua", *workers, "--"),
        "pytest": ("-m", "pytest", "-p", "tim3tool.spec.plugin", "-p", "no:hypothesispytest", "a_spec.lua", *workers),
    }
    command = [sys.executable, *fronts[front], "--reruns=3", "--junit-xml=report.xml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert len((tmp_path / "tries").read_text()) == 3
    cases = {case.get("name"): [*case] for case in ET.parse(tmp_path / "report.xml").iter("testcase")}
    assert {name: [each.tag for each in found] for name, found in cases.items()} == {
        "passes at last": [],
        "never passes": ["failure"],
        "errors": ["error"],
    }


@pytest.mark.parametrize("place", [".", "spec"])
@pytest.mark.parametrize("way", ["conftest", "environment"])
def test_without_an_option_it_may_be_asked_for_too(tmp_path, monkeypatch, place, way):
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "a_spec.lua").write_text(FLAKY)
    if way == "conftest":
        marking = "def pytest_itemcollected(item): item.add_marker(pytest.mark.flaky(reruns=3))\n"
        (tmp_path / place / "conftest.py").write_text(f"import pytest\n{marking}")
    else:
        monkeypatch.setenv("PYTEST_ADDOPTS", "--reruns=3")
    command = [sys.executable, "-m", "tim3tool", "test", "spec/a_spec.lua"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "1 failed, 1 passed, 1 error, 8 rerun" in done.stdout
