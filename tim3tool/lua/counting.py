"""Counting in a VM: which texts are measured, the counters of each VM, and their sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tim3tool.lua.vm import LuaVM

__all__ = ["Counting", "Tally", "Unit"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A Lua text that is measured: a file, or the code of a process.

    Args:
        number: its place in its tally.
        name: whose code it is.
        code: a chunk that takes a table of counters; see `tim3tool.lua.instrument.wrapped`.
        counters: how many it needs.
    """

    number: int
    name: str
    code: bytes
    counters: int


class Tally:
    """What is measured in a run, and how often each counter was hit in all VMs together."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self._by_text: dict[str, Unit] = {}
        self._hits: list[Counter[int]] = []

    def add(self, *, name: str, code: bytes, counters: int, text: str | None = None) -> Unit:
        """Measure one more unit.

        Args:
            name: whose code it is.
            code: see `Unit`.
            counters: how many it needs.
            text: the text without counters, for processes that get it as a message's data.
        """
        unit = Unit(number=len(self.units), name=name, code=code, counters=counters)
        self.units.append(unit)
        self._hits.append(Counter())
        if text is not None:
            self._by_text[text] = unit
        return unit

    def unit_of(self, text: object) -> Unit | None:
        """Return the unit that a text is, without its counters."""
        return self._by_text.get(text) if isinstance(text, str) else None

    def take(self, counting: Counting) -> None:
        """Add what a VM has counted since the last time."""
        for number, counter, hits in counting.take():
            self._hits[number][counter] += hits

    def hits(self, unit: Unit) -> dict[int, int]:
        """Return how often each counter of a unit was hit, without those that never were."""
        return dict(self._hits[unit.number])


class Counting:
    """The counters of one VM.

    Args:
        vm: the VM, to which nothing of the program may have been given yet.
    """

    def __init__(self, vm: LuaVM) -> None:
        self._vm = vm
        (self.lua,) = vm.run(_source(), "=counted")
        self._learnt: set[int] = set()

    def learn(self, text: bytes, unit: Unit) -> None:
        """Let the VM's ``load`` put a unit in the place of its text."""
        if unit.number not in self._learnt:
            self._learnt.add(unit.number)
            self._call(b"learn", text, unit.number, unit.code, unit.counters)

    def pause(self) -> None:
        """Stop counting: what runs until `resume` has run before."""
        self._call(b"pause")

    def resume(self) -> None:
        """Count again, from where it was paused."""
        self._call(b"resume")

    def take(self) -> list[tuple[int, int, int]]:
        """Return the number of the unit, the counter and the hits of each counter hit since the last time."""
        self.resume()
        (text,) = self._call(b"take")
        lines = (line.split() for line in text.decode().splitlines())
        return [(int(unit), int(counter), int(hits)) for unit, counter, hits in lines]

    def _call(self, name: bytes, *args: Any) -> tuple[Any, ...]:
        return self._vm.call(self.lua[name], *args)


@cache
def _source() -> bytes:
    return resources.files("tim3tool.lua").joinpath("counted.lua").read_bytes()
