"""A small project of its own, and the tool as a user runs it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tim3tool.cli import main
from tim3tool.network import wallet as wallets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNTER = """\
local counter = require("counter")
Handlers.add("Add", "Add", function(msg)
  msg.reply({ Action = "Added", Data = tostring(counter.add(msg.Tags.Amount)) })
end)
Handlers.add("Break", "Break", function(msg)
  error("broken on purpose")
end)
"""
COUNTER_MODULE = """\
local M = {}
Count = Count or 0
function M.add(amount)
  Count = Count + math.tointeger(tonumber(amount))
  return Count
end
return M
"""
SUITE = """\
describe("counter", function()
  local counter = require("counter")
  it("adds", function()
    assert.equal(2, counter.add("2"))
  end)
end)
"""
MANIFEST = """\
processes:
  counter:
    entry: ao/counter/src/main.lua
    setup:
      - action: Add
        tags: {Amount: "5"}
"""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that it printed."""
        return json.loads(self.out)


class Project:
    """A folder with a manifest and one process, and `tim3tool` in it."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        self.write("aoform.yaml", MANIFEST)
        self.write("ao/counter/src/main.lua", COUNTER)
        self.write("ao/counter/src/counter.lua", COUNTER_MODULE)
        self.write("ao/counter/test/counter_spec.lua", SUITE)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tim3tool", *words]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIM3_", "PYTEST_"))}
        return kept | {"TIM3_HOME": str(self.home)} | more

    def run(self, *words: str, cwd: str = ".", **environment: str) -> Ran:
        done = subprocess.run(
            self.command(*words),
            cwd=self.folder / cwd,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def call(self, *words: str) -> Ran:
        """Run a command in this process, which takes a tenth of the time."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            before = os.environ.copy()
            os.environ["TIM3_HOME"] = str(self.home)
            try:
                code = main(words)
            finally:
                os.environ.clear()
                os.environ.update(before)
        return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Path:
    """A home whose development key is made once, since making one takes a second."""
    folder = tmp_path_factory.mktemp("home")
    wallets.development_wallet(folder)
    return folder


@pytest.fixture(scope="session")
def project_in(home: Path) -> Callable[[Path], Project]:
    """Return what makes a project in a folder."""
    return lambda folder: Project(folder, home)


@pytest.fixture
def project(tmp_path: Path, project_in: Callable[[Path], Project]) -> Project:
    return project_in(tmp_path)
