"""A run repeats, checks what it should when it should, and is shrunk to what is needed."""

from __future__ import annotations

from pathlib import Path
from random import Random  # noqa: TC003 - Hypothesis reads the annotation

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tim3tool.errors import ProcessFailed, UsageError
from tim3tool.sim import Faults
from tim3tool.simulate import Failure, Mutation, Runner, Scenario, World

HERE = Path(__file__).parent
COUNTER = """Count = Count or 0 Most = Most or 0
Handlers.add("Up", function(m) Count = Count + 1 Most = math.max(Most, Count) Send({Target = m.From, Action = "Upped"}) end)
Handlers.add("Down", function(m) Count = Count - 1 end)
Handlers.add("Fail", function(m) error("on purpose") end)
Handlers.add("Number", function(m) Send({Target = m.From, Value = 5}) end)
Handlers.add("Echo", function(m) Send({Target = ao.id, Action = "Echo"}) end)"""


def counting(**options) -> Scenario:
    scenario = Scenario("counting", **{"actions": 12, **options})
    scenario.watch("counter", "Count")

    @scenario.setup
    def start(world: World) -> None:
        world.spawn("counter", source=COUNTER)
        world.spawn("other", source="")
        world.send("alice", "counter", {"Action": "Up"})

    @scenario.action(weight=2)
    def up(world: World, _chance: Random) -> None:
        world.post("alice", "counter", {"Action": "Up"})

    @scenario.action
    def down(world: World, _chance: Random) -> None:
        world.post("bob", "counter", {"Action": "Down"})

    return scenario


def runner_of(scenario: Scenario, **options) -> Runner:
    return Runner(scenario, folder=HERE, **options)


def first_failing(runner: Runner, seeds: int = 50) -> Failure:
    return next(Failure.of(runner, run) for run in map(runner.explore, range(seeds)) if run.violation)


def test_each_run_begins_with_what_the_setup_made():
    runner = runner_of(counting())
    counts = set()
    for seed in range(6):
        runner.begin(seed)
        assert runner.world.read("counter", "Count") == 1
        run = runner.explore(seed)
        assert run.deliveries == 12
        counts.add(runner.world.read("counter", "Count"))
    assert len(counts) > 1


def test_a_seed_repeats_byte_by_byte_also_by_its_steps():
    runner, other = runner_of(counting()), runner_of(counting())
    run = runner.explore(7)
    first = runner.world.network.trace({}).digest()
    other.explore(3)
    assert other.explore(7) == run
    assert other.world.network.trace({}).digest() == first
    assert runner.replay(7, run.steps).steps == run.steps
    assert runner.world.network.trace({}).digest() == first


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (lambda world: world.read("counter", "Count") < 3, "it does not hold"),
        (lambda world: None if world.read("counter", "Count") < 3 else "alice counts too far", "alice counts too far"),
    ],
)
def test_a_violation_is_shrunk_to_the_steps_that_it_takes(held, text: str):
    scenario = counting(faults=Faults(reorder=1, duplicate=0.2, crash=0.1))
    scenario.invariant(held, name="the count stays low", of="counter")
    failure = first_failing(runner_of(scenario))
    assert (failure.invariant, failure.text) == ("the count stays low", text)
    assert failure.found_after > len(failure.steps) <= 3
    assert [change.after for change in failure.changes] == ["2", "3"]
    assert all(change.path == "Count" and change.process == "counter" for change in failure.changes)
    assert "   1 alice -> counter: Up\n        * counter Count: 1 -> 2" in failure.trace
    assert failure.mermaid.startswith("sequenceDiagram")
    assert any(line.startswith("seed ") for line in failure.lines())


def test_a_lua_invariant_sees_the_globals_of_its_process():
    scenario = counting()
    scenario.lua_invariant("counter", "low", 'if Most > 3 then return "was " .. Most end')
    failure = first_failing(runner_of(scenario))
    assert (failure.invariant, failure.text) == ("low", "was 4")


def test_an_invariant_is_asked_after_the_messages_of_its_processes_only():
    scenario, asked = counting(), []
    scenario.invariant(lambda world: asked.append(world.name(world.last.process)), of="other", name="other")
    runner_of(scenario).explore(1)
    assert asked == []


def test_at_rest_means_when_nothing_is_on_its_way_and_calm_comes_first():
    scenario, seen = counting(faults=Faults(reorder=1, drop=0.5)), []

    @scenario.before_rest
    def calm(world: World) -> None:
        for _ in range(3):
            world.post("alice", "counter", {"Action": "Up"})

    @scenario.invariant(at_rest=True)
    def rested(world: World) -> None:
        assert not world.network.queued
        seen.append([one.message["From"] for one in world.network.deliveries[-3:]])

    runner = runner_of(scenario)
    runner.explore(1)
    assert seen == [[runner.world.address("alice")] * 3]


def test_memory_goes_back_too():
    scenario, kept = counting(), []

    @scenario.invariant(of="counter")
    def remember(world: World) -> None:
        world.memory.setdefault("seen", []).append(world.last.message_id)
        kept.append(len(world.memory["seen"]))

    runner = runner_of(scenario)
    runner.explore(1)
    runner.explore(2)
    assert kept == [*range(1, 13)] * 2


@pytest.mark.parametrize(
    ("action", "invariant", "text"),
    [
        ("Fail", "no process ends in an Error", "on purpose"),
        ("Number", "every message can be signed", "tag `Value` of message 1"),
        ("Echo", "the run comes to rest", "more than 50 deliveries"),
    ],
)
def test_what_no_process_may_do_is_a_violation(action: str, invariant: str, text: str):
    scenario = counting(most_deliveries=50)
    scenario.action(lambda world, _: world.post("eve", "counter", {"Action": action}), name="bad")
    failure = first_failing(runner_of(scenario))
    assert failure.invariant == invariant
    assert text in failure.text


def test_errors_can_be_allowed():
    scenario = counting(errors_allowed=True)
    scenario.action(lambda world, _: world.post("eve", "counter", {"Action": "Fail"}), name="bad")
    assert all(runner_of(scenario).explore(seed).violation is None for seed in range(5))


def test_spared_messages_arrive():
    scenario = counting(faults=Faults(drop=0.9))
    scenario.spares(lambda world, mail: mail.message["From"] == world.address("alice"))
    runner = runner_of(scenario)
    runner.explore(0)
    assert {world_mail.message["From"] for world_mail in runner.world.network.lost} == {runner.world.address("bob")}


def test_a_mutation_must_fit_one_place():
    mutation = Mutation(process="p", old="x = 1", new="x = 2")
    assert mutation.applied("local x = 1") == "local x = 2"
    for code, found in (("x = 0", 0), ("x = 1 x = 1", 2)):
        with pytest.raises(UsageError, match=rf"fits {found} places, and must fit one: `x = 1`"):
            mutation.applied(code)


def test_mistakes_of_the_scenario_are_told_with_their_place():
    scenario = counting()
    scenario.action(lambda _world, _chance: {}["missing"], name="broken")
    with pytest.raises(UsageError, match=r"raised KeyError: 'missing'") as caught:
        first_failing(runner_of(scenario))
    assert "test_runner.py:" in str(caught.value.help)

    scenario = counting()
    scenario.invariant(lambda world: world.nothing, name="broken")
    with pytest.raises(UsageError, match=r"invariant `broken` of the scenario raised AttributeError"):
        first_failing(runner_of(scenario))


def test_names_that_are_not_there_or_taken_are_told():
    scenario = Scenario("names")
    scenario.setup(lambda world: world.spawn("counter", source=COUNTER))
    world = runner_of(scenario).world
    with pytest.raises(UsageError, match="no process `count`") as caught:
        world.read("count", "Count")
    assert caught.value.help == "did you mean `counter`?"
    with pytest.raises(UsageError, match="a process or user `counter` already"):
        world.spawn("counter", source="")
    with pytest.raises(UsageError, match="two actions called `act`"):
        [scenario.action(lambda _w, _c: None, name="act") for _ in range(2)]
    with pytest.raises(ProcessFailed, match="process `bad` does not start: "):
        world.spawn("bad", source="error('no')")


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_hypothesis_can_drive_a_run(chance: Random):
    assert COUNTING.explore(0, chance=chance).violation is None


COUNTING = runner_of(counting())
