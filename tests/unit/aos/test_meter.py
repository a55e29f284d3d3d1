"""A measured process answers as it always does, and tells what ran once, whatever is rolled back and replayed."""

from __future__ import annotations

import pytest

from tim3tool.aos import Measure
from tim3tool.lua.counting import Tally
from tim3tool.lua.instrument import instrument
from tim3tool.sim import Message, Network, address

CODE = """\
local routes = {
  Get = function(m) m.reply({ Action = "Got", Data = tostring(Count) }) end,
  Set = function(m)
    Count = (Count or 0) + 1
    if m.Tags.Fail then error("no") end
  end,
}
Handlers.add("Ping", "Ping", function(m)
  Pings = (Pings or 0) + 1
  if m.Tags.Fail then error("no") end
  m.reply({ Action = m.Tags.Refuse and "Ping-Error" or "Pong" })
end)
Handlers.add("routes", function(m) return routes[m.Action] ~= nil end, function(m) routes[m.Action](m) end)
Handlers.add("tagged", Handlers.utils.hasMatchingTag("Action", "Tagged"), function() end)
Handlers.add("several", Handlers.utils.continue(Handlers.utils.hasMatchingTagOf("Action", { "A", "B" })), function() end)
Handlers.add("spec", { Action = "Spec", Amount = "_" }, function() end)
Handlers.add("owner", function(m) return m.From == Owner and m.Action == nil end, function() end)
Handlers.once("Later", function() end)
"""


class Measured:
    """A process that runs the code above, measured or not."""

    def __init__(self, *, measured: bool) -> None:
        self.tally = Tally()
        self.measure = Measure(self.tally)
        found = instrument(CODE.encode())
        assert found is not None
        assert found.chunk is not None
        self.points = found.points
        size = found.points.counters
        self.unit = self.tally.add(name="p", code=found.chunk, counters=size, text=CODE)
        self.network = Network(measure=self.measure if measured else None)
        self.owner = address("owner")
        self.id = self.network.spawn(owner=self.owner).process
        self.send(Action="Eval", data=CODE)

    def send(self, data: str = "", sender: str = "", **tags: str) -> object:
        message = Message(sender=sender or self.owner, target=self.id, tags=tuple(tags.items()), data=data)
        result = self.network.send(message).result
        return result.error, result.output, result.messages

    def lines(self) -> dict[int, int]:
        self.measure.take_all()
        hits = self.tally.hits(self.unit)
        lines: dict[int, int] = {}
        for line, counter in self.points.lines:
            lines[line] = max(lines.get(line, 0), hits.get(counter, 0))
        return lines

    def handlers(self):
        self.measure.take_all()
        return self.measure.handlers[self.unit.number]


@pytest.fixture
def process() -> Measured:
    return Measured(measured=True)


def sent(process: Measured) -> list[object]:
    """Return what a process answers to messages of which every third fails."""
    alice = address("alice")
    return [
        process.send(sender=alice, Action="Set" if n % 2 else "Ping", **({"Fail": "1"} if n % 3 == 0 else {}))
        for n in range(60)
    ]


def test_a_process_cannot_tell_that_it_is_measured():
    measured, plain = Measured(measured=True), Measured(measured=False)
    assert sent(measured) == sent(plain)
    looks = [
        "local names = {} for name in pairs(_G) do names[#names + 1] = name end return table.concat(names, ' ')",
        "local list = {} for _, h in ipairs(Handlers.list) do list[#list + 1] = h.name end return table.concat(list, ' ')",
        "return tostring(debug.getupvalue(load('return 1'), 2))",
        "return ao.id .. #Inbox",
    ]
    for look in looks:
        assert measured.send(Action="Eval", data=look) == plain.send(Action="Eval", data=look)


def test_what_is_rolled_back_counts_and_what_is_replayed_does_not(process):
    sent(process)
    lines = process.lines()
    assert lines[4] == lines[5] == 30
    assert lines[9] == lines[10] == 30
    assert lines[11] == 20
    assert process.network.process(process.id).read("Count") == 20
    assert process.lines() == lines


def test_counts_go_on_after_they_were_taken(process):
    process.send(Action="Ping")
    assert process.lines()[9] == 1
    process.send(Action="Ping")
    assert process.lines()[9] == 2


def test_a_dry_run_counts(process):
    process.network.dry_run(Message(sender=process.owner, target=process.id, tags=(("Action", "Ping"),)))
    process.send(Action="Get")
    assert process.lines()[9] == 1


def test_the_actions_of_handlers_are_found_however_they_are_given(process):
    process.send(Action="Get")
    actions = {name: sorted(seen.actions) for name, seen in process.handlers().items()}
    assert actions == {
        "Ping": ["Ping"], "routes": ["Get", "Set"], "tagged": ["Tagged"], "several": ["A", "B"], "spec": ["Spec"],
        "owner": [],
    }  # fmt: skip


def test_handlers_know_their_line(process):
    assert process.handlers()["Ping"].line == 8
    assert process.handlers()["routes"].line == 13


def test_an_error_or_a_message_that_tells_of_one_is_a_refusal(process):
    process.send(Action="Ping")
    process.send(Action="Ping", Fail="1")
    process.send(Action="Ping", Refuse="1")
    process.send(Action="Set")
    handlers = process.handlers()
    assert (handlers["Ping"].ran, handlers["Ping"].refused) == ({"Ping": 3}, {"Ping": 2})
    assert (handlers["routes"].ran, handlers["routes"].refused) == ({"Set": 1}, {"Set": 0})
    assert handlers["tagged"].ran == {}


def test_code_that_nobody_measures_is_left_alone():
    network = Network(measure=Measure(Tally()))
    process = network.spawn(owner=address("owner")).process
    network.send(Message(sender=address("owner"), target=process, tags=(("Action", "Eval"),), data="X = 1"))
    assert network.process(process).read("X") == 1
