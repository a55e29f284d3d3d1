"""Comparing answers with recorded ones: what counts as a difference, and what does not."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.aos.transcript import difference, load
from tim3tool.errors import UsageError

TRANSCRIPTS = Path(__file__).parents[2] / "data" / "transcripts"
OUTPUTS = [
    step["output"]
    for path in sorted(TRANSCRIPTS.glob("*aos2_0_6.json"))
    for step in json.loads(path.read_text())["steps"]
]

_spec = importlib.util.spec_from_file_location("reference", TRANSCRIPTS / "compare.py")
assert _spec is not None
assert _spec.loader is not None
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)


def tagged(*tags: tuple[str, object], data: object = "x"):
    fixed = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message"), ("Reference", "1")]
    return {"Messages": [{"Data": data, "Tags": [{"name": n, "value": v} for n, v in (*fixed, *tags)]}]}


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ({"Error": "table: 0x55aa"}, {"Error": "table: 0x1234567"}),
        ({"Error": '[string ".handlers"]:723: x'}, {"Error": '[string ".handlers"]:5: x'}),
        ({"Error": "x", "GasUsed": 5}, {"Error": "x"}),
        ({"Error": "x", "Output": None}, {"Error": "x"}),
        ({"Output": {"n": 10}}, {"Output": {"n": 10.0}}),
        (tagged(("A", "1"), ("B", "2")), tagged(("B", "2"), ("A", "1"))),
        (tagged(data='{"a":1,"b":2}'), tagged(data='{"b":2,"a":1}')),
    ],
)
def test_what_no_two_runs_share_is_no_difference(want, got):
    assert difference(want, got) is None
    assert reference.first_difference(reference.normal(want), reference.normal(got)) is None


@pytest.mark.parametrize(
    ("want", "got", "at"),
    [
        ({"Error": '[string "aos"]:1: x'}, {"Error": '[string "aos"]:2: x'}, "output.Error"),
        ({"Output": {"n": 1}}, {"Output": {"n": True}}, "output.Output.n"),
        ({"Output": {"n": "1"}}, {"Output": {"n": 1}}, "output.Output.n"),
        (tagged(data='{"a":1e14}'), tagged(data='{"a":100000000000000}'), "output.Messages[0].Data"),
        (tagged(("A", "1")), tagged(("A", "1"), ("A", "1")), "output.Messages[0].Tags[5]"),
        ({"Messages": []}, tagged(), "output.Messages[0]"),
        ({"__throw": "x"}, {"Error": "x"}, "output.Error"),
    ],
)
def test_everything_else_is(want, got, at: str):
    found = difference(want, got)
    assert found is not None
    assert found.at == at
    assert reference.first_difference(reference.normal(want), reference.normal(got)) is not None


def test_a_difference_is_shown_with_both_values():
    text = str(difference({"Error": "then"}, {"Error": "now"}))
    assert text == 'output.Error\n  recorded: "then"\n  now:      "now"'
    assert "… (400 characters)" in str(difference({"Error": "x" * 398}, {"Error": "y"}))
    assert "now:      nothing" in str(difference({"Error": "x"}, {}))


def mutated(value, draw):
    """Change one thing somewhere inside a value."""
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.booleans()):
            del value[key]
        else:
            value[key] = mutated(value[key], draw)
        return value
    if isinstance(value, list) and value:
        index = draw(st.integers(0, len(value) - 1))
        if draw(st.booleans()):
            value.insert(index, value[draw(st.integers(0, len(value) - 1))])
        else:
            value[index] = mutated(value[index], draw)
        return value
    return draw(
        st.sampled_from(["", "x", 1, 1.0, True, None, "table: 0x12ab34", '[string ".ao"]:9: e', '{"b":1,"a":2}'])
    )


@settings(max_examples=sample(200), derandomize=True, deadline=None)
@given(data=st.data())
def test_the_verdict_is_that_of_the_reference(data):
    want = data.draw(st.sampled_from(OUTPUTS))
    got = mutated(copy.deepcopy(want), data.draw)
    theirs = reference.first_difference(reference.normal(want), reference.normal(got))
    assert (difference(want, got) is None) == (theirs is None), (want, got, theirs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[]", "it is not an object"),
        ("{}", "`env.Process` is missing"),
        ('{"env": {"Process": {}}}', "`steps` is missing"),
        ('{"env": {"Process": {}}, "steps": [5]}', "step 0 is not an object"),
        ('{"env": {"Process": {}}, "steps": [{}]}', "`input` of step 0 is missing"),
        ('{"env": {"Process": {}}, "steps": [{"label": "a", "input": {}}]}', "`output` of a is missing"),
        ('{"env": {"Process": {}}, "steps": [{"input": {"Tags": [1]}, "output": {}}]}', "is no list of tags"),
        ("\xff", "Expecting value"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_transcript_is_refused(tmp_path, text: str, message: str):
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.json")
