"""Constants for Lua: typed as YAML writes them, or refused."""

from __future__ import annotations

import pytest

from tim3tool.project import Context, config_of

BASE = "processes:\n  a:\n    entry: main.lua\n    config:\n"


def value(project, written: str):
    manifest = project.load(f"{BASE}      x: {written}\n")
    context = Context(processes={"a": "ID"}, network="local", owner="ME", env={"E": "env"})
    return config_of(manifest.processes["a"], manifest.network("local"), context)["x"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", 1),
        ("-0", 0),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("1.0", 1.0),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        ("true", True),
        ("false", False),
        ("yes", "yes"),
        ("0123", "0123"),
        ("12:30:45", "12:30:45"),
        (".5", ".5"),
        ("0x10", "0x10"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("''", ""),
        ("[1, a, [2.0]]", [1, "a", [2.0]]),
        ("{a: {b: 1}, '2': x}", {"a": {"b": 1}, "2": "x"}),
        ("{}", {}),
        ("[]", []),
        ("\"{{ processes['a'].id }}/{{ env.E }}/{{ owner }}\"", "ID/env/ME"),
    ],
)
def test_a_value_has_the_type_it_is_written_with(project, written, expected):
    found = value(project, written)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("9223372036854775808", "Lua has no number `9223372036854775808`"),
        ("-9223372036854775809", "Lua has no number"),
        ("9" * 5000, "Lua has no number"),
        ("1e999", "Lua has no number `1e999`"),
        ("", "a constant in `config` of process `a` has no value"),
        ("null", "has no value"),
        ("[~]", "has no value"),
        ("\"{{ processes['b'].id }}\"", "`b`"),
    ],
)
def test_a_value_that_lua_cannot_have_is_refused_with_its_place(project, written, told):
    said = project.refusal(f"{BASE}      x: {written}\n")
    assert told in said
    assert "aoform.yaml:5:" in said


def test_config_must_be_a_mapping(project):
    assert "`config` of process `a` must be a mapping" in project.refusal(BASE[:-1] + " [1]\n")
    told = project.refusal("networks: {n: {kind: embedded, config: x}}\n" + BASE + "      x: 1\n")
    assert "`config` of network `n` must be a mapping" in told


def test_the_network_goes_before_the_process(project):
    manifest = project.load(
        "networks: {n: {kind: embedded, config: {a: 1, b: 1}}}\n" + BASE + "      b: 2\n      c: 2\n"
    )
    context = Context(processes={}, network="n", owner="ME")
    assert config_of(manifest.processes["a"], manifest.network("n"), context) == {"a": 1, "b": 1, "c": 2}
    assert config_of(manifest.processes["a"], manifest.network("local"), context) == {"b": 2, "c": 2}
    assert config_of(None, manifest.network("n"), context) == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("minify: ful", "did you mean `full`?"),
        ("minify: [full]", "must be text"),
        ("include: x", "must be a list"),
        ("external: [[x]]", "must be text"),
        ("include: ['']", "is empty"),
    ],
)
def test_how_a_bundle_is_made_is_checked(project, line, told):
    for manifest in (
        f"processes:\n  a:\n    entry: main.lua\n    {line}\n",
        f"processes:\n  a:\n    entry: main.lua\ndefaults:\n    {line}\n",
    ):
        assert told in project.refusal(manifest)


def test_a_process_goes_before_the_defaults(project):
    manifest = project.load(
        "defaults: {minify: full, include: [a.*], external: [b]}\n"
        "processes:\n  a: {entry: main.lua}\n  b: {entry: main.lua, minify: none, include: [], external: [c]}\n"
    )
    a, b = manifest.processes["a"], manifest.processes["b"]
    assert (a.minify, a.include, a.external) == ("full", ("a.*",), ("b",))
    assert (b.minify, b.include, b.external) == ("none", (), ("c",))


def test_the_levels_are_those_of_the_bundler():
    from tim3tool.bundle import LEVELS
    from tim3tool.project.rules import MINIFY_LEVELS

    assert set(MINIFY_LEVELS) == set(LEVELS)
