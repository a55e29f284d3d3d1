"""What the processes of a run show of themselves for a coverage report: counters of their code, and their handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tim3tool.lua.counting import Counting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.aos.result import Result
    from tim3tool.lua.counting import Tally, Unit
    from tim3tool.lua.vm import LuaVM

__all__ = ["HandlerSeen", "Measure", "Meter"]


@dataclass(kw_only=True, slots=True)
class HandlerSeen:
    """A handler, and the messages that it got.

    Args:
        line: of its function in the code of its process; 0 where that is not known.
        actions: those it is for, as far as they can be told.
        ran: how many messages of each action it got; the empty text stands for none.
        refused: how many of those ended in an ``Error``, or in a message that tells of one.
    """

    line: int = 0
    actions: set[str] = field(default_factory=set)
    ran: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


class Measure:
    """What a run measures in its processes.

    Args:
        tally: whose units are the codes of processes, and where their counters go.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.handlers: dict[int, dict[str, HandlerSeen]] = {}  # by the number of the unit, then by name
        self._meters: dict[Meter, None] = {}  # a set in order

    def keep(self, meter: Meter) -> None:
        """Remember that a VM has something to tell."""
        self._meters[meter] = None

    def seen(self, unit: Unit, name: str) -> HandlerSeen:
        """Return what is known of a handler."""
        return self.handlers.setdefault(unit.number, {}).setdefault(name, HandlerSeen())

    def take(self, meter: Meter) -> None:
        """Add what a VM has to tell, and let go of it until it counts again."""
        meter.tell_all()
        self.tally.take(meter.counting)
        self._meters.pop(meter, None)

    def take_all(self) -> None:
        """Add what all VMs have to tell, and let go of them until they count again."""
        for meter in list(self._meters):
            self.take(meter)


class Meter:
    """What is measured in the VM of one process.

    Args:
        vm: the VM, to which nothing of the process may have been given yet.
        measure: where what it sees goes.
    """

    def __init__(self, vm: LuaVM, measure: Measure) -> None:
        self.counting = Counting(vm)
        self._vm = vm
        self._measure = measure
        self._observer: Any = None
        self._unit: Unit | None = None

    def watch(self, observer: Any) -> None:
        """Take the runtime's observer, once the VM has booted."""
        self._observer = observer

    def before(self, message: Mapping[str, Any], *, again: bool) -> None:
        """Get ready for a message; `again` says that it was counted when it first came."""
        self._measure.keep(self)
        if again:
            self.counting.pause()
        else:
            self.counting.resume()
        unit = self._measure.tally.unit_of(message.get("Data"))
        if unit is not None:
            self._unit = unit
            self.counting.learn(message["Data"].encode(), unit)

    def after(self, result: Result | None) -> None:
        """Note what handled a message; without a result it was a replay."""
        ran = [text.decode("utf-8", "replace") for text in self._vm.call(self._observer[b"take"])]
        if result is None or self._unit is None:
            return
        refused = int(_is_refusal(result))
        for name, action in zip(ran[::2], ran[1::2], strict=True):
            seen = self._measure.seen(self._unit, name)
            seen.ran[action] = seen.ran.get(action, 0) + 1
            seen.refused[action] = seen.refused.get(action, 0) + refused

    def tell_all(self) -> None:
        """Tell of every handler that the process has."""
        if self._unit is None:
            return
        flat = self._vm.call(self._observer[b"all"])
        for name, line, actions in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            seen = self._measure.seen(self._unit, name.decode("utf-8", "replace"))
            seen.line = line
            seen.actions |= set(actions.decode("utf-8", "replace").split("\n")) - {""}


def _is_refusal(result: Result) -> bool:
    """Tell whether a result is an ``Error``, or sends a message that by its tags tells of one."""
    if result.error is not None:
        return True
    return any(
        tag["name"] in ("Error", "Error-Code")
        or (tag["name"] == "Action" and str(tag["value"]).lower().endswith("error"))
        for message in result.messages
        for tag in message.get("Tags") or ()
    )
