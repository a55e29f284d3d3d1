"""Sending the items of a deploy: by several threads, and what is left when something goes wrong on the way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from paper import Paper
from waiting import Waiting

from tim3tool.aos import Result
from tim3tool.deploy.editing import forget
from tim3tool.deploy.journal import Entry, Journal, journal_path
from tim3tool.deploy.sender import Sender
from tim3tool.deploy.state import load, state_path
from tim3tool.errors import (
    LimitExceeded,
    NetworkError,
    NetworkRefused,
    ProcessFailed,
    RateLimited,
    StateError,
    Unfinished,
)
from tim3tool.network.protocol import message_item, process_item
from tim3tool.network.terms import EMBEDDED, HYPERBEAM

MODULE, SCHEDULER = "M" * 43, "S" * 43
SPAWN = {"module": MODULE, "scheduler": SCHEDULER, "authority": [], "tags": []}


@pytest.fixture
def spawns(wallet):
    """Signed spawns, by the name of their process."""
    return {name: process_item(wallet, module=MODULE, scheduler=SCHEDULER, nonce=name) for name in ("a", "b", "c", "d")}


def sender_to(port, root, wallet, report=lambda _: None, **given):
    return Sender(port=port, owner=wallet.address, root=root, report=report, **given)


def spawn(sender, name, item):
    sender.send("spawn", name, item, SPAWN)


def test_threads_send_for_several_processes_at_once_and_nothing_of_it_is_lost(tmp_path, wallet, spawns):
    together = threading.Barrier(len(spawns), timeout=30)
    port = Paper(
        after_call=lambda name, _: together.wait() if name == "spawn" else None
    )  # all are on their way at once
    told = []
    sender = sender_to(port, tmp_path, wallet, told.append)
    with ThreadPoolExecutor(len(spawns)) as threads:
        list(threads.map(lambda name: spawn(sender, name, spawns[name]), spawns))
    state = load(state_path(tmp_path, "paper"), network="paper")
    assert {name: process.id for name, process in state.processes.items()} == {
        name: item.id for name, item in spawns.items()
    }
    assert sender.sent == len(told) == len(sender.steps) == 4
    assert not journal_path(tmp_path, "paper").exists()


def test_what_was_on_its_way_in_every_thread_is_taken_up_by_the_next_run(tmp_path, wallet, spawns):
    together = threading.Barrier(len(spawns), timeout=30)

    def dies(name, _):
        if name == "spawn":
            together.wait()
            raise SystemExit

    port = Paper(after_call=dies)
    sender = sender_to(port, tmp_path, wallet)
    with ThreadPoolExecutor(len(spawns)) as threads:
        done = [threads.submit(spawn, sender, name, item) for name, item in spawns.items()]
        assert all(isinstance(each.exception(), SystemExit) for each in done)
    again = sender_to(port, tmp_path, wallet)
    again.take_up()
    assert {name: process.id for name, process in again.state.processes.items()} == {
        name: item.id for name, item in spawns.items()
    }
    assert again.sent == 0
    assert set(port.came.values()) == {1}


def test_messages_are_recorded_under_their_own_process(tmp_path, wallet, spawns):
    port = Paper()
    sender = sender_to(port, tmp_path, wallet)
    for name, item in spawns.items():
        spawn(sender, name, item)

    def evaluate(name):
        item = message_item(wallet, target=spawns[name].id, tags=[("Action", "Eval")], data=name.encode())
        record = {"build_hash": "b", "code_hash": f"code {name}", "modules": {}}
        sender.send("eval", name, item, record)

    with ThreadPoolExecutor(len(spawns)) as threads:
        list(threads.map(evaluate, spawns))
    state = load(state_path(tmp_path, "paper"), network="paper")
    assert {name: process.code_hash for name, process in state.processes.items()} == {
        name: f"code {name}" for name in spawns
    }


class Trouble:
    """Raises an error at the calls of some name, from one of them on."""

    def __init__(self, error, *, at, after=0):
        self.error, self.at, self.left = error, at, after

    def __call__(self, name, _):
        if name == self.at:
            self.left -= 1
            if self.left < 0:
                raise self.error


@pytest.fixture
def left(tmp_path, wallet, spawns):
    """Leave a spawn in the journal, as a run does that was killed before it was sent."""
    entry = Entry(kind="spawn", process="a", record=SPAWN, item=spawns["a"])
    Journal(journal_path(tmp_path, "paper"), network="paper", owner=wallet.address).write(entry)
    return entry


def pending(root, wallet):
    return Journal(journal_path(root, "paper"), network="paper", owner=wallet.address).pending


@pytest.mark.parametrize("error", [NetworkError("it is away", notes=["asked for 1 s"]), RateLimited("too often")])
@pytest.mark.parametrize("at", ["spawn", "result"])
def test_a_network_that_falls_silent_half_way_leaves_the_work_unfinished(tmp_path, wallet, spawns, error, at):
    trouble = Trouble(error, at=at, after=1)
    port = Paper(on_call=trouble)
    sender = sender_to(port, tmp_path, wallet)
    spawn(sender, "a", spawns["a"])
    with pytest.raises(Unfinished) as caught, sender.answering():
        spawn(sender, "b", spawns["b"])
    assert caught.value.exit_code == 5
    assert caught.value.message == error.message
    assert "run the same command again" in caught.value.help
    number = "1 data item" if at == "spawn" else "2 data items"
    assert caught.value.notes == (*error.notes, f"{number} sent by then; nothing of it is lost")
    trouble.at = "never again"
    again = sender_to(port, tmp_path, wallet)
    again.take_up()
    assert again.state.processes["b"].id == spawns["b"].id
    assert set(port.came.values()) == {1}


def test_a_network_that_never_answers_has_been_sent_nothing(tmp_path, wallet, spawns):
    sender = sender_to(Paper(on_call=Trouble(NetworkError("it is away"), at="spawn")), tmp_path, wallet)
    with pytest.raises(NetworkError, match="it is away") as caught, sender.answering():
        spawn(sender, "a", spawns["a"])
    assert caught.value.exit_code == 3


def test_a_refusal_is_not_finished_by_repeating(tmp_path, wallet, spawns):
    sender = sender_to(Paper(on_call=Trouble(NetworkRefused("never"), at="spawn", after=1)), tmp_path, wallet)
    spawn(sender, "a", spawns["a"])
    with pytest.raises(NetworkRefused, match="never"), sender.answering():
        spawn(sender, "b", spawns["b"])


@pytest.mark.parametrize("error", [NetworkRefused("never"), LimitExceeded("too large")])
def test_what_will_never_be_taken_does_not_stand_in_the_way_of_the_next_run(tmp_path, wallet, spawns, error):
    sender = sender_to(Paper(on_call=Trouble(error, at="spawn")), tmp_path, wallet)
    with pytest.raises(type(error)):
        spawn(sender, "a", spawns["a"])
    assert pending(tmp_path, wallet) == ()


@pytest.mark.usefixtures("left")
def test_what_an_earlier_run_left_and_is_refused_now_stands_in_the_way_once(tmp_path, wallet):
    with pytest.raises(NetworkRefused):
        sender_to(Paper(on_call=Trouble(NetworkRefused("never"), at="spawn")), tmp_path, wallet).take_up()
    port = Paper()
    sender_to(port, tmp_path, wallet).take_up()
    assert not port.came


def test_a_refusal_of_what_the_network_has_keeps_it(tmp_path, wallet, left):
    port = Paper(after_call=Trouble(NetworkRefused("a proxy says no"), at="spawn"))
    with pytest.raises(NetworkRefused):
        sender_to(port, tmp_path, wallet).take_up()
    assert pending(tmp_path, wallet) == (left,)


def test_a_refusal_behind_which_the_network_falls_silent_keeps_the_item_and_is_told(tmp_path, wallet, spawns):
    def silent(name, _):
        raise NetworkRefused("never") if name == "spawn" else NetworkError("it is away")

    with pytest.raises(NetworkRefused, match="never"):
        spawn(sender_to(Paper(on_call=silent), tmp_path, wallet), "a", spawns["a"])
    assert len(pending(tmp_path, wallet)) == 1


def test_the_journal_of_another_kind_of_network_is_left_alone(tmp_path, wallet, left):
    with pytest.raises(StateError, match=r"of variant `ao.TN.1`, not `ao.N.1`") as caught:
        sender_to(Paper(terms=HYPERBEAM), tmp_path, wallet)
    assert caught.value.help == ("give `paper` its former kind and finish that deploy; or give this one another name")
    assert pending(tmp_path, wallet) == (left,)


class Late(Paper):
    """A network on which an item of an earlier run is still on its way."""

    def __init__(self, waiting, item, *, arrives):
        super().__init__(terms=replace(EMBEDDED, settle=3.0))
        self.waiting, self.item, self.arrives = waiting, item, arrives

    def find(self, process, item_id):
        if self.waiting.now >= self.arrives and not self.came[self.item.id]:
            self.spawn(self.item)
        return super().find(process, item_id)


@pytest.mark.parametrize("arrives", [0.0, 1.0, 2.9])
def test_an_item_that_an_earlier_run_sent_and_that_arrives_late_is_not_sent_again(tmp_path, wallet, left, arrives):
    waiting = Waiting()
    port = Late(waiting, left.item, arrives=arrives)
    sender = sender_to(port, tmp_path, wallet, patience=waiting.patience())
    sender.take_up()
    assert port.came[left.item.id] == 1
    assert sender.sent == 0


def test_an_item_that_does_not_arrive_is_waited_for_once_and_not_for_each(tmp_path, wallet, spawns):
    journal = Journal(journal_path(tmp_path, "paper"), network="paper", owner=wallet.address)
    for name, item in spawns.items():
        journal.write(Entry(kind="spawn", process=name, record=SPAWN, item=item))
    waiting = Waiting()
    port = Paper(terms=replace(EMBEDDED, settle=3.0))
    sender = sender_to(port, tmp_path, wallet, patience=waiting.patience())
    sender.take_up()
    assert sender.sent == len(spawns)
    assert 3.0 <= waiting.now < 3.5


def test_a_spawn_that_could_not_boot_is_known_and_stands_in_the_way_once(tmp_path, wallet, left):
    port = Paper()
    port.answers["spawn"] = Result({"Error": "no"})
    with pytest.raises(ProcessFailed):
        sender_to(port, tmp_path, wallet).take_up()
    again = sender_to(port, tmp_path, wallet)
    again.take_up()
    assert again.state.processes["a"].id == left.item.id
    assert port.counts == {"spawn": 1}


def test_what_the_network_never_tells_of_an_earlier_run_can_be_given_up(tmp_path, wallet, left):
    for _ in range(2):
        port = Paper(on_call=Trouble(NetworkRefused("never"), at="result"))
        with pytest.raises(NetworkRefused) as caught:
            sender_to(port, tmp_path, wallet).take_up()
    way_out = "`tim3tool state rm a --network paper` gives it up"
    assert caught.value.notes == (f"an earlier run began this; {way_out}, if it can never be finished",)
    (forgotten,) = forget(tmp_path, "paper", ["a"])
    assert forgotten.ids == (left.item.id,)
    port = Paper()
    sender_to(port, tmp_path, wallet).take_up()
    assert not port.came
