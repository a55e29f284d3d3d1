"""Faults happen as often as they should, and the same seed gives the same run."""

from __future__ import annotations

import pytest
from town import NOTE, RELAY, Town

from tim3tool.errors import UsageError
from tim3tool.sim import Faults


def relayed(faults: Faults | None, *, seed: int = 0, words: str = "a b c d e f g h i j", **options):
    here = Town(seed=seed, **options)
    sink, relay = here.spawn(NOTE), here.spawn(RELAY)
    here.network.faults = faults
    here.go(relay, words, To=sink)
    here.network.settle()
    return here, here.log(sink)


def test_without_faults_everything_arrives_once_in_order():
    assert relayed(Faults())[1] == list("abcdefghij")


def test_what_is_dropped_never_arrives_and_is_known():
    here, log = relayed(Faults(drop=0.4, spare=lambda mail: mail.parent is None))
    assert 0 < len(log) < 10
    assert log == sorted(log)
    assert len(log) + len(here.network.lost) == 10


def test_a_dropped_message_can_be_sent_again():
    here, log = relayed(Faults(drop=0.4, spare=lambda mail: mail.parent is None))
    here.network.faults = None
    for mail in here.network.lost:
        here.network.resend(mail)
    delivered = here.network.settle()
    assert len(delivered) == 10 - len(log)
    assert here.network.lost == ()


def test_a_duplicate_has_the_same_id():
    here, log = relayed(Faults(duplicate=0.4, spare=lambda mail: mail.parent is None))
    assert len(log) > 10
    assert set(log) == set("abcdefghij")
    ids = [delivery.message_id for delivery in here.network.deliveries]
    assert len(ids) - len(set(ids)) == len(log) - 10


def test_a_delayed_message_holds_back_its_pair_and_the_clock_moves_to_it():
    here, log = relayed(Faults(delay=0.3, delay_ms=1000, spare=lambda mail: mail.parent is None))
    assert log == list("abcdefghij")
    assert 0 < here.network.now - 1_700_000_000_000 <= 10_000


def test_a_delayed_message_lets_other_pairs_pass():
    here = Town()
    sink, one, two = here.spawn(NOTE), here.spawn(RELAY), here.spawn(RELAY)
    here.go(one, "a", To=sink)
    here.go(two, "b", To=sink)
    for mail in here.network.queued:
        here.network.deliver(mail)
    here.network.faults = Faults()
    here.network.delay(here.network.queued[0], 5000)
    here.network.settle()
    assert here.log(sink) == ["b", "a"]


def test_a_reordered_network_keeps_the_order_of_each_pair():
    def run(seed: int) -> list[str]:
        here = Town(seed=seed)
        sink, relays = here.spawn(NOTE), [here.spawn(RELAY) for _ in range(3)]
        here.network.faults = Faults(reorder=1)
        for number, relay in enumerate(relays):
            here.go(relay, " ".join(f"{number}{letter}" for letter in "abcd"), To=sink)
        here.network.settle()
        return here.log(sink)

    orders = {tuple(run(seed)) for seed in range(8)}
    assert len(orders) > 4
    for order in orders:
        assert len(order) == 12
        for number in "012":
            own = [word for word in order if word[0] == number]
            assert own == sorted(own)


CHAIN = """Handlers.add("Go", function(m) Send({Target = m.To, Action = "Hop", To = m.Next}) end)
Handlers.add("Hop", function(m) Send({Target = m.To, Action = "Note", Data = m["Pushed-For"] or "none"}) end)"""


def test_a_replay_has_another_id_and_pushed_for_and_those_of_a_root_are_filtered():
    here = Town()
    sink, one, two = here.spawn(NOTE), here.spawn(CHAIN), here.spawn(CHAIN)
    root = here.post(one, Action="Go", To=two, Next=sink)
    here.network.settle()
    go, hop, note = here.network.deliveries[-3:]
    assert here.network.replay(go) is None
    assert here.network.replay(hop) is None
    mail = here.network.replay(note)
    assert mail is not None
    assert mail.id != note.message_id
    here.network.settle()
    pushed = [
        [t["value"] for t in one.message["Tags"] if t["name"] == "Pushed-For"]
        for one in (note, here.network.deliveries[-1])
    ]
    assert pushed == [[root], [hop.message_id]]
    assert len(here.log(sink)) == 2


def test_a_dropped_message_can_come_late():
    faults = Faults(drop=0.3, replay=0.3, spare=lambda mail: mail.parent is None)
    logs = [relayed(faults, seed=seed)[1] for seed in range(5)]
    assert any(log != sorted(log) for log in logs)
    assert all(len(log) == len(set(log)) for log in logs)


def test_random_replays_happen():
    here = Town(seed=1)
    sink, one, two = here.spawn(NOTE), here.spawn(CHAIN), here.spawn(CHAIN)
    here.network.faults = Faults(replay=0.5)
    for _ in range(20):
        here.post(one, Action="Go", To=two, Next=sink)
    here.network.settle()
    assert len(here.log(sink)) > 20


@pytest.mark.parametrize("fault", ["crash", "upgrade"])
def test_a_process_crashes_or_gets_its_code_again_and_keeps_its_state(fault: str):
    _, log = relayed(Faults(**{fault: 0.3}))
    assert log == list("abcdefghij")


def test_an_upgrade_evaluates_the_installed_code():
    here = Town()
    process = here.spawn("Loads = (Loads or 0) + 1")
    bare = here.network.spawn(owner="o" * 43).process
    assert here.network.upgrade(process) is not None
    assert here.network.upgrade(bare) is None
    assert here.network.process(process).read("Loads") == 2


def test_a_message_that_is_awaited_arrives():
    from tim3tool.sim import Message

    here = Town()
    sink = here.spawn(NOTE)
    here.network.faults = Faults(drop=0.99)
    here.network.send(Message(sender="a" * 43, target=sink, tags=(("Action", "Note"),), data="x"))
    assert here.log(sink) == ["x"]


def test_the_same_seed_gives_the_same_bytes_and_another_another_run():
    faults = Faults(reorder=1, drop=0.1, duplicate=0.1, delay=0.1, replay=0.1, crash=0.1, upgrade=0.1)

    def digest(seed: int) -> str:
        here, _ = relayed(faults, seed=seed)
        return here.network.trace({}).digest()

    assert digest(3) == digest(3)
    assert digest(3) != digest(4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dorp=0.1", "--fault has no fault `dorp`"),
        ("drop", "--fault needs NAME=SHARE and has `drop`"),
        ("drop=x", "--fault needs NAME=SHARE and has `drop=x`"),
        ("drop=1.5", "`drop` of --fault must be from 0 to 1 and is 1.5"),
        ("drop=-1", "`drop` of --fault must be from 0 to 1 and is -1"),
        ("drop=nan", "`drop` of --fault must be from 0 to 1 and is nan"),
        ("drop=0.5,crash=0.5", "the faults of --fault must leave something to deliver, and add up to 1"),
    ],
)
def test_bad_faults_are_refused(text: str, message: str):
    with pytest.raises(UsageError) as caught:
        Faults.parse(text, what="--fault")
    assert caught.value.message == message
    assert caught.value.exit_code == 2


def test_faults_are_read_from_text():
    faults = Faults.parse("drop=0.1, reorder=1", what="--fault")
    assert (faults.drop, faults.reorder, faults.crash) == (0.1, 1, 0)
