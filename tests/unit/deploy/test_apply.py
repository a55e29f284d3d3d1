"""Deploying to the embedded network: what is sent, what is not, and what is left after any stop."""

from __future__ import annotations

import hashlib
import json

import pytest
from world import BANK, CONFIGURED, LEDGER, LIST, MAPPING, World

from tim3tool.errors import (
    LimitExceeded,
    LockHeld,
    LuaSyntaxError,
    ManifestError,
    NetworkError,
    ProcessFailed,
    StateError,
    Unfinished,
)


@pytest.fixture
def world(tmp_path, wallet):
    return World(tmp_path, wallet)


ONCE = {"ledger:spawn": 1, "bank:spawn": 1, "ledger:Eval": 1, "bank:Eval": 1, "ledger:Mint": 1}


def test_a_first_deploy_spawns_all_then_evaluates_all_then_sets_up(world):
    steps = []
    deployment = world.deploy(report=steps.append)
    assert [(step.kind, step.process, step.setup, step.resumed) for step in steps] == [
        ("spawn", "bank", None, False),
        ("spawn", "ledger", None, False),
        ("eval", "ledger", None, False),
        ("eval", "bank", None, False),
        ("setup", "ledger", "1-Mint", False),
    ]
    assert [step.message for step in steps] == [item.id for item in world.items]
    assert [str(step) for step in steps[1:]] == [
        f"spawned ledger as {world.state['ledger'].id}",
        "gave ledger its code",
        "gave bank its code",
        "sent ledger its set-up message 1-Mint",
    ]
    assert world.sent == ONCE
    assert (deployment.network, deployment.owner) == ("local", world.wallet.address)
    assert (deployment.sent, deployment.changed) == (5, True)
    assert [(process.name, process.action) for process in deployment.processes] == [
        ("ledger", "created"),
        ("bank", "created"),
    ]
    (mint,) = deployment.processes[0].setup
    assert deployment.as_dict()["processes"][1]["id"] == world.state["bank"].id
    assert (mint.name, mint.message, mint.action) == ("1-Mint", steps[-1].message, "sent")
    assert (world.read("ledger", "Total"), world.read("ledger", "Evals"), world.read("bank", "Evals")) == (
        "100",
        "1",
        "1",
    )


def test_a_spawn_carries_the_rendered_tags_and_a_nonce_of_its_own(world):
    world.deploy()
    bank, ledger = world.items[:2]
    assert [name for name, _ in ledger.tags] == [
        *("Name", "Bank", "Authority", "SDK", "Data-Protocol", "Variant"),
        *("Type", "Module", "Scheduler", "Spawn-Nonce"),
    ]
    assert ledger.tag("Bank") == bank.id
    assert ledger.tag("Spawn-Nonce") != bank.tag("Spawn-Nonce")
    mint = world.items[4]
    assert mint.tags[:3] == (("Action", "Mint"), ("Quantity", "100"), ("Bank", bank.id))


def test_the_same_again_sends_nothing(world):
    first = world.deploy()
    before = world.state_file.read_bytes()
    second = world.deploy()
    assert (second.sent, second.changed) == (0, False)
    assert [process.action for process in second.processes] == ["unchanged", "unchanged"]
    assert second.processes[0].setup[0].action == "unchanged"
    assert [process.id for process in second.processes] == [process.id for process in first.processes]
    assert world.state_file.read_bytes() == before
    assert not world.journal_file.exists()
    assert world.sent == ONCE


def test_changed_code_is_evaluated_and_nothing_else(world):
    world.deploy()
    world.write(bank="Evals = (Evals or 0) + 10\n")
    deployment = world.deploy()
    assert deployment.sent == 1
    assert [(process.name, process.action) for process in deployment.processes] == [
        ("ledger", "unchanged"),
        ("bank", "updated"),
    ]
    assert world.sent == ONCE | {"bank:Eval": 2}
    assert world.read("bank", "Evals") == "11"


def test_a_changed_set_up_message_is_sent_again(world):
    world.deploy()
    world.write(MAPPING.replace('"100"', '"7"'))
    deployment = world.deploy()
    ledger = deployment.processes[0]
    assert (deployment.sent, ledger.action, ledger.setup[0].action) == (1, "unchanged", "sent")
    assert world.read("ledger", "Total") == "107"
    assert world.deploy().sent == 0


def test_only_some_processes(world):
    world.deploy(only=["bank"])
    assert set(world.state) == {"bank"}
    assert world.deploy().sent == 3


def test_a_reference_to_a_process_that_is_not_deployed_is_named_and_nothing_is_sent(world):
    with pytest.raises(ManifestError) as caught:
        world.deploy(only=["ledger"])
    assert caught.value.where.line == 5
    assert world.items == []


def test_environment_variables_reach_the_manifest(world):
    world.write(MAPPING.replace("Name: ledger", 'Name: "{{ env.WHO }}"'))
    world.deploy()
    assert world.items[1].tag("Name") == "me"


def test_aoforms_list_puts_ids_for_names(world):
    world.write(LIST)
    world.deploy()
    ledger = next(item for item in world.items if item.id == world.state["ledger"].id)
    assert ledger.tag("Bank") == world.state["bank"].id
    assert ledger.tag("Word") == "banker"
    assert ledger.tag("Authority")
    assert world.deploy().sent == 0


def test_aoforms_keys_work_on_the_network(world):
    keys = "  directory: true\n  prerun: pre.lua\n"
    world.write(LIST + keys, pre="Pre = 'ran'\n", ledger='Ids = require("aoform" .. ".directory")\n')
    world.deploy()
    assert world.read("ledger", "Pre") == "ran"
    assert world.read("ledger", "Ids['bank']") == world.state["bank"].id
    assert world.deploy().sent == 0
    world.write(pre="x = = 1\n")
    with pytest.raises(LuaSyntaxError) as caught:
        world.deploy()
    assert str(caught.value.where) == "pre.lua:1:1"


def test_lua_modules_are_replaced_in_a_living_process_and_aos_own_stay(world):
    world.write(bank='Json = Json or require("json")\nOld = require("old").v\n', old="return { v = 1 }")
    world.deploy()
    world.write(bank='Same = Json == require("json")\nOld = require("old").v\n', old="return { v = 2 }")
    world.deploy()
    assert (world.read("bank", "Old"), world.read("bank", "Same")) == ("2", "true")
    world.write(bank='Gone = not pcall(require, "ol" .. "d")\n')
    world.deploy()
    assert world.read("bank", "Gone") == "true"


# What goes wrong -----------------------------------------------------------------------------------------------------


def test_an_eval_that_fails_shows_the_source_keeps_the_state_and_can_be_mended(world):
    world.deploy()
    before = world.state_file.read_bytes()
    world.write(bank="Evals = 99\nlocal x\nx.y = 1\n")
    with pytest.raises(ProcessFailed, match=r"the Eval of `bank` failed: .*attempt to index a nil value") as caught:
        world.deploy()
    assert str(caught.value.where) == "bank.lua:3"
    assert "\x1b" not in str(caught.value) + "".join(caught.value.notes)
    assert world.state_file.read_bytes() == before
    assert not world.journal_file.exists()
    assert world.read("bank", "Evals") == "1"
    world.write(bank="Evals = 5\n")
    assert world.deploy().sent == 1
    assert world.read("bank", "Evals") == "5"


def test_a_set_up_message_that_fails_is_named_and_sent_again_next_time(world):
    world.write(ledger=LEDGER.replace("Total = Total +", "error('shut') Total = Total +"))
    with pytest.raises(ProcessFailed, match=r"the set-up message `1-Mint` of `ledger` failed: .*shut"):
        world.deploy()
    world.write(ledger=LEDGER)
    world.deploy()
    assert world.read("ledger", "Total") == "100"


def test_a_set_up_message_that_no_handler_takes_is_a_failure(world):
    world.write(ledger="x = 1\n")
    with pytest.raises(ProcessFailed, match="the set-up message `1-Mint` of `ledger` was taken by no handler"):
        world.deploy()


def test_a_process_that_changed_hands_is_not_evaluated(world):
    world.write(bank="Owner = 'somebody else'\n")
    world.deploy()
    world.write(bank="x = 2\n")
    with pytest.raises(ProcessFailed, match="the Eval of `bank` was not evaluated: wallet"):
        world.deploy()


def test_a_bundle_over_the_size_of_a_message_is_refused_before_it_is_sent(world):
    world.write(bank=f"x = '{'y' * 103_000}'\n")
    with pytest.raises(LimitExceeded, match=r"the Eval of `bank` has 10\d,\d{3} bytes; a message may have 102,400"):
        world.deploy()
    assert world.items == []
    assert not world.journal_file.exists()


def test_constants_of_the_process_and_the_network_reach_its_lua(world):
    manifest = MAPPING.replace(
        "  bank:\n    entry: bank.lua\n",
        '  bank:\n    entry: bank.lua\n    config: {fee: 30, other: "{{ processes[\'ledger\'].id }}", who: "{{ env.WHO }}"}\n',
    )
    world.write("networks:\n  local: {kind: embedded, config: {fee: 7}}\n" + manifest, bank=CONFIGURED)
    world.deploy()
    ledger = world.state["ledger"].id
    bank = world.state["bank"]
    read = world.port.dry_run(bank.id, owner=world.wallet.address, tags=[("Action", "Eval")], data="return Seen")
    assert read.output["data"] == f"7integer {ledger} me"
    first = bank.code_hash
    world.write("networks:\n  local: {kind: embedded, config: {fee: 8}}\n" + manifest)
    assert [process.action for process in world.deploy().processes] == ["updated", "updated"]
    assert world.state["bank"].code_hash != first
    assert world.state["bank"].build_hash == bank.build_hash
    assert not world.deploy().changed


def test_tags_that_cannot_be_sent_are_named_where_they_stand(world):
    big = "".join(f", T{number}: {'v' * 3000}" for number in range(2))
    world.write(MAPPING.replace("Name: ledger", f"Name: ledger{big}"))
    with pytest.raises(ManifestError, match="bytes together; 4096 are allowed") as caught:
        world.deploy()
    assert caught.value.where.line == 3


def test_another_wallet_is_refused(world, stranger):
    world.deploy()
    with pytest.raises(StateError, match=f"belongs to wallet `{world.wallet.address}`, and this is") as caught:
        world.deploy(wallet=stranger)
    assert "use that wallet" in caught.value.help


def test_the_state_says_what_a_process_was_spawned_with_and_what_it_runs(world):
    world.write(bank=BANK + 'require("util")\n', util="return 1\n")
    world.deploy()
    bank, ledger = world.state["bank"], world.state["ledger"]
    assert ledger.tags == (("Name", "ledger"), ("Bank", bank.id))
    assert ledger.authority == tuple(value for name, value in world.items[1].tags if name == "Authority")
    assert (ledger.module, ledger.scheduler) == (world.items[1].tag("Module"), world.items[1].tag("Scheduler"))
    assert bank.modules == {
        "bank.lua": hashlib.sha256((world.root / "bank.lua").read_bytes()).hexdigest(),
        "util": hashlib.sha256(b"return 1\n").hexdigest(),
    }


def test_a_state_of_another_variant_of_ao_is_refused_with_the_way_out(world):
    world.deploy()
    world.state_file.write_text(world.state_file.read_text().replace("ao.TN.1", "ao.N.1"))
    with pytest.raises(
        StateError,
        match=r"the processes in `.*local\.json` are of `ao\.N\.1`, and network `local` is now of `ao\.TN\.1`",
    ) as caught:
        world.deploy()
    assert "another name" in caught.value.help


def test_a_state_of_format_1_is_taken_up_and_written_anew(world):
    world.deploy()
    document = json.loads(world.state_file.read_text())
    document["format"] = 1
    del document["variant"], document["run"]
    for process in document["processes"].values():
        for member in ("authority", "tags", "modules", "replaced"):
            del process[member]
    world.state_file.write_text(json.dumps(document))
    assert world.deploy().sent == 0
    world.write(bank="x = 1\n")
    assert world.deploy().sent == 1
    assert json.loads(world.state_file.read_text())["format"] == 2
    assert world.state["bank"].modules.keys() == {"bank.lua"}
    assert world.state["ledger"].tags is None


def test_a_network_that_was_removed_is_named_with_the_way_out(world):
    world.deploy()
    (world.root / ".tim3" / "networks" / "local.sqlite").unlink()
    with pytest.raises(
        StateError, match=r"network `local` does not have process `.{43}`, which is `ledger` in its state"
    ) as caught:
        world.deploy()
    bank = world.state["bank"].id
    assert caught.value.notes == (f"nor `{bank}`, which is `bank`",)
    assert caught.value.help == (
        "check the addresses of the network; or run with --replace ledger --replace bank to spawn anew"
    )
    assert world.deploy(replace=["ledger", "bank"]).sent == 5
    assert world.state["bank"].replaced == (bank,)
    assert world.sent == ONCE
    world.state_file.unlink()
    assert world.deploy().sent == 5


def test_a_process_taken_out_of_the_state_is_spawned_anew_and_set_up(world):
    world.deploy()
    document = json.loads(world.state_file.read_text())
    old = document["processes"].pop("ledger")["id"]
    world.state_file.write_text(json.dumps(document))
    deployment = world.deploy()
    assert (deployment.sent, deployment.processes[0].action) == (3, "created")
    assert world.state["ledger"].id != old


def test_two_deploys_at_once(world):
    held = []

    def second(_):
        if not held:
            held.append(True)
            with pytest.raises(LockHeld, match="is deploying to network `local`"):
                world.deploy()

    world.deploy(report=second)
    assert held
    assert world.sent == ONCE


# Stops ---------------------------------------------------------------------------------------------------------------


class Faulty:
    """A network whose n-th answer never comes: the call is lost on its way there, or its reply on the way back."""

    def __init__(self, port, *, call, after, error):
        self._port = port
        self._left = call
        self._after = after
        self._error = error
        self.name, self.terms = port.name, port.terms
        self.scheduler, self.authority = port.scheduler, port.authority

    def __getattr__(self, name):
        method = getattr(self._port, name)

        def called(*args, **kwargs):
            self._left -= 1
            if self._left == 0 and not self._after:
                raise self._error
            result = method(*args, **kwargs)
            if self._left == 0:
                raise self._error
            return result

        return called


CALLS = 10  # five items, each sent and its result asked for
READ_BACK = 2  # what two processes run


@pytest.mark.parametrize("after", [False, True], ids=["request-lost", "reply-lost"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_deploy_stopped_at_any_call_is_finished_by_the_next(world, call, after):
    error, told = (KeyboardInterrupt(), KeyboardInterrupt) if call % 2 else (NetworkError("no answer"), Unfinished)
    with pytest.raises(told):
        world.deploy(port=Faulty(world.port, call=call, after=after, error=error))
    steps = []
    deployment = world.deploy(report=steps.append)
    assert world.sent == ONCE
    assert steps[0].resumed
    assert str(steps[0]).endswith(" (begun by an earlier run)")
    assert {process.name: process.id for process in deployment.processes} == {
        name: process.id for name, process in world.state.items()
    }
    assert (world.read("ledger", "Total"), world.read("ledger", "Evals"), world.read("bank", "Evals")) == (
        "100",
        "1",
        "1",
    )
    assert not world.journal_file.exists()
    assert world.deploy().sent == 0


def test_there_are_no_more_calls_than_that(world):
    world.deploy(port=Faulty(world.port, call=CALLS + READ_BACK + 1, after=False, error=AssertionError()))


@pytest.mark.parametrize("call", range(CALLS + 1, CALLS + READ_BACK + 1))
def test_a_deploy_that_was_stopped_while_it_read_back_what_runs_has_nothing_left_to_do(world, call):
    with pytest.raises(Unfinished):
        world.deploy(port=Faulty(world.port, call=call, after=False, error=NetworkError("no answer")))
    assert not world.deploy().changed
    assert world.sent == ONCE


@pytest.mark.parametrize("number", range(1, 6))
def test_a_deploy_stopped_after_any_step_is_finished_by_the_next(world, number):
    steps = []

    def stop(step):
        steps.append(step)
        if len(steps) == number:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.deploy(report=stop)
    assert world.deploy().sent == 5 - number
    assert world.sent == ONCE


def test_a_spawn_whose_reply_was_lost_keeps_its_id(world):
    with pytest.raises(NetworkError):
        world.deploy(port=Faulty(world.port, call=1, after=True, error=NetworkError("no answer")))
    assert world.state == {}
    (spawned,) = world.items
    deployment = world.deploy()
    assert deployment.sent == 4
    assert deployment.processes[1].id == spawned.id
    assert deployment.processes[1].action == "created"


def test_an_eval_left_behind_does_not_outlive_newer_code(world):
    with pytest.raises(Unfinished):
        world.deploy(port=Faulty(world.port, call=5, after=False, error=NetworkError("no answer")))
    world.write(ledger=LEDGER + "New = true\n")
    world.deploy()
    assert world.sent == ONCE | {"ledger:Eval": 2}
    assert (world.read("ledger", "New"), world.read("ledger", "Total")) == ("true", "100")


def test_an_eval_left_behind_that_fails_makes_room_for_mended_code(world):
    world.write(ledger="error('broken')\n")
    with pytest.raises(Unfinished):
        world.deploy(port=Faulty(world.port, call=5, after=False, error=NetworkError("no answer")))
    world.write(ledger=LEDGER)
    world.deploy()
    assert world.sent == ONCE | {"ledger:Eval": 2}
    assert world.read("ledger", "Evals") == "1"


def test_what_was_left_for_a_process_since_forgotten_is_dropped(world):
    with pytest.raises(Unfinished):
        world.deploy(port=Faulty(world.port, call=5, after=False, error=NetworkError("no answer")))
    world.state_file.unlink()
    assert world.journal_file.exists()
    assert world.deploy().sent == 5
    assert not world.journal_file.exists()


def test_nothing_is_sent_while_the_journal_is_damaged(world):
    with pytest.raises(NetworkError):
        world.deploy(port=Faulty(world.port, call=1, after=True, error=NetworkError("no answer")))
    world.journal_file.write_text("{}\n" + world.journal_file.read_text())
    with pytest.raises(StateError, match="is damaged at line 1"):
        world.deploy()
    assert len(world.items) == 1
