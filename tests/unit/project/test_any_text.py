"""Whatever lies in a manifest, a user gets an explanation and no traceback."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.errors import ManifestError, explain
from tim3tool.project import Context, references, render, spawn_order

SETTINGS = settings(
    max_examples=sample(150),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
KEYS = st.sampled_from(
    [
        "processes",
        "networks",
        "defaults",
        "path",
        "token",
        "entry",
        "file",
        "name",
        "tags",
        "value",
        "setup",
        "action",
        "data",
        "authority",
        "module",
        "prerun",
        "directory",
        "pack",
        "kind",
        "local",
        "<<",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                "main.lua",
                "lib",
                "../x",
                "true",
                "no",
                "",
                "~",
                "a" * 43,
                "embedded",
                "?",
                "token",
                "\0",
                "x" * 300 + "/y",
            ),
            *("{{ owner }}", "{{ processes['token'].id }}", "{{ env.X }}", "{{ ''.__class__ }}", "{% if %}", "{{"),
        ]
    ),
    st.text(max_size=6),
)
TREES = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
PIECES = st.one_of(
    st.sampled_from(
        [
            "\n",
            "\n  ",
            "\n    ",
            "- ",
            ": ",
            "? ",
            "&a ",
            "*a",
            "!x ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "'",
            '"',
            "|",
            ">",
            "#",
            "\t",
            "\r\n",
            "---",
            "...",
            "%YAML 1.1\n",
            "<<: ",
            "{{ ",
            " }}",
            "\\",
            "\ufeff",
            "\x85",
            "\u2028",
            "\x00",
            "@",
        ]
    ),
    KEYS,
    VALUES,
)


def outcome(project, manifest):
    """Load, order and render all there is; return None, or what the user is told."""
    try:
        loaded = project.load(manifest)
        spawn_order(loaded, loaded.processes)
        for spec in loaded.processes.values():
            for text in spec.spawn_texts:
                references(text)
                render(text, Context(processes={}, network="local", owner="o" * 43))
    except ManifestError as error:
        message, told = error.message, explain(error)
    else:
        return None
    assert "\n" not in message
    return told


def flow(tree):
    """Write a tree as YAML, its texts plain or in quotes."""
    match tree:
        case dict():
            return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in tree.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, tree)) + "]"
        case str() if tree.isalnum() or tree in {"main.lua", "?", "~"}:
            return tree
        case _:
            return "'" + tree.replace("'", "''") + "'"


@given(st.binary(max_size=40))
@SETTINGS
def test_any_bytes(project, manifest):
    outcome(project, manifest)


@given(st.lists(PIECES, max_size=25).map("".join))
@SETTINGS
def test_anything_that_looks_like_yaml(project, manifest):
    outcome(project, manifest)


@given(
    st.dictionaries(st.sampled_from(["networks", "defaults", "path"]), TREES), st.dictionaries(KEYS, TREES, max_size=4)
)
@SETTINGS
def test_anything_that_looks_like_a_mapping(project, top, process):
    outcome(project, flow({**top, "processes": {"token": {"entry": "main.lua", **process}}}))


@given(st.lists(st.dictionaries(KEYS, TREES, max_size=4), max_size=3))
@SETTINGS
def test_anything_that_looks_like_aoforms_list(project, entries):
    outcome(project, flow([{"name": "token", "file": "main.lua", **entry} for entry in entries]))


def test_these_properties_reach_good_manifests_too(project):
    assert outcome(project, flow({"processes": {"token": {"entry": "main.lua", "tags": {"A": "{{ owner }}"}}}})) is None
