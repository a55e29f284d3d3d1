"""The orders of delivery, checkpoints, raw errors and crons."""

from __future__ import annotations

import pytest
from town import ALICE, NOTE, RELAY, Town

from tim3tool.sim import Faults, Message, address

TREE = """Handlers.add("Go", function(m)
  for n = 1, 11 do Send({Target = m.To, Action = "Pass", To = m.Next, Data = tostring(n)}) end
end)
Handlers.add("Pass", function(m)
  Send({Target = m.To, Action = "Note", Data = m.Data .. "."}) Send({Target = m.To, Action = "Note", Data = m.Data .. "!"})
end)"""


def branched(order: str) -> list[str]:
    here = Town(order=order)
    sink, relay = here.spawn(NOTE), here.spawn(TREE)
    here.post(relay, Action="Go", To=relay, Next=sink)
    here.post(sink, "last", Action="Note")
    here.network.settle()
    return here.log(sink)


def test_first_in_first_out_is_breadth_first():
    assert branched("fifo") == ["last", *(f"{n}{mark}" for n in range(1, 12) for mark in ".!")]


def test_depth_first_takes_each_subtree_whole_in_the_order_of_the_keys():
    keys = [1, 10, 11, *range(2, 10)]
    assert branched("depth-first") == [*(f"{n}{mark}" for n in keys for mark in ".!"), "last"]


def test_one_message_is_delivered_or_dropped_by_hand():
    here = Town()
    sink = here.spawn(NOTE)
    for data in "abc":
        here.post(sink, data, Action="Note", sender=address(data))
    first, second, third = here.network.queued
    here.network.deliver(third)
    here.network.drop(first)
    assert here.network.heads() == (second,)
    with pytest.raises(KeyError):
        here.network.deliver(third)
    here.network.settle()
    assert here.log(sink) == ["c", "b"]


FAILS = """N = N or 0 Handlers.add("Fail", function(m)
  N = N + 1 Send({Target = m.To, Action = "Note", Data = "before"}) error("no") end)"""


@pytest.mark.parametrize(("raw", "state", "log"), [(False, 0, []), (True, 1, ["before"])])
def test_an_error_goes_back_or_keeps_state_and_outbox(raw: bool, state: int, log: list[str]):
    here = Town(raw=raw)
    sink, process = here.spawn(NOTE), here.spawn(FAILS)
    delivery = here.network.send(Message(sender=ALICE, target=process, tags=(("Action", "Fail"), ("To", sink))))
    assert delivery.result.error is not None
    assert here.network.process(process).read("N") == state
    assert here.log(sink) == log


def test_a_network_goes_back_to_a_checkpoint_as_often_as_wanted():
    here = Town(seed=5)
    sink, relay = here.spawn(NOTE), here.spawn(RELAY)
    here.go(relay, "a b", To=sink)
    here.network.advance(1000)
    checkpoint = here.network.checkpoint()
    digests = set()
    for seed in (1, 2, 1):
        here.network.rewind(checkpoint, seed=seed)
        here.network.faults = Faults(reorder=1, duplicate=0.2, crash=0.2)
        assert here.log(sink) == []
        assert here.network.now == 1_700_000_001_000
        here.go(relay, "c d", To=sink)
        here.network.advance(1000)
        here.network.settle()
        assert set(here.log(sink)) == set("abcd")
        digests.add((seed, here.network.trace({}).digest()))
    assert len(digests) == 2


def test_a_checkpoint_forgets_later_processes_and_mail():
    here = Town()
    speaker = here.spawn('Handlers.add("Ping", function(m) m.reply({Data = "x"}) end)')
    checkpoint = here.network.checkpoint()
    here.post(speaker, Action="Ping")
    here.network.settle()
    later = here.spawn(NOTE)
    assert len(here.network.mail(ALICE)) == 1
    here.network.rewind(checkpoint, seed=0)
    assert here.network.mail(ALICE) == ()
    assert not here.network.has(later)
    assert here.network.processes == (speaker,)


def test_a_cron_sends_what_its_tags_say_from_the_owner():
    here = Town(now=1_700_000_000_000)
    tags = (
        ("Cron-Interval", "5-minutes"),
        ("Cron-Tag-Action", "Tick"),
        ("Cron-Interval", "2-blocks"),
        ("Cron-Tag-Action", "Block"),
    )
    process = here.spawn(
        'Log = {} Handlers.add("Any", function(m) return m.Cron end, function(m) Log[#Log + 1] = m.Action .. " " .. m.From end)',
        tags=tags,
    )
    here.network.advance(600_000)
    here.network.settle()
    owner = address("owner")
    assert sorted(here.log(process)) == sorted([f"Tick {owner}"] * 2 + [f"Block {owner}"] * 2)
    here.network.advance(1)
    assert here.network.queued == ()


def test_a_process_without_a_readable_interval_has_no_cron():
    here = Town()
    here.spawn("", tags=(("Cron-Interval", "soon"), ("Cron-Tag-Action", "Tick")))
    here.spawn("", tags=(("Cron-Interval", "0-minutes"),))
    here.network.advance(10_000_000)
    assert here.network.queued == ()


def test_an_assignment_of_the_first_of_many_messages_is_found():
    here = Town()
    taker = here.spawn(
        'Got = 0 ao.addAssignable({Action = "News"}) Handlers.add("News", function(m) Got = Got + 1 end)'
    )
    giver = here.spawn('Handlers.add("Give", function(m) Assign({Processes = {m.To}, Message = m.What}) end)')
    news = here.post(giver, Action="News")
    for _ in range(5):
        here.post(giver, Action="Other")
    here.post(giver, Action="Give", To=taker, What=news)
    here.post(giver, Action="Give", To=taker, What="unknown")
    here.network.settle()
    assert here.network.process(taker).read("Got") == 1
