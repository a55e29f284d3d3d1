"""One deploy at a time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tim3tool.deploy.lock import holding
from tim3tool.errors import LockHeld, StateError

HOLD = """
import sys
from pathlib import Path
from tim3tool.deploy.lock import holding
with holding(Path(sys.argv[1]), network="local"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".tim3" / "journal" / "local.lock"


@pytest.fixture
def holder(path):
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout.readline() == "held\n"
    yield run
    run.kill()
    run.communicate()


def test_another_run_is_named_by_its_process(path, holder):
    with (
        pytest.raises(
            LockHeld, match=rf"another run \(process {holder.pid}\) is deploying to network `local`"
        ) as caught,
        holding(path, network="local", patience=0.01),
    ):
        pass
    assert caught.value.exit_code == 6
    assert caught.value.help == "wait for it to end, then repeat the command"


def test_a_killed_run_holds_nothing(path, holder):
    holder.kill()
    holder.wait()
    with holding(path, network="local", patience=0.01):
        pass
    with holding(path, network="local", patience=0.01):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StateError, match="cannot be locked: Not a directory"),
        holding(tmp_path / "file" / "x.lock", network="local"),
    ):
        pass
