"""The port to a HyperBEAM node against a server that answers as one does, and misbehaves."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter

import pytest
from counter import COUNTER
from waiting import Waiting

from tim3tool.errors import LimitExceeded, NetworkError, NetworkRefused, RateLimited, UsageError
from tim3tool.localnet import Answer, Fault, HyperbeamNode, serving
from tim3tool.network import dataitem
from tim3tool.network.embedded import Embedded
from tim3tool.network.evals import Evaluated
from tim3tool.network.http import Http
from tim3tool.network.hyperbeam import Hyperbeam
from tim3tool.network.protocol import message_item, process_item
from tim3tool.network.terms import HYPERBEAM

MODULE = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
ABSENT = "A" * 43
TIMEOUT = 0.3
_nonces = itertools.count()


@pytest.fixture
def embedded(tmp_path):
    ticks = itertools.count(1_800_000_000_000)
    return Embedded(tmp_path / "node.sqlite", clock=lambda: next(ticks), once=False)


@pytest.fixture
def behind(embedded):
    return HyperbeamNode(embedded)


@pytest.fixture
def node(behind):
    with serving(behind.answer) as served:
        yield served


def port_to(served, waiting, **given):
    patience = waiting.patience(deadline=given.pop("deadline", 240.0))
    return Hyperbeam("test", served.url, http=Http(timeout=TIMEOUT), patience=patience, **given)


@pytest.fixture
def port(node, waiting):
    return port_to(node, waiting)


def spawn_item(wallet, port, *, nonce=None, scheduler=None, module=MODULE):
    return process_item(
        wallet,
        module=module,
        scheduler=scheduler or port.scheduler,
        authorities=[port.authority],
        nonce=nonce or str(next(_nonces)),
        terms=HYPERBEAM,
    )


def action(wallet, process, name, data=b""):
    return message_item(wallet, target=process, tags=[("Action", name)], data=data, terms=HYPERBEAM)


@pytest.fixture
def process(port, wallet):
    process = port.spawn(spawn_item(wallet, port))
    port.message(action(wallet, process, "Eval", COUNTER))
    return process


def evaluated(embedded, process):
    return Counter(delivery.message_id for delivery in embedded.history(process))


# What goes well -----------------------------------------------------------------------------------------------------


def test_the_scheduler_and_the_authority_are_the_nodes_own_address(port, behind, node, waiting):
    assert port.scheduler == port.authority == behind.address
    assert node.asked == ["GET /~meta@1.0/info/address"]
    other = port_to(node, waiting, scheduler=ABSENT, authority="B" * 43)
    assert (other.scheduler, other.authority) == (ABSENT, "B" * 43)


def test_a_spawn_a_message_and_their_results(port, wallet, node):
    item = spawn_item(wallet, port)
    assert port.spawn(item) == item.id
    assert port.result(item.id, item.id).error is None
    code = action(wallet, item.id, "Eval", COUNTER)
    assert port.message(code) == code.id
    assert port.result(item.id, code.id).error is None
    add = action(wallet, item.id, "Add")
    (answer,) = port.result(item.id, port.message(add)).messages
    assert (answer["Target"], answer["Data"]) == (wallet.address, "1")
    assert node.asked[1:] == [
        "POST /push",
        f"GET /{item.id}~process@1.0/compute=0/results?require-codec=application/json&accept-bundle=true",
        f"POST /{item.id}~process@1.0/push",
        f"POST /{item.id}~process@1.0/push",
    ]


def test_another_run_finds_the_slot_of_a_message_in_the_schedule(port, wallet, process, node, waiting):
    first, second = (action(wallet, process, "Add") for _ in range(2))
    port.message(first)
    port.message(second)
    later = port_to(node, waiting)
    assert later.result(process, first.id).messages[0]["Data"] == "1"
    assert later.result(process, second.id).messages[0]["Data"] == "2"
    assert later.find(process, first.id)
    assert not later.find(process, ABSENT)
    assert not later.find(ABSENT, ABSENT)


def test_a_long_schedule_is_read_in_parts(port, wallet, process, waiting, node):
    first = action(wallet, process, "Add")
    port.message(first)
    for _ in range(60):
        port.message(action(wallet, process, "Add"))
    later = port_to(node, waiting)
    assert later.find(process, first.id)
    assert not later.find(process, ABSENT)
    assert len({line for line in node.asked if "/~scheduler@1.0/schedule" in line}) == 2


def test_the_newest_eval_of_the_owner_is_found_behind_any_number_of_messages(port, node, wallet, stranger, process):
    code = action(wallet, process, "Eval", "return 'ü'".encode())
    port.message(code)
    for item in (
        action(stranger, process, "Eval", b"Count = 9"),
        action(wallet, process, "Eval", b"error('undone')"),
        *(action(wallet, process, "Add") for _ in range(60)),
    ):
        port.message(item)
    found = port.last_eval(process, owner=wallet.address)
    assert found == Evaluated(message=code.id, code_hash=hashlib.sha256(code.data).hexdigest())
    assert port.last_eval(process, owner=ABSENT).message == process
    before = len(node.asked)
    assert port.last_eval(process, owner=wallet.address, known=[code.id]) == found
    assert sum("compute" in line for line in node.asked[before:]) == 1  # of the one that failed
    assert port.last_eval(ABSENT, owner=wallet.address) is None


def test_what_the_process_threw_is_an_error_and_undone(port, wallet, process, node, waiting):
    broken = action(wallet, process, "Break")
    port.message(broken)
    for each in (port, port_to(node, waiting)):
        assert "broken on purpose" in each.result(process, broken.id).text
    read = action(wallet, process, "Eval", b"return Count")
    assert port.result(process, port.message(read)).text == "0"


def test_a_dry_run_is_of_nobody_and_leaves_no_trace(port, wallet, process, embedded):
    before = len(embedded.history(process))
    (answer,) = port.dry_run(process, owner=wallet.address, tags=[("Action", "Add")], data="a & b=c").messages
    assert (answer["Target"], answer["Data"]) == ("1234", "1")
    assert port.dry_run(process, owner=wallet.address, tags=[("Action", "Add")], data="").messages[0]["Data"] == "1"
    assert len(embedded.history(process)) == before


def test_results_come_in_order(port, wallet, process):
    sent = [port.message(action(wallet, process, "Add")) for _ in range(3)]
    results = list(port.results(process))
    assert [each.mark for each in results] == ["0", "1", "2", "3", "4"]
    assert [each.result.messages[0]["Data"] for each in results[2:]] == ["1", "2", "3"]
    assert [each.message for each in results[2:]] == sent
    assert list(port.results(process, newest_first=True)) == results[::-1]
    assert list(port.results(process, after="2")) == results[3:]
    assert list(port.results(process, after="2", newest_first=True)) == results[1::-1]
    assert list(port.results(process, after="4")) == list(port.results(process, after="99")) == []


def test_results_are_read_a_window_of_the_schedule_at_a_time(port, wallet, process, node):
    for _ in range(60):
        port.message(action(wallet, process, "Add"))
    node.asked.clear()
    newest = list(itertools.islice(port.results(process, newest_first=True), 3))
    assert [each.result.messages[0]["Data"] for each in newest] == ["60", "59", "58"]
    assert len(node.asked) == 5, "the last slot, one window, three results"
    assert len(list(port.results(process))) == 62


def test_results_of_no_process_and_behind_what_is_no_mark(port, process):
    with pytest.raises(NetworkRefused, match="does not know the process"):
        list(port.results(ABSENT))
    with pytest.raises(UsageError, match="`x` is no mark of a result on network `test`"):
        list(port.results(process, after="x"))


def test_the_same_item_sent_by_hand_again_is_evaluated_again(port, wallet, process, node, waiting):
    """What a node does, and why the port asks before it sends anything a second time."""
    item = action(wallet, process, "Add")
    port.message(item)
    port.message(item)
    later = port_to(node, waiting)
    assert later.result(process, item.id).messages[0]["Data"] == "2"


def test_equal_spawns_destroy_each_other_so_each_has_a_nonce(port, wallet):
    one, other = (spawn_item(wallet, port, nonce="equal") for _ in range(2))
    assert port.spawn(one) == one.id
    assert port.find(one.id, one.id)
    port.spawn(other)
    assert not port.find(one.id, one.id)
    assert not port.find(other.id, other.id)


# Faults ---------------------------------------------------------------------------------------------------------------

FAULTS = [
    Fault(kind="request-lost"),
    Fault(kind="reply-lost"),
    Fault(kind="truncated"),
    Fault(kind="slow", seconds=2 * TIMEOUT),
    Fault(kind="html"),
    Fault(kind="rate-limited"),
    Fault(kind="redirect"),
    Fault(kind="html", times=3),
    Fault(kind="request-lost", times=3),
]


def on(fault, pattern):
    return Fault(kind=fault.kind, on=pattern, times=fault.times, seconds=fault.seconds)


def name_of(fault):
    return f"{fault.kind}-{fault.times}"


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_spawn_and_an_eval_happen_once_whatever_happens_to_their_posts(node, port, wallet, embedded, fault):
    item = spawn_item(wallet, port)
    node.fail(on(fault, "POST /push"))
    process = port.spawn(item)
    node.fail(on(fault, f"POST /{process}"))
    code = action(wallet, process, "Eval", b"Evals = (Evals or 0) + 1 return Evals")
    port.message(code)
    assert port.result(process, code.id).text == "1"
    assert evaluated(embedded, process) == {process: 1, code.id: 1}
    assert node.faults_left == 0


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_reads_survive_each_fault(node, port, wallet, process, fault):
    item = action(wallet, process, "Add")
    port.message(item)
    asks = {
        "GET .*/compute=": lambda new: new.result(process, item.id).messages[0]["Data"] == "1",
        "GET .*/schedule": lambda new: new.find(process, item.id),
        "GET .*/slot/current": lambda new: new.find(process, process),
        "GET .*/as=execution": lambda new: new.dry_run(process, owner="", tags=[("Action", "Add")], data="").messages,
        "GET .*/address": lambda new: new.scheduler,
    }
    for path, ask in asks.items():
        node.fail(on(fault, path))
        assert ask(port_to(node, Waiting())), path
        assert node.faults_left == 0


def test_a_lost_reply_and_lost_questions_after_it(node, port, wallet, embedded, process):
    code = action(wallet, process, "Add")
    node.fail(
        Fault(kind="reply-lost", on=f"POST /{process}"),
        Fault(kind="html", on="slot/current", times=2),
        Fault(kind="truncated", on="schedule", times=2),
    )
    port.message(code)
    assert evaluated(embedded, process)[code.id] == 1
    assert port.result(process, code.id).messages[0]["Data"] == "1"


def test_a_request_that_the_network_itself_repeats_is_evaluated_twice(node, port, wallet, process, embedded):
    """Nothing can be done about it here: the count is what the node says it is."""
    item = action(wallet, process, "Add")
    node.fail(Fault(kind="twice", on=f"POST /{process}"))
    port.message(item)
    assert evaluated(embedded, process)[item.id] == 2
    assert port.result(process, item.id).messages[0]["Data"] == "2"


def test_other_nodes_are_asked_for_results_but_never_whether_an_item_is_there(node, wallet, waiting, behind, process):
    with serving(behind.answer) as other:
        port = port_to(node, waiting, reads=["http://127.0.0.1:1", other.url])
        item = action(wallet, process, "Add")
        port.message(item)
        new = port_to(node, waiting, reads=["http://127.0.0.1:1", other.url])
        node.fail(Fault(kind="html", on="GET .*/compute=", times=100))
        assert new.result(process, item.id).messages[0]["Data"] == "1"
        assert [line for line in other.asked if "compute=" not in line] == []
        node.fail(Fault(kind="html", on="slot/current", times=10_000))
        with pytest.raises(NetworkError):
            port_to(node, waiting, reads=[other.url]).find(process, process)


def refusing(behind, text=b""):
    """A node that answers 400 to every push of a message, and says why or not."""

    def answer(request):
        if request.method == "POST" and request.path.endswith("~process@1.0/push"):
            return Answer(status=400, body=text)
        return behind.answer(request)

    return serving(answer)


def test_what_a_node_will_not_push_is_scheduled_once(behind, waiting, wallet, process, embedded):
    items = [action(wallet, process, "Add") for _ in range(3)]
    for number, text in enumerate((b"", b"cannot push this", b"")):
        with refusing(behind, text) as served:
            port = port_to(served, waiting)
            lost = [Fault(kind="reply-lost", on=f"{method} .*/schedule") for method in ("GET", "POST")]
            served.fail(*lost[:number])
            port.message(items[number])
            assert port.result(process, items[number].id).messages[0]["Data"] == str(number + 1)
            assert served.faults_left == 0
    assert [evaluated(embedded, process)[each.id] for each in items] == [1, 1, 1]


def test_what_is_not_valid_is_not_scheduled_either(behind, waiting, wallet, process, embedded):
    with refusing(behind, b"Message is not valid.") as served:
        item = action(wallet, process, "Add")
        failure(NetworkRefused, lambda: port_to(served, waiting).message(item), "Message is not valid.")
        assert served.count("POST .*/schedule") == 0
    assert evaluated(embedded, process)[item.id] == 0


def test_what_a_node_will_neither_push_nor_schedule(behind, waiting, wallet, process, embedded):
    with refusing(behind, b"no room") as served:
        served.fail(Fault(kind="html", on="POST .*/schedule"))
        item = action(wallet, process, "Add")
        failure(NetworkRefused, lambda: port_to(served, waiting).message(item), "no room")
    assert evaluated(embedded, process)[item.id] == 0


# What ends in an error ------------------------------------------------------------------------------------------------


def failure(kind, call, *words):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.exit_code == (1 if kind is LimitExceeded else 3)
    assert caught.value.help
    for word in words:
        assert word in caught.value.message
    return caught.value


def test_a_node_that_is_not_the_scheduler(port, wallet, waiting):
    item = spawn_item(wallet, port, scheduler=ABSENT)
    failure(NetworkRefused, lambda: port.spawn(item), "no_viable_responses", "the node of network `test` (http")
    assert waiting.pauses == []


def test_duplicate_tags_are_refused_by_the_node(port, wallet, process):
    item = dataitem.sign(wallet, target=process, tags=[("A", "1"), ("a", "2"), ("Type", "Message")])
    failure(NetworkRefused, lambda: port.message(item), "Message is not valid.")


def test_an_item_with_an_anchor_or_a_bad_signature_never_gets_in(node, waiting, wallet, process, embedded):
    from dataclasses import replace

    before = len(embedded.history(process))
    port = port_to(node, waiting, deadline=30.0)
    anchored = dataitem.sign(wallet, target=process, anchor=b"a" * 32, tags=[("Type", "Message")])
    failure(NetworkError, lambda: port.message(anchored), "answered with HTTP status 500")
    item = action(wallet, process, "Add")
    broken = replace(item, raw=item.raw[:-1] + b"?")
    failure(NetworkError, lambda: port.message(broken), "answered with HTTP status 500")
    assert len(embedded.history(process)) == before


def test_a_message_to_a_process_that_the_node_does_not_know(node, waiting, wallet):
    port = port_to(node, waiting, deadline=30.0)
    failure(NetworkError, lambda: port.message(action(wallet, ABSENT, "Add")), "necessary_message_not_found")


def test_a_message_that_the_process_never_got_has_no_result(node, waiting, process):
    port = port_to(node, waiting, deadline=30.0)
    failure(NetworkError, lambda: port.result(process, ABSENT), f"does not have the message `{ABSENT}`")


def test_a_message_that_is_too_large_is_not_sent(port, node, wallet, process):
    sent = node.count("POST")
    item = action(wallet, process, "Eval", b"-" * 9_000_000)
    failure(LimitExceeded, lambda: port.message(item), "network `test` takes 9,000,000")
    assert node.count("POST") == sent


def test_a_node_that_is_not_there(waiting):
    port = Hyperbeam("test", "http://127.0.0.1:1", http=Http(timeout=TIMEOUT), patience=waiting.patience())
    failure(NetworkError, lambda: port.scheduler, "there is no connection")


def test_a_server_that_is_no_node(waiting):
    with serving(lambda _: Answer(body=b"hello")) as served:
        failure(NetworkRefused, lambda: port_to(served, waiting).scheduler, "does not tell its address")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("html", "answered with HTTP status 500"),
        ("rate-limited", "Rate limit exceeded"),
        ("truncated", "the answer broke off"),
        ("request-lost", "the connection broke off"),
        ("redirect", "redirects more than 5 times"),
    ],
)
def test_a_fault_that_does_not_end_is_told(node, port, process, kind, said):
    node.fail(Fault(kind=kind, on="compute=", times=10_000))
    failure(RateLimited if kind == "rate-limited" else NetworkError, lambda: port.result(process, process), said)
