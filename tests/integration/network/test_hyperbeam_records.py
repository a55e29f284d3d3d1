"""Each recorded exchange with a real node, replayed: what the port makes of it, and that the test node answers alike."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from tim3tool.errors import NetworkError, NetworkRefused
from tim3tool.localnet import Answer, HyperbeamNode, serving
from tim3tool.network.answer import result_of
from tim3tool.network.dataitem import DataItem
from tim3tool.network.embedded import Embedded
from tim3tool.network.http import Http
from tim3tool.network.hyperbeam import Hyperbeam
from tim3tool.network.protocol import message_item, process_item
from tim3tool.network.terms import HYPERBEAM

RECORDS = Path(__file__).parents[2] / "data" / "captures" / "hyperbeam-replies"
PROBE = "Q8WLDrFciGvaz4q8rQhS52XPOjIOWJUa91OZgj4LzUs"
ABSENT = "A" * 43
MODULE = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"


def record(number):
    """Return the request line, the item id, and the answer of a record."""
    (path,) = RECORDS.glob(f"{number}-*.txt")
    asked, _, told = path.read_text().partition("\n--> ")
    status, _, rest = told.partition("\n")
    head, _, body = rest.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines() if re.match(r"[a-z0-9+-]+: ", line))
    kept = {name: value for name, value in headers.items() if name in ("process", "slot", "content-type", "status")}
    line = next(each for each in asked.splitlines() if each.startswith(("GET", "POST")))
    item = re.search(r"item id ([\w-]{43})|item id \(([\w-]{43})\)|= item id \(([\w-]{43})\)", asked)
    answer = Answer(status=int(status.split()[0]), body=body.strip().encode(), headers=kept)
    return line, next((group for group in item.groups() if group), "") if item else "", answer


def item_of(identifier, target):
    """An item that only has to have an id: the record stands for its signature."""

    class Recorded(DataItem):
        __slots__ = ()

        @property
        def id(self) -> str:
            return identifier

    return Recorded(raw=b"item", signature=b"", owner=b"", target=target, anchor=b"", tag_bytes=b"", tags=(), data=b"")


def replaying(waiting, *numbers, deadline=20.0):
    """A port to a server that answers as recorded where it is asked as recorded, and with 404 elsewhere."""
    known = {}
    for number in numbers:
        line, _, answer = record(number)
        known[line.partition("?")[0]] = answer

    def answer(request):
        return known.get(f"{request.method} {request.path}", Answer(status=404, body=b'{"reason": "no record"}'))

    def port(served):
        return Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=deadline))

    return serving(answer), port


def test_the_address(waiting):
    server, port = replaying(waiting, "01")
    with server as served:
        assert port(served).scheduler == "4HtVlk4F3gDqoKsu9JK1BCUgE7MQJ1tbSFLvWZsABfQ"


SPAWNS = {"04": "0", "05": "1", **dict.fromkeys(("44", "47", "49", "71", "84", "91", "94", "100"), "0")}


@pytest.mark.parametrize(("number", "slot"), SPAWNS.items())
def test_spawns_that_were_taken(waiting, number, slot):
    _, _, answer = record(number)
    process = answer.headers["process"]
    assert answer.headers["slot"] == slot
    server, port = replaying(waiting, number)
    with server as served:
        assert port(served).spawn(item_of(process, "")) == process


@pytest.mark.parametrize(
    ("number", "said"),
    [("42", "no_viable_responses"), ("43", "No scheduler information provided."), ("04", "answered for process `Q8WL")],
)
def test_spawns_that_were_not(waiting, number, said):
    server, port = replaying(waiting, number)
    with server as served, pytest.raises(NetworkRefused) as caught:
        port(served).spawn(item_of(ABSENT, ""))
    assert said in caught.value.message


@pytest.mark.parametrize("number", ["41", "53", "55"])
def test_spawns_whose_failure_the_node_does_not_explain(waiting, number):
    server, port = replaying(waiting, number)
    with server as served, pytest.raises(NetworkError, match="answered with HTTP status") as caught:
        port(served).spawn(item_of(ABSENT, ""))
    assert caught.value.exit_code == 3


PUSHES = [
    path.name.partition("-")[0]
    for path in sorted(RECORDS.glob("*.txt"))
    if "~process@1.0/push" in path.read_text().partition("-->")[0] and "\n--> 200" in path.read_text()
]


def test_there_are_records_of_pushes():
    assert len(PUSHES) > 20


@pytest.mark.parametrize("number", PUSHES)
def test_each_push_that_was_taken_is_taken_here_in_every_codec(waiting, number):
    line, identifier, answer = record(number)
    process = answer.headers["process"]
    assert process in line
    server, port = replaying(waiting, number)
    with server as served:
        sent = item_of(identifier or ABSENT, process)
        assert port(served).message(sent) == sent.id
        assert len(served.asked) == 1


@pytest.mark.parametrize(("number", "text"), [("13", "4"), ("72", "1"), ("93", "42")])
def test_a_push_that_answers_with_json_brings_the_result(waiting, number, text):
    _, identifier, answer = record(number)
    server, port = replaying(waiting, number)
    with server as served:
        opened = port(served)
        process = answer.headers["process"]
        message = opened.message(item_of(identifier or ABSENT, process))
        assert opened.result(process, message).text == text
        assert len(served.asked) == 1


@pytest.mark.parametrize("number", ["36", "39", "45", "101"])
def test_pushes_that_failed(waiting, number):
    line, identifier, _ = record(number)
    process = re.search(r"POST /([\w-]{43})", line)[1]
    server, port = replaying(waiting, number)
    with server as served, pytest.raises(NetworkError) as caught:
        port(served).message(item_of(identifier or ABSENT, process))
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("number", "slot", "text"),
    [("17", 6, "scheduled"), ("31", 8, '\n\nerror:\n[string ".handlers"]:723: [string "aos"]:1: boom')],
)
def test_results_by_slot(waiting, number, slot, text):
    line, _, computed = record(number)
    assert f"compute={slot}/results" in line

    known = {"process": PROBE, "slot": str(slot)}
    with serving(lambda request: computed if request.method == "GET" else Answer(headers=known)) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=20.0))
        result = port.result(PROBE, port.message(item_of("B" * 43, PROBE)))
        assert served.asked[-1] == line
    assert result.text == text


def test_a_slot_that_is_not_there_yet_is_waited_for(waiting):
    future, done = record("25")[2], record("17")[2]
    answers = [future, future, done]

    def answer(request):
        if request.method == "POST":
            return Answer(headers={"process": PROBE, "slot": "6"})
        return answers.pop(0)

    with serving(answer) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience())
        assert port.result(PROBE, port.message(item_of("B" * 43, PROBE))).text == "scheduled"
    assert len(waiting.pauses) == 2


def test_what_a_native_lua_process_throws_is_its_error(waiting):
    thrown = record("102")[2]

    def answer(request):
        return Answer(headers={"process": PROBE, "slot": "0"}) if request.method == "POST" else thrown

    with serving(answer) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=20.0))
        message = port.message(item_of("B" * 43, PROBE))
        document = thrown.body.decode()
        if document.endswith("}"):
            json.loads(document)
        assert port.result(PROBE, message).error


def test_items_are_looked_for_in_the_recorded_schedule(waiting):
    """The record is cut off after its first entry: slot 1, where the same spawn came once more."""
    current, schedule = record("06")[2], record("26")[2]
    first = schedule.body.partition(b',\n  {\n   "cursor": 2')[0] + b"]}"
    assert [edge["cursor"] for edge in json.loads(first)["edges"]] == [1]

    def answer(request):
        return current if request.path.endswith("/slot/current") else Answer(body=first)

    with serving(answer) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=20.0))
        assert port.find(PROBE, PROBE)
        assert not port.find(PROBE, "B" * 43)
        assert port.find(ABSENT, PROBE)  # as an item of any process


SLOTS = ["06", "07", "15", "16", "30", "48", "50", "51", "54", "56", "57", "77", "86", "103"]


@pytest.mark.parametrize("number", SLOTS)
def test_a_process_without_slots_is_not_there(waiting, number):
    line, _, current = record(number)
    process = re.search(r"/([\w-]{43})", line)[1]
    with serving(lambda _: current) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=20.0))
        assert port.find(process, process) == (current.body != b"-1")


def test_a_process_that_the_node_does_not_know_is_not_there(waiting):
    with serving(lambda _: record("40")[2]) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=20.0))
        assert not port.find(ABSENT, ABSENT)


def test_a_dry_run(waiting):
    line, _, _ = record("34")
    server, port = replaying(waiting, "34")
    with server as served:
        result = port(served).dry_run(PROBE, owner="", tags=[("Action", "Info")], data="")
        assert result.text == "New Message From 123...234: Action = Info"
        assert served.asked[0].replace("%2F", "/") == line


def test_published_state(waiting):
    line, _, answer = record("97")
    process = re.search(r"/([\w-]{43})", line)[1]
    server, port = replaying(waiting, "97")
    with server as served:
        assert port(served).state(process, "count") == answer.body.decode() == "3"
        assert port(served).state(process, "nothing") is None


@pytest.mark.parametrize("number", ["14", "76"])
def test_an_item_that_a_node_will_not_push_is_scheduled_instead(waiting, number):
    """Record 14 answers in parts, 76 in JSON; the slot stands in a header of both."""
    line, identifier, scheduled = record(number)
    process = scheduled.headers["process"]
    unpushed = Answer(status=400, body=b'{"status": 400}')
    current = Answer(body=str(int(scheduled.headers["slot"]) - 1).encode())
    empty = Answer(body=b'{"edges": []}')

    def answer(request):
        if request.method == "GET":
            return current if request.path.endswith("/slot/current") else empty
        return scheduled if request.path.endswith("/schedule") else unpushed

    with serving(answer) as served:
        port = Hyperbeam("node", served.url, http=Http(timeout=1.0), patience=waiting.patience(deadline=20.0))
        port.message(item_of(identifier or "B" * 43, process))
        posts = [each for each in served.asked if each.startswith("POST")]
        assert posts == [
            f"POST /{process}~process@1.0/push",
            line.partition("?")[0],
            f"POST /{process}~process@1.0/push&slot={scheduled.headers['slot']}",
        ]


RESULTS = ["17", "18", "19", "20", "22", "31", "34", "87", "92", "95", "96", "99"]


@pytest.mark.parametrize("number", RESULTS)
def test_every_shape_of_a_result_is_read(number):
    result = result_of(json.loads(record(number)[2].body))
    assert result is not None
    assert isinstance(result.text, str)
    assert result.text


# What the port never asks, and so has nothing to make of.
UNASKED = {
    "02": "the address is asked for as text (01)",
    "03": "what the node was built from",
    "08": "the process's own item",
    "09": "the process's own item",
    "21": "the slot that a computation is at; the schedule says which there are (the test node answers alike)",
    "23": "likewise",
    "24": "a result is asked for with `require-codec`; an `accept` header brings links",
    "27": "a schedule without aos-2 has no ids in the record, which left commitments out",
    "35": "a dry-run is a GET (34)",
    "52": "the id of an item is computed, not asked for",
    "58": "likewise",
    "98": "what a process published at an older slot",
}


def test_every_record_is_replayed_or_says_why_not():
    named = set(re.findall(r'"(\d\d+)"', Path(__file__).read_text()))
    there = {path.name.partition("-")[0] for path in RECORDS.glob("*.txt")}
    assert there - named - set(PUSHES) == set()
    assert set(UNASKED) <= there


# The test node answers alike ------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path, wallet):
    """A test node that evaluated the same Evals as the recorded one, and the process they went to."""
    ticks = itertools.count(1_800_000_000_000)
    node = HyperbeamNode(Embedded(tmp_path / "node.sqlite", clock=lambda: next(ticks), once=False))
    spawn = process_item(
        wallet, module=MODULE, scheduler=node.address, authorities=[node.address], nonce="n", terms=HYPERBEAM
    )
    with serving(node.answer) as served:
        http = Http(timeout=5.0)

        def ask(method, path, item=None):
            return http.send(method, served.url + path, headers={}, body=item.raw if item else None)

        replies = {"04": ask("POST", "/push", spawn)}
        for number, code in (("13", b"return 4"), ("29", b'error("boom")')):
            item = message_item(wallet, target=spawn.id, tags=[("Action", "Eval")], data=code, terms=HYPERBEAM)
            replies[number] = ask("POST", f"/{spawn.id}~process@1.0/push", item)
        query = "?require-codec=application/json&accept-bundle=true"
        paths = {
            "06": f"/{spawn.id}/slot/current",
            "17": f"/{spawn.id}~process@1.0/compute=1/results{query}",
            "20": f"/{spawn.id}~process@1.0/compute=1/results/json/body",
            "21": f"/{spawn.id}~process@1.0/compute=1/at-slot",
            "25": f"/{spawn.id}~process@1.0/compute=9/results{query}",
            "31": f"/{spawn.id}~process@1.0/compute=2/results{query}",
            "40": f"/{ABSENT}~process@1.0/compute=0/results{query}",
        }
        yield replies | {number: ask("GET", path) for number, path in paths.items()}


@pytest.mark.parametrize("number", ["04", "06", "13", "17", "20", "21", "25", "31", "40"])
def test_the_test_node_answers_with_the_members_of_the_record(own, number):
    recorded, reply = record(number)[2], own[number]
    assert reply.status == recorded.status
    assert {"process", "slot"} & reply.headers.keys() == {"process", "slot"} & recorded.headers.keys()
    if number in ("04", "06", "21"):  # plain text, or the page for a browser
        assert number == "04" or reply.text.isdigit()
        return
    document = json.loads(recorded.body)
    assert reply.document.keys() - {"process", "slot"} <= document.keys()
    ours, theirs = result_of(reply.document), result_of(document)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert (ours.error is None) == (theirs.error is None)
        assert set(ours) == set(theirs)
