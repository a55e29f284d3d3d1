"""The examples of docs/guides/testing.md run as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_examples_of_the_guide_pass(tmp_path):
    shutil.copytree(ROOT / "ao", tmp_path / "ao")
    shutil.copy(ROOT / "aoform.yaml", tmp_path)
    guide = (ROOT / "docs" / "guides" / "testing.md").read_text()
    pure, handlers = re.findall(r"```lua\n(.*?)```", guide, re.DOTALL)
    folder = tmp_path / "ao" / "mock-usda"
    (folder / "src" / "balances.lua").write_text(
        "local Book = {}\nBook.__index = Book\nfunction Book.new() return setmetatable({}, Book) end\n"
        "function Book:of() return '0' end\nfunction Book:add() error('amount must be digits') end\nreturn Book\n"
    )
    (folder / "test" / "pure_spec.lua").write_text(pure)
    (folder / "test" / "handlers_spec.lua").write_text(handlers)
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    (folder / "test" / "test_python.py").write_text(example)
    suites = [
        "ao/mock-usda/test/test_python.py",
        "ao/mock-usda/test/pure_spec.lua",
        "ao/mock-usda/test/handlers_spec.lua",
    ]
    command = [sys.executable, "-m", "pytest", "-p", "tim3tool.spec.plugin", "-p", "no:hypothesispytest", "-q", *suites]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "4 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
