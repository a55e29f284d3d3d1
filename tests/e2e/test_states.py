"""Where everything is: `status`, and the verbs of `state`."""

from __future__ import annotations

import itertools
import json

import pytest

from tim3tool.deploy.journal import Entry, Journal, journal_path
from tim3tool.deploy.lock import holding
from tim3tool.localnet import HyperbeamNode, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded
from tim3tool.network.protocol import message_item

A, B = "A" * 43, "B" * 42 + "A"
TWO = """\
processes:
  counter:
    entry: ao/counter/src/main.lua
    setup:
      - {action: Add, tags: {Amount: "5"}}
      - {action: Add, name: again, tags: {Amount: "{{ env.AMOUNT }}"}}
  other:
    entry: ao/other.lua
    tags: {Counter: "{{ processes.counter.id }}"}
    config: {limit: 5}
"""


@pytest.fixture
def deployed(project, monkeypatch):
    monkeypatch.setenv("AMOUNT", "1")
    project.write("aoform.yaml", TWO)
    project.write("ao/other.lua", 'return require("tim3tool.config").limit\n')
    assert project.call("deploy").code == 0
    return project


def statuses(project, *words):
    ran = project.call("status", "--json", *words)
    assert ran.code == 0, ran.err
    return {each["name"]: each for each in ran.document["processes"]}


def state_of(project, network="local"):
    return json.loads((project.folder / ".tim3" / "state" / f"{network}.json").read_text())


def left_by_a_deploy(project):
    """Leave in the journal what a deploy that was killed leaves."""
    wallet = wallets.development_wallet(project.home)
    process = state_of(project)["processes"]["counter"]["id"]
    item = message_item(wallet, target=process, tags=[("Action", "Eval")], data=b"return 1")
    record = {"build_hash": "b", "code_hash": "c", "modules": {}}
    journal = Journal(journal_path(project.folder, "local"), network="local", owner=wallet.address)
    journal.write(Entry(kind="eval", process="counter", record=record, item=item))
    return item.id


# status ---------------------------------------------------------------------------------------------------------------


def test_status_before_and_after_a_deploy(project):
    ran = project.call("status")
    assert ran.code == 0
    assert "counter  -   not deployed  -" in ran.out
    project.call("deploy")
    ran = project.call("status")
    process = state_of(project)["processes"]["counter"]["id"]
    assert f"counter  {process}  current" in ran.out
    assert ran.out.splitlines()[2].endswith("1/1")
    document = project.call("status", "--json").document
    assert document["schema"] == "tim3tool.status/1"
    assert (document["pending"], document["held_by"], document["unfinished"]) == ([], None, False)
    (each,) = document["processes"]
    assert each["deployed"] == each["built"]
    assert (each["setup_done"], each["setup_pending"]) == (["1-Add"], [])


def test_status_sees_sources_constants_and_set_up_messages_that_changed(deployed, monkeypatch):
    assert {name: each["standing"] for name, each in statuses(deployed).items()} == {
        "counter": "current",
        "other": "current",
    }
    deployed.write("ao/counter/src/counter.lua", "return {add = function() return 1 end}\n")
    deployed.write("aoform.yaml", TWO.replace("limit: 5", "limit: 6"))
    found = statuses(deployed)
    assert (found["counter"]["standing"], found["other"]["standing"]) == ("changed", "changed")
    assert found["counter"]["deployed"] != found["counter"]["built"]
    assert found["other"]["deployed"] == found["other"]["built"], "a constant is no source"
    monkeypatch.setenv("AMOUNT", "2")
    assert statuses(deployed)["counter"]["setup_pending"] == ["again"]
    monkeypatch.delenv("AMOUNT")
    assert statuses(deployed)["counter"]["setup_pending"] == [], "one whose text is not known counts as it was"


def test_status_of_what_the_manifest_does_not_know_and_of_what_does_not_build(deployed):
    only = TWO[: TWO.index("  other:")]
    deployed.write("aoform.yaml", only)
    deployed.write("ao/counter/src/counter.lua", "return {\n")
    ran = deployed.call("status")
    assert ran.code == 0
    assert "warning: `counter` does not build: ao/counter/src/counter.lua:" in ran.err
    found = statuses(deployed)
    assert (found["counter"]["standing"], found["other"]["standing"]) == ("does not build", "not in manifest")


def test_status_of_a_deploy_that_was_stopped_or_is_at_work(deployed):
    item = left_by_a_deploy(deployed)
    ran = deployed.call("status")
    assert f"pending: eval of counter, item {item}\n" in ran.out
    assert "a deploy was stopped: run `tim3tool deploy --network local` to finish it" in ran.out
    document = deployed.call("status", "--json").document
    assert document["unfinished"] is True
    assert document["pending"] == [{"kind": "eval", "process": "counter", "message": item}]
    with holding(journal_path(deployed.folder, "local").with_suffix(".lock"), network="local"):
        ran = deployed.call("status")
        assert "another run (process " in ran.out
        assert ") is deploying to it now" in ran.out
        assert deployed.call("status", "--json").document["unfinished"] is False


def test_status_of_an_answer_that_is_not_the_expected_one(project):
    def expect(data):
        project.write("aoform.yaml", f"{manifest}        expect: {{data: '{data}'}}\n")
        return project.call("status").out, statuses(project)["counter"]

    manifest = (project.folder / "aoform.yaml").read_text()
    out, found = expect("6")
    assert ("not met" in out, found["setup_unmet"]) == (False, []), "it is not sent yet"
    assert project.call("deploy").code == 1
    out, found = expect("6")
    assert out.splitlines()[-1] == "not met: counter has not answered its set-up message 1-Add as the manifest expects"
    assert (found["setup_done"], found["setup_pending"], found["setup_unmet"]) == (["1-Add"], [], ["1-Add"])
    assert expect("{{ env.NOT_HERE }}")[1]["setup_unmet"] == ["1-Add"]
    assert expect("5")[1]["setup_unmet"] == ["1-Add"], "nobody has compared it yet"
    assert project.call("deploy").code == 0
    out, found = expect("5")
    assert ("not met" in out, found["setup_unmet"]) == (False, [])
    assert expect("{{ env.NOT_HERE }}")[1]["setup_unmet"] == [], "what is not known here counts as it was"
    assert expect("6")[1]["setup_unmet"] == ["1-Add"]


def test_status_asks_no_network(project):
    manifest = (project.folder / "aoform.yaml").read_text()
    project.write("aoform.yaml", "networks: {there: {kind: hyperbeam, node: 'http://127.0.0.1:9'}}\n" + manifest)
    assert "not deployed" in project.call("status", "--network", "there").out
    assert not (project.folder / ".tim3" / "state").exists()


def test_status_that_cannot_be_told(deployed):
    ran = deployed.call("status", "--network", "lokal")
    assert (ran.code, "did you mean `local`?" in ran.err) == (2, True)
    deployed.write(".tim3/journal/local.jsonl", "{}\n{}\n{}\n")
    ran = deployed.call("status")
    assert (ran.code, "local.jsonl` is damaged at line" in ran.err) == (2, True)
    deployed.write(".tim3/state/local.json", "{}")
    ran = deployed.call("status", "--json")
    assert (ran.code, ran.document["error"]["kind"]) == (2, "state")


# state ----------------------------------------------------------------------------------------------------------------


def test_states_are_listed_and_shown_in_full(deployed):
    ran = deployed.call("state", "list")
    assert "local            2  " in ran.out
    (network,) = deployed.call("state", "list", "--json").document["networks"]
    known = state_of(deployed)["processes"]
    assert network["processes"] == {name: each["id"] for name, each in known.items()}
    ran = deployed.call("state", "show", "other")
    assert f"tag Counter   {known['counter']['id']}" in ran.out
    assert "counter\n" not in ran.out
    shown = deployed.call("state", "show", "--json").document
    assert shown["processes"] == known
    assert (shown["network"], shown["variant"], shown["removed"]) == ("local", "ao.TN.1", [])


def test_a_process_that_is_removed_is_spawned_anew_and_its_id_is_told(deployed):
    process = state_of(deployed)["processes"]["counter"]["id"]
    item = left_by_a_deploy(deployed)
    ran = deployed.call("state", "rm", "counter")
    assert ran.code == 0
    assert ran.out == f"forgot counter: {process}\n  item {item} of a deploy that was stopped will not be sent\n"
    assert f"removed: counter {process}" in deployed.call("state", "show").out
    assert deployed.call("state", "rm", "other").code == 0  # its tag names the other
    done = deployed.call("deploy", "--json").document
    assert {each["action"] for each in done["processes"]} == {"created"}
    assert state_of(deployed)["processes"]["counter"]["id"] != process
    assert ["counter", process] in state_of(deployed)["removed"]


def test_the_way_out_of_a_state_of_another_wallet_or_variant_keeps_the_ids(deployed):
    assert deployed.call("wallet", "new", "other.json").code == 0
    path = deployed.folder / ".tim3" / "state" / "local.json"
    ids = {name: each["id"] for name, each in state_of(deployed)["processes"].items()}
    ran = deployed.call("deploy", "--wallet", "other.json")
    way_out = "`tim3tool state rm counter other --network local` forgets its processes but for their ids"
    assert (ran.code, way_out in ran.err) == (2, True), ran.err
    path.write_text(path.read_text().replace("ao.TN.1", "ao.N.1"))
    ran = deployed.call("deploy")
    assert (ran.code, way_out in ran.err) == (2, True), ran.err
    assert deployed.call("state", "rm", "counter", "other", "--network", "local").code == 0
    done = deployed.call("deploy", "--wallet", "other.json", "--json")
    assert {each["action"] for each in done.document["processes"]} == {"created"}, done.out
    state = state_of(deployed)
    assert (state["owner"], state["variant"]) == (done.document["owner"], "ao.TN.1")
    assert dict(state["removed"]) == ids
    assert deployed.call("deploy").code == 2, "and now it is that wallet's"


def test_a_project_moves_here_from_aoform(deployed):
    known = state_of(deployed)["processes"]
    lines = [f"{name}:\n  processId: {each['id']}\n  hash: {'0' * 64}\n" for name, each in known.items()]
    deployed.write("state.yaml", "".join(lines))
    (deployed.folder / ".tim3" / "state" / "local.json").unlink()
    ran = deployed.call("state", "import", "state.yaml", "--json")
    assert ran.code == 0, ran.out
    assert [each["action"] for each in ran.document["processes"]] == ["added", "added"]
    assert {each["standing"] for each in statuses(deployed).values()} == {"no known code"}
    done = deployed.call("deploy", "--json")
    assert {each["action"] for each in done.document["processes"]} == {"updated"}, done.out
    assert {name: each["id"] for name, each in state_of(deployed)["processes"].items()} == {
        name: each["id"] for name, each in known.items()
    }
    ran = deployed.call("eval", "counter", "Count")
    assert ran.out == "12\n", "aoform knows no set-up messages, so they were sent once more"


def test_a_state_moves_here_from_another_copy_of_the_project_with_all_it_knows(deployed):
    before = state_of(deployed)
    path = deployed.folder / ".tim3" / "state" / "local.json"
    path.rename(deployed.folder / "moved.json")
    assert deployed.call("state", "import", "moved.json").code == 0
    assert state_of(deployed) == before
    assert deployed.call("deploy", "--json").document["sent"] == 0


def test_what_cannot_be_imported_changes_nothing(deployed):
    before = state_of(deployed)
    deployed.write("other.yaml", f"counter: {{processId: {A}}}\n")
    deployed.write("bad.yaml", "counter: {processId: abc}\n")
    deployed.write("list.yaml", "- counter\n")
    assert deployed.call("wallet", "new", "key.json").code == 0
    for words, code, said in (
        (["other.yaml"], 2, "--force"),
        (["bad.yaml"], 2, "--> bad.yaml:1:22"),
        (["list.yaml"], 2, "must be a mapping of process names"),
        (["none.yaml"], 2, "there is no file `none.yaml`"),
        ([], 2, "missing argument 'FILE...'"),
        (["other.yaml", "--wallet", "key.json"], 2, "belongs to wallet"),
        (["other.yaml", "--wallet", "none.json"], 4, "none.json"),
        (["other.yaml", "--network", "hyperbeam"], 4, "is public, and no wallet is named"),
        (["other.yaml", "--network", "nowhere"], 2, "no network is named `nowhere`"),
    ):
        ran = deployed.call("state", "import", *words)
        assert (ran.code, said in ran.err) == (code, True), ran.err
    assert state_of(deployed) == before


def test_a_stranger_to_the_manifest_is_taken_in_with_a_warning_and_force_takes_a_place(deployed):
    process = state_of(deployed)["processes"]["counter"]["id"]
    deployed.write("more.yaml", f"conter: {{processId: {A}}}\n")
    ran = deployed.call("state", "import", "more.yaml")
    assert ran.code == 0
    assert "warning: `conter` is no process of the manifest: did you mean `counter`?" in ran.err
    deployed.write("force.yaml", f"counter: {{processId: {B}}}\n")
    ran = deployed.call("state", "import", "force.yaml", "--force")
    assert (ran.code, f"replaced  {process}" in ran.out) == (0, True)
    assert state_of(deployed)["processes"]["counter"]["replaced"] == [process]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "conter"], "did you mean `counter`?"),
        (["rm", "conter"], "did you mean `counter`?"),
        (["rm"], "missing argument 'NAME...'"),
        (["rm", "counter", "--network", "wao"], "the state of network `wao` has no process `counter`"),
        (["show", "--network", "wao"], "nothing is deployed to network `wao`"),
        (["show", "--network", "nowhere"], "no network is named `nowhere`"),
        (["forget"], "no such command 'forget'"),
    ],
)
def test_a_state_that_cannot_be_shown_or_changed(deployed, words, said):
    ran = deployed.call("state", *words)
    assert (ran.code, said in ran.err) == (2, True), ran.err
    ran = deployed.call("state", *words, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, 2)


def test_a_state_is_not_changed_while_a_deploy_is_at_work(deployed):
    with holding(journal_path(deployed.folder, "local").with_suffix(".lock"), network="local"):
        ran = deployed.call("state", "rm", "counter")
    assert ran.code == 6
    assert "is deploying to network `local`" in ran.err


def test_status_knows_the_address_of_a_node_from_what_was_spawned_there(project, tmp_path_factory, wallet):
    wallets.save(wallet, project.folder / "key.json")
    file = tmp_path_factory.mktemp("node") / "node.sqlite"
    embedded = Embedded(file, clock=itertools.count(1_800_000_000_000).__next__, once=False)
    manifest = (project.folder / "aoform.yaml").read_text()
    config = '    config: {there: "{{ network.scheduler }}", trusted: "{{ network.authority }}"}\n'
    with serving(HyperbeamNode(embedded).answer) as served:
        network = f"networks:\n  there: {{kind: hyperbeam, node: '{served.url}'}}\n"
        project.write("aoform.yaml", network + manifest + config)
        ran = project.call("deploy", "--network", "there", "--wallet", "key.json", "--no-smoke")
        assert ran.code == 0, ran.err
    assert statuses(project, "--network", "there")["counter"]["standing"] == "current", "the node is gone by now"
