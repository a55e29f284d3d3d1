"""The embedded network: what it accepts, that it forgets nothing, and that a replay changes nothing."""

from __future__ import annotations

import sqlite3

import pytest

from tim3tool.errors import LockHeld, NetworkError, ProcessFailed, StateError, UsageError
from tim3tool.network import dataitem
from tim3tool.network.embedded import Embedded
from tim3tool.network.protocol import message_item, process_item
from tim3tool.sim import DEFAULT_AUTHORITY

START = 1_800_000_000_000
ABSENT = "OYC42N-HNH86SqkZOAXASRU5PDo277B10W_Oxy5hZO8"
COUNTER = b"""
Count = Count or 0
Handlers.add("add", "Add", function(msg)
  Count = Count + 1
  if msg.Data == "boom" then error("kaboom") end
  msg.reply{ Action = "Added", Data = tostring(Count) .. "@" .. msg.Timestamp .. "#" .. msg["Block-Height"] }
  if msg.Other then Send{ Target = msg.Other, Action = "Add", Data = " " } end
end)
"""


class Clock:
    """Milliseconds that a test sets."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "networks" / "local.sqlite"


@pytest.fixture
def network(path, clock):
    return Embedded(path, clock=clock)


def a_spawn(wallet, nonce="1"):
    return process_item(wallet, module="M", scheduler="S", nonce=nonce, authorities=[DEFAULT_AUTHORITY])


def an_eval(wallet, process, code):
    return message_item(wallet, target=process, tags=[("Action", "Eval")], data=code)


@pytest.fixture
def counter(network, wallet):
    process = network.spawn(a_spawn(wallet))
    network.message(an_eval(wallet, process, COUNTER))
    return process


def add(network, wallet, process, data=b" ", tags=()):
    item = message_item(wallet, target=process, tags=[("Action", "Add"), *tags], data=data)
    return network.message(item)


def count(network, wallet, process):
    return network.dry_run(process, owner=wallet.address, tags=[("Action", "Eval")], data="return Count").text


def rows(path):
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT slot, id, timestamp, height FROM item ORDER BY slot").fetchall()
    connection.close()
    return found


def test_the_id_of_an_item_is_the_id_of_the_process(network, wallet):
    item = a_spawn(wallet)
    assert not network.find(item.id, item.id)
    assert network.spawn(item) == item.id
    assert network.find(item.id, item.id)
    assert network.result(item.id, item.id).error is None
    assert network.name == "local"


def test_a_message_is_evaluated_and_answered(network, wallet, counter):
    result = network.result(counter, add(network, wallet, counter))
    assert result.messages[0]["Target"] == wallet.address
    assert result.messages[0]["Data"].startswith("1@")


def test_nothing_is_made_before_something_is_accepted(network, path):
    assert not network.find(ABSENT, ABSENT)
    with pytest.raises(NetworkError, match="there is no process"):
        network.dry_run(ABSENT, owner="o", tags=[], data="")
    assert not path.exists()


def test_a_replay_gives_the_same_ids_and_results(network, wallet, counter, path, clock):
    other = network.spawn(a_spawn(wallet, nonce="2"))
    network.message(an_eval(wallet, other, COUNTER))
    ids = [(counter, add(network, wallet, counter, tags=[("Other", other)])) for _ in range(3)]
    ids.append((other, add(network, wallet, other)))
    again = Embedded(path, clock=clock)
    assert [again.result(*each) for each in ids] == [network.result(*each) for each in ids]
    assert count(again, wallet, other) == count(network, wallet, other) == "4"


def test_results_have_a_slot_and_a_message_and_come_from_either_end(network, wallet, counter):
    sent = [add(network, wallet, counter) for _ in range(2)]
    results = list(network.results(counter))
    assert [each.mark for each in results] == ["0", "1", "2", "3"]
    assert [each.message for each in results[2:]] == sent
    assert results[3].result == network.result(counter, sent[1])
    assert list(network.results(counter, newest_first=True)) == results[::-1]
    assert list(network.results(counter, after="1")) == results[2:]
    assert list(network.results(counter, after="2", newest_first=True)) == results[1::-1]
    assert list(network.results(counter, after="7")) == []
    assert list(network.results(counter, after="7", newest_first=True)) == results[::-1]


@pytest.mark.parametrize("mark", ["x", "-1", "1.5", "\u0663"])
def test_results_behind_what_is_no_mark(network, counter, mark):
    with pytest.raises(UsageError, match="is no mark of a result on network `local`"):
        list(network.results(counter, after=mark))


def test_results_of_no_process(network):
    with pytest.raises(NetworkError, match="there is no process"):
        list(network.results(ABSENT))


def test_two_networks_on_one_file_see_what_the_other_accepted(network, wallet, counter, path, clock):
    other = Embedded(path, clock=clock)
    add(other, wallet, counter)
    add(network, wallet, counter)
    add(other, wallet, counter)
    assert count(network, wallet, counter) == count(other, wallet, counter) == "3"


def test_an_item_that_is_there_is_not_evaluated_again(network, wallet, counter, path):
    item = message_item(wallet, target=counter, tags=[("Action", "Add")])
    assert network.message(item) == network.message(item) == item.id
    spawn = a_spawn(wallet, nonce="2")
    assert network.spawn(spawn) == network.spawn(spawn)
    assert count(network, wallet, counter) == "1"
    assert len(rows(path)) == 4


def test_an_error_stays_in_the_log_and_has_no_effect(network, wallet, counter, path, clock):
    message = add(network, wallet, counter, data=b"boom")
    assert "kaboom" in network.result(counter, message).text
    add(network, wallet, counter)
    assert len(rows(path)) == 4
    assert count(network, wallet, counter) == count(Embedded(path, clock=clock), wallet, counter) == "1"


def test_a_dry_run_leaves_no_trace(network, wallet, counter, path):
    before = rows(path)
    tags = [("Action", "Add")]
    for _ in range(2):
        result = network.dry_run(counter, owner=wallet.address, tags=tags, data=" ")
        assert result.messages[0]["Data"].startswith("1@")
    assert rows(path) == before


def test_a_dry_run_comes_now_and_does_not_move_the_logs_time(network, wallet, counter, clock, path):
    clock.now = START + 240_000
    result = network.dry_run(counter, owner=wallet.address, tags=[("Action", "Add")], data=" ")
    assert result.messages[0]["Data"] == f"1@{START + 240_000}#1300002"
    clock.now = START + 10
    message = add(network, wallet, counter)
    assert network.result(counter, message).messages[0]["Data"] == f"1@{START + 10}#1300000"
    assert Embedded(path, clock=clock).result(counter, message) == network.result(counter, message)


def test_time_moves_on_by_at_least_a_millisecond_and_never_back(network, wallet, counter, clock, path):
    clock.now = START - 1000
    add(network, wallet, counter)
    clock.now = START + 120_000
    add(network, wallet, counter)
    assert [row[2:] for row in rows(path)] == [
        (START, 1_300_000),
        (START + 1, 1_300_000),
        (START + 2, 1_300_000),
        (START + 120_000, 1_300_001),
    ]


def test_mail_that_cannot_be_signed_is_told_and_stops_nothing_else(network, wallet, counter, path, clock):
    code = b'Send{ Target = "x", Action = "A", Tags = { Number = 5 } } Count = 10'
    message = network.message(an_eval(wallet, counter, code))
    for each in (network, Embedded(path, clock=clock)):
        with pytest.raises(ProcessFailed, match="which the network cannot sign"):
            each.result(counter, message)
        assert count(each, wallet, counter) == "10"


# What is refused -----------------------------------------------------------------------------------------------------


def test_a_false_signature_is_refused(network, wallet, path):
    item = a_spawn(wallet)
    raw = bytearray(item.raw)
    raw[-1] ^= 1
    with pytest.raises(
        NetworkError, match=f"network `local` refuses the data item `{item.id}`: its signature"
    ) as caught:
        network.spawn(dataitem.parse(bytes(raw)))
    assert caught.value.exit_code == 3
    assert not path.exists()


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([("Type", "Process")], "it has no tag `Data-Protocol: ao`"),
        ([("Data-Protocol", "ao")], "it has no tag `Type: Process`"),
        ([("Data-Protocol", "ao"), ("Type", "Message"), ("Type", "Process")], "it has no tag `Type: Process`"),
        ([("Data-Protocol", "ao"), ("Type", "Process")], "it has no tag `Module`"),
        ([("Data-Protocol", "ao"), ("Type", "Process"), ("Module", "M")], "it has no tag `Scheduler`"),
    ],
)
def test_a_spawn_without_its_tags_is_refused(network, wallet, tags, message):
    with pytest.raises(NetworkError, match=message):
        network.spawn(dataitem.sign(wallet, tags=tags))


def test_a_spawn_is_no_message(network, wallet):
    with pytest.raises(NetworkError, match="it has no tag `Type: Message`"):
        network.message(a_spawn(wallet))


@pytest.mark.usefixtures("counter")
def test_a_message_to_nobody_is_refused_and_not_kept(network, wallet, path):
    before = rows(path)
    with pytest.raises(NetworkError, match=f"there is no process `{ABSENT}` on network `local`"):
        add(network, wallet, ABSENT)
    with pytest.raises(NetworkError, match="there is no process ``"):
        network.message(message_item(wallet, target="", tags=[]))
    assert rows(path) == before


def test_the_result_of_an_unknown_message_is_an_error(network, counter):
    with pytest.raises(NetworkError, match=f"never got the message `{ABSENT}`"):
        network.result(counter, ABSENT)


# The file ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_log_is_named(network, path):
    path.parent.mkdir()
    path.write_text("this is not a database at all, but it is longer than a header of a hundred bytes would be" * 3)
    with pytest.raises(StateError, match=r"`.*local\.sqlite` is not the log of an embedded network") as caught:
        network.find(ABSENT, ABSENT)
    assert caught.value.help == "restore it, or remove it to begin an empty network"


def test_a_database_of_somebody_else_is_left_alone(network, wallet, path):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE item (slot, id, raw, timestamp, height)")
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="is not the log of an embedded network"):
        network.spawn(a_spawn(wallet))
    assert rows(path) == []


@pytest.mark.usefixtures("counter")
def test_another_format_is_named(network, path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(StateError, match="has format 7, and this tim3tool reads format 1"):
        network.find(ABSENT, ABSENT)


@pytest.mark.parametrize("raw", [b"\1\0", b"", "text"])
def test_a_damaged_item_is_named(counter, path, clock, raw):
    connection = sqlite3.connect(path)
    connection.execute("UPDATE item SET raw = ? WHERE slot = 2", (raw,))
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="is damaged at slot 2"):
        Embedded(path, clock=clock).result(counter, counter)


def test_a_file_cut_off_is_damaged(counter, path, clock):
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(StateError, match="is damaged"):
        Embedded(path, clock=clock).result(counter, counter)


def test_an_empty_file_is_an_empty_log(network, wallet, path):
    path.parent.mkdir()
    path.touch()
    assert not network.find(ABSENT, ABSENT)
    network.spawn(a_spawn(wallet))
    assert len(rows(path)) == 1


def test_a_folder_in_the_logs_place_is_named(network, path):
    path.mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be used: unable to open database file"):
        network.find(ABSENT, ABSENT)


def test_a_log_that_another_run_holds_is_named(wallet, path, clock):
    network = Embedded(path, clock=clock, patience=0.05)
    network.spawn(a_spawn(wallet))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LockHeld, match="another run is writing to") as caught:
        network.spawn(a_spawn(wallet, nonce="2"))
    assert caught.value.exit_code == 6
    holder.close()
    network.spawn(a_spawn(wallet, nonce="2"))
