"""The port to the units of a legacy network against a server that answers as they do, and misbehaves."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from counter import COUNTER

from tim3tool.aos import Result
from tim3tool.errors import LimitExceeded, NetworkError, NetworkRefused, RateLimited
from tim3tool.localnet import Fault, LegacynetNode, serving
from tim3tool.network.http import Http
from tim3tool.network.legacynet import Legacynet, Units
from tim3tool.network.protocol import message_item, process_item

MODULE = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
SCHEDULER = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
ABSENT = "A" * 43
TIMEOUT = 0.3


@pytest.fixture
def node(embedded):
    with serving(LegacynetNode(embedded).answer) as served:
        yield served


def port_to(served, waiting, *, su="/su", gateway=""):
    url = served.url
    units = Units(mu=f"{url}/mu", cu=f"{url}/cu", su=su and url + su, gateway=gateway and url + gateway)
    return Legacynet("test", units, http=Http(timeout=TIMEOUT), patience=waiting.patience())


@pytest.fixture
def port(node, waiting):
    return port_to(node, waiting)


_nonces = itertools.count()


def spawn_item(wallet):
    return process_item(wallet, module=MODULE, scheduler=SCHEDULER, nonce=str(next(_nonces)))


def action(wallet, process, name, data=b""):
    return message_item(wallet, target=process, tags=[("Action", name)], data=data)


@pytest.fixture
def process(port, wallet):
    process = port.spawn(spawn_item(wallet))
    port.message(action(wallet, process, "Eval", COUNTER))
    return process


def evaluated(embedded, process):
    """How often the process was given each message."""
    return Counter(delivery.message_id for delivery in embedded.history(process))


# What goes well -----------------------------------------------------------------------------------------------------


def test_a_spawn_a_message_and_their_results(port, wallet, node):
    item = spawn_item(wallet)
    assert port.spawn(item) == item.id
    assert port.result(item.id, item.id).error is None
    code = action(wallet, item.id, "Eval", COUNTER)
    assert port.message(code) == code.id
    assert port.result(item.id, code.id).error is None
    add = action(wallet, item.id, "Add")
    (answer,) = port.result(item.id, port.message(add)).messages
    assert (answer["Target"], answer["Data"]) == (wallet.address, "1")
    assert node.count("POST /mu/") == 3


def test_the_item_is_posted_as_it_stands(node, port, wallet):
    port.spawn(spawn_item(wallet))
    assert node.asked == ["POST /mu/"]


def test_what_the_process_threw_is_undone(port, wallet, process):
    broken = action(wallet, process, "Break")
    assert "broken on purpose" in port.result(process, port.message(broken)).text
    asked = port.dry_run(process, owner=wallet.address, tags=[("Action", "Eval")], data="return Count")
    assert asked.text == "0"


@pytest.mark.parametrize("asked", [{"su": "/su"}, {"su": "", "gateway": "/graphql"}])
def test_a_dry_run_of_a_process_that_there_is_not_is_refused_at_once(node, waiting, wallet, asked):
    port = port_to(node, waiting, **asked)
    with pytest.raises(NetworkRefused, match=rf"does not have the process `{ABSENT}`"):
        port.dry_run(ABSENT, owner=wallet.address, tags=[("Action", "Eval")], data="return 1")
    assert node.count("POST /cu/dry-run") == 1


def test_a_dry_run_is_of_the_owner_it_says_and_leaves_no_trace(port, wallet, process, embedded):
    before = len(embedded.history(process))
    for _ in range(2):
        answer = port.dry_run(
            process, owner=wallet.address, tags=[("Action", "Eval")], data="Count = Count + 1 return Count"
        )
        assert answer.text == "1"
    stranger = port.dry_run(process, owner=ABSENT, tags=[("Action", "Eval")], data="return Count")
    assert stranger.text.startswith("New Message From ")
    assert len(embedded.history(process)) == before


@pytest.mark.parametrize(
    ("su", "gateway"),
    [("/su", ""), ("/su-router", ""), ("", "/graphql"), ("", "")],
    ids=["su", "router", "gateway", "cu"],
)
def test_an_item_is_found_wherever_the_network_can_be_asked(node, waiting, wallet, su, gateway):
    port = port_to(node, waiting, su=su, gateway=gateway)
    spawn = spawn_item(wallet)
    process = port.spawn(spawn)
    code = action(wallet, process, "Eval", b"return 1")
    assert port.find(process, process)
    if su or gateway:
        assert not port.find(process, code.id)
        assert not port.find(ABSENT, ABSENT)
    port.message(code)
    assert port.find(process, code.id)
    assert not [line for line in node.asked if line.startswith(f"GET /su/{process}?")]  # it crashes some servers


def test_results_come_in_order_over_many_pages(port, wallet, process):
    for _ in range(3):
        port.message(action(wallet, process, "Add"))
    results = list(port.results(process))
    assert [each.result.messages[0]["Data"] for each in results[2:]] == ["1", "2", "3"]
    assert len({each.mark for each in results}) == 5
    assert list(port.results(process, newest_first=True)) == results[::-1]
    assert list(port.results(process, after=results[2].mark)) == results[3:]
    assert list(port.results(process, after=results[2].mark, newest_first=True)) == results[1::-1]
    assert list(port.results(process, after=results[-1].mark)) == []


def test_a_unit_that_always_says_there_is_more_is_not_asked_without_end(waiting):
    page = {"pageInfo": {"hasNextPage": True}, "edges": [{"cursor": "c", "node": {"Output": {"data": "x"}}}]}
    from tim3tool.localnet.server import as_json

    with serving(lambda _: as_json(page)) as served:
        assert [each.result for each in port_to(served, waiting).results(ABSENT)] == [Result({"Output": {"data": "x"}})]
        assert len(served.asked) == 2


# Faults ---------------------------------------------------------------------------------------------------------------

FAULTS = [
    Fault(kind="request-lost"),
    Fault(kind="reply-lost"),
    Fault(kind="truncated"),
    Fault(kind="slow", seconds=2 * TIMEOUT),
    Fault(kind="twice"),
    Fault(kind="html"),
    Fault(kind="rate-limited"),
    Fault(kind="redirect"),
    Fault(kind="html", times=3),
    Fault(kind="reply-lost", times=3),
]


def on(fault, pattern):
    return Fault(kind=fault.kind, on=pattern, times=fault.times, seconds=fault.seconds)


def name_of(fault):
    return f"{fault.kind}-{fault.times}"


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_a_spawn_and_an_eval_happen_once_whatever_happens_to_their_posts(node, port, wallet, embedded, fault):
    node.fail(on(fault, "POST /mu/"))
    process = port.spawn(spawn_item(wallet))
    node.fail(on(fault, "POST /mu/"))
    code = action(wallet, process, "Eval", b"Evals = (Evals or 0) + 1 return Evals")
    port.message(code)
    assert port.result(process, code.id).text == "1"
    assert evaluated(embedded, process) == {process: 1, code.id: 1}
    assert node.faults_left == 0 or fault.kind == "reply-lost"  # one found to have arrived is not sent again


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_reads_survive_each_fault(node, port, wallet, process, fault):
    asks = {
        "GET /cu/result/": lambda: port.result(process, process).error is None,
        "GET /su": lambda: port.find(process, process),
        "POST /cu/dry-run": lambda: (
            port.dry_run(process, owner=wallet.address, tags=[("Action", "Eval")], data="return Count").text == "0"
        ),
        "GET /cu/results": lambda: len(list(port.results(process))) == 2,
    }
    for path, ask in asks.items():
        node.fail(on(fault, path))
        assert ask(), path
        assert node.faults_left == 0


def test_a_fault_of_the_post_and_of_the_question_after_it(node, port, wallet, embedded):
    node.fail(Fault(kind="reply-lost", on="POST /mu/"), Fault(kind="html", on="GET /su", times=2))
    process = port.spawn(spawn_item(wallet))
    assert evaluated(embedded, process) == {process: 1}
    assert node.count("POST /mu/") == 1


def test_an_item_that_the_network_has_is_a_success(port, wallet, embedded):
    process = port.spawn(spawn_item(wallet))
    item = action(wallet, process, "Eval", b"return 1")
    port.message(item)
    port.message(item)  # a run that begins anew does not know that it was taken
    assert evaluated(embedded, process) == {process: 1, item.id: 1}


def test_a_busy_compute_unit_is_asked_again(node, port, process, waiting):
    node.fail(Fault(kind="busy", on="/cu/result", times=4))
    port.result(process, process)
    assert len(waiting.pauses) >= 4
    assert waiting.pauses == sorted(waiting.pauses)


def test_one_request_too_many_waits_long(node, port, process, waiting):
    node.fail(Fault(kind="rate-limited", on="/cu/result"))
    waiting.pauses.clear()
    port.result(process, process)
    assert waiting.pauses == [20.0]


def test_a_process_that_the_messenger_does_not_know_yet_is_waited_for(embedded, waiting, wallet):
    with serving(LegacynetNode(embedded, unready=5).answer) as served:
        port = port_to(served, waiting)
        process = port.spawn(spawn_item(wallet))
        code = action(wallet, process, "Eval", b"return 1")
        port.message(code)
        assert served.count("POST /mu/") == 7
    assert evaluated(embedded, process) == {process: 1, code.id: 1}


# What ends in an error ------------------------------------------------------------------------------------------------


def failure(kind, call, *words):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.exit_code == (1 if kind is LimitExceeded else 3)
    assert caught.value.help
    for word in words:
        assert word in caught.value.message
    return caught.value


def test_a_network_that_spawns_no_more(embedded, waiting, wallet):
    with serving(LegacynetNode(embedded, whitelist=[]).answer) as served:
        port = port_to(served, waiting)
        failure(NetworkRefused, lambda: port.spawn(spawn_item(wallet)), "Process spawning is not supported")
        failure(
            NetworkRefused,
            lambda: port.message(action(wallet, ABSENT, "Eval")),
            "Forbidden, process not whitelisted",
            "the messenger unit of network `test`",
        )
    assert waiting.pauses == []


def test_an_item_that_was_changed_on_the_way_is_refused(port, wallet):
    from dataclasses import replace

    item = spawn_item(wallet)
    raw = bytearray(item.raw)
    raw[-1] ^= 1
    failure(NetworkRefused, lambda: port.spawn(replace(item, raw=bytes(raw))), "valid and signed data item")


def test_a_message_that_is_too_large_is_not_sent(port, node, wallet, process):
    sent = node.count("POST")
    failure(
        LimitExceeded,
        lambda: port.message(action(wallet, process, "Eval", b"-" * 102_400)),
        "network `test` takes 102,400",
    )
    assert node.count("POST") == sent


def test_a_network_that_is_not_there(waiting):
    units = Units(mu="http://127.0.0.1:1", cu="http://127.0.0.1:1", su="http://127.0.0.1:1")
    port = Legacynet("test", units, http=Http(timeout=TIMEOUT), patience=waiting.patience(deadline=60.0))
    failure(NetworkError, lambda: port.result(ABSENT, ABSENT), "the compute unit", "there is no connection")
    failure(NetworkError, lambda: port.find(ABSENT, ABSENT), "the scheduler unit", "there is no connection")


def test_a_messenger_that_is_not_there_is_given_up_after_the_deadline(waiting, wallet):
    units = Units(mu="http://127.0.0.1:1", cu="http://127.0.0.1:1", su="http://127.0.0.1:1")
    port = Legacynet("test", units, http=Http(timeout=TIMEOUT), patience=waiting.patience(deadline=60.0))
    failure(NetworkError, lambda: port.spawn(spawn_item(wallet)), "the messenger unit", "there is no connection")
    assert 40 < waiting.now <= 60


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("html", "answered with HTTP status 500"),
        ("rate-limited", "Rate limit exceeded"),
        ("busy", "is still evaluating"),
        ("truncated", "the answer broke off"),
        ("request-lost", "the connection broke off"),
        ("redirect", "redirects more than 5 times"),
    ],
)
def test_a_fault_that_does_not_end_is_told(node, port, process, kind, said):
    node.fail(Fault(kind=kind, on="/cu/result", times=10_000))
    error = RateLimited if kind == "rate-limited" else NetworkError
    failure(error, lambda: port.result(process, process), said)


def test_a_redirect_that_would_lose_the_item_is_refused(node, port, wallet):
    node.fail(Fault(kind="moved", on="POST /mu"))
    failure(NetworkRefused, lambda: port.spawn(spawn_item(wallet)), "redirects with HTTP status 302")


def test_a_message_that_the_process_never_got_has_no_result(port, process):
    failure(NetworkError, lambda: port.result(process, ABSENT), "was not found")


def test_a_messenger_that_answers_for_another_item(waiting, wallet):
    from tim3tool.localnet.server import as_json

    with serving(lambda _: as_json({"id": ABSENT})) as served:
        port = port_to(served, waiting)
        failure(NetworkRefused, lambda: port.spawn(spawn_item(wallet)), f"answered for `{ABSENT}`")


def test_a_page_of_a_proxy_is_no_acceptance(waiting, wallet, embedded):
    """A 200 with HTML is from somebody in between; the network is asked before the item is sent again."""
    from tim3tool.localnet.server import Answer

    node = LegacynetNode(embedded)
    pages = [Answer(body=b"<html>Please log in</html>")]

    def answer(request):
        return pages.pop() if request.path == "/mu/" and pages else node.answer(request)

    with serving(answer) as served:
        process = port_to(served, waiting).spawn(spawn_item(wallet))
        looked = served.count("^GET ")
        assert looked > 1
        assert served.asked == ["POST /mu/", *[f"GET /su/processes/{process}"] * looked, "POST /mu/"]
    assert evaluated(embedded, process) == {process: 1}
