"""Several processes at once: what is under way together, and what is left when one of them fails."""

from __future__ import annotations

import _thread
import json
import threading
from dataclasses import replace

import pytest
from world import World

from tim3tool.errors import NetworkError, ProcessFailed, Unfinished

PROCESSES = ("a", "b", "c")
MANIFEST = "processes:\n" + "".join(
    f"""  {name}:
    entry: {name}.lua
    setup:
      - {{ name: one, action: Take, tags: {{ V: "1" }} }}
      - {{ name: two, action: Take, tags: {{ V: "2" }} }}
"""
    for name in PROCESSES
)
CODE = 'Handlers.add("take", "Take", function() end)\nEvals = (Evals or 0) + 1\n'


class Together:
    """A network that is asked several things at once: `arrive` is called by each thread, all else takes turns."""

    def __init__(self, port, arrive=lambda *_: None):
        self._port = port
        self._arrive = arrive
        self._turn = threading.RLock()
        self.name, self.scheduler, self.authority = port.name, port.scheduler, port.authority
        self.terms = replace(port.terms, parallel=8)

    def __getattr__(self, name):
        method = getattr(self._port, name)

        def called(*args, **kwargs):
            self._arrive(name, args)
            with self._turn:
                return method(*args, **kwargs)

        return called


@pytest.fixture
def world(tmp_path, wallet):
    world = World(tmp_path, wallet)
    world.write(MANIFEST, **dict.fromkeys(PROCESSES, CODE))
    return world


def is_eval(call, args):
    return call == "message" and args[0].tag("Action") == "Eval"


def test_spawns_are_under_way_together_then_evals_then_each_set_up_message_alone(world):
    together, alone = threading.Barrier(3, timeout=30), threading.Semaphore(1)

    def arrive(call, args):
        if call == "spawn" or is_eval(call, args):
            together.wait()  # passes only when all three have come
        elif call == "message":
            assert alone.acquire(blocking=False)
            alone.release()

    steps = []
    deployment = world.deploy(port=Together(world.port, arrive), report=steps.append)
    assert [step.kind for step in steps] == ["spawn"] * 3 + ["eval"] * 3 + ["setup"] * 6
    assert [(step.process, step.setup) for step in steps[6:]] == [
        (name, setup) for name in PROCESSES for setup in ("one", "two")
    ]
    assert deployment.sent == 12
    assert all(world.read(name, "Evals") == "1" for name in PROCESSES)
    assert world.deploy().sent == 0


def test_a_spawn_that_needs_the_id_of_another_waits_for_it(world):
    world.write(MANIFEST.replace("entry: a.lua", "entry: a.lua\n    tags: { B: \"{{ processes['b'].id }}\" }"))
    world.deploy(port=Together(world.port))
    assert world.state["a"].tags == (("B", world.state["b"].id),)


def test_what_is_under_way_when_one_fails_is_finished_and_recorded(world):
    failed = threading.Event()

    def arrive(call, args):
        if not is_eval(call, args):
            return
        if b"broken" in args[0].data:
            failed.set()
            msg = "the network is away"
            raise NetworkError(msg)
        assert failed.wait(30)

    world.write(b=CODE + "-- broken\n")
    with pytest.raises(Unfinished, match="away"):
        world.deploy(port=Together(world.port, arrive))
    assert {name: process.eval_message is not None for name, process in world.state.items()} == {
        "a": True,
        "b": False,
        "c": True,
    }
    assert world.deploy(port=Together(world.port)).sent == 1 + 6
    assert all(world.read(name, "Evals") == "1" for name in PROCESSES)


def test_several_failures_are_all_told(world):
    together = threading.Barrier(3, timeout=30)
    world.write(a="error('one')\n", c="error('three')\n")
    with pytest.raises(ProcessFailed, match=r"the Eval of `a` failed: .*one") as caught:
        world.deploy(port=Together(world.port, lambda call, args: together.wait() if is_eval(call, args) else None))
    (also,) = (note for note in caught.value.notes if note.startswith("also: "))
    assert "the Eval of `c` failed" in also
    assert "three" in also
    assert world.state["b"].eval_message
    assert not world.journal_file.exists()


def test_ctrl_c_lets_what_is_under_way_end_and_be_recorded(world):
    together, interrupted = threading.Barrier(3, timeout=30), threading.Event()

    def arrive(call, args):
        if is_eval(call, args):
            if together.wait() == 0:
                _thread.interrupt_main()
                interrupted.set()
            assert interrupted.wait(30)

    with pytest.raises(KeyboardInterrupt):
        world.deploy(port=Together(world.port, arrive))
    assert all(process.eval_message for process in world.state.values())
    assert world.deploy().sent == 6
    assert all(world.read(name, "Evals") == "1" for name in PROCESSES)


def test_what_threads_left_in_the_journal_is_finished_by_the_next_run(world):
    def arrive(call, args):
        if call == "result" and args[0] != args[1]:  # the answers to Evals are lost
            msg = "the network is away"
            raise NetworkError(msg)

    with pytest.raises(Unfinished):
        world.deploy(port=Together(world.port, arrive))
    assert world.journal_file.exists()
    steps = []
    world.deploy(port=Together(world.port), report=steps.append)
    assert any(step.resumed for step in steps)
    assert all(world.read(name, "Evals") == "1" for name in PROCESSES)
    assert json.loads(world.state_file.read_text())["run"] is None


@pytest.mark.parametrize(("question", "more"), [("dry_run", ""), ("find", "-- changed")])
def test_every_process_of_the_state_is_looked_for_or_asked_what_it_runs_at_once(world, question, more):
    world.deploy()
    world.write(**dict.fromkeys(PROCESSES, CODE + more))
    together = threading.Barrier(3, timeout=30)
    plan = world.plan(port=Together(world.port, lambda call, _: together.wait() if call == question else None))
    assert plan.items == (3 if more else 0)
