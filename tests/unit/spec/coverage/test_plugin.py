"""Coverage of whole runs: what suites load, and the processes they spawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """\
local M = {}
function M.half(n)
  if n % 2 == 1 then
    return nil
  end
  return n // 2
end
return M
"""
SUITE = """\
local halves = require("halves")
it("halves", function() assert.equal(2, halves.half(4)) end)
it("again", function() assert.equal(2, halves.half(4)) end)
"""
MAIN = """\
local halves = require("halves")
Handlers.add("Halve", "Halve", function(m)
  m.reply({ Data = tostring(halves.half(tonumber(m.Tags.N))) })
end)
Handlers.add("Never", "Never", function(m)
  error("no")
end)
"""
SPAWNS = """\
local sim = require("tim3tool.sim")
it("halves", function()
  local p = sim.network():spawn{ file = "src/main.lua" }
  p:send{ Action = "Halve", N = "4" }
  assert.truthy(p:send{ Action = "Halve", N = "x" }.Error)
  p:send{ Action = "Halve", N = "3" }
end)
"""
MANIFEST = "processes:\n  p:\n    entry: src/main.lua\n"


@pytest.fixture
def lines(run_suites, tmp_path: Path):
    """Run suites, and return the hits of each line by file, from the LCOV report; and the run."""

    def run(*args: str, **files: str):
        seen = run_suites("--lua-coverage-report=lcov", *args, **files)
        found: dict[str, dict[int, int]] = {}
        path = ""
        for line in (tmp_path / "coverage.lcov").read_text().splitlines():
            kind, _, value = line.partition(":")
            if kind == "SF":
                path = value
                found[path] = {}
            elif kind == "DA":
                number, hits = value.split(",")
                found[path][int(number)] = int(hits)
        return found, seen

    return run


def test_what_a_suite_requires_counts_and_the_suite_does_not(lines):
    found, seen = lines(src__halves=MODULE, a_spec=SUITE)
    assert found == {"src/halves.lua": {1: 1, 2: 1, 3: 2, 4: 0, 6: 2, 8: 1}}
    assert seen.outcomes == {"a_spec.lua::halves": "passed", "a_spec.lua::again": "passed"}


def test_suites_add_up(lines):
    found, _ = lines(src__halves=MODULE, a_spec=SUITE, b_spec=SUITE)
    assert found["src/halves.lua"][3] == 4


def test_a_module_that_is_loaded_again_counts_on(lines):
    again = 'require("halves") package.loaded.halves = nil require("halves")'
    found, _ = lines(src__halves=MODULE, a_spec=f"{again} {SUITE}")
    assert found["src/halves.lua"][1] == 2


def test_loadfile_and_dofile_count(lines):
    suite = 'it("loads", function() assert(loadfile("halves.lua"))() assert.equal(1, dofile("halves.lua").half(2)) end)'
    found, _ = lines(halves=MODULE, a_spec=suite)
    assert (found["halves.lua"][1], found["halves.lua"][6]) == (2, 1)


def test_loadfile_gets_its_environment_and_says_what_is_wrong(lines):
    suite = """
    it("has an environment", function()
      local env = {}
      assert(loadfile("sets.lua", "t", env))()
      assert.equal(1, env.x)
      assert.is_nil(rawget(_G, "x"))
    end)
    it("fails as ever", function()
      assert.error_matches(function() require("broken") end, "error loading module 'broken' from file.*broken.lua:2:")
      assert.error_matches(function() require("absent") end, "module 'absent' not found")
      assert.is_nil((loadfile("broken.lua")))
      assert.error_matches(function() dofile("absent.lua") end, "absent.lua")
      assert.error_matches(function() loadfile("sets.lua", "b")() end, "call")
      assert.equal("sets", select(1, require("named")))
    end)
    """
    _, seen = lines(sets="x = 1", broken="x =\n= 1", named="return 'sets', ...", a_spec=suite)
    assert set(seen.outcomes.values()) == {"passed"}, seen.texts


def test_an_error_in_a_counted_module_has_its_line(lines):
    source = "local M = {}\nfunction M.bad()\n  local t\n  return t.x\nend\nreturn M"
    _, seen = lines(src__bad=source, a_spec='it("x", function() require("bad").bad() end)')
    assert "bad.lua:4: attempt to index a nil value (local 't')" in seen.texts["a_spec.lua::x"]


def test_what_nothing_loads_counts_where_it_belongs_to_a_suite(lines):
    found, _ = lines(src__halves=MODULE, src__deep__other="return 1", a_spec='it("x", function() end)')
    assert found == {"src/deep/other.lua": {1: 0}, "src/halves.lua": {1: 0, 2: 0, 3: 0, 4: 0, 6: 0, 8: 0}}


def test_a_process_counts_in_the_files_of_its_bundle(lines):
    found, seen = lines(src__main=MAIN, src__halves=MODULE, a_spec=SPAWNS)
    assert set(seen.outcomes.values()) == {"passed"}, seen.texts
    assert found == {
        "src/main.lua": {1: 1, 2: 1, 3: 3, 5: 1, 6: 0},
        "src/halves.lua": {1: 1, 2: 1, 3: 3, 4: 1, 6: 1, 8: 1},
    }


def test_processes_and_suites_add_up(lines):
    found, _ = lines(src__main=MAIN, src__halves=MODULE, a_spec=SPAWNS, b_spec=SUITE)
    assert found["src/halves.lua"][3] == 5


def test_a_process_of_the_manifest_counts_behind_its_prelude(lines, tmp_path):
    (tmp_path / "aoform.yaml").write_text(MANIFEST + "    resetModules: true\n")
    found, seen = lines(
        src__main=MAIN, src__halves=MODULE, test__a_spec=SPAWNS.replace('file = "src/main.lua"', 'process = "p"')
    )
    assert set(seen.outcomes.values()) == {"passed"}, seen.texts
    assert found["src/main.lua"] == {1: 1, 2: 1, 3: 3, 5: 1, 6: 0}


def test_handlers_are_reported(run_suites, capfd):
    run_suites("--lua-coverage", src__main=MAIN, src__halves=MODULE, a_spec=SPAWNS)
    out = capfd.readouterr().out
    assert "handlers of process" in out
    assert [line.split() for line in out.splitlines() if line.startswith(("Halve", "Never"))] == [
        ["Halve", "3", "1"], ["Never", "0", "0", "never", "sent"],
    ]  # fmt: skip


def test_globs_choose_files(lines):
    files = {"src__halves": MODULE, "src__other": "return 1", "a_spec": SUITE}
    assert list(lines("--lua-coverage-include=src/h*", **files)[0]) == ["src/halves.lua"]
    assert list(lines("--lua-coverage-exclude=src/h*", **files)[0]) == ["src/other.lua"]


def test_runs_add_up_in_a_file(lines, tmp_path):
    kept = tmp_path / "kept" / "hits.json"
    first, _ = lines(f"--lua-coverage-append={kept}", src__halves=MODULE, a_spec=SUITE)
    second, _ = lines(f"--lua-coverage-append={kept}", src__halves=MODULE, a_spec=SUITE)
    assert (first["src/halves.lua"][3], second["src/halves.lua"][3]) == (2, 4)
    assert json.loads(kept.read_text())["schema"] == "tim3tool.coverage/1"


def test_a_file_that_cannot_be_added_to_fails_the_run(run_suites, tmp_path, capfd):
    (tmp_path / "hits.json").write_text("no")
    seen = run_suites("--lua-coverage", "--lua-coverage-append=hits.json", src__halves=MODULE, a_spec=SUITE)
    assert seen.code == 1
    assert "holds no coverage that can be added to; remove it" in capfd.readouterr().out
    assert (tmp_path / "hits.json").read_text() == "no"


@pytest.mark.parametrize(("under", "code"), [("85", 0), ("86", 1), ("100", 1), ("0", 0)])
def test_too_little_coverage_fails_the_run(run_suites, capfd, under, code):
    # 5 of 6 lines and 1 of 2 branches here, 6 of 6 lines there: 12 of 14.
    other = "local x = 1\nlocal y = f\nlocal z = y\nx = 2\nx = 3\nreturn x"
    suite = SUITE + 'it("other", function() require("other") end)'
    seen = run_suites(f"--lua-coverage-fail-under={under}", src__halves=MODULE, src__other=other, a_spec=suite)
    assert seen.code == code
    said = f"coverage is 85.71%, which is {float(under) - 600 / 7:.2f} below the {under}% demanded"
    assert (said in capfd.readouterr().out) == bool(code)


def test_a_sum_that_cannot_be_kept_fails_the_run(run_suites, tmp_path, capfd):
    (tmp_path / "taken").write_text("")
    seen = run_suites("--lua-coverage", "--lua-coverage-append=taken/hits.json", src__halves=MODULE, a_spec=SUITE)
    assert seen.code == 1
    assert "taken/hits.json`" in capfd.readouterr().out


def test_processes_that_live_on_count_on(lines):
    suite = """
    local process
    describe("one", function()
      setup(function() process = require("tim3tool.sim").network():spawn{ file = "src/main.lua" } end)
      it("halves", function() process:send{ Action = "Halve", N = "4" } end)
      it("again", function() process:send{ Action = "Halve", N = "4" } end)
    end)
    """
    found, _ = lines(src__main=MAIN, src__halves=MODULE, a_spec=suite)
    assert found["src/main.lua"][3] == 2


def test_a_report_that_cannot_be_written_fails_the_run(run_suites, tmp_path, capfd):
    (tmp_path / "taken").write_text("")
    seen = run_suites("--lua-coverage-report=lcov:taken/x.lcov", src__halves=MODULE, a_spec=SUITE)
    assert seen.code == 1
    assert "error: cannot write `taken/x.lcov`" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--lua-coverage-report=pdf"], "no coverage report is called `pdf`"),
        (["--lua-coverage-fail-under=101"], "needs a percentage from 0 to 100, not 101"),
        (["--lua-coverage", "--lua-module=x.wasm"], "coverage counts in the mock only"),
    ],
)
def test_options_that_cannot_be_carried_out(run_suites, capfd, options, says):
    assert run_suites(*options, a_spec=SUITE).code == 4
    assert says in capfd.readouterr().err


def test_without_coverage_nothing_is_counted(run_suites, tmp_path, capfd):
    run_suites(src__halves=MODULE, a_spec=SUITE)
    assert "coverage" not in capfd.readouterr().out
    assert not list(tmp_path.glob("coverage*"))


def test_what_the_compiler_has_no_room_for_runs_uncounted(lines):
    uses = " + ".join(f"v{m}_{n}" for m in range(3) for n in range(85))
    heads = "".join(
        f"local function f{m}() " + " ".join(f"local v{m}_{n} = g()" for n in range(85)) + " " for m in range(3)
    )
    full = f"function g() return 1 end {heads}return function() return {uses} end end return f2() end return f1() end return f0()()"
    found, seen = lines(src__full=full, a_spec='it("x", function() assert.equal(255, require("full")) end)')
    assert set(seen.outcomes.values()) == {"passed"}, seen.texts
    assert found == {}
