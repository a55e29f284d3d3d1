"""The state file: written whole, read strictly."""

from __future__ import annotations

import json
import stat

import pytest

from tim3tool.deploy.state import ProcessState, Run, SentSetup, State, load, save, state_path
from tim3tool.errors import StateError

STATE = State(
    network="local",
    owner="O" * 43,
    variant="ao.TN.1",
    run=Run(plan="p", replaces={"a": "Z"}),
    processes={
        "b": ProcessState(id="B", module="M", scheduler="S", spawn_item="B"),
        "a": ProcessState(
            id="A",
            module="M",
            scheduler="S",
            spawn_item="A",
            authority=("X", "Y"),
            tags=(("Name", "a"), ("Name", "b")),
            build_hash="bh",
            code_hash="ch",
            eval_message="E",
            modules={"a.lua": "m1", "util": "m2"},
            replaced=("Z",),
            setup={"1-Mint": SentSetup(hash="h", message="m")},
        ),
    },
)


@pytest.fixture
def path(tmp_path):
    return state_path(tmp_path, "local")


@pytest.fixture
def saved(path):
    save(path, STATE)
    return path


def changed(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_it_lies_under_the_networks_name(tmp_path, path):
    assert path == tmp_path / ".tim3" / "state" / "local.json"


def test_no_file_is_no_state(path):
    assert load(path, network="local") is None


def test_what_was_saved_is_loaded(saved):
    assert load(saved, network="local") == STATE


def test_the_file_is_sorted_text_of_the_documented_shape(saved):
    document = json.loads(saved.read_text())
    assert document["format"] == 2
    assert document["variant"] == "ao.TN.1"
    assert document["run"] == {"plan": "p", "replaces": {"a": "Z"}}
    assert document["processes"]["b"] == {
        "id": "B",
        "module": "M",
        "scheduler": "S",
        "spawn_item": "B",
        "authority": None,
        "tags": None,
        "build_hash": None,
        "code_hash": None,
        "eval_message": None,
        "modules": None,
        "setup": {},
        "replaced": [],
    }
    assert document["processes"]["a"]["tags"] == [["Name", "a"], ["Name", "b"]]
    assert document["processes"]["a"]["setup"] == {"1-Mint": {"hash": "h", "message": "m", "met": None}}
    assert list(document["processes"]) == ["a", "b"]
    assert saved.read_text().endswith("}\n")


def test_saving_leaves_no_other_file_behind(saved):
    save(saved, STATE.with_process("c", ProcessState(id="C", module="M", scheduler="S", spawn_item="C")))
    assert [each.name for each in saved.parent.iterdir()] == ["local.json"]
    assert set(load(saved, network="local").processes) == {"a", "b", "c"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", "\x00", "[" * 100_000, '{"processes": {}}'])
def test_a_file_that_is_no_state_is_named(saved, text):
    saved.write_text(text)
    with pytest.raises(StateError, match=r"`.*local\.json` is not a state of tim3tool") as caught:
        load(saved, network="local")
    assert "`tim3tool state import`" in caught.value.help


def test_another_format_is_named(saved):
    changed(saved, lambda document: document.update(format=3))
    with pytest.raises(StateError, match="has format 3, and this tim3tool reads formats up to 2"):
        load(saved, network="local")


def test_format_1_is_read_and_what_it_does_not_say_is_unknown(path):
    process = {"id": "A", "module": "M", "scheduler": "S", "spawn_item": "A"}
    process |= {"build_hash": "bh", "code_hash": "ch", "eval_message": "E"}
    process["setup"] = {"1-Mint": {"hash": "h", "message": "m", "met": None}}
    document = {"format": 1, "network": "local", "owner": "O" * 43, "processes": {"a": process}}
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document))
    read = load(path, network="local")
    known = ProcessState(**process | {"setup": {"1-Mint": SentSetup(hash="h", message="m")}})
    assert read == State(network="local", owner="O" * 43, processes={"a": known})
    assert (read.variant, known.authority, known.tags, known.modules) == (None, None, None, None)
    save(path, read)
    assert json.loads(path.read_text())["format"] == 2
    assert load(path, network="local") == read


def test_where_a_process_was_spawned_may_be_unknown(path):
    known = State(network="local", owner="O" * 43, processes={"a": ProcessState(id="A", spawn_item="A")})
    save(path, known)
    assert load(path, network="local") == known


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("owner"),
        lambda document: document.update(network=None),
        lambda document: document.update(processes=[]),
        lambda document: document["processes"].update(a="A"),
        lambda document: document["processes"]["a"].pop("id"),
        lambda document: document["processes"]["a"].update(id=None),
        lambda document: document["processes"]["a"].update(code_hash=7),
        lambda document: document["processes"]["a"].pop("code_hash"),
        lambda document: document["processes"]["a"].update(setup=None),
        lambda document: document["processes"]["a"].update(authority="X"),
        lambda document: document["processes"]["a"].update(authority=[7]),
        lambda document: document["processes"]["a"].update(tags=[["Name"]]),
        lambda document: document["processes"]["a"].update(tags={"Name": "a"}),
        lambda document: document["processes"]["a"].update(modules=["util"]),
        lambda document: document["processes"]["a"].update(modules={"util": None}),
        lambda document: document["processes"]["a"].update(replaced=None),
        lambda document: document.update(variant=7),
        lambda document: document.update(run=[]),
        lambda document: document.update(run={"plan": None}),
        lambda document: document["processes"]["a"]["setup"].update({"1-Mint": {"hash": "h"}}),
    ],
)
def test_a_damaged_state_is_named(saved, change):
    changed(saved, change)
    with pytest.raises(StateError, match="is damaged: a member is missing or of the wrong type"):
        load(saved, network="local")


def test_the_state_of_another_network_is_named(saved):
    with pytest.raises(StateError, match="is the state of network `local`, not of `test`"):
        load(saved, network="test")


def test_a_state_that_cannot_be_read_is_named(path):
    path.mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be read: Is a directory"):
        load(path, network="local")


def test_a_state_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / ".tim3").write_text("")
    with pytest.raises(StateError, match="cannot be written: Not a directory"):
        save(state_path(tmp_path, "local"), STATE)


def test_a_state_holds_nothing_that_only_its_owner_may_read(saved):
    assert stat.S_IMODE(saved.stat().st_mode) & 0o400
    assert saved.stat().st_mode & 0o111 == 0
