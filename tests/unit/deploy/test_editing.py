"""Changing a state by hand, so that no id is lost and no deploy is disturbed."""

from __future__ import annotations

import json

import pytest

from tim3tool.deploy.editing import forget, known_states, processes_in, take_in
from tim3tool.deploy.journal import Entry, Journal, journal_path, pending_in
from tim3tool.deploy.lock import held_by, holding
from tim3tool.deploy.state import ProcessState, SentSetup, State, load, save, state_path
from tim3tool.errors import LockHeld, StateError, UsageError
from tim3tool.network.embedded import Embedded
from tim3tool.network.protocol import message_item, process_item

A, B, C = "A" * 43, "B" * 42 + "A", "C" * 42 + "A"


@pytest.fixture
def port(tmp_path):
    return Embedded(tmp_path / "local.sqlite", clock=lambda: 0)


def there(root):
    return load(state_path(root, "local"), network="local")


def write(root, owner, **processes):
    state = State(network="local", owner=owner, variant="ao.TN.1", processes=processes)
    save(state_path(root, "local"), state)


def process(identifier, **more):
    return ProcessState(id=identifier, spawn_item=identifier, **more)


def journal(root, wallet):
    return Journal(journal_path(root, "local"), network="local", owner=wallet.address)


def an_eval(wallet, name, target):
    item = message_item(wallet, target=target, tags=[("Action", "Eval")], data=b"return 1")
    return Entry(kind="eval", process=name, record={"build_hash": "b", "code_hash": "c", "modules": {}}, item=item)


def a_spawn(wallet, name):
    item = process_item(wallet, module=A, scheduler=B, nonce="1")
    record = {"module": A, "scheduler": B, "authority": [], "tags": []}
    return Entry(kind="spawn", process=name, record=record, item=item)


def test_what_is_forgotten_is_kept_as_removed(tmp_path, wallet):
    write(tmp_path, wallet.address, a=process(A, replaced=(B,)), b=process(C))
    (done,) = forget(tmp_path, "local", ["a"])
    assert (done.name, done.ids, done.items) == ("a", (A, B), ())
    state = there(tmp_path)
    assert list(state.processes) == ["b"]
    assert state.removed == (("a", B), ("a", A))
    forget(tmp_path, "local", ["b"])
    assert there(tmp_path).removed == (("a", B), ("a", A), ("b", C))


def test_nothing_is_forgotten_where_a_name_is_unknown(tmp_path, wallet):
    write(tmp_path, wallet.address, token=process(A))
    with pytest.raises(UsageError, match="has no process `tokne`") as caught:
        forget(tmp_path, "local", ["token", "tokne"])
    assert caught.value.help == "did you mean `token`?"
    assert list(there(tmp_path).processes) == ["token"]
    with pytest.raises(UsageError, match="the state of network `local` has no process `x`"):
        forget(tmp_path / "empty", "local", ["x"])


def test_what_a_deploy_left_for_a_forgotten_process_is_not_sent_any_more(tmp_path, wallet):
    write(tmp_path, wallet.address, a=process(A), b=process(B))
    entries = [an_eval(wallet, "a", A), an_eval(wallet, "b", B)]
    for entry in entries:
        journal(tmp_path, wallet).write(entry)
    (done,) = forget(tmp_path, "local", ["a"])
    assert done.items == (entries[0].item.id,)
    assert journal(tmp_path, wallet).pending == (entries[1],)


def test_a_spawn_that_may_have_reached_the_network_is_not_lost_either(tmp_path, wallet):
    entry = a_spawn(wallet, "a")
    journal(tmp_path, wallet).write(entry)
    (done,) = forget(tmp_path, "local", ["a"])
    assert (done.ids, done.items) == ((entry.item.id,), (entry.item.id,))
    assert there(tmp_path).removed == (("a", entry.item.id),)
    assert there(tmp_path).owner == wallet.address
    assert pending_in(journal_path(tmp_path, "local")) == ()


def test_processes_are_taken_in_with_nothing_known_but_their_ids(tmp_path, port):
    done, state = take_in(tmp_path, {"a": process(A), "b": process(B)}, port=port, owner="O")
    assert [(each.name, each.action) for each in done] == [("a", "added"), ("b", "added")]
    assert there(tmp_path) == state
    assert (state.owner, state.variant) == ("O", "ao.TN.1")
    assert state.processes["a"] == process(A)
    again, _ = take_in(tmp_path, {"a": process(A)}, port=port, owner="O")
    assert [each.action for each in again] == ["unchanged"]


def test_a_state_of_tim3tool_brings_all_that_it_knows(tmp_path, port, wallet):
    full = process(A, module=B, code_hash="c", setup={"1-Go": SentSetup(hash="h", message=C)}, replaced=(C,))
    write(tmp_path / "there", wallet.address, a=full, b=process(B))
    bare = tmp_path / "state.yaml"
    bare.write_text(f"a: {{processId: {A}}}\nc: {{processId: {C}}}\n")
    paths = [state_path(tmp_path / "there", "local"), bare, tmp_path / "none"]
    found = processes_in(paths, {"a": A, "b": B, "c": C})
    assert found == {"a": full, "b": process(B), "c": process(C)}
    _, state = take_in(tmp_path, found, port=port, owner=wallet.address)
    assert state.processes == found
    paths[0].write_text('{"format": 2}')
    with pytest.raises(StateError, match="is damaged"):
        processes_in(paths, {"a": A})


def test_another_id_needs_force_and_the_one_before_is_kept(tmp_path, port):
    take_in(tmp_path, {"a": process(A)}, port=port, owner="O")
    with pytest.raises(StateError, match=f"`a` is `{A}` on network `local` already, not `{B}`") as caught:
        take_in(tmp_path, {"b": process(C), "a": process(B)}, port=port, owner="O")
    assert "--force" in caught.value.help
    assert list(there(tmp_path).processes) == ["a"], "all or nothing"
    (done,), _ = take_in(tmp_path, {"a": process(B)}, port=port, owner="O", force=True)
    assert (done.action, done.before) == ("replaced", A)
    assert there(tmp_path).processes["a"] == process(B, replaced=(A,))


def test_an_id_has_one_name(tmp_path, port):
    take_in(tmp_path, {"a": process(A)}, port=port, owner="O")
    with pytest.raises(StateError, match=f"`{A}` is `a` on network `local`, so it cannot be `b`") as caught:
        take_in(tmp_path, {"b": process(A)}, port=port, owner="O", force=True)
    assert "`tim3tool state rm a --network local`" in caught.value.help


def test_one_that_was_removed_and_comes_back_is_removed_no_more(tmp_path, port, wallet):
    write(tmp_path, wallet.address, a=process(A, replaced=(B,)))
    forget(tmp_path, "local", ["a"])
    take_in(tmp_path, {"a": process(A)}, port=port, owner=wallet.address)
    assert there(tmp_path).removed == (("a", B),)


def test_the_state_of_another_wallet_or_with_a_deploy_that_has_not_ended_is_left_alone(tmp_path, port, wallet):
    write(tmp_path, wallet.address, a=process(A))
    with pytest.raises(StateError, match="belongs to wallet"):
        take_in(tmp_path, {"b": process(B)}, port=port, owner="O")
    journal(tmp_path, wallet).write(a_spawn(wallet, "b"))
    with pytest.raises(StateError, match="a deploy of `b` to network `local` has not ended") as caught:
        take_in(tmp_path, {"b": process(B)}, port=port, owner=wallet.address)
    assert caught.value.help == "run `tim3tool deploy --network local` to finish it"


def test_nothing_changes_while_a_deploy_is_at_work(tmp_path, port, wallet):
    write(tmp_path, wallet.address, a=process(A))
    lock = journal_path(tmp_path, "local").with_suffix(".lock")
    assert held_by(lock) is None
    with holding(lock, network="local"):
        assert held_by(lock).startswith("another run (process ")
        with pytest.raises(LockHeld):
            forget(tmp_path, "local", ["a"])
        with pytest.raises(LockHeld):
            take_in(tmp_path, {"b": process(B)}, port=port, owner=wallet.address)
    assert held_by(lock) is None
    assert list(there(tmp_path).processes) == ["a"]


def test_who_only_looks_at_a_journal_changes_nothing(tmp_path, wallet):
    path = journal_path(tmp_path, "local")
    assert pending_in(path) == ()
    entries = [an_eval(wallet, "a", A), an_eval(wallet, "b", B)]
    writing = journal(tmp_path, wallet)
    for entry in entries:
        writing.write(entry)
    writing.close(entries[0])
    assert pending_in(path) == (entries[1],)
    torn = path.read_bytes()[:-5]
    path.write_bytes(torn)
    assert pending_in(path) == tuple(entries), "the line that was cut off said that one is done"
    assert path.read_bytes() == torn
    lines = torn.split(b"\n")
    path.write_bytes(b"\n".join([lines[0], lines[1].replace(b"eval", b"evil"), *lines[2:], b""]))
    with pytest.raises(StateError, match="is damaged at line 2"):
        pending_in(path)


def test_states_are_listed_by_network(tmp_path):
    assert list(known_states(tmp_path)) == []
    for name in ("wao", "local"):
        save(state_path(tmp_path, name), State(network=name, owner="O"))
    assert [name for name, _ in known_states(tmp_path)] == ["local", "wao"]
    state_path(tmp_path, "bad").write_text(json.dumps({"format": 99}))
    with pytest.raises(StateError, match="format 99"):
        list(known_states(tmp_path))
