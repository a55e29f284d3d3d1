"""Plans in files: read strictly, and refused when anything they were made of is another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample
from world import BANK, MAPPING, World

from tim3tool.deploy.saved import read_plan
from tim3tool.errors import ManifestError, NetworkError, PlanStale, StateError, UsageError

NETWORKS = "networks:\n  local: {kind: legacynet, mu: 'http://127.0.0.1:1', cu: 'http://127.0.0.1:2', su: ''}\n"


@pytest.fixture
def world(tmp_path, wallet):
    return World(tmp_path, wallet)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deploy.plan"


@pytest.fixture
def saved(world, path):
    world.plan(save=path)
    return read_plan(path)


def test_what_was_saved_is_read(world, path):
    plan = world.plan(save=path, only=["bank"], replace=["bank"])
    saved = read_plan(path)
    assert (saved.network, saved.owner) == ("local", world.wallet.address)
    assert (saved.only, saved.replace, saved.spawns) == (("bank",), ("bank",), ("bank",))
    assert saved.changes == json.loads(json.dumps(plan.as_dict()))


def test_it_is_carried_out_once(world, saved):
    assert world.deploy(saved=saved).sent == 5
    assert world.plan().is_empty
    with pytest.raises(PlanStale) as caught:
        world.deploy(saved=saved)
    assert caught.value.notes == ("the state of network `local`: there was another deploy",)
    assert caught.value.help == "make it again with `tim3tool plan -o FILE`"


def test_it_says_itself_what_is_deployed_and_replaced(world, path):
    world.deploy()
    old = world.state["bank"].id
    world.write(MAPPING.replace(", Bank: \"{{ processes['bank'].id }}\" }\n    setup", " }\n    setup"))
    world.plan(save=path, only=["bank"], replace=["bank"])
    assert world.deploy(saved=read_plan(path)).sent == 2
    assert world.state["bank"].replaced == (old,)


@pytest.mark.parametrize(
    ("files", "notes"),
    [
        ({"bank": BANK + "x = 1\n"}, ["the code of `bank`"]),
        ({"manifest": MAPPING.replace("Name: ledger", "Name: other")}, ["the spawn of `ledger`"]),
        ({"manifest": MAPPING.replace('"100"', '"7"')}, ["the set-up message `1-Mint` of `ledger`"]),
        (
            {"manifest": MAPPING + "  more:\n    entry: bank.lua\n"},
            ["the spawn of `more` is new", "the code of `more` is new"],
        ),
        (
            {"manifest": "processes:\n  bank:\n    entry: bank.lua\n"},
            [
                "the spawn of `ledger` is gone",
                "the code of `ledger` is gone",
                "the set-up message `1-Mint` of `ledger` is gone",
            ],
        ),
        (
            {"manifest": NETWORKS + MAPPING},
            ["the addresses of network `local` in the manifest"],
        ),
    ],
    ids=["source", "spawn tag", "set-up message", "new process", "process gone", "addresses"],
)
def test_what_has_changed_since_is_named_and_nothing_is_sent(world, saved, files, notes):
    world.write(files.pop("manifest", None), **files)
    with pytest.raises(PlanStale, match="the plan does not fit any more") as caught:
        world.deploy(saved=saved)
    assert sorted(caught.value.notes) == sorted(notes)
    assert world.items == []


def test_another_environment_is_named(world, path, monkeypatch):
    world.write(MAPPING.replace("Name: ledger", 'Name: "{{ env.WHO }}"'))
    world.plan(save=path)
    monkeypatch.setitem(world.environ, "WHO", "you")
    with pytest.raises(PlanStale) as caught:
        world.deploy(saved=read_plan(path))
    assert caught.value.notes == ("the spawn of `ledger`",)


def test_another_wallet_is_named(world, saved, stranger):
    with pytest.raises(PlanStale) as caught:
        world.deploy(saved=saved, wallet=stranger)
    assert caught.value.notes == (f"the wallet: it was `{world.wallet.address}`, and is `{stranger.address}`",)


def test_another_deploy_meanwhile_is_named(world, saved):
    world.deploy(only=["bank"])
    with pytest.raises(PlanStale) as caught:
        world.deploy(saved=saved)
    assert "the state of network `local`: there was another deploy" in caught.value.notes


def stopping_after(number):
    steps = []

    def stop(step):
        steps.append(step)
        if len(steps) == number:
            raise KeyboardInterrupt

    return stop


@pytest.mark.parametrize("number", range(1, 6))
def test_a_run_that_was_stopped_goes_on_with_the_same_plan(world, saved, number):
    with pytest.raises(KeyboardInterrupt):
        world.deploy(saved=saved, report=stopping_after(number))
    assert world.deploy(saved=saved).sent == 5 - number
    assert len(world.items) == 5
    with pytest.raises(PlanStale):
        world.deploy(saved=saved)


class Deaf:
    """A network that takes no spawn."""

    def __init__(self, port):
        self._port = port

    def __getattr__(self, name):
        if name == "spawn":
            msg = "away"
            raise NetworkError(msg)
        return getattr(self._port, name)


def test_a_run_that_was_stopped_before_it_reached_the_network_goes_on_with_the_same_plan(world, saved):
    with pytest.raises(NetworkError):
        world.deploy(saved=saved, port=Deaf(world.port))
    assert world.journal_file.exists()
    assert world.deploy(saved=saved).sent == 5


def test_a_run_that_was_stopped_does_not_go_on_with_other_sources(world, saved):
    with pytest.raises(KeyboardInterrupt):
        world.deploy(saved=saved, report=stopping_after(3))
    world.write(bank=BANK + "x = 1\n")
    with pytest.raises(PlanStale) as caught:
        world.deploy(saved=saved)
    assert caught.value.notes == ("the code of `bank`",)


def test_another_deploy_that_was_stopped_is_named_and_no_plan_is_saved_then(world, saved, path):
    with pytest.raises(NetworkError):
        world.deploy(port=Deaf(world.port))
    with pytest.raises(PlanStale) as caught:
        world.deploy(saved=saved)
    assert caught.value.notes == ("another deploy was begun and stopped",)
    with pytest.raises(StateError, match="an earlier deploy to network `local` was stopped") as refused:
        world.plan(save=path)
    assert "tim3tool deploy --network local" in refused.value.help


def test_a_plan_that_cannot_be_carried_out_is_not_saved(world, path):
    world.deploy()
    world.write(MAPPING.replace("Name: ledger", "Name: other"))
    with pytest.raises(ManifestError, match="cannot change"):
        world.plan(save=path)
    assert not path.exists()


# Bad files ------------------------------------------------------------------------------------------------------------


def test_no_file(path):
    with pytest.raises(UsageError, match=r"the plan `.*deploy\.plan` cannot be read: No such file") as caught:
        read_plan(path)
    assert "--only NAME" in caught.value.help


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1}', "processes: {}", "\x00", "[" * 100_000])
def test_a_file_that_is_no_plan(path, text):
    path.write_text(text)
    with pytest.raises(UsageError, match=r"`.*deploy\.plan` is not a plan of tim3tool"):
        read_plan(path)


@pytest.mark.usefixtures("saved")
def test_a_plan_of_another_format(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 9}))
    with pytest.raises(UsageError, match=r"has format 9, and this tim3tool reads format 2"):
        read_plan(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("owner"),
        lambda document: document.pop("digest"),
        lambda document: document.update(only="bank"),
        lambda document: document.update(replace=["bank"]),
        lambda document: document.update(wants=[]),
        lambda document: document.update(changes=None),
        lambda document: document["changes"].update(items=0),
        lambda document: document.update(digest="0" * 64),
    ],
)
@pytest.mark.usefixtures("saved")
def test_a_plan_that_was_changed(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match="is damaged, or was changed since it was made"):
        read_plan(path)


@given(st.data())
@settings(max_examples=sample(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_with_any_byte_changed_or_cut_off_is_refused_or_means_the_same(saved, path, data):
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]]))
    try:
        path.write_bytes(other)
        read = read_plan(path)
    except UsageError:
        return
    finally:
        path.write_bytes(whole)
    assert read == saved


def test_a_plan_that_cannot_be_written(world, tmp_path):
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        world.plan(save=tmp_path / "nowhere" / "deploy.plan")


def test_the_digest_is_of_every_member(saved):
    others = {
        "network": "x",
        "place": "x",
        "owner": "x",
        "only": ("x",),
        "replace": ("x",),
        "spawns": ("x",),
        "state": "x",
        "wants": {},
        "changes": {},
    }
    digests = {replace(saved, **{name: value}).digest for name, value in others.items()}
    assert len(digests | {saved.digest}) == len(others) + 1
