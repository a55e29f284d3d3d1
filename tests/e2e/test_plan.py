"""`tim3tool plan` and what `deploy` makes of plans, names and public networks, from the command line."""

from __future__ import annotations

import itertools
import json
import os
import pty
import subprocess
from collections import Counter
from contextlib import contextmanager, suppress

import pytest

from tim3tool.localnet import Fault, HyperbeamNode, LegacynetNode, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded

NAMES = ("one", "two", "three", "four", "five")
FIVE = "processes:\n" + "".join(f"  {name}:\n    entry: {name}.lua\n" for name in NAMES)


def state(project, network="local"):
    return json.loads((project.folder / ".tim3" / "state" / f"{network}.json").read_text())["processes"]


# The plan -------------------------------------------------------------------------------------------------------------


def test_a_plan_is_told_in_lines_and_in_json(project):
    ran = project.call("plan")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "network local",
        "process  change  what",
        "counter  create  code: 2 sources",
        "                 set-up message 1-Add: new",
        "1 to create; 3 to send",
    ]
    assert not (project.folder / ".tim3" / "state").exists()
    document = project.call("plan", "--json").document
    assert (document["schema"], document["network"], document["changed"]) == ("tim3tool.plan/1", "local", True)
    (change,) = document["changes"]
    assert (change["name"], change["kind"], change["sources"]["added"]) == (
        "counter",
        "create",
        ["ao/counter/src/main.lua", "counter"],
    )
    project.call("deploy")
    ran = project.call("plan")
    assert ran.out.splitlines()[1:] == [
        "process  change  what",
        "counter  none",
        "no change: everything is as the manifest says",
    ]


def test_its_exit_code_tells_whether_there_is_something_to_do(project):
    ran = project.call("plan", "--exit-code")
    assert ran.code == 1
    assert ran.err == (
        "error: a deploy to network `local` would change something\n = help: run `tim3tool deploy --network local`\n"
    )
    ran = project.call("plan", "--exit-code", "--json")
    assert (ran.code, ran.document["changed"]) == (1, True)
    project.call("deploy")
    assert project.call("plan", "--exit-code").code == 0


def test_changed_lua_modules_are_named(project):
    project.call("deploy")
    project.write("ao/counter/src/counter.lua", "return { add = function() return 1 end }\n")
    assert "counter  update  code: ~ counter" in project.call("plan").out


# Saved plans ----------------------------------------------------------------------------------------------------------


def test_a_saved_plan_is_carried_out_once(project):
    ran = project.call("plan", "-o", "deploy.plan")
    assert "written to deploy.plan; `tim3tool deploy deploy.plan` carries it out" in ran.out
    ran = project.call("deploy", "deploy.plan")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "3 sent")
    ran = project.call("deploy", "deploy.plan", "--json")
    assert ran.code == 2
    assert ran.document["error"] == {
        "code": 2,
        "kind": "plan-stale",
        "message": "the plan does not fit any more: since it was made, something has changed",
        "hint": "make it again with `tim3tool plan -o FILE`",
        "notes": ["the state of network `local`: there was another deploy"],
        "where": None,
    }


def test_it_is_refused_when_the_sources_have_changed(project):
    project.call("plan", "-o", "deploy.plan")
    project.write("ao/counter/src/counter.lua", "return { add = function() return 1 end }\n")
    ran = project.call("deploy", "deploy.plan")
    assert ran.code == 2
    assert "= note: the code of `counter`" in ran.err
    assert not (project.folder / ".tim3" / "networks").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.plan"], "the plan `nowhere.plan` cannot be read: No such file or directory"),
        (["counter"], "to deploy one process, write --only NAME"),
        (["aoform.yaml"], "`aoform.yaml` is not a plan of tim3tool"),
        (["other.plan"], "has format 9, and this tim3tool reads format 2"),
        (["damaged.plan"], "is damaged, or was changed since it was made"),
        (["good.plan", "--network", "wao"], "the plan `good.plan` is for network `local`, not for `wao`"),
        (["good.plan", "--only", "counter"], "a saved plan says itself which processes it deploys and replaces"),
        (["good.plan", "--replace", "counter"], "give --only and --replace to `tim3tool plan`"),
        (["--only", "contr"], "no process is named `contr`"),
        (["--replace", "contr"], "`contr` cannot be replaced: this command does not deploy it"),
    ],
)
def test_what_cannot_be_deployed(project, words, said):
    project.call("plan", "-o", "good.plan")
    good = json.loads((project.folder / "good.plan").read_text())
    project.write("other.plan", json.dumps(good | {"format": 9}))
    project.write("damaged.plan", json.dumps(good | {"replace": ["counter"]}))
    ran = project.call("deploy", *words)
    assert ran.code == 2
    assert said in ran.err
    assert not (project.folder / ".tim3" / "networks").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "contr"], "did you mean `counter`?"),
        (["--replace", "contr"], "it deploys `counter`"),
        (["--network", "nowhere"], "no network is named `nowhere`"),
        (["-o", "no/such/folder/plan"], "cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_planned(project, words, said):
    ran = project.call("plan", *words)
    assert ran.code == 2
    assert said in ran.err


# Some, and anew -------------------------------------------------------------------------------------------------------


def test_only_one_of_several(project):
    for name in NAMES:
        project.write(f"{name}.lua", "x = 1\n")
    project.write("aoform.yaml", FIVE)
    assert project.call("deploy", "--only", "two", "--only", "four").code == 0
    assert set(state(project)) == {"two", "four"}


def test_a_replaced_process_is_named_and_its_id_kept(project):
    project.call("deploy")
    old = state(project)["counter"]["id"]
    project.write("aoform.yaml", (project.folder / "aoform.yaml").read_text() + "    tags: {Name: other}\n")
    ran = project.call("deploy")
    assert ran.code == 2
    assert "`counter` was spawned with what a living process cannot change" in ran.err
    assert "= note: `counter`: tag Name: none -> other" in ran.err
    ran = project.call("deploy", "--replace", "counter")
    assert ran.code == 0, ran.err
    assert f"counter was {old} before" in ran.out
    assert state(project)["counter"]["replaced"] == [old]


# Public networks ------------------------------------------------------------------------------------------------------


@contextmanager
def a_node(project, folder, wallet, kind="hyperbeam", further=""):
    """A test node, the network `there` of the project, and a key for it."""
    wallets.save(wallet, project.folder / "key.json")
    once = kind == "legacynet"
    embedded = Embedded(folder / "node.sqlite", clock=itertools.count(1_800_000_000_000).__next__, once=once)
    node = LegacynetNode(embedded) if once else HyperbeamNode(embedded)
    with serving(node.answer) as served:
        urls = (
            f"mu: '{served.url}/mu', cu: '{served.url}/cu', su: '{served.url}/su'" if once else f"node: '{served.url}'"
        )
        manifest = (project.folder / "aoform.yaml").read_text()
        project.write("aoform.yaml", f"networks:\n  there: {{kind: {kind}, {urls}{further}}}\n{manifest}")
        yield served


WRITES = "^POST .*(/mu/|/push)"
WORDS = ("deploy", "--network", "there", "--wallet", "key.json")
PUBLIC = ", reads: ['http://203.0.113.1']"  # an address for documentation, which nobody asks while the node answers


def test_nothing_is_sent_to_a_public_network_unless_somebody_says_so(project, tmp_path_factory, wallet):
    with a_node(project, tmp_path_factory.mktemp("node"), wallet, further=PUBLIC) as served:
        ran = project.run(*WORDS)
        assert ran.code == 2
        assert "network `there` is public, and nobody is here to confirm the deploy" in ran.err
        assert "look at `tim3tool plan --network there`, then add --yes" in ran.err
        assert served.count("POST") == 0
        assert project.run(*WORDS, "--yes").code == 0
        assert project.run(*WORDS).code == 0  # there is nothing to do


def on_a_terminal(project, *words, keys=""):
    """Run a command on a terminal, with keys that are typed; return its exit code and what stands there."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        project.command(*words),
        cwd=project.folder,
        env=project.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, keys.encode())
    shown = b""
    with suppress(OSError):  # which is how a terminal ends
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    return running.wait(60), shown.decode()


def test_on_a_terminal_one_is_asked(project, tmp_path_factory, wallet):
    with a_node(project, tmp_path_factory.mktemp("node"), wallet, further=PUBLIC) as served:
        code, shown = on_a_terminal(project, *WORDS, keys="n\n")
        assert code == 2
        assert "deploy this to network there?" in shown
        assert "code: 2 sources" in shown
        assert "not confirmed, and nothing was sent" in shown
        assert served.count("POST") == 0
        code, shown = on_a_terminal(project, *WORDS, keys="y\n")
        assert code == 0
        assert "3 sent" in shown


def test_progress_is_one_line_on_a_terminal_and_a_line_a_step_elsewhere(project):
    ran = project.run("deploy")
    assert ran.err.splitlines()[1:] == ["gave counter its code", "sent counter its set-up message 1-Add"]
    code, shown = on_a_terminal(project, "deploy", "--replace", "counter")
    assert code == 0
    assert "\r\x1b[K2 of 3: gave counter its code\r\x1b[K3 of 3: sent counter its set-up message 1-Add\r\x1b[K" in shown


# Several processes over HTTP ------------------------------------------------------------------------------------------


@pytest.fixture(params=["legacynet", "hyperbeam"])
def five(request, project, tmp_path_factory, wallet):
    for name in NAMES:
        project.write(f"{name}.lua", 'Evals = (Evals or 0) + 1\nHandlers.add("take", "Take", function() end)\n')
    project.write("aoform.yaml", FIVE)
    with a_node(project, tmp_path_factory.mktemp("node"), wallet, kind=request.param) as served:
        yield project, served


def test_five_processes_with_the_fewest_requests(five):
    project, served = five
    ran = project.call(*WORDS)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1] == "10 sent"
    hyperbeam = served.count("/push") > 0
    assert served.count(WRITES) == 10
    assert served.count("GET") == (1 if hyperbeam else 10)  # the node's address; a result for each item
    assert served.count("/dry-run") == (0 if hyperbeam else 5)  # what each runs then
    before = served.count("")
    assert "no change" in project.call(*WORDS).out
    assert served.count("") - before == (
        11 if hyperbeam else 5
    )  # what each runs; a node tells its address, slots and schedules
    assert served.count(WRITES) == 10


@pytest.mark.parametrize("kind", ["request-lost", "reply-lost", "truncated", "html", "slow"])
def test_each_item_arrives_once_although_several_are_lost_at_once(five, kind):
    project, served = five
    served.fail(
        Fault(kind=kind, on="POST", times=3, seconds=0.2), Fault(kind=kind, on="POST", times=3, after=3, seconds=0.2)
    )
    ran = project.call(*WORDS)
    assert ran.code == 0, ran.err
    assert served.faults_left == 0
    processes = state(project, "there")
    for name in NAMES:
        ran = project.call("dryrun", processes[name]["id"], "--action", "Take", "--network", "there")
        assert ran.code == 0
    ran = project.call("results", processes["one"]["id"], "--network", "there", "--json")
    assert Counter(line.count('"mark"') for line in ran.out.splitlines())[1] == 2  # the spawn and one Eval


def test_one_broken_process_does_not_keep_the_others_from_their_code(five):
    project, served = five
    project.write("three.lua", "error('not today')\n")
    ran = project.call(*WORDS)
    assert ran.code == 1
    assert "three.lua:1" in ran.err
    assert "not today" in ran.err
    known = state(project, "there")
    assert known["three"]["eval_message"] is None
    project.write("three.lua", "x = 1\n")
    ran = project.call(*WORDS)
    assert ran.code == 0
    done = sum(known[name]["eval_message"] is None for name in NAMES)
    assert ran.out.splitlines()[-1] == f"{done} sent"
    assert served.count(WRITES) == 10 + 1
