"""Sending the items of a deploy: by several threads, and what is left when something goes wrong on the way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from paper import Paper

from tim3tool.deploy.journal import journal_path
from tim3tool.deploy.sender import Sender
from tim3tool.deploy.state import load, state_path
from tim3tool.network.protocol import message_item, process_item

MODULE, SCHEDULER = "M" * 43, "S" * 43
SPAWN = {"module": MODULE, "scheduler": SCHEDULER, "authority": [], "tags": []}


@pytest.fixture
def spawns(wallet):
    """Signed spawns, by the name of their process."""
    return {name: process_item(wallet, module=MODULE, scheduler=SCHEDULER, nonce=name) for name in ("a", "b", "c", "d")}


def sender_to(port, root, wallet, report=lambda _: None):
    return Sender(port=port, owner=wallet.address, root=root, report=report)


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
