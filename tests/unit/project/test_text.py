"""What texts come to on a network, and which processes they need for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.errors import ManifestError, Where, explain
from tim3tool.project import Context, Text, references, render

TOKEN = "t" * 43
CONTEXT = Context(
    processes={"token": TOKEN, "market": None},
    network="local",
    owner="o" * 43,
    bundles={"token": "0123abcd"},
    env={"FEE": "30", "EMPTY": "", "__class__": "mine", "get": "got"},
    known={("network", "kind"): "hyperbeam", ("network", "node"): "http://n", ("processes", "token", "module"): "M"},
)


def text(value, form="template"):
    return Text(value=value, where=Where(path="aoform.yaml", line=1, column=1, text=value), form=form)


def refusal(value):
    with pytest.raises(ManifestError) as raised:
        render(text(value), CONTEXT)
    return raised.value


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("plain", "plain"),
        ("", ""),
        ('{"json": {"a": 1}}', '{"json": {"a": 1}}'),
        ("a\r\nb", "a\r\nb"),
        ("{{ processes['token'].id }}", TOKEN),
        ("{{ processes.token.id }}", TOKEN),
        ("{{processes . token [ 'id' ]}}", TOKEN),
        ("x {{ owner }} y\n", f"x {'o' * 43} y\n"),
        ("{{ network.name }}", "local"),
        ("{{ processes['token'].bundle.sha256 }}", "0123abcd"),
        ("{{ network.kind }} {{ network['node'] }}", "hyperbeam http://n"),
        ("{{ network.mu | default('none') }}", "none"),
        ("{{ processes.token.module }}", "M"),
        ("{{ env.FEE }}", "30"),
        ("{{ env['FEE'] }}", "30"),
        ("{{ env.EMPTY }}", ""),
        ("{{ env.get }}", "got"),
        ("{{ env.__class__ }}", "mine"),
        ("{{ env.NONE | default('10') }}", "10"),
        ("{{ env.EMPTY | default('10', true) }}", "10"),
        ("{{ env.EMPTY | default('10', boolean=true) }}", "10"),
        ("{{ env.NONE is defined }}", "False"),
        ("{{ 'a' if network.name == 'local' else processes.market.id }}", "a"),
        ("{{ 'a' if network.name != 'local' and not env.FEE else env.FEE or 'b' }}", "30"),
        ("{{ 'a' ~ env.FEE ~ 'b' | upper }}", "a30B"),
        ("{{ owner | tojson }}", f'"{"o" * 43}"'),
        ("<{{ ' x ' | trim }}>&", "<x>&"),
        ("a {{- owner -}} b", f"a{'o' * 43}b"),
        ("{# why #}{{ env.FEE }}", "30"),
        ("{% raw %}{{ owner }}{% endraw %}", "{{ owner }}"),
        ("{{ '{{ owner }}' }}", "{{ owner }}"),
    ],
)
def test_a_text_comes_to(value, rendered):
    assert render(text(value), CONTEXT) == rendered


def test_literal_text_is_never_evaluated():
    assert render(text("{{ owner }} {%", form="literal"), CONTEXT) == "{{ owner }} {%"


def test_the_name_of_a_process_stands_for_its_id():
    assert render(text("token", form="process"), CONTEXT) == TOKEN
    with pytest.raises(ManifestError) as raised:
        render(text("market", form="process"), CONTEXT)
    assert explain(raised.value) == (
        "error: process `market` is not spawned yet on network `local`\n"
        " --> aoform.yaml:1:1\n"
        "  |\n"
        "1 | market\n"
        "  | ^ has no id\n"
        "  = help: deploy `market` first"
    )


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        (
            "env.X ~ env.MARKET_FEE",
            (
                "error: `env.MARKET_FEE` is not set\n"
                " --> aoform.yaml:3:55\n"
                "  |\n"
                '3 |   market: {entry: main.lua, tags: {A: "{{ env.X ~ env.MARKET_FEE }}"}}\n'
                "  |                                                       ^^^^^^^^^^ has no value\n"
                "  = help: set it, or give it a default: `env.MARKET_FEE | default(…)`"
            ),
        ),
        (
            "processes['token'].id",
            (
                "error: process `token` is not spawned yet on network `local`\n"
                " --> aoform.yaml:3:54\n"
                "  |\n"
                "3 |   market: {entry: main.lua, tags: {A: \"{{ processes['token'].id }}\"}}\n"
                "  |                                                      ^^^^^ has no value\n"
                "  = help: deploy `token` first"
            ),
        ),
        (
            "processes.token.bundle.sha256",
            (
                "error: the bundle of `token` is not built\n"
                " --> aoform.yaml:3:53\n"
                "  |\n"
                '3 |   market: {entry: main.lua, tags: {A: "{{ processes.token.bundle.sha256 }}"}}\n'
                "  |                                                     ^^^^^ has no value\n"
                "  = help: build `token` first"
            ),
        ),
    ],
    ids=["env", "id", "bundle"],
)
@pytest.mark.parametrize("processes", [{}, {"token": None}], ids=["unknown", "none"])
def test_what_is_missing_is_shown_at_its_place(project, expression, told, processes):
    manifest = project.load(
        "processes:\n  token: {entry: main.lua}\n"
        f'  market: {{entry: main.lua, tags: {{A: "{{{{ {expression} }}}}"}}}}\n'
    )
    context = Context(processes=processes, network="local", owner="o" * 43, env={"X": "x"})
    with pytest.raises(ManifestError) as raised:
        render(manifest.process("market").tags[0].value, context)
    assert explain(raised.value).replace(f"{project.root}/", "") == told


def test_a_missing_value_that_a_default_replaces_is_not_blamed():
    assert refusal("{{ env.A | default('') }}{{ env.B }}").message == "`env.B` is not set"


@pytest.mark.parametrize("expression", ["owner | upper(1)", "owner | default(1, 2, 3)", "owner | trim(5)"])
def test_wrong_arguments_of_a_filter(expression):
    assert refusal(f"{{{{ {expression} }}}}").message.startswith("the template cannot be evaluated: ")


@pytest.mark.parametrize("depth", [10, 50, 100, 150, 200, 500, 1000])
def test_deep_nesting_comes_to_text_or_is_refused(depth):
    for expression in ("not " * depth + "owner", "'a' if env.EMPTY else " * depth + "'b'"):
        try:
            rendered = render(text(f"{{{{ {expression} }}}}"), CONTEXT)
        except ManifestError as error:
            told = error.message
        else:
            told = None
            assert rendered in {"True", "False", "b"}
        assert told is None or told.startswith(
            ("the template is nested too deeply", "the template cannot be evaluated")
        )


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("plain", set()),
        ("{{ owner }}{{ env.X }}{{ network.name }}", set()),
        ("{{ processes['token'].id }} {{ processes.market.id }}", {"token", "market"}),
        ("{{ processes['token'].bundle.sha256 }}", set()),
        ("{{ 'x' if owner == 'a' else processes['token'].id }}", {"token"}),
        ("{{ env.X | default(processes['token'].id) }}", {"token"}),
        ("{# processes.market.id #}{% raw %}{{ processes.token.id }}{% endraw %}", set()),
        ("{{ 'processes.token.id' }}", set()),
    ],
)
def test_references_are_read_without_evaluating(value, names):
    assert references(text(value)) == names


def test_references_of_the_other_forms():
    assert references(text("token", form="process")) == {"token"}
    assert references(text("{{ processes.token.id }}", form="literal")) == set()


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__",
        "''['__class__']",
        "''|attr('__class__')",
        "owner.__class__.__mro__",
        "owner['__class__']",
        "processes.__class__",
        "processes['token'].__class__",
        "processes['token'].id.__class__",
        "env.__class__.__init__",
        "env.FEE.__class__",
        "(env.FEE).__class__",
        "('a' ~ 'b').__class__",
        "(owner|upper).__class__",
        "cycler.__init__.__globals__",
        "self.__init__",
        "lipsum()",
        "range(9)",
        "''.join([])",
        "'%s' % owner",
        "'{0.__class__}'.format(owner)",
        "owner[0]",
        "owner[:1]",
        "namespace",
        "true.__class__",
        "x if y else z",
        "[x for x in owner]",
    ],
)
def test_nothing_of_python_is_within_reach(expression):
    error = refusal(f"{{{{ {expression} }}}}")
    assert "<class" not in explain(error)
    assert "<built-in" not in explain(error)


NAMES = st.sampled_from(
    ["processes", "owner", "network", "env", "token", "id", "bundle", "sha256", "name", "FEE", "__class__", "mro", "x"]
)
PIECES = st.one_of(
    NAMES,
    st.sampled_from(
        [
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{{-",
            "-}}",
            ".",
            "[",
            "]",
            "(",
            ")",
            "'",
            '"',
            "|",
            "~",
            "+",
            "-",
            "*",
            "**",
            "/",
            "//",
            "%",
            ",",
            ":",
            "==",
            "!=",
            "<",
            ">",
            "=",
            "in",
            "is",
            "not",
            "and",
            "or",
            "if",
            "else",
            "for",
            "default",
            "upper",
            "attr",
            "raw",
            "endraw",
            "set",
            "0",
            "9",
            "1.5",
            "true",
            "none",
            "\n",
        ]
    ),
    st.text(max_size=3),
)


@given(st.lists(PIECES, max_size=20).map(" ".join), st.booleans())
@settings(max_examples=sample(400), derandomize=True, deadline=None)
def test_any_template_comes_to_text_or_is_refused(value, inside):
    value = f"{{{{ {value} }}}}" if inside else value
    try:
        rendered = render(text(value), CONTEXT)
    except ManifestError as error:
        told = error.message
        assert told.isprintable()
    else:
        assert isinstance(rendered, str)
        assert "<class" not in rendered.replace(value, "")
        references(text(value))
