"""Results in every shape that units and nodes were seen to send."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.network.answer import result_of

CAPTURES = Path(__file__).parents[2] / "data" / "captures"
RESULT = {"Output": {"data": "1"}, "Messages": [], "Spawns": [], "Assignments": []}


@pytest.mark.parametrize(
    "document",
    [
        RESULT,
        {"raw": RESULT},
        {"results": {"raw": RESULT}},
        {"json": {"body": json.dumps(RESULT)}},
        {"results": {"json": {"body": json.dumps(RESULT)}}},
        {"body": RESULT},
        {"body": {"results": {"raw": RESULT}}},
        {"slot": 3, "process": "x", "raw": RESULT},
    ],
)
def test_each_shape_holds_the_same_result(document):
    assert dict(result_of(document)) == RESULT


@pytest.mark.parametrize(
    "document",
    [None, "", "<html>", [], 5, True, {}, {"error": "no"}, {"output": "x"}, {"json": {"body": "{"}}, {"raw": None}],
)
def test_what_is_no_result(document):
    assert result_of(document) is None


def test_an_output_is_an_object_whatever_was_sent():
    assert dict(result_of({"Output": "", "Error": "no"})) == {"Error": "no"}
    assert result_of({"Output": 5}).text == "5"
    assert result_of({"Output": "five"}).text == "five"
    assert result_of({"Output": {"data": {"prompt": "aos> ", "output": "hello", "json": "undefined"}}}).text == "hello"
    assert result_of({"Output": {"data": {"prompt": "aos> ", "output": 5}}}).text == "5"


@pytest.mark.parametrize(
    ("error", "failed"),
    [("", False), ({}, False), ([], False), (None, False), ("x", True), ({"code": 5}, True), (5, True)],
)
def test_an_error_of_any_type(error, failed):
    result = result_of({"Error": error, "Messages": []})
    assert (result.error is not None) == failed


@pytest.mark.parametrize("path", sorted((CAPTURES / "replies").glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_result_of_a_compute_unit_is_read(path):
    recorded = json.loads(path.read_text())
    read = 0
    for name, exchange in recorded.items():
        if not isinstance(exchange, dict) or not name.endswith("_result") or not isinstance(exchange.get("body"), dict):
            continue
        body = exchange["body"]
        result = result_of(body)
        if exchange["status"] != 200 or "error" in body:
            assert result is None, name
            continue
        assert (result.error is not None) == bool(body.get("Error")), name
        assert result.messages == body.get("Messages", []), name
        read += 1
    assert read > 5


JSON_REPLIES = [
    (path, document)
    for path in sorted((CAPTURES / "hyperbeam-replies").glob("*.txt"))
    if (found := re.search(r"^\{.*\Z", path.read_text().partition("\n--> ")[2], re.DOTALL | re.MULTILINE))
    for document in [found.group()]
]


def test_recorded_results_of_a_node():
    numbers = {path.name.partition("-")[0] for path, _ in JSON_REPLIES}
    assert {"13", "17", "18", "19", "20", "22", "31", "72", "92", "93"} <= numbers


@pytest.mark.parametrize(
    ("number", "text", "failed"),
    [
        ("13", "4", False),
        ("17", "scheduled", False),
        ("18", "scheduled", False),
        ("20", "scheduled", False),
        ("22", "scheduled", False),
        ("31", '\n\nerror:\n[string ".handlers"]:723: [string "aos"]:1: boom', True),
        ("34", "New Message From 123...234: Action = Info", False),
        ("72", "1", False),
        ("92", "booted", False),
        ("93", "42", False),
    ],
)
def test_a_recorded_result_of_a_node(number, text, failed):
    (document,) = [text for path, text in JSON_REPLIES if path.name.startswith(f"{number}-")]
    result = result_of(json.loads(document))
    assert (result.text, result.error is not None) == (text, failed)


@pytest.mark.parametrize("number", ["02", "24", "25", "27", "40", "102"])
def test_a_recorded_reply_of_a_node_that_is_no_result(number):
    documents = [text for path, text in JSON_REPLIES if path.name.startswith(f"{number}-")]
    for text in documents:
        try:
            document = json.loads(text)
        except ValueError:  # the record itself is shortened
            continue
        assert result_of(document) is None


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["raw", "results", "json", "body", "Output", "Error", "Messages", "data", "output", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=sample(300), derandomize=True, deadline=None)
@given(document=json_values)
def test_any_json_is_a_result_or_none(document):
    result = result_of(document)
    if result is not None:
        assert isinstance(result.output, dict)
        assert isinstance(result.text, str)
        assert all(isinstance(each, dict) for each in (*result.messages, *result.spawns, *result.assignments))
