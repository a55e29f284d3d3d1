"""What became of a process since it was deployed: what a plan says of it, and that a deploy mends it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from world import BANK, MAPPING, World

from tim3tool.deploy.saved import read_plan
from tim3tool.errors import NetworkError, NetworkRefused, PlanStale, StateError, Unfinished
from tim3tool.network.protocol import message_item

FOREIGN = "package.loaded['tim3tool.build'] = {hash = ('f'):rep(64)}"
DEAF = "Handlers.prepend('no', function() return true end, function() error('never') end)\n"


class Asked:
    """A network that counts what it is asked, and does not answer what `fails` names, for one process or all."""

    def __init__(self, port, fails="", process="", error=NetworkError):
        self._port = port
        self._fails = fails
        self._process = process
        self._error = error
        self.calls = Counter()

    def __getattr__(self, name):
        method = getattr(self._port, name)
        if not callable(method):
            return method

        def called(*args, **kwargs):
            self.calls[name] += 1
            if name == self._fails and self._process in ("", args[0]):
                msg = f"`{name}` is away"
                raise self._error(msg)
            return method(*args, **kwargs)

        return called


@pytest.fixture
def world(tmp_path, wallet):
    return World(tmp_path, wallet)


@pytest.fixture
def deployed(world):
    world.deploy()
    return world


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deploy.plan"


def evaluate(world, name, code, wallet=None):
    """Send an Eval that no deploy knows of; return its id."""
    tags = [("Action", "Eval")]
    item = message_item(wallet or world.wallet, target=world.state[name].id, tags=tags, data=code.encode())
    return world.port.message(item)


def drifted(plan):
    return {change.name: [each.kind for each in change.drift] for change in plan.changes if change.drift}


# What is a drift ------------------------------------------------------------------------------------------------------


def test_code_that_the_owner_gave_it_since_is_a_drift_and_a_deploy_takes_it_back(deployed):
    message = evaluate(deployed, "bank", "function Broken() end")
    plan = deployed.plan()
    change = plan.change("bank")
    assert (change.kind, change.code, change.code_hash) == ("drift", True, deployed.state["bank"].code_hash)
    assert change.lines == (f"was given other code by its owner's message `{message}`", "code: as it was deployed")
    assert plan.change("ledger").kind == "none"
    assert (plan.is_empty, plan.items, plan.counts["drift"]) == (False, 1, 1)
    ids = {name: process.id for name, process in deployed.state.items()}
    steps = []
    deployment = deployed.deploy(report=steps.append)
    assert [(step.kind, step.process) for step in steps] == [("eval", "bank")]
    assert [(each.name, each.action) for each in deployment.processes] == [("ledger", "unchanged"), ("bank", "updated")]
    assert {name: process.id for name, process in deployed.state.items()} == ids
    assert deployed.items[-1].id == deployed.state["bank"].eval_message
    assert deployed.effects == ("100", "1", "2")
    assert deployed.plan().is_empty


def test_another_build_is_a_drift(deployed):
    evaluate(deployed, "bank", FOREIGN)
    change = deployed.plan().change("bank")
    ours = deployed.bundles["bank"].build_hash
    assert change.lines[0] == f"runs build `ffffffffffff` and not build `{ours[:12]}`"
    assert drifted(deployed.plan()) == {"bank": ["build", "eval"]}
    assert deployed.deploy().sent == 1
    assert deployed.plan().is_empty


def test_evals_of_others_and_those_that_failed_are_none(deployed, stranger):
    evaluate(deployed, "bank", "Evals = 9", wallet=stranger)
    evaluate(deployed, "bank", "Evals = 9 error('no')")
    assert deployed.plan().is_empty
    assert deployed.deploy().sent == 0


def test_a_set_up_message_with_code_is_none(world):
    world.write(MAPPING.replace("action: Mint", "action: Eval\n        data: 'Total = 1'"))
    world.deploy()
    assert world.plan().is_empty


def test_set_up_messages_that_are_wanted_are_sent_too(deployed):
    evaluate(deployed, "ledger", "Total = 0")
    deployed.write(MAPPING.replace('"100"', '"7"'))
    change = deployed.plan().change("ledger")
    assert (change.kind, [each.kind for each in change.setup]) == ("drift", ["changed"])
    assert deployed.deploy().sent == 2
    assert deployed.effects == ("7", "2", "1")


def test_code_that_has_changed_is_sent_once_and_the_process_is_not_asked(deployed):
    evaluate(deployed, "bank", FOREIGN)
    deployed.write(bank=BANK + "x = 1\n")
    port = Asked(deployed.port)
    change = deployed.plan(port=port).change("bank")
    assert (change.kind, change.drift) == ("update", ())
    assert port.calls["dry_run"] == 1  # of the ledger
    assert deployed.deploy().sent == 1
    assert deployed.plan().is_empty


def test_what_stands_in_front_of_a_bundle_may_change_together_with_a_drift(deployed):
    evaluate(deployed, "bank", FOREIGN)
    deployed.write("networks:\n  local: {kind: embedded, config: {fee: 7}}\n" + MAPPING)
    change = deployed.plan().change("bank")
    assert (change.kind, change.lines[-1]) == ("update", "code: ids, constants or Lua in front of the bundle")
    assert deployed.deploy().sent == 2
    assert deployed.plan().is_empty


def test_only_what_is_deployed_is_asked(deployed):
    evaluate(deployed, "bank", FOREIGN)
    port = Asked(deployed.port)
    assert deployed.plan(port=port, only=["ledger"]).is_empty
    assert (port.calls["dry_run"], port.calls["find"]) == (1, 1)
    port = Asked(deployed.port)
    assert deployed.plan(port=port, only=["bank"], replace=["bank"]).change("bank").kind == "replace"
    assert port.calls["dry_run"] == 0


def test_a_process_that_is_lost_has_not_drifted(deployed):
    (deployed.root / ".tim3" / "networks" / "local.sqlite").unlink()
    assert drifted(deployed.plan()) == {}


# Another owner --------------------------------------------------------------------------------------------------------


def test_a_process_that_obeys_another_is_told_and_refused(deployed):
    evaluate(deployed, "bank", "Owner = 'somebody'")
    plan = deployed.plan()
    change = plan.change("bank")
    assert (change.kind, change.code, plan.items) == ("drift", False, 0)
    address = deployed.wallet.address
    assert change.lines[0] == f"does not obey wallet `{address}`"
    assert change.lines[-1] == "its new owner must give it back, or --replace bank spawns it anew"
    before = len(deployed.items)
    with pytest.raises(StateError, match=f"process `bank` does not obey wallet `{address}` any more") as caught:
        deployed.deploy()
    assert caught.value.help == (
        "its new owner must give it back; or run with --replace bank to spawn anew, or with --only for the others"
    )
    assert len(deployed.items) == before
    assert deployed.deploy(only=["ledger"]).sent == 0


def test_all_that_obey_another_are_named(deployed):
    evaluate(deployed, "bank", "Owner = 'somebody'")
    evaluate(deployed, "ledger", "Owner = 'somebody'")
    with pytest.raises(StateError) as caught:
        deployed.deploy()
    assert caught.value.notes == ("nor does `bank`",)
    assert "--replace ledger --replace bank" in caught.value.help
    assert deployed.deploy(replace=["ledger", "bank"]).sent == 5
    assert deployed.plan().is_empty


# Who cannot be asked --------------------------------------------------------------------------------------------------


def test_who_answers_with_errors_is_noted_and_left_alone(world):
    world.write(bank=BANK + DEAF)
    world.deploy(smoke=False)
    plan = world.plan()
    change = plan.change("bank")
    assert (change.kind, plan.is_empty) == ("none", True)
    (note,) = change.notes
    assert note.startswith("cannot be asked: the question for its build hash failed: ")
    assert change.lines == (note,)
    assert world.deploy(smoke=False).sent == 0


def test_a_network_that_lets_nobody_ask_is_noted(deployed):
    port = Asked(deployed.port, fails="dry_run", error=NetworkRefused)
    plan = deployed.plan(port=port)
    assert plan.is_empty
    assert {change.notes for change in plan.changes} == {("cannot be asked: `dry_run` is away",)}
    assert port.calls["find"] == 2


def test_a_question_that_is_not_answered_for_one_process_is_noted(deployed):
    port = Asked(deployed.port, fails="dry_run", process=deployed.state["bank"].id)
    plan = deployed.plan(port=port)
    assert plan.is_empty
    assert [change.notes for change in plan.changes] == [(), ("cannot be asked: `dry_run` is away",)]
    assert port.calls["find"] == 1


def test_a_network_that_answers_no_question_is_an_error(deployed):
    port = Asked(deployed.port, fails="dry_run")
    with pytest.raises(NetworkError, match="`dry_run` is away"):
        deployed.plan(port=port)
    assert port.calls["find"] == 0


def test_a_network_that_does_not_find_what_it_was_not_asked_for_is_an_error(deployed):
    with pytest.raises(NetworkError, match="`find` is away"):
        deployed.plan(port=Asked(deployed.port, fails="find"), only=["bank"])


def test_a_network_that_tells_nothing_of_code_is_noted(deployed):
    mute = Asked(deployed.port)
    mute.terms = replace(deployed.port.terms, any_owner=False)
    mute.last_eval = lambda *_, **__: None
    assert all(change.notes for change in deployed.plan(port=mute).changes)


# Runs that were stopped -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["message", "result"])
def test_a_deploy_that_was_stopped_while_it_mended_a_drift_mends_it_once(deployed, call):
    evaluate(deployed, "bank", FOREIGN)
    with pytest.raises((NetworkError, Unfinished)):
        deployed.deploy(port=Asked(deployed.port, fails=call))
    assert deployed.plan().unfinished
    deployed.deploy()
    assert deployed.effects == ("100", "1", "2")
    assert deployed.plan().is_empty


def test_what_was_under_way_is_no_drift_when_it_is_taken_up(world):
    world.deploy()
    world.write(bank=BANK + "x = 1\n")
    with pytest.raises(Unfinished):
        world.deploy(port=Asked(world.port, fails="result"))
    world.write(bank=BANK)  # and that is what the state says it runs
    deployment = world.deploy()
    assert deployment.processes[1].action == "updated"
    assert world.sent["bank:Eval"] == 3
    assert world.plan().is_empty


# Saved plans ----------------------------------------------------------------------------------------------------------


def test_a_saved_plan_holds_a_drift(deployed, path):
    evaluate(deployed, "bank", FOREIGN)
    deployed.plan(save=path)
    saved = read_plan(path)
    assert list(saved.drift) == ["bank"]
    assert deployed.deploy(saved=saved).sent == 1
    assert deployed.plan().is_empty


def test_what_has_drifted_since_a_plan_was_saved_is_named(deployed, path):
    deployed.plan(save=path)
    message = evaluate(deployed, "bank", "Evals = 9")
    with pytest.raises(PlanStale) as caught:
        deployed.deploy(saved=read_plan(path))
    assert caught.value.notes == (f"what became of `bank`: it was given other code by its owner's message `{message}`",)


def test_what_was_mended_since_a_plan_was_saved_is_named(deployed, path):
    evaluate(deployed, "bank", FOREIGN)
    deployed.plan(save=path)
    code = next(item for item in deployed.items if item.id == deployed.state["bank"].eval_message).data
    evaluate(deployed, "bank", code.decode())
    with pytest.raises(PlanStale) as caught:
        deployed.deploy(saved=read_plan(path))
    assert caught.value.notes == ("what became of `bank`: it is as it was deployed",)


def test_a_saved_plan_that_was_stopped_while_it_mended_a_drift_goes_on(deployed, path):
    evaluate(deployed, "bank", FOREIGN)
    deployed.plan(save=path)

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deployed.deploy(saved=read_plan(path), report=stop)
    assert deployed.deploy(saved=read_plan(path)).sent == 0
    assert deployed.effects == ("100", "1", "2")


def test_a_refused_plan_is_not_saved(deployed, path):
    evaluate(deployed, "bank", "Owner = 'somebody'")
    with pytest.raises(StateError):
        deployed.plan(save=path)
    assert not path.exists()


def test_a_drift_is_told_in_json(deployed):
    evaluate(deployed, "bank", FOREIGN)
    document = json.loads(json.dumps(deployed.plan().as_dict()))
    change = document["changes"][1]
    assert (document["changed"], document["counts"]["drift"], change["kind"]) == (True, 1, "drift")
    assert [each["kind"] for each in change["drift"]] == ["build", "eval"]
