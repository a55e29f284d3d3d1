"""What counts as the expected answer, and what a user is told about any other."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.aos import Result
from tim3tool.deploy import expect
from tim3tool.errors import ProcessFailed, explain
from tim3tool.project import Context, load

OWNER, TOKEN = "o" * 43, "t" * 43
CONTEXT = Context(processes={"token": TOKEN}, network="local", owner=OWNER)


def message(data="", target=OWNER, **tags):
    named = [{"name": "Data-Protocol", "value": "ao"}, *({"name": name, "value": tags[name]} for name in tags)]
    return {"Target": target, "Data": data, "Tags": named}


def answer(*messages, printed=""):
    return Result({"Output": {"data": printed}, "Messages": list(messages), "Spawns": [], "Assignments": []})


@pytest.fixture
def wanted(tmp_path):
    (tmp_path / "main.lua").touch()

    def make(written, *, sender=OWNER):
        manifest = f"processes: {{token: {{entry: main.lua, setup: [{{action: A, expect: {written}}}]}}}}\n"
        (tmp_path / "aoform.yaml").write_text(manifest)
        (given,) = load(tmp_path / "aoform.yaml").process("token").setup
        return expect.rendered(given.expect, CONTEXT, sender=sender)

    return make


def notes(result, wanted):
    with pytest.raises(ProcessFailed, match=r"it was not answered as expected") as caught:
        expect.check(result, "it", wanted)
    assert caught.value.exit_code == 1
    assert caught.value.where.line == 1
    return caught.value.notes


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("{action: Done}", answer(message(Action="Done"))),
        ("{action: Done}", answer(message(Action="Other"), message(Action="Done", More="1"))),
        ("{tags: {quantity: 5}}", answer(message(Action="Done", Quantity="5"))),
        ("{tags: {Quantity: 5}}", answer(message(Quantity=5))),
        ('{tags: {Token: "{{ processes.token.id }}"}}', answer(message(Token=TOKEN))),
        ('{target: "{{ processes.token.id }}"}', answer(message(target=TOKEN))),
        ("{data: yes}", answer(message("yes"))),
        ("{data: ''}", answer(message(" "))),
        ("{data: ''}", answer({"Target": OWNER, "Tags": []})),
        ("{json: {a: 1, b: {c: [x, true]}}}", answer(message('{"a": 1.0, "b": {"c": ["x", true], "d": 2}, "e": 3}'))),
        ("{json: [1, 2]}", answer(message("[1, 2]"))),
        ("{output: went}", answer(printed="it \x1b[31mwent\x1b[0m well")),
        ("[{action: One}, {action: Two}]", answer(message(Action="Two"), message(Action="One"))),
        ("[{action: One}, {output: x}]", answer(message(Action="One"), printed="x")),
        ("{action: One, output: x}", answer(message(Action="One"), printed="x")),
    ],
)
def test_what_is_expected_is_found(wanted, written, result):
    expect.check(result, "it", wanted(written))


@pytest.mark.parametrize(
    ("written", "result", "told"),
    [
        ("{action: Done}", answer(), [f"expected a message to `{OWNER}` with Action `Done`", "the process sent no message"]),
        (
            "{action: Done}",
            answer(printed="no"),
            [f"expected a message to `{OWNER}` with Action `Done`", "the process sent no message", "it printed `no`"],
        ),
        (
            "{action: Done, tags: {Quantity: 5, Fee: 1}}",
            answer(message(Action="Other"), message("x", Action="Done", Quantity="7")),
            [
                f"expected a message to `{OWNER}` with Action `Done`, Quantity `5`, Fee `1`",
                "the process sent 2 messages; number 2 is nearest: Action `Done`, Quantity `7`, Data `x`",
                "Quantity: expected `5`, came `7`",
                "Fee: expected `1`, not there",
            ],
        ),
        (
            "{action: Done}",
            answer(message(target=TOKEN, Action="Done")),
            [
                f"expected a message to `{OWNER}` with Action `Done`",
                "the process sent one message: Action `Done`, Data ``",
                f"Target: expected `{OWNER}`, came `{TOKEN}`",
            ],
        ),
        (
            "{data: yes}",
            answer(message("no\x1b[2J")),
            [
                f"expected a message to `{OWNER}` with Data `yes`",
                "the process sent one message: Data `no\\x1b[2J`",
                "Data: expected `yes`, came `no\\x1b[2J`",
            ],
        ),
        ("{output: went}", answer(printed="stood"), ["expected in its output: `went`", "it printed `stood`"]),
        ("{output: went}", answer(), ["expected in its output: `went`", "it printed nothing"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(wanted, written, result, told):
    assert list(notes(result, wanted(written))) == told


@pytest.mark.parametrize(
    ("written", "data", "told"),
    [
        ("{a: 1}", "no", "Data: expected JSON, came `no`"),
        ("{a: 1}", "[1]", 'Data: expected `{"a": 1}`, came `[1]`'),
        ("{a: 1}", "{}", "Data.a: expected `1`, not there"),
        ("{a: {b: [1, 2]}}", '{"a": {"b": [1, 3]}}', "Data.a.b[1]: expected `2`, came `3`"),
        ("{a: [1]}", '{"a": [1, 2]}', "Data.a: expected `[1]`, came `[1, 2]`"),
        ("{a: true}", '{"a": 1}', "Data.a: expected `true`, came `1`"),
        ("{a: 1}", '{"a": true}', "Data.a: expected `1`, came `true`"),
        ("{a: '1'}", '{"a": 1}', 'Data.a: expected `"1"`, came `1`'),
        ("{a: x}", '{"a": null}', 'Data.a: expected `"x"`, came `null`'),
        ("{a: 1}", "[" * 100_000, "Data: expected JSON, came `" + "[" * 119 + "…`"),
    ],
)
def test_json_is_compared_member_by_member(wanted, written, data, told):
    assert notes(answer(message(data)), wanted(f"{{json: {written}}}"))[2] == told


def test_the_error_shows_what_was_expected_at_its_place(wanted, tmp_path):
    with pytest.raises(ProcessFailed) as caught:
        expect.check(answer(), "the answer", wanted("{action: Done}"), help="mend it")
    lines = explain(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert lines[:2] == ["error: the answer was not answered as expected", " --> aoform.yaml:1:66"]
    assert lines[4].endswith("^ no such reply")
    assert lines[-1] == "  = help: mend it"


def test_where_nobody_is_known_to_have_asked_any_target_will_do(wanted):
    expect.check(answer(message(target="", Action="Done")), "it", wanted("{action: Done}", sender=None))


def test_messages_of_any_shape_are_compared(wanted):
    odd = [{}, {"Tags": None}, {"Tags": ["x", {}]}, {"Tags": [{"name": "Action"}], "Data": {"a": 1}}]
    assert "Action: expected `Done`, not there" in notes(answer(*odd), wanted("{action: Done}"))
    expect.check(answer({"Data": {"a": 1}}), "it", wanted("{json: {a: 1}}", sender=None))


def test_a_digest_tells_expectations_apart(wanted):
    forms = ["{action: A}", "{action: B}", "{tags: {A: A}}", "{data: A}", "{output: A}", "{json: A}", "{json: 1}", "{json: true}"]  # fmt: skip
    assert len({expect.digest(wanted(form)) for form in forms}) == len(forms)
    assert expect.digest(wanted("{action: A}")) == expect.digest(wanted("{ action:   'A' }"))


_JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=sample(300), deadline=None)
@given(_JSON, st.dictionaries(st.text(), _JSON, max_size=3))
def test_json_holds_itself_and_more_but_nothing_else(document, more):
    def of(value):
        return (expect.Wanted(where=None, is_reply=True, tags=(), data=None, json=value, target=None, output=None),)

    expect.check(answer(message(json.dumps(document))), "it", of(document))
    if isinstance(document, dict):
        expect.check(answer(message(json.dumps({**more, **document}))), "it", of(document))
    if isinstance(document, float | int):
        other = math.nextafter(document, math.inf) if isinstance(document, float) else not document
        with pytest.raises(ProcessFailed):
            expect.check(answer(message(json.dumps(other))), "it", of(document))
