"""Deploying over HTTP from the command line, to test nodes that answer as real networks do."""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter

import pytest

from tim3tool.localnet import Fault, HyperbeamNode, LegacynetNode, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded

KINDS = ["legacynet", "hyperbeam"]


class Network:
    """A test node, the embedded network behind it, and a project that deploys to it."""

    def __init__(self, project, served, embedded, kind):
        self.project = project
        self.served = served
        self.embedded = embedded
        urls = (
            f"kind: hyperbeam, node: '{served.url}'"
            if kind == "hyperbeam"
            else f"kind: legacynet, mu: '{served.url}/mu', cu: '{served.url}/cu', su: '{served.url}/su-router'"
        )
        manifest = (project.folder / "aoform.yaml").read_text()
        project.write("aoform.yaml", f"networks:\n  there: {{{urls}}}\n{manifest}")

    def run(self, verb, *words):
        return self.project.run(verb, *words, "--network", "there", "--wallet", "key.json")

    @property
    def process(self):
        state = json.loads((self.project.folder / ".tim3" / "state" / "there.json").read_text())
        return state["processes"]["counter"]["id"]

    @property
    def actions(self):
        """How often each action reached the process."""
        sent = (delivery.message["Tags"] for delivery in self.embedded.history(self.process))
        named = ({tag["name"]: tag["value"] for tag in tags} for tags in sent)
        return Counter(tags.get("Action", tags["Type"]) for tags in named)


@pytest.fixture(params=KINDS)
def network(request, project, tmp_path_factory, wallet):
    ticks = itertools.count(1_800_000_000_000)
    wallets.save(wallet, project.folder / "key.json")
    file = tmp_path_factory.mktemp("node") / "node.sqlite"
    once = request.param == "legacynet"
    embedded = Embedded(file, clock=lambda: next(ticks), once=once)
    node = LegacynetNode(embedded) if once else HyperbeamNode(embedded)
    with serving(node.answer) as served:
        yield Network(project, served, embedded, request.param)


def test_a_deploy_a_message_a_dry_run_and_a_deploy_with_nothing_to_do(network):
    ran = network.run("deploy")
    assert ran.code == 0, ran.err
    assert "3 sent" in ran.out
    assert network.actions == {"Process": 1, "Eval": 1, "Add": 1}
    ran = network.run("message", "counter", "--action", "Add", "-t", "Amount=7", "--json")
    assert ran.document["result"]["Messages"][0]["Data"] == "12"
    ran = network.run("dryrun", "counter", "--action", "Add", "-t", "Amount=1", "--json")
    assert ran.document["result"]["Messages"][0]["Data"] == "13"
    before = network.served.count("^POST .*(/mu/|/push)")
    ran = network.run("deploy")
    assert "no change" in ran.out
    assert network.served.count("^POST .*(/mu/|/push)") == before > 0


def test_changed_code_is_deployed_and_the_state_is_kept(network):
    network.run("deploy")
    process = network.process
    network.project.write(
        "ao/counter/src/counter.lua",
        "local M = {}\nCount = Count or 0\nfunction M.add(n) Count = Count + 10 * n return Count end\nreturn M\n",
    )
    (changed,) = network.run("deploy", "--json").document["processes"]
    assert (changed["id"], changed["action"]) == (process, "updated")
    ran = network.run("message", "counter", "--action", "Add", "-t", "Amount=1", "--json")
    assert ran.document["result"]["Messages"][0]["Data"].startswith("15")


@pytest.mark.parametrize("kind", ["request-lost", "reply-lost", "truncated", "html"])
def test_each_item_arrives_once_although_posts_fail_on_the_way(network, kind):
    network.served.fail(Fault(kind=kind, on="POST"), Fault(kind=kind, on="POST", after=1))
    ran = network.run("deploy")
    assert ran.code == 0, ran.err
    assert network.served.faults_left == 0
    assert network.actions == {"Process": 1, "Eval": 1, "Add": 1}


def test_what_the_process_throws_is_shown_at_its_source(network):
    network.project.write("ao/counter/src/counter.lua", 'local M = {}\nerror("not today")\nreturn M\n')
    ran = network.run("deploy")
    assert ran.code == 1
    assert "not today" in ran.err
    assert "ao/counter/src/counter.lua:2" in ran.err
    assert network.actions["Process"] == 1


def test_another_wallet_is_refused(network):
    network.run("deploy")
    wallets.save(wallets.generate(), network.project.folder / "other.json")
    ran = network.project.run("deploy", "--network", "there", "--wallet", "other.json")
    assert ran.code == 2
    assert "belongs to wallet" in ran.err


def test_what_is_refused_for_good_does_not_stand_in_the_way_of_the_next_deploy(project, tmp_path_factory, wallet):
    wallets.save(wallet, project.folder / "key.json")
    file = tmp_path_factory.mktemp("node") / "node.sqlite"
    embedded = Embedded(file, clock=itertools.count(1_800_000_000_000).__next__)
    manifest = (project.folder / "aoform.yaml").read_text()
    for whitelist, code, said in (([], 3, "Process spawning is not supported"), (None, 0, "")):
        with serving(LegacynetNode(embedded, whitelist=whitelist).answer) as served:
            urls = f"kind: legacynet, mu: '{served.url}/mu', cu: '{served.url}/cu', su: '{served.url}/su'"
            project.write("aoform.yaml", f"networks:\n  there: {{{urls}}}\n{manifest}")
            ran = project.run("deploy", "--network", "there", "--wallet", "key.json")
        assert ran.code == code, ran.err
        assert said in ran.err
        assert not (project.folder / ".tim3" / "journal" / "there.jsonl").exists()
    assert "begun by an earlier run" not in ran.err


@pytest.mark.parametrize("name", ["legacynet", "hyperbeam"])
@pytest.mark.parametrize("verb", [["deploy"], ["message", "A" * 43, "--action", "Info"]], ids=["deploy", "message"])
def test_a_public_network_needs_a_wallet_and_none_is_made(project, tmp_path, name, verb):
    ran = project.run(*verb, "--network", name, TIM3_HOME=str(tmp_path / "nobody"))
    assert ran.code == 4
    assert f"network `{name}` is public, and no wallet is named" in ran.err
    assert "--wallet" in ran.err
    assert not (tmp_path / "nobody").exists()


def test_a_node_does_not_let_a_dry_run_say_who_asks(project):
    ran = project.run("dryrun", "A" * 43, "--action", "Info", "--from", "B" * 43, "--network", "hyperbeam")
    assert ran.code == 2
    assert "leave out --from" in ran.err


@pytest.mark.parametrize("word", ["0", "-1", "nan", "inf"])
def test_a_time_to_wait_that_is_none_is_two(project, word):
    ran = project.run("deploy", "--timeout", word)
    assert ran.code == 2
    assert f"`--timeout {word}` is no time to wait" in ran.err
    assert not (project.folder / ".tim3").exists()


@pytest.mark.parametrize("verb", [("deploy",), ("dryrun", "a" * 43)], ids=["deploy", "dryrun"])
def test_a_network_that_is_away_is_asked_no_longer_than_is_said(project, verb):
    with serving(lambda _: None) as gone:
        url = gone.url
    manifest = (project.folder / "aoform.yaml").read_text()
    project.write("aoform.yaml", f"networks: {{there: {{kind: hyperbeam, node: '{url}'}}}}\n{manifest}")
    began = time.monotonic()
    ran = project.run(*verb, "--network", "there", TIM3_TIMEOUT="0.5")
    assert ran.code == 3, ran.err
    assert "asked for 0.5 s" in ran.err
    assert time.monotonic() - began < 60


ANSWERED = """\
    setup:
      - action: Add
        tags: {Amount: "5"}
        expect: {action: Added, json: 5}
    smoke:
      - action: Add
        tags: {Amount: "2"}
        expect: {action: Added, data: "7"}
"""


def test_answers_are_expected_and_the_code_goes_with_the_spawn(network):
    manifest = (network.project.folder / "aoform.yaml").read_text()
    manifest = manifest[: manifest.index("    setup:")] + ANSWERED
    network.project.write("aoform.yaml", manifest + "    networks: {there: {onBoot: true}}\n")
    ran = network.run("deploy", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["sent"] == 2
    assert ran.document["smoke"] == [{"process": "counter", "name": "1-Add", "ok": True, "message": None}]
    assert network.actions == {"Process": 1, "Add": 1}
    assert network.run("deploy").out.endswith(
        "1 smoke check passed\nno change: everything is as the manifest says, nothing was sent\n"
    )
    network.project.write("aoform.yaml", manifest.replace('data: "7"', 'data: "8"').replace("json: 5", "json: 6"))
    ran = network.run("deploy")
    assert (ran.code, network.actions) == (1, {"Process": 1, "Add": 1})
    assert "note: Data: expected `6`, came `5`" in ran.err
    network.project.write("aoform.yaml", manifest.replace('data: "7"', 'data: "8"'))
    ran = network.run("deploy")
    assert (ran.code, network.actions) == (1, {"Process": 1, "Add": 1})
    assert "the smoke check `1-Add` of `counter` was not answered as expected" in ran.err
    assert network.run("deploy", "--no-smoke").code == 0


def test_code_that_cannot_boot_is_shown_at_its_source_and_another_process_takes_its_place(network):
    manifest = (network.project.folder / "aoform.yaml").read_text()
    network.project.write("aoform.yaml", manifest + "    onBoot: true\n")
    module = (network.project.folder / "ao/counter/src/counter.lua").read_text()
    network.project.write("ao/counter/src/counter.lua", "local x\nx.y = 1\n" + module)
    ran = network.run("deploy")
    assert ran.code == 1
    assert " --> ao/counter/src/counter.lua:2" in ran.err
    network.project.write("ao/counter/src/counter.lua", module)
    assert network.run("deploy").code == 0
    assert network.actions == {"Process": 1, "Add": 1}
