"""A trace shows every message below the one that caused it."""

from __future__ import annotations

from town import ALICE, NOTE, RELAY, Town

from tim3tool.sim import address


def traced():
    here = Town()
    sink, relay = here.spawn(NOTE), here.spawn(RELAY)
    since = len(here.network.deliveries)
    here.go(relay, "a b", To=sink)
    here.go(relay, "hi", To=ALICE)
    here.network.deliver(here.network.queued[0])
    here.network.drop(here.network.queued[-1])
    here.network.settle()
    here.post(sink, sender=address("stranger"))
    here.network.settle()
    return here.network.trace({sink: "sink", relay: "relay", ALICE: "alice"}, since=since)


def test_the_tree_shows_causes_order_mail_to_wallets_and_losses():
    stranger = address("stranger")[:6]
    assert traced().tree().splitlines() == [
        "   1 alice -> relay: Go To=sink",
        "   3    relay -> sink: Note",
        "   -    relay -> sink: Note (lost)",
        "   2 alice -> relay: Go To=alice",
        "   -    relay -> alice: Note",
        f"   4 {stranger}… -> sink: (no action)",
    ]


def test_the_diagram_is_mermaid():
    stranger = address("stranger")[:6]
    lines = traced().mermaid().splitlines()
    assert lines[0] == "sequenceDiagram"
    assert lines[1:4] == ["  participant alice as alice", "  participant relay as relay", "  participant sink as sink"]
    assert "  alice->>relay: Go To=sink" in lines
    assert "  relay->>sink: Note" in lines
    assert "  relay-->>alice: Note" in lines
    assert "  relay-xsink: Note" in lines
    assert any(line.startswith(f"  {stranger}_->>sink: (no action)") for line in lines)


def test_an_error_stands_below_its_message():
    here = Town()
    process = here.spawn('Handlers.add("Fail", function() error("broken on purpose") end)')
    here.post(process, Action="Fail")
    here.network.settle()
    trace = here.network.trace({process: "p"})
    assert "broken on purpose" in trace.tree()
    assert "  Note over p: Error" in trace.mermaid()
