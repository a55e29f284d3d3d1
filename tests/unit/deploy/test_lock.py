"""One deploy at a time."""

from __future__ import annotations

import platform
import re
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


def held(path):
    with pytest.raises(LockHeld) as caught, holding(path, network="local", patience=0.01):
        pass
    return caught.value


def test_another_run_is_named_by_its_process_its_host_and_its_start(path, holder):
    error = held(path)
    who = rf"process {holder.pid} on {re.escape(platform.node())}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert re.fullmatch(rf"another run \({who}\) is deploying to network `local`", error.message)
    assert error.exit_code == 6
    assert error.help == "wait for it to end, then repeat the command"


@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": "x", "host": "h", "since": "s"}', None])
def test_another_run_that_does_not_say_who_it_is_holds_it_all_the_same(path, text):
    file = path.with_suffix(".holder")
    file.unlink() if text is None else file.write_text(text)
    assert held(path).message == "another run is deploying to network `local`"


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
