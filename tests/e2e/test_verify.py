"""`tim3tool verify` on each kind of network: what differs from what was deployed, and that nothing is sent."""

from __future__ import annotations

import itertools
import json

import pytest

from tim3tool.localnet import HyperbeamNode, LegacynetNode, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded
from tim3tool.network.protocol import message_item
from tim3tool.network.terms import HYPERBEAM, LEGACYNET

KINDS = ["legacynet", "hyperbeam"]
BROKEN = b'Count = 100 error("not today")'


class Network:
    """A test node, and a project whose counter is deployed to it."""

    def __init__(self, project, served, embedded, wallet, terms):
        self.project = project
        self.asked = served.asked
        self.embedded = embedded
        self._wallet = wallet
        self._terms = terms
        self.is_legacynet = terms is LEGACYNET

    def run(self, *words):
        return self.project.run("verify", *words, "--network", "there")

    def call(self, verb, *words):
        return self.project.call(verb, *words, "--network", "there", "--wallet", "key.json")

    @property
    def state_file(self):
        return self.project.folder / ".tim3" / "state" / "there.json"

    @property
    def process(self):
        return json.loads(self.state_file.read_text())["processes"]["counter"]["id"]

    def eval(self, code, wallet=None):
        """Send an Eval that no deploy knows of; return its id."""
        tags = [("Action", "Eval")]
        signer = wallet or self._wallet
        item = message_item(signer, target=self.process, tags=tags, data=code, terms=self._terms)
        return self.embedded.message(item)

    def change_state(self, **members):
        document = json.loads(self.state_file.read_text())
        document["processes"]["counter"] |= members
        self.state_file.write_text(json.dumps(document))

    def drift(self):
        ran = self.run("--json")
        (process,) = ran.document["processes"]
        assert (ran.code, ran.document["ok"], process["ok"]) == (
            (1, False, False) if process["drift"] else (0, True, True)
        )
        return [each["kind"] for each in process["drift"]]


@pytest.fixture(params=KINDS)
def network(request, project, tmp_path_factory, wallet):
    ticks = itertools.count(1_800_000_000_000)
    wallets.save(wallet, project.folder / "key.json")
    once = request.param == "legacynet"
    embedded = Embedded(tmp_path_factory.mktemp("node") / "node.sqlite", clock=lambda: next(ticks), once=once)
    node = LegacynetNode(embedded) if once else HyperbeamNode(embedded)
    with serving(node.answer) as served:
        place = f"mu: '{served.url}/mu', cu: '{served.url}/cu', su: '{served.url}/su'"
        line = f"kind: legacynet, {place}" if once else f"kind: hyperbeam, node: '{served.url}'"
        project.write("aoform.yaml", f"networks:\n  there: {{{line}}}\n{(project.folder / 'aoform.yaml').read_text()}")
        ran = project.run("deploy", "--network", "there", "--wallet", "key.json")
        assert ran.code == 0, ran.err
        yield Network(project, served, embedded, wallet, LEGACYNET if once else HYPERBEAM)


def test_what_was_deployed_is_there_and_nothing_is_sent(network):
    before = len(network.embedded.history(network.process))
    ran = network.run()
    assert (ran.code, ran.err) == (0, "")
    assert "as deployed" in ran.out
    assert network.process in ran.out
    assert network.drift() == []
    assert len(network.embedded.history(network.process)) == before


def test_messages_and_evals_of_others_are_no_drift(network, stranger):
    network.eval(b"Count = 100", wallet=stranger)
    network.eval(BROKEN)
    network.project.run("message", "counter", "--action", "Add", "--network", "there", "--wallet", "key.json")
    assert network.drift() == []


def test_another_build(network):
    message = network.eval(b"package.loaded['tim3tool.build'] = {hash = ('f'):rep(64)}")
    ran = network.run()
    assert ran.code == 1
    assert "error: network `there` is not as it was deployed: `counter`" in ran.err
    assert "help: `tim3tool deploy --network there` gives it its code again" in ran.err
    if network.is_legacynet:
        assert "`counter` runs build `ffffffffffff` and not build `" in ran.err
        assert network.drift() == ["build"]
    else:
        assert f"`counter` was given other code by its owner's message `{message}`" in ran.err
        assert network.drift() == ["eval"]


def test_the_way_out_gives_it_its_code_again(network):
    network.eval(b"package.loaded['tim3tool.build'] = nil package.preload['tim3tool.build'] = nil")
    before = network.process
    assert network.drift()
    plan = network.call("plan", "--exit-code")
    assert plan.code == 1
    assert "counter  drift   " in plan.out
    assert "code: as it was deployed\n1 drifted; 1 to send\n" in plan.out
    ran = network.call("deploy", "--json")
    assert (ran.code, ran.document["sent"], ran.document["processes"][0]["action"]) == (0, 1, "updated")
    assert network.drift() == []
    assert network.process == before
    assert network.call("plan", "--exit-code").code == 0
    assert network.call("deploy", "--json").document["sent"] == 0


def test_a_process_without_code_is_told(network):
    network.change_state(code_hash=None)
    assert network.drift() == ["unfinished"]


def test_a_no_op_deploy_asks_each_process_once(network):
    before = len(network.asked)
    assert network.call("deploy", "--json").document["sent"] == 0
    asked = sorted(line.split("?")[0] for line in network.asked[before:])
    process = network.process
    assert asked == (
        ["POST /cu/dry-run"]
        if network.is_legacynet
        else [
            f"GET /{process}/slot/current",
            "GET /~meta@1.0/info/address",
            "GET /~scheduler@1.0/schedule",
        ]
    )


def test_another_owner(network):
    network.eval(b"Owner = 'somebody'")
    # A node does not let one ask as the owner; there the Eval shows that did it.
    assert network.drift() == (["owner"] if network.is_legacynet else ["eval"])
    if network.is_legacynet:
        assert "--replace counter spawns it anew" in network.call("plan").out
        ran = network.call("deploy")
        assert (ran.code, "error: process `counter` does not obey wallet" in ran.err) == (2, True)
    else:
        ran = network.call("deploy")
        assert (ran.code, "does not own the process" in ran.err) == (1, True)


def test_a_process_that_is_not_there(network):
    network.change_state(id="A" * 43, spawn_item="A" * 43)
    ran = network.run()
    assert ran.code == 1
    assert "`counter` is not on the network" in ran.err
    assert "tim3tool state rm counter" in ran.err
    assert network.drift() == ["lost"]


def test_a_process_that_answers_with_errors(network):
    network.eval(b"Handlers.prepend('no', function() return true end, function() error('never') end)")
    assert network.drift() == (["silent"] if network.is_legacynet else ["eval"])
    if network.is_legacynet:
        assert "counter  none    cannot be asked: " in network.call("plan").out
        ran = network.call("deploy", "--no-smoke")
        assert (ran.code, "note: counter cannot be asked: " in ran.err) == (0, True)
        assert "nothing was sent" in ran.out


def test_smoke_checks_are_run_too(network):
    manifest = network.project.folder / "aoform.yaml"
    smoke = "    smoke:\n      - {action: Add, tags: {Amount: '1'}, expect: {data: '6'}}\n"
    manifest.write_text(manifest.read_text() + smoke)
    ran = network.run()
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("1 of 1 smoke checks passed\n")
    network.project.run(
        "message", "counter", "--action", "Add", "-t", "Amount=1", "--network", "there", "--wallet", "key.json"
    )
    ran = network.run()
    assert ran.code == 1
    assert "error: the smoke check `1-Add` of `counter` was not answered as expected" in ran.err
    assert "Data: expected `6`, came `7`" in ran.err
    assert "0 of 1 smoke checks passed" in ran.out
    document = network.run("--json").document
    assert (document["ok"], document["smoke"][0]["ok"], document["processes"][0]["ok"]) == (False, False, True)


def test_a_smoke_check_may_name_a_bundle(network):
    manifest = network.project.folder / "aoform.yaml"
    smoke = "    smoke: [{action: Add, tags: {Amount: '1', Of: \"{{ processes['counter'].bundle.sha256 }}\"}}]\n"
    manifest.write_text(manifest.read_text() + smoke)
    assert network.run().code == 0


# On the embedded network, and what cannot be verified -----------------------------------------------------------------


def test_the_embedded_network_tells_of_the_build_and_of_evals(project):
    assert project.run("deploy").code == 0
    ran = project.run("verify", "--json")
    (process,) = ran.document["processes"]
    assert (ran.code, process["found"]) == (0, process["build_hash"])
    assert ran.document["schema"] == "tim3tool.verify/1"


def test_on_the_embedded_network_a_deploy_takes_back_what_an_eval_did(project):
    project.call("deploy")
    assert project.call("eval", "counter", "Count = 100").code == 0
    assert project.call("plan", "--exit-code").code == 1
    assert "`tim3tool deploy --network local` gives it its code again" in project.call("verify").err
    assert project.call("deploy", "--json").document["sent"] == 1
    assert project.call("verify").code == 0
    assert project.call("deploy", "--json").document["sent"] == 0


def test_a_file_that_was_taken_as_it_is_tells_no_build_hash(project):
    project.write("aoform.yaml", "- {name: counter, file: ao/counter/src/plain.lua}\n")
    project.write("ao/counter/src/plain.lua", "Count = 0\n")
    assert project.run("deploy").code == 0
    ran = project.run("verify", "--json")
    (process,) = ran.document["processes"]
    assert (ran.code, process["found"], process["ok"]) == (0, None, True)


def test_a_process_that_left_the_manifest_is_verified_too(project):
    project.run("deploy")
    manifest = (project.folder / "aoform.yaml").read_text()
    project.write("aoform.yaml", manifest.replace("counter:", "other:"))
    assert "counter" in project.run("verify").out
    ran = project.run("verify", "other")
    assert (ran.code, ran.err) == (
        2,
        "error: process `other` is not deployed to network `local`\n = help: run `tim3tool deploy --network local`\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "error: nothing is deployed to network `local`\n = help: run `tim3tool deploy --network local`\n"),
        (["--network", "moon"], "no network is named `moon`"),
    ],
)
def test_what_cannot_be_verified(project, words, said):
    ran = project.run("verify", *words)
    assert ran.code == 2
    assert said in ran.err


def test_an_unknown_process(project):
    project.run("deploy")
    ran = project.run("verify", "cuonter")
    assert ran.code == 2
    assert "did you mean `counter`?" in ran.err


def test_a_network_that_is_away(project):
    project.run("deploy")
    state = project.folder / ".tim3" / "state"
    document = json.loads((state / "local.json").read_text()) | {"network": "there"}
    (state / "there.json").write_text(json.dumps(document))
    manifest = (project.folder / "aoform.yaml").read_text()
    away = "kind: legacynet, mu: 'http://127.0.0.1:1', cu: 'http://127.0.0.1:1'"
    project.write("aoform.yaml", f"networks:\n  there: {{{away}}}\n{manifest}")
    ran = project.run("verify", "--network", "there", "--timeout", "1")
    assert ran.code == 3
    assert "there is no connection" in ran.err
