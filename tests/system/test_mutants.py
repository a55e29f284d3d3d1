"""Each break in `mutants` is noticed: by the invariants under random schedules, or by a Lua suite of its process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from mutants import MUTANTS, SUITES
from proof import FULL
from views import L, T, U

from tim3tool.simulate import Mutation, Runner, load

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
SEEDS: Final = 40
EACH: Final = 1 if FULL else 10  # of so many, one is tried
SHOWN: Final = [name for name in MUTANTS if name not in SUITES]


def runners(process: str, mutation: Mutation) -> Iterator[Runner]:
    """Yield what may notice a mistake in a process: an honest system, a coordinator that lies, a token of its own."""
    files = [("tim3.py", "custody"), ("tim3.py", "lock")]
    if process in (T, L, U):
        files += [("rogue.py", "custody"), ("rogue.py", "lock")]
    if process == U:
        files.append(("mock_usda.py", "scenario"))
    for file, scenario in files:
        yield Runner(load(HERE / file, scenario), folder=HERE, mutations=[mutation])


@pytest.mark.parametrize("name", SHOWN[::EACH])
def test_schedules_notice_a_break(name: str):
    process, old, new = MUTANTS[name]
    known = list(runners(process, Mutation(process=process, old=old, new=new)))
    assert any(runner.explore(seed).violation for seed in range(SEEDS) for runner in known)


@pytest.mark.parametrize("name", list(SUITES)[::EACH])
def test_a_suite_notices_a_break(name: str, tmp_path: Path):
    process, old, new = MUTANTS[name]
    shutil.copytree(ROOT / "ao", tmp_path / "ao")
    shutil.copy(ROOT / "aoform.yaml", tmp_path)
    sources = [*tmp_path.glob(f"ao/{process}/src/*.lua"), *tmp_path.glob("ao/shared/*.lua")]
    (source,) = [file for file in sources if old in file.read_text()]
    source.write_text(source.read_text().replace(old, new))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TIM3_", "PYTEST_"))}
    command = [sys.executable, "-m", "tim3tool", "test", "-x", f"ao/{SUITES[name]}"]
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED" in done.stdout or "ERROR" in done.stdout, done.stdout  # a test, or what it begins with


def test_every_break_fits_its_process_once():
    for name, (process, old, _) in MUTANTS.items():
        sources = [*ROOT.glob(f"ao/{process}/src/*.lua"), *ROOT.glob("ao/shared/*.lua")]
        assert sum(file.read_text().count(old) for file in sources) == 1, name
    assert set(SUITES) <= set(MUTANTS)
