"""What a plan says of each kind of change, and that a deploy does just that."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample
from world import BANK, MAPPING, World

from tim3tool.deploy.change import Fact, SourceChanges
from tim3tool.errors import LimitExceeded, ManifestError, NetworkError, StateError, UsageError


@pytest.fixture
def world(tmp_path, wallet):
    return World(tmp_path, wallet)


@pytest.fixture
def deployed(world):
    world.deploy()
    return world


def files(root):
    """Every file below a folder, with its contents."""
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def kinds(plan):
    return {change.name: change.kind for change in plan.changes}


# Each kind ------------------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_created(world):
    plan = world.plan()
    assert kinds(plan) == {"ledger": "create", "bank": "create"}
    ledger, bank = plan.changes
    assert (ledger.id, ledger.code, ledger.spawns) == (None, True, True)
    assert [(each.name, each.kind, each.after_spawn) for each in ledger.setup] == [("1-Mint", "new", True)]
    assert ledger.lines == ("code: 1 source", "set-up message 1-Mint: new (known after spawn)")
    assert bank.sources == SourceChanges(added=("bank.lua",), changed=(), removed=())
    assert (plan.items, plan.is_empty, plan.unfinished) == (5, False, False)
    assert plan.counts == {"create": 2, "update": 0, "drift": 0, "setup": 0, "replace": 0, "lost": 0, "none": 0}


def test_the_code_hash_is_told_where_it_depends_on_no_id_that_is_not_known(world):
    world.write(MAPPING + "    config: { other: \"{{ processes['ledger'].id }}\" }\n")
    ledger, bank = world.plan().changes
    assert bank.code_hash is None
    world.deploy()
    assert world.state["ledger"].code_hash == ledger.code_hash


def test_what_was_just_deployed_needs_nothing(deployed):
    plan = deployed.plan()
    assert kinds(plan) == {"ledger": "none", "bank": "none"}
    assert (plan.is_empty, plan.items) == (True, 0)
    assert all(change.lines == () for change in plan.changes)


def test_changed_code_is_told_by_its_sources(world):
    world.write(bank=BANK + 'require("one")\nrequire("two")\n', one="return 1", two="return 2")
    world.deploy()
    world.write(bank=BANK + 'require("two")\nrequire("three")\n', two="return 22", three="return 3")
    change = world.plan().change("bank")
    assert change.kind == "update"
    assert change.sources == SourceChanges(added=("three",), changed=("bank.lua", "two"), removed=("one",))
    assert change.lines == ("code: + three ~ bank.lua ~ two - one",)
    assert change.id == world.state["bank"].id
    assert change.code_hash not in (None, world.state["bank"].code_hash)


def test_other_constants_are_told_as_such(deployed):
    deployed.write("networks:\n  local: {kind: embedded, config: {fee: 7}}\n" + MAPPING)
    plan = deployed.plan()
    assert kinds(plan) == {"ledger": "update", "bank": "update"}
    assert plan.change("bank").lines == ("code: ids, constants or Lua in front of the bundle",)


def test_code_that_was_never_given_is_told(world):
    world.write(bank="error('no')\n")
    with pytest.raises(Exception, match="no"):
        world.deploy()
    change = world.plan().change("bank")
    assert (change.kind, change.why) == ("update", "the process has none yet")


def test_a_state_that_does_not_know_the_sources_does_not_pretend_to(deployed):
    document = json.loads(deployed.state_file.read_text())
    document["processes"]["bank"]["modules"] = None
    deployed.state_file.write_text(json.dumps(document))
    deployed.write(bank=BANK + "x = 1\n")
    change = deployed.plan().change("bank")
    assert (change.kind, change.sources, change.lines) == ("update", None, ("code: other sources",))


def test_a_set_up_message_that_is_new_or_changed(deployed):
    more = MAPPING.replace('"100"', '"7"').replace(
        "  bank:\n", "      - { name: again, action: Mint, tags: { Quantity: '1' } }\n  bank:\n"
    )
    deployed.write(more)
    change = deployed.plan().change("ledger")
    assert change.kind == "setup"
    assert change.lines == ("set-up message 1-Mint: changed", "set-up message again: new")
    assert deployed.deploy().sent == deployed.plan().items + 2
    assert deployed.plan().is_empty


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        ("Name: ledger", "Name: other", Fact(name="tag Name", old="ledger", new="other")),
        ("Name: ledger", "Name: ledger, Kind: x", Fact(name="tag Kind", old=None, new="x")),
        ("Name: ledger, ", "", Fact(name="tag Name", old="ledger", new=None)),
        (
            "entry: ledger.lua",
            f"entry: ledger.lua\n    scheduler: {'S' * 43}",
            Fact(name="scheduler", old="_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA", new="S" * 43),
        ),
        (
            "entry: ledger.lua",
            f"entry: ledger.lua\n    authority: [{'A' * 43}, {'B' * 43}]",
            Fact(
                name="authority",
                old="fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY",
                new=f"{'A' * 43}, {'B' * 43}",
            ),
        ),
    ],
    ids=["tag changed", "tag added", "tag removed", "scheduler", "authority"],
)
def test_what_a_living_process_cannot_be_given_needs_a_replacement(deployed, old, new, fact):
    deployed.write(MAPPING.replace(old, new, 1))
    plan = deployed.plan()
    change = plan.change("ledger")
    assert (change.kind, change.told, change.spawns, change.facts) == ("replace", False, False, (fact,))
    assert change.lines[:2] == ("needs --replace ledger", str(fact))
    before = len(deployed.items)
    with pytest.raises(ManifestError, match="`ledger` was spawned with what a living process cannot change") as caught:
        deployed.deploy()
    assert caught.value.where.line == 3
    assert caught.value.notes == (f"`ledger`: {fact}",)
    assert "--replace ledger" in caught.value.help
    assert len(deployed.items) == before


def test_another_module_needs_a_replacement(deployed):
    was = deployed.state["ledger"].module
    deployed.write(MAPPING.replace("entry: ledger.lua", f"entry: ledger.lua\n    module: {'M' * 43}"))
    assert deployed.plan().change("ledger").facts == (Fact(name="module", old=was, new="M" * 43),)


def test_what_is_not_known_of_a_process_is_taken_as_it_should_be(deployed):
    document = json.loads(deployed.state_file.read_text())
    document["processes"]["ledger"] |= {"module": None, "scheduler": None, "authority": None, "tags": None}
    deployed.state_file.write_text(json.dumps(document))
    deployed.write(MAPPING.replace("Name: ledger", "Name: other"))
    assert deployed.plan().is_empty


def test_a_process_that_the_network_has_lost(deployed):
    (deployed.root / ".tim3" / "networks" / "local.sqlite").unlink()
    plan = deployed.plan()
    assert kinds(plan) == {"ledger": "lost", "bank": "lost"}
    assert plan.change("bank").lines[0] == (
        f"the network does not have {deployed.state['bank'].id}: --replace bank spawns it anew"
    )
    assert kinds(deployed.plan(replace=["bank", "ledger"])) == {"ledger": "replace", "bank": "replace"}


def test_an_earlier_deploy_that_was_stopped(world):
    class Away:
        def __init__(self, port):
            self._port = port

        def __getattr__(self, name):
            if name == "spawn":
                msg = "away"
                raise NetworkError(msg)
            return getattr(self._port, name)

    with pytest.raises(NetworkError):
        world.deploy(port=Away(world.port))
    before = files(world.root)
    plan = world.plan()
    assert (plan.unfinished, plan.is_empty) == (True, False)
    assert files(world.root) == before
    assert world.deploy().sent == 5
    assert not world.plan().unfinished


# A plan changes nothing -----------------------------------------------------------------------------------------------


def test_a_plan_signs_sends_and_writes_nothing(world):
    before = files(world.root)
    world.plan()
    world.plan(replace=["bank"])
    assert files(world.root) == before
    world.deploy()
    before = files(world.root)
    world.write(bank=BANK + "x = 1\n")
    before = files(world.root)
    world.plan()
    assert files(world.root) == before


# Some processes, and anew ---------------------------------------------------------------------------------------------


def test_only_some_processes(world):
    assert kinds(world.plan(only=["bank"])) == {"bank": "create"}
    world.deploy(only=["bank"])
    assert set(world.state) == {"bank"}
    assert kinds(world.plan()) == {"ledger": "create", "bank": "none"}


def test_a_process_that_there_is_not(world):
    with pytest.raises(UsageError, match="no process is named `bnk`") as caught:
        world.plan(only=["bnk"])
    assert caught.value.help == "did you mean `bank`?"
    with pytest.raises(UsageError, match="`ledger` cannot be replaced: this command does not deploy it") as caught:
        world.plan(only=["bank"], replace=["ledger"])
    assert caught.value.help == "it deploys `bank`"


def test_replacing_keeps_the_old_id_and_updates_what_holds_it(world):
    config = "    config: { other: \"{{ processes['bank'].id }}\" }\n    setup:"
    world.write(MAPPING.replace(", Bank: \"{{ processes['bank'].id }}\" }\n    setup:", " }\n" + config))
    world.deploy()
    old, ledger = world.state["bank"].id, world.state["ledger"].id
    plan = world.plan(replace=["bank"])
    assert kinds(plan) == {"ledger": "update", "bank": "replace"}
    assert plan.change("ledger").code_hash is None
    assert [each.after_spawn for each in plan.change("ledger").setup] == [True]
    assert plan.change("bank").lines[0] == f"a new process in the place of {old}"
    deployment = world.deploy(replace=["bank"])
    assert deployment.sent == plan.items == 4
    assert [(each.name, each.action) for each in deployment.processes] == [("ledger", "updated"), ("bank", "replaced")]
    assert deployment.processes[1].replaced == world.state["bank"].replaced == (old,)
    assert world.state["ledger"].id == ledger
    assert world.items[-1].tag("Bank") == world.state["bank"].id != old
    assert world.plan().is_empty
    second = world.state["bank"].id
    world.deploy(replace=["bank"])
    assert world.state["bank"].replaced == (old, second)


def test_a_spawn_tag_that_holds_a_replaced_id_needs_a_replacement_too(deployed):
    plan = deployed.plan(replace=["bank"])
    (fact,) = plan.change("ledger").facts
    assert fact == Fact(name="tag Bank", old=deployed.state["bank"].id, new="(known after spawn)")
    with pytest.raises(ManifestError) as caught:
        deployed.deploy(replace=["bank"])
    assert "--replace ledger --replace bank" in caught.value.help
    assert deployed.deploy(replace=["bank", "ledger"]).sent == 5
    assert deployed.plan().is_empty


def test_replacing_what_is_not_there_creates_it(world):
    assert kinds(world.plan(replace=["bank"])) == {"ledger": "create", "bank": "create"}
    world.deploy(replace=["bank"])
    assert world.state["bank"].replaced == ()


@pytest.mark.parametrize("stop_after", range(1, 6))
def test_a_replacement_that_was_stopped_is_finished_by_the_same_command_and_not_done_twice(deployed, stop_after):
    steps = []

    def stop(step):
        steps.append(step)
        if len(steps) == stop_after:
            raise KeyboardInterrupt

    old = {name: process.id for name, process in deployed.state.items()}
    before = len(deployed.items)
    with pytest.raises(KeyboardInterrupt):
        deployed.deploy(replace=["bank", "ledger"], report=stop)
    deployed.deploy(replace=["bank", "ledger"])
    assert len(deployed.items) == before + 5
    assert {name: process.replaced for name, process in deployed.state.items()} == {
        name: (identifier,) for name, identifier in old.items()
    }
    assert deployed.plan().is_empty
    assert json.loads(deployed.state_file.read_text())["run"] is None
    deployed.deploy(replace=["bank", "ledger"])  # that run has ended, so this asks for another
    assert len(deployed.items) == before + 10


# Refusals -------------------------------------------------------------------------------------------------------------


def test_a_plan_with_code_that_is_too_large_can_be_looked_at_and_not_carried_out(world):
    world.write(bank=f"x = '{'y' * 103_000}'\n")
    assert world.plan().change("bank").kind == "create"
    with pytest.raises(LimitExceeded):
        world.deploy()


def test_a_review_that_raises_stops_everything(world):
    def review(plan):
        assert plan.items == 5
        msg = "not confirmed"
        raise UsageError(msg)

    with pytest.raises(UsageError, match="not confirmed"):
        world.deploy(review=review)
    assert world.items == []
    assert not world.state_file.exists()


def test_a_plan_for_another_wallet_is_refused(deployed, stranger):
    with pytest.raises(StateError, match="belongs to wallet"):
        deployed.plan(owner=stranger.address)


# Any project ----------------------------------------------------------------------------------------------------------


@st.composite
def versions(draw):
    """Two versions of a project of up to three processes: which there are, what they run and what they are sent."""
    names = ["a", "b", "c"]

    def version(kept):
        chosen = draw(st.sets(st.sampled_from(names), min_size=1)) | kept
        return {
            name: {
                "code": draw(st.integers(0, 2)),
                "fee": draw(st.sampled_from(["7", "8", "id"])),
                "setup": draw(st.lists(st.sampled_from(["1", "2", "id"]), max_size=2)),
            }
            for name in sorted(chosen)
        }

    first = version(set())
    return first, version(set(first))


def write(world, version):
    lines = ["processes:"]
    first = min(version)
    for name, what in version.items():
        value = {"id": f"\"{{{{ processes['{first}'].id }}}}\""}
        lines += [
            f"  {name}:",
            f"    entry: {name}.lua",
            f"    config: {{ fee: {value.get(what['fee'], what['fee'])} }}",
        ]
        if what["setup"]:
            lines.append("    setup:")
        for number, quantity in enumerate(what["setup"]):
            lines.append(
                f"      - {{ name: s{number}, action: Take, tags: {{ V: {value.get(quantity, quantity)!s} }} }}"
            )
        world.write(**{name: f'Code = {what["code"]}\nHandlers.add("take", "Take", function() end)\n'})
    world.write("\n".join(lines) + "\n")


@given(versions())
@settings(max_examples=sample(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_deploy_does_exactly_what_the_plan_says_and_then_there_is_nothing_to_do(tmp_path_factory, wallet, both):
    world = World(tmp_path_factory.mktemp("world"), wallet)
    for version in both:
        write(world, version)
        planned = world.plan()
        steps = []
        deployment = world.deploy(report=steps.append)
        assert {(step.process, step.kind, step.setup) for step in steps} == {
            (change.name, kind, setup)
            for change in planned.changes
            for kind, setup in [
                *([("spawn", None)] if change.spawns else []),
                *([("eval", None)] if change.code else []),
                *(("setup", each.name) for each in change.setup),
            ]
        }
        assert deployment.sent == planned.items == len(steps)
        assert deployment.changed is not planned.is_empty
        for change in planned.changes:
            assert change.code_hash in (None, world.state[change.name].code_hash)
        assert world.plan().is_empty
