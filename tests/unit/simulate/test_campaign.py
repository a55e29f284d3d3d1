"""Many runs give the same whatever the number of workers, and bad input is told clearly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tim3tool.errors import UsageError
from tim3tool.simulate import Campaign, load

if TYPE_CHECKING:
    from pathlib import Path

FILE = """
from tim3tool.simulate import Scenario

scenario = Scenario("counting", actions=6)


@scenario.setup
def start(world):
    world.spawn("counter", source='Count = 0 Handlers.add("Up", function(m) Count = Count + tonumber(m.By) end)')


@scenario.action
def up(world, chance):
    world.post("alice", "counter", {"Action": "Up", "By": str(chance.randint(1, 9))})


@scenario.invariant
def low(world):
    return world.read("counter", "Count") < LIMIT
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(limit: int = 1000, text: str = FILE) -> Path:
        path = tmp_path / "counting.py"
        path.write_text(text.replace("LIMIT", str(limit)))
        return path

    return write


def test_all_runs_are_done_and_counted(written):
    seen = []
    summary = Campaign(path=written(), runs=60).run(progress=lambda *so_far: seen.append(so_far))
    assert (summary.runs, summary.deliveries, summary.failure) == (60, 360, None)
    assert seen[-1][:2] == (60, 360)


def test_workers_find_what_one_process_finds(written):
    path = written(45)
    alone = Campaign(path=path, runs=200).run()
    spread = Campaign(path=path, runs=200, workers=2).run()
    assert alone.failure is not None
    assert alone.failure == spread.failure
    assert Campaign(path=path, runs=1, seed=alone.failure.seed).run().failure == alone.failure


def test_time_ends_it_without_a_number_of_runs(written):
    ticks = iter(range(1000))
    summary = Campaign(path=written(), runs=None, seconds=5).run(clock=lambda: next(ticks))
    assert 0 < summary.runs < 10


def test_an_assertion_without_words_shows_its_line(written):
    text = FILE.replace("return world", "assert world")
    failure = Campaign(path=written(20, text), runs=50).run().failure
    assert failure is not None
    assert failure.text == '`assert world.read("counter", "Count") < 20` does not hold'


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (None, "x = 1\n", "has no scenario"),
        (None, FILE + 'second = Scenario("second")\n', "has 2 scenarios"),
        ("scenari", FILE, "has no scenario `scenari`"),
        (None, "def broken(:\n", "is not Python: "),
        (None, "raise OSError('gone')\n", "raised OSError: gone"),
        (None, "import tim3tool.nothing\n", "raised ModuleNotFoundError"),
    ],
)
def test_a_file_that_is_no_scenario_is_told(written, name: str | None, text: str, message: str):
    with pytest.raises(UsageError, match=r"counting\.py") as caught:
        load(written(text=text), name)
    assert message in caught.value.message
    assert caught.value.exit_code == 2


def test_a_missing_file_and_an_endless_simulation_are_told(tmp_path: Path):
    with pytest.raises(UsageError, match="there is no scenario"):
        load(tmp_path / "nothing.py")
    with pytest.raises(UsageError, match="without end"):
        Campaign(path=tmp_path / "nothing.py", runs=None).run()
