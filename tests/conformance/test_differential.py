"""Generated programs: the mock answers as the real module does, step by step; what once differed stays tested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample
from real import AUTHORITY, OWNER, PID, answers, difference, mock_process, needs_module, real_process

from tim3tool.aos import MODULES

REGRESSIONS = json.loads((Path(__file__).parent.parent / "data" / "regressions.json").read_text())


def named(regression):
    return regression["aos"] + " " + json.dumps(regression["steps"])[:60]


def differences(want, got):
    return [found for found in map(difference, want, got) if found]


@pytest.mark.parametrize("regression", REGRESSIONS, ids=named)
def test_what_once_differed_on_the_mock(regression):
    assert differences(regression["answers"], answers(mock_process(regression["aos"]), regression["steps"])) == []


@needs_module
@pytest.mark.parametrize("regression", REGRESSIONS, ids=named)
def test_what_once_differed_on_the_real_module(regression):
    assert differences(regression["answers"], answers(real_process(regression["aos"]), regression["steps"])) == []


# Values ------------------------------------------------------------------------------------------------------------------

TEXTS = ["", "a", "A b", "5", "x-y", "0x10", "line\\nbreak", '\\"q\\"', "\\195\\169", "%d+", "ALICE", "Ping"]
NUMBERS = ["0", "-1", "5", "2.5", "5.0", "1e15", "2^53", "1/0", "123456789012345", "-0.0"]
texts = st.sampled_from(TEXTS).map(lambda text: f'"{text}"')
scalars = texts | st.sampled_from([*NUMBERS, "true", "false"])
# Tables have at most one key that is no index, since the order of several is nobody's promise.
values = st.recursive(
    scalars | st.just("nil"),
    lambda inner: (
        st.lists(inner.filter(lambda v: v != "nil"), max_size=3).map(lambda items: "{" + ", ".join(items) + "}")
        | inner.map(lambda item: "{k = " + item + "}")
        | inner.map(lambda item: '{["A-b c"] = ' + item + "}")
    ),
    max_leaves=5,
)
tables = values.filter(lambda value: value.startswith("{"))

# Patterns, every row of the facts' section 6.2 -----------------------------------------------------------------------------

ACTIONS = ["Ping", "Pong", "ping", "Get-Info", "A.b"]
names = st.sampled_from(["h1", "h2", "h3", "_eval", "_default", "nobody"])
decisions = st.sampled_from(
    ["true", "false", "1", "0", "-1", "1.5", '"continue"', '"break"', '"skip"', '"other"', "nil", "{}"]
)
value_patterns = st.recursive(
    st.sampled_from(
        ['"_"', '"Ping"', '"ping"', '"^P"', '"%d+"', '"^%S+$"', '"x-y"', '"a.c"', "5", "true", "false", '""']
    )
    | st.sampled_from(["v == m.Action", "v", "0", "nil", "print(v)", "m.Tags and v"]).map(
        lambda body: f"function(v, m) return {body} end"
    ),
    lambda inner: st.lists(inner, max_size=2).map(lambda items: "{" + ", ".join(items) + "}"),
    max_leaves=3,
)
KEYS = ["Action", "Data", "From", "Owner", "Quantity", "X-Foo", "x-foo", "From-Process", "Type", "Timestamp", "Nope"]
patterns = st.one_of(
    st.sampled_from(ACTIONS).map(lambda action: f'"{action}"'),
    st.tuples(st.sampled_from(KEYS), value_patterns).map(lambda pair: f'{{["{pair[0]}"] = {pair[1]}}}'),
    # Only the message under test is decided so, or an Eval would not get through any more.
    decisions.map(lambda result: f"function(m) if m.From ~= OWNER then return {result} end return false end"),
    st.just('Handlers.utils.hasMatchingTag("Action", "Ping")'),
    st.just('Handlers.utils.hasMatchingTagOf("Action", {"Ping", "Pong"})'),
    st.just('Handlers.utils.hasMatchingData("hello")'),
    st.just('Handlers.utils.continue("Ping")'),
    st.sampled_from(["{}", "5", "nil"]),
)

# Statements ------------------------------------------------------------------------------------------------------------------

tag_names = st.sampled_from(["Action", "Quantity", "x-foo", "Reference", "Type", "Content-Type", "X_y"])
sent = st.one_of(
    st.tuples(tag_names, scalars).map(lambda pair: f'Target = "T", ["{pair[0]}"] = {pair[1]}'),
    values.map(lambda value: f'Target = "T", Data = {value}'),
    st.tuples(tag_names, scalars).map(lambda pair: f'Target = "T", Tags = {{["{pair[0]}"] = {pair[1]}}}'),
    st.tuples(tag_names, scalars).map(lambda pair: f'Tags = {{{{name = "{pair[0]}", value = {pair[1]}}}}}'),
).map(lambda fields: "{" + fields + "}")

UTILS = [
    "map",
    "filter",
    "find",
    "reduce",
    "reverse",
    "keys",
    "values",
    "includes",
    "prop",
    "propEq",
    "concat",
    "curry",
]
FUNCTIONS = ["function(v, k) return v end", "function(a, b) return b end", "tostring"]
expressions = st.one_of(
    values,
    tables.map(lambda value: f"Dump({value})"),
    values.map(lambda value: f'require("json").encode({value})'),
    st.text('{}[]":,truefalsn 0123.eE+-\\', max_size=12).map(lambda text: f"require('json').decode([==[{text}]==])"),
    values.map(lambda value: f'Dump(require("json").decode(require("json").encode({value})))'),
    texts.map(lambda text: f'require(".base64").encode({text})'),
    st.text("abAB12+/=-", max_size=9).map(lambda text: f'require(".base64").decode("{text}")'),
    st.tuples(
        st.integers(-(2**70), 2**70), st.sampled_from(["+", "-", "*", "//", "%", "&", "|"]), st.integers(-99, 99)
    ).map(lambda t: f'tostring(require(".bint")(256)("{t[0]}") {t[1]} {t[2]})'),
    st.tuples(st.sampled_from(UTILS), st.lists(values | st.sampled_from(FUNCTIONS), min_size=1, max_size=3)).map(
        lambda pair: f"Dump((Utils.{pair[0]}({', '.join(pair[1])})))"
    ),
    st.tuples(st.sampled_from(["random", "abs", "floor", "tointeger"]), st.lists(scalars, max_size=2)).map(
        lambda pair: f"math.{pair[0]}({', '.join(pair[1])})"
    ),
    st.sampled_from(
        [
            "os.time()",
            "math.random()",
            "ao.id",
            "ao.reference",
            "#Inbox",
            "#Handlers.list",
            "Owner",
            "Name",
            "Version()",
            "tostring(Errors[1])",
            "HANDLER_PRINT_LOGS",
        ]
    ),
    st.tuples(scalars, st.sampled_from(["+", "-", "..", "<", "==", "//", "%", "&", "and", "or"]), scalars).map(
        " ".join
    ),
)
# What reaches for the host, and what Lua says of wrong arguments: called as a field, as a method, by pcall.
PROBED = {
    "io.open": ['"f"', '"f", "w"', '"f", "q"', "{}", ""],
    "io.lines": ['"f"', "{}"],
    "io.write": ['"x"', "5", "nil", "{}", ""],
    "io.type": ["io.stdout", "5", ""],
    "io.input": ['"f"', "io.stdin", "{}"],
    "io.close": ["", "io.stderr", "5"],
    "io.stdout:write": ['"x"', "{}", "nil"],
    "io.stdout:setvbuf": ['"no"', '"q"', ""],
    "io.stderr:seek": ['"end"', '"q"', ""],
    "os.remove": ['"f"', "", "{}"],
    "os.rename": ['"f", "g"', '"f"'],
    "os.getenv": ['"HOME"', '"PATH"', '"no"', ""],
    "os.date": ['"%Y"', '"%Q"', '"!%c", 5', '"%c", "x"', "{}", '"*t", 1.5'],
    "os.setlocale": ['"C"', "nil", '"C", "q"', "{}"],
    "os.execute": ["", '"ls"'],
    "loadfile": ['"f.lua"', "{}"],
    "dofile": ['"f.lua"', "{}"],
    "load": ['"return 1"', '"x ="', '"return 1", "n", "b"', '"= 1", "=name"', "5", "nil", "function() return {} end", "function() error('r') end"],
    "require": ['"a.b"', '"a"', '".crypto.bytes"', '"..a"', "{}", '"a-b.c"'],
    "package.searchpath": ['"a.b", "./?.lua"', '"a.b", "?;?x", "b", "%"', '"a"', ""],
    "package.loadlib": ['"a", "b"', '"a"'],
    "coroutine.create": ["5", "", "print"],
    "coroutine.wrap": ["5", "nil", "function() error('w') end", "function() error('w', 0) end", "function() end"],
    "coroutine.resume": ["5", "coroutine.create(function() error('r') end)", "coroutine.create(coroutine.yield), 1"],
    "coroutine.wrap(function() error('w') end)": ["", "1"],
    "coroutine.wrap(function() local x = nil .. 'x' end)": [""],
    "coroutine.status": ["5", "coroutine.create(print)"],
    "ao.send": ["nil", "5", "{}"],
    "ao.spawn": ["nil", "'m'", "'m', 5", "5, {}"],
    "ao.assign": ["nil", "{}", "{Processes = {}}"],
}  # fmt: skip
calls = st.sampled_from(sorted(PROBED)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(PROBED[name])))
ADDRESS_FREE = """(function(...)
  local shown = {...}
  for n = 1, select("#", ...) do
    shown[n] = type(shown[n]) == "string" and shown[n] or type(shown[n]) == "table" and "table" or math.type(shown[n]) and shown[n] or type(shown[n])
  end
  return table.concat(shown, "|")
end)"""
probes = st.one_of(
    calls.map(lambda call: f"local x = {call[0]}({call[1]})"),
    calls.map(lambda call: f"print({ADDRESS_FREE}({call[0]}({call[1]})))"),
    calls.map(lambda call: f"print({ADDRESS_FREE}(pcall(function() local x = {call[0]}({call[1]}) return x end)))"),
    calls.filter(lambda call: ":" not in call[0]).map(
        lambda call: f"print({ADDRESS_FREE}(pcall({call[0]}{', ' * bool(call[1])}{call[1]})))"
    ),
)
bodies = st.one_of(
    probes,
    probes,
    expressions.map(lambda value: f"print({value})"),
    expressions.map(lambda value: f"local x = {value}"),
    values.map(lambda value: f"error({value})"),
    values.map(lambda value: f"print(select(2, pcall(error, {value})))"),
    sent.map(lambda table: f"local sent = Send({table})"),
    sent.map(lambda table: f"ao.send({table}).onReply(function(r) print(r.Data or 'none') end)"),
    sent.map(lambda table: f"local spawned = Spawn('MODULE', {table})"),
    st.just("Assign({Processes = {'p'}, Message = 'm'})"),
    st.just("N = (N or 0) + 1 print(N)"),
    names.filter(lambda name: name[0] == "h").map(lambda name: f'Handlers.remove("{name}")'),
)
handler_bodies = st.one_of(
    bodies,
    sent.map(lambda table: f"m.reply({table})"),
    sent.map(lambda table: f"m.forward('F', {table})"),
    st.sampled_from(KEYS).map(lambda key: f'print(tostring(m["{key}"]) .. tostring(m.Tags["{key}"]))'),
    st.just("print(Dump(m.TagArray))"),
    st.just("print(Dump(m.Data))"),
    patterns.map(lambda pattern: f"local r = Receive({pattern}) print('woken by ' .. tostring(r.Action))"),
    st.sampled_from(ACTIONS).map(lambda action: f'Handlers.once("{action}", function(m) print("once") end)'),
)
runs = st.sampled_from(["", ", 1", ", 2", ", 0", ', "inf"', ", nil"])


def handler(call, name, pattern, body, count):
    return f'Handlers.{call}("{name}", {pattern}, function(m) {" ".join(body)} end{count})'


added = st.builds(
    handler,
    st.sampled_from(["add", "add", "append", "prepend", "once", 'before("h1").add', 'after("_eval").add']),
    names.filter(lambda name: name[0] == "h"),
    patterns,
    st.lists(handler_bodies, max_size=3),
    runs,
)
programs = st.lists(added | bodies, min_size=1, max_size=3).map("\n".join)
returned = st.tuples(expressions, st.sampled_from(["", ", nil", ", false", ", 'fault'"])).map(
    lambda pair: f"return {pair[0]}{pair[1]}"
)

# Messages --------------------------------------------------------------------------------------------------------------------

TAGS = [
    "Action",
    "Action",
    "Action",
    "action",
    "Quantity",
    "X-Foo",
    "x_foo",
    "X-Reference",
    "From-Process",
    "Type",
    "Timestamp",
]
tags = st.lists(
    st.tuples(st.sampled_from(TAGS), st.sampled_from([*ACTIONS, "5", "", "1", "Process", "x-y"])).map(list), max_size=4
)
datas = st.sampled_from(["hello", "", "5", '{"a":[1,{"b":null}]}', "[", "not json", None])


def plain(senders, pairs, data, kind):
    sender, owner = senders
    fields = {"From": sender, "Owner": owner, "Tags": pairs + kind}
    return fields if data is None else {**fields, "Data": data}


people = st.sampled_from(
    [("ALICE", "ALICE")] * 4 + [("BOB", AUTHORITY), ("BOB", "MALLORY"), ("T", AUTHORITY), (PID, AUTHORITY)]
)
kinds = st.sampled_from([[]] * 5 + [[["Content-Type", "application/json"]]])
messages = st.builds(plain, people, tags, datas, kinds)
steps = st.lists(programs | returned | messages | messages, min_size=1, max_size=5)


@needs_module
@pytest.mark.parametrize("version", MODULES.values())
def test_generated_programs(version: str):
    prelude = f'OWNER = "{OWNER}"'

    @settings(
        max_examples=sample(40), derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(steps)
    def agree(steps):
        want = answers(real_process(version), [prelude, *steps])
        got = answers(mock_process(version), [prelude, *steps])
        assert differences(want, got) == []

    agree()
