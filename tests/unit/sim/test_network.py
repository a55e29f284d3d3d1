"""sim.Network delivers as the messenger, scheduler and compute units do."""

from __future__ import annotations

import pytest

from tim3tool.errors import ProcessFailed, Where
from tim3tool.sim import DEFAULT_AUTHORITY, Message, Network, address

OWNER, ALICE, BOB = address("owner"), address("alice"), address("bob")


def spawned(network: Network, code: str, **options) -> str:
    process = network.spawn(owner=OWNER, **options).process
    result = network.send(Message(sender=OWNER, target=process, tags=(("Action", "Eval"),), data=code)).result
    assert result.error is None, result.text
    return process


def send(network: Network, target: str, *, sender: str = ALICE, data: str = "", **tags: str):
    named = tuple((name.replace("_", "-"), value) for name, value in tags.items())
    return network.send(Message(sender=sender, target=target, tags=named, data=data))


@pytest.fixture
def network() -> Network:
    return Network()


def tags_of(message) -> list[tuple[str, str]]:
    return [(tag["name"], tag["value"]) for tag in message["Tags"]]


def test_a_reply_to_a_wallet_is_its_mail(network: Network):
    process = spawned(network, 'Handlers.add("Ping", function(m) m.reply({Action = "Pong", Data = "hi"}) end)')
    delivery = send(network, process, Action="Ping", Reference="7")
    assert delivery.result.messages[0]["Target"] == ALICE
    (mail,) = network.mail(ALICE)
    assert (mail["From"], mail["Owner"], mail["Data"]) == (process, DEFAULT_AUTHORITY, "hi")
    assert tags_of(mail) == [
        ("Variant", "ao.TN.1"),
        ("Reference", "1"),
        ("Action", "Pong"),
        ("X-Reference", "7"),
        ("Data-Protocol", "ao"),
        ("Type", "Message"),
        ("From-Process", process),
        ("From-Module", "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"),
        ("Pushed-For", delivery.message_id),
    ]


def test_process_mail_passes_the_trust_gate_only_with_the_authority(network: Network):
    listener = 'Handlers.add("Hello", function(m) Seen = m.From .. " " .. m.Owner end)'
    trusting = spawned(network, listener)
    closed = spawned(network, listener, tags=(("Authority", address("somebody else")),))
    speaker = spawned(network, 'Handlers.add("Go", function(m) Send({Target = m.To, Action = "Hello"}) end)')
    for target in (trusting, closed):
        send(network, speaker, Action="Go", To=target)
    assert network.process(trusting).read("Seen") == f"{speaker} {DEFAULT_AUTHORITY}"
    assert network.process(closed).read("Seen") is None


def test_a_wallet_may_claim_to_be_a_process_and_is_not_believed(network: Network):
    process = spawned(network, 'Handlers.add("Hello", function(m) Seen = m.From end)')
    delivery = send(network, process, Action="Hello", From_Process=address("claimed"))
    assert delivery.message["From"] == address("claimed")
    assert delivery.message["Forwarded-By"] == ALICE
    assert network.process(process).read("Seen") is None


def test_a_test_can_send_as_any_process(network: Network):
    one = spawned(network, 'Handlers.add("Hello", function(m) Seen = m.From .. m.Owner end)')
    two = spawned(network, "")
    send(network, one, sender=two, Action="Hello")
    assert network.process(one).read("Seen") == two + DEFAULT_AUTHORITY


def test_missing_data_becomes_one_space(network: Network):
    process = spawned(network, 'Handlers.add("Go", function(m) Send({Target = m.From}) end)')
    send(network, process, Action="Go")
    assert network.mail(ALICE)[0]["Data"] == " "


def test_a_message_without_target_goes_nowhere(network: Network):
    process = spawned(network, 'Handlers.add("Go", function(m) Send({Data = "patch"}) end)')
    assert send(network, process, Action="Go").result.messages[0]["Data"] == "patch"
    assert [delivery.process for delivery in network.deliveries[-1:]] == [process]


def test_an_erroring_message_sends_nothing(network: Network):
    process = spawned(network, 'Handlers.add("Go", function(m) Send({Target = m.From}) error("no") end)')
    assert send(network, process, Action="Go").result.error is not None
    assert network.mail(ALICE) == ()


def test_a_number_in_a_tag_fails_at_delivery_and_the_rest_arrives(network: Network):
    code = """Handlers.add("Go", function(m)
      Send({Target = m.From, Quantity = 5}) Send({Target = m.From, Data = "second"})
    end)"""
    process = spawned(network, code)
    with pytest.raises(ProcessFailed, match="tag `Quantity` of message 1 of the result is a number") as caught:
        send(network, process, Action="Go")
    assert caught.value.where == Where(path='[string "aos"]', line=2)
    assert [mail["Data"] for mail in network.mail(ALICE)] == ["second"]


@pytest.mark.parametrize(
    ("value", "kind"), [("true", "boolean"), ("{1}", "table"), ("1.5", "number"), ("print", "nil")]
)
def test_every_value_that_cannot_be_signed_is_named(network: Network, value: str, kind: str):
    process = spawned(network, f'Handlers.add("Go", function(m) Send({{Target = m.From, Word = {value}}}) end)')
    with pytest.raises(ProcessFailed, match=rf"tag `Word` of message 1 of the result is a {kind}"):
        send(network, process, Action="Go")


def test_messages_are_delivered_first_in_first_out(network: Network):
    log = 'Log = {} Handlers.add("Note", function(m) Log[#Log + 1] = m.Data end)'
    sink = spawned(network, log)
    relay = spawned(
        network, 'Handlers.add("Go", function(m) Send({Target = m.To, Action = "Note", Data = m.Data}) end)'
    )
    for data in "abc":
        network.post(Message(sender=ALICE, target=relay, tags=(("Action", "Go"), ("To", sink)), data=data))
    network.post(Message(sender=ALICE, target=sink, tags=(("Action", "Note"),), data="d"))
    network.settle()
    assert network.process(sink).read("Log") == ["d", "a", "b", "c"]


def test_a_child_process_and_its_notice(network: Network):
    code = """Handlers.add("Go", function(m)
      local child = ao.spawn(ao._module, {
        Name = "kid", Authority = ao.authorities[1], ["On-Boot"] = "Data", Data = "X = 1",
      }).receive()
      Child = child.Process
    end)"""
    parent = spawned(network, code)
    send(network, parent, Action="Go")
    child = network.process(network.process(parent).read("Child"))
    assert child.read("Owner") == parent
    assert child.read("Name") == "kid"
    assert child.read("X") == 1


def test_an_assignment_delivers_the_original_message_once(network: Network):
    taker = spawned(
        network,
        'Got = 0 ao.addAssignable({Action = "News"}) Handlers.add("News", function(m) Got = Got + 1 From = m.From end)',
    )
    giver = spawned(
        network, f'Handlers.add("News", function(m) Assign({{Processes = {{"{taker}"}}, Message = m.Id}}) end)'
    )
    send(network, giver, Action="News")
    assert network.process(taker).read("Got") == 1
    assert network.process(taker).read("From") == ALICE
    news = network.deliveries[-1].message_id
    spawned_again = spawned(network, f'ao.assign({{Processes = {{"{taker}"}}, Message = "{news}"}})')
    assert network.has(spawned_again)
    assert network.process(taker).read("Got") == 1


def test_an_unknown_target_is_refused(network: Network):
    with pytest.raises(ProcessFailed, match=r"no process `nowhere` on this network"):
        send(network, "nowhere")


def test_time_moves_only_when_told_and_blocks_follow(network: Network):
    process = spawned(
        network, 'Handlers.add("When", function(m) m.reply({Data = m.Timestamp .. " " .. m["Block-Height"]}) end)'
    )
    first = send(network, process, Action="When").result.messages[0]["Data"]
    network.advance(240_000)
    second = send(network, process, Action="When").result.messages[0]["Data"]
    assert first == "1700000000000 1300000"
    assert second == "1700000240000 1300002"
    with pytest.raises(ValueError, match="never goes back"):
        network.advance(-1)


def test_the_same_seed_gives_the_same_ids_and_another_seed_others():
    def ids(seed: int) -> list[str]:
        network = Network(seed=seed)
        process = spawned(network, 'Handlers.add("Ping", function(m) m.reply({}) end)')
        send(network, process, Action="Ping")
        return [delivery.message_id for delivery in network.deliveries]

    assert ids(1) == ids(1)
    assert not set(ids(1)) & set(ids(2))


def test_a_dry_run_changes_nothing_and_schedules_nothing(network: Network):
    process = spawned(network, 'N = 0 Handlers.add("Bump", function(m) N = N + 1 m.reply({Data = tostring(N)}) end)')
    before = len(network.deliveries)
    result = network.dry_run(Message(sender=ALICE, target=process, tags=(("Action", "Bump"),)))
    assert result.messages[0]["Data"] == "1"
    assert network.process(process).read("N") == 0
    assert len(network.deliveries) == before
    assert network.mail(ALICE) == ()


def test_results_are_found_by_process_and_message(network: Network):
    process = spawned(network, "")
    delivery = send(network, process, Action="X")
    assert network.result(process, delivery.message_id) == delivery.result
    assert network.result(process, "unknown") is None
    assert network.result("unknown", delivery.message_id) is None


def test_the_module_chooses_the_aos_version(network: Network):
    old = spawned(network, "", module="Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM")
    assert "aos-2.0.1" in network.process(old).read("Prompt()")


def test_a_shuffled_order_of_pairs_is_stable_by_seed_and_differs_between_seeds():
    code = """Handlers.add("Keys", function(m)
      local keys = {}
      for key in pairs({a = 1, b = 1, c = 1, d = 1, e = 1, f = 1, [2] = 1, [1] = 1}) do keys[#keys + 1] = tostring(key) end
      m.reply({Data = table.concat(keys)})
    end)"""

    def keys(shuffle: int | None) -> list[str]:
        network = Network(shuffle=shuffle)
        process = spawned(network, code)
        return [send(network, process, Action="Keys").result.messages[0]["Data"] for _ in range(3)]

    assert keys(None) == ["12abcdef"] * 3
    assert keys(1) == keys(1)
    assert len({*keys(1), *keys(2)}) > 2
    assert all(sorted(text) == sorted("12abcdef") and text[:2] == "12" for text in keys(1))
