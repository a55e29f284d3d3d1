"""The place of a mistake in a template is its place in the file, however YAML writes the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.errors import ManifestError

# Any text that YAML can hold and Jinja2 leaves alone.
BEFORE = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="{}\ufeff\u2028\u2029\ufffe\uffff"),
    max_size=30,
)
WORDS = st.lists(st.text("ab'\"\\é😀:#-&*!|>%@`,[]", min_size=1, max_size=6), min_size=1, max_size=6)


def double_quoted(text):
    return json.dumps(text, ensure_ascii=False)


def escaped(text):
    return (
        '"' + "".join(f"\\U{ord(character):08x}" if character not in "bogus" else character for character in text) + '"'
    )


def single_quoted(text):
    return "'" + text.replace("'", "''") + "'"


def found(project, written):
    """Load a text as written, and return the words under the caret."""
    with pytest.raises(ManifestError, match="unknown name `bogus`") as raised:
        project.load(
            f"processes:\n  token:\n    entry: main.lua\n    setup:\n      - action: A\n        data: {written}\n"
        )
    where = raised.value.where
    return where.text[where.column - 1 : where.column - 1 + where.length], where.line


SETTINGS = settings(
    max_examples=sample(60),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(BEFORE, BEFORE, st.sampled_from([double_quoted, escaped, single_quoted]))
@SETTINGS
def test_in_one_line(project, before, after, style):
    assert found(project, style(f"{before}{{{{ bogus }}}}{after}")) == ("bogus", 6)


@given(st.lists(BEFORE, max_size=4), st.sampled_from(["|", ">", "|-", ">+", "|2-", ">2"]))
@SETTINGS
def test_in_a_block(project, lines, header):
    written = header + "".join(f"\n          {line}" for line in ["x", *lines, "{{ bogus }}", "y"])
    assert found(project, written) == ("bogus", 8 + len(lines))


@given(WORDS, WORDS, st.sampled_from("'\""))
@SETTINGS
def test_in_folded_quotes(project, before, after, quote):
    style = single_quoted if quote == "'" else double_quoted
    lines = [style(word)[1:-1] for word in [*before, "{{ bogus }}", *after]]
    written = f"{quote}x\n          " + "\n\n            ".join(lines) + f"{quote}"
    assert found(project, written) == ("bogus", 7 + 2 * len(before))


def test_escaped_white_space_in_folded_quotes(project):
    written = '"x\\x20\\u0020\\t\\\n          \\ {{\\x20bogus }}"'
    assert found(project, written) == ("bogus", 7)


@pytest.mark.parametrize("before", ["x  ", "x \n\n ", "bogus bogus "])
def test_behind_white_space_that_jinja2_leaves_out(project, before):
    written = double_quoted(f"{before}{{{{- owner -}}}} {{{{- 'bogus' ~ bogus }}}}")
    with pytest.raises(ManifestError, match="unknown name `bogus`") as raised:
        project.load(f"processes: {{token: {{entry: main.lua, setup: [{{action: {written}}}]}}}}")
    where = raised.value.where
    assert where.column - 1 == where.text.rindex("bogus")


@given(st.lists(st.text("abcé😀", min_size=1, max_size=6), min_size=1, max_size=6))
@SETTINGS
def test_in_folded_plain_text(project, before):
    written = "x\n          " + "\n          ".join([*before, "{{ bogus }} y"])
    assert found(project, written) == ("bogus", 7 + len(before))
