"""A deploy that is killed anywhere, and killed again while it is taken up, ends as if nothing had happened."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from proof import sample

from tim3tool.network import wallet as wallets

SCRIPT = Path(__file__).with_name("kill_deploys.py")
POINTS = sample(20)


def printed(*arguments):
    run = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture
def wallet_file(wallet, tmp_path):
    path = tmp_path / "wallet.json"
    wallets.save(wallet, path)
    return path


def test_a_deploy_killed_twice_anywhere_sends_everything_once(wallet_file, tmp_path):
    (lines,) = printed(tmp_path, wallet_file)
    assert lines > 500
    points = [1 + number * (lines - 1) // POINTS for number in range(POINTS)]
    outcomes = printed(tmp_path, wallet_file, *points)
    assert [outcome["point"] for outcome in outcomes] == points
    for outcome in outcomes:
        assert outcome["exits"][0] == 9, outcome
        assert outcome["exits"][2] == 0, outcome
        assert outcome["sent"] == {
            "second spawn": 1,
            "first spawn": 1,
            "first Eval": 1,
            "second Eval": 1,
            "first Add": 1,
        }, outcome
        assert outcome["values"] == "1 5", outcome
        assert outcome["left"] == ["local.json", "local.lock", "local.sqlite"], outcome
