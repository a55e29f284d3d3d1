"""Every Lua suite of this repository passes when all Lua in it, the suites too, is minified."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from proof import FULL

from tim3tool.bundle import Minify
from tim3tool.bundle.minify.minifier import Minifier
from tim3tool.lua.source import strip

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("level", ["debug", "default", "full"] if FULL else ["full"])
def test_all_suites_pass_against_minified_code(tmp_path, level):
    shutil.copytree(REPOSITORY / "ao", tmp_path / "ao")
    shutil.copy(REPOSITORY / "aoform.yaml", tmp_path)
    minifier = Minifier(Minify.level(level))
    for path in (tmp_path / "ao").rglob("*.lua"):
        path.write_bytes(minifier.minify(strip(path.read_bytes()))[0])
    ran = subprocess.run(
        [Path(sys.executable).parent / "tim3tool", "test"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
    suites = len(list((tmp_path / "ao").rglob("*_spec.lua")))
    assert ran.stdout.count("_spec.lua") >= suites > 10
