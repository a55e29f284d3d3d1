"""The counters of a VM, and their sum over several."""

from __future__ import annotations

import pytest

from tim3tool.lua.counting import Counting, Tally
from tim3tool.lua.vm import LuaFailure, LuaVM

CODE = b"local h = ... return function(n) h[1] = h[1] + n return n end"


class Counted:
    """A VM with one unit, whose function adds its argument to the only counter."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.vm = LuaVM()
        self.counting = Counting(self.vm)
        self.unit = next(iter(tally.units), None) or tally.add(name="x", code=CODE, counters=2, text="plain")
        (self.add,) = self.vm.call(self.counting.lua[b"compile"], self.unit.number, CODE, 2, b"=x")

    def hits(self) -> dict[int, int]:
        self.tally.take(self.counting)
        return self.tally.hits(self.unit)


@pytest.fixture
def counted() -> Counted:
    return Counted(Tally())


def test_hits_add_up_over_takes_and_vms(counted):
    counted.vm.call(counted.add, 2)
    assert counted.hits() == {0: 2}
    assert counted.hits() == {0: 2}
    counted.vm.call(counted.add, 1)
    other = Counted(counted.tally)
    other.vm.call(other.add, 4)
    assert counted.hits() == {0: 3}
    assert other.hits() == {0: 7}


def test_what_runs_in_a_pause_does_not_count(counted):
    counted.vm.call(counted.add, 2)
    counted.counting.pause()
    counted.counting.pause()
    counted.vm.call(counted.add, 10)
    counted.counting.resume()
    counted.counting.resume()
    counted.vm.call(counted.add, 1)
    assert counted.hits() == {0: 3}


def test_taking_ends_a_pause(counted):
    counted.counting.pause()
    counted.vm.call(counted.add, 10)
    assert counted.hits() == {}
    counted.vm.call(counted.add, 1)
    assert counted.hits() == {0: 1}


def test_what_is_compiled_in_a_pause_counts_afterwards():
    tally, vm = Tally(), LuaVM()
    counting = Counting(vm)
    unit = tally.add(name="x", code=CODE, counters=2)
    counting.pause()
    (add,) = vm.call(counting.lua[b"compile"], unit.number, CODE, 2, b"=x")
    vm.call(add, 5)
    counting.resume()
    vm.call(add, 1)
    tally.take(counting)
    assert tally.hits(unit) == {0: 1}


def test_load_gives_a_text_that_was_learnt_with_counters(counted):
    counted.counting.learn(b"return 'plain'", counted.unit)
    (load,) = (counted.counting.lua[b"load"],)
    (known,) = counted.vm.call(load, b"return 'plain'", b"=x", b"t")
    assert counted.vm.call(known, 3) == (3,)
    assert counted.hits() == {0: 3}
    (other,) = counted.vm.call(load, b"return 'other'", b"=x", b"t")
    assert counted.vm.call(other) == (b"other",)


def test_what_does_not_compile_with_counters_is_loaded_without(counted):
    unit = counted.tally.add(name="y", code=b"no Lua", counters=1)
    counted.counting.learn(b"return 1", unit)
    (loaded,) = counted.vm.call(counted.counting.lua[b"load"], b"return 1", b"=x", b"t")
    assert counted.vm.call(loaded) == (1,)


def test_units_are_found_by_their_text(counted):
    assert counted.tally.unit_of("plain") is counted.unit
    assert counted.tally.unit_of("other") is None
    assert counted.tally.unit_of(None) is None
    assert counted.tally.unit_of({"a": 1}) is None


def test_the_program_cannot_reach_the_counters_by_a_global(counted):
    with pytest.raises(LuaFailure):
        counted.vm.run(b"return counted.take()", "=x")
