"""Assertions end as under luassert 1.9, and say the same: a corpus against recordings, and random values against it.

The recordings come from luassert itself (Debian: ``lua5.3 lua-busted``):
``TIM3_RECORD=1 pytest tests/conformance/test_luassert.py``. Where it is installed, they are checked against it, too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.proof import sample
from tim3tool.spec.suite import Suite

Outcomes: TypeAlias = dict[str, list[str]]

CORPUS = Path(__file__).parents[1] / "data" / "busted"
DRIVER = (Path(__file__).parent / "luassert_driver.lua").read_text()
FILES = sorted(CORPUS.glob("luassert_*.lua"))
RECORDED = CORPUS / "luassert.json"
LUA = shutil.which("lua5.3")
REAL = (
    LUA is not None
    and subprocess.run([LUA, "-e", 'require("luassert")'], capture_output=True, check=False).returncode == 0
)
needs_luassert = pytest.mark.skipif(not REAL, reason="luassert is not installed (Debian: lua5.3 lua-busted)")

# The place of an error in luassert's own files, or in ours, instead of in the suite.
INSIDE = re.compile(r"^(?:\S*/luassert/\S+|\S*/say/\S+|\[tim3tool \w+\]):\d+: ")
ADDRESS = re.compile(r"\b0x[0-9a-f]+")


def driver(file: Path, folder: Path) -> Path:
    path = folder / "driver.lua"
    path.write_text(f'local FILE, NAME, OUT = "{file}", "{file.name}", "{folder / "out"}"\n{DRIVER}')
    return path


def read(folder: Path) -> Outcomes:
    records = (folder / "out").read_text("utf-8", "replace").split("\x1e")
    return {name: [ADDRESS.sub("0x", text) for text in values] for name, *values in (r.split("\x1f") for r in records)}


def under_luassert(file: Path, folder: Path) -> Outcomes:
    subprocess.run([str(LUA), str(driver(file, folder))], check=True, cwd=folder)
    return read(folder)


def under_ours(file: Path, folder: Path) -> Outcomes:
    path = driver(file, folder)
    Suite(path, chunk="driver.lua", search="").vm.run(path.read_bytes(), "@driver.lua")
    return read(folder)


def same(name: str, ours: list[str], theirs: list[str]) -> bool:
    """Tell whether two outcomes agree; where luassert names a place in its own files, ours names the suite's."""
    if ours[0] != theirs[0]:
        return False
    if theirs[0] == "true" or not INSIDE.match(theirs[1]):
        return ours == theirs
    bare = re.sub(rf"^{re.escape(name)}:\d+: ", "", INSIDE.sub("", ours[1]))
    return bare == INSIDE.sub("", theirs[1])


@pytest.fixture(scope="module")
def recorded() -> dict[str, Outcomes]:
    loaded: dict[str, Outcomes] = json.loads(RECORDED.read_text())
    return loaded


if "TIM3_RECORD" in os.environ:

    def test_record(tmp_path):
        outcomes = {file.name: under_luassert(file, tmp_path) for file in FILES}
        RECORDED.write_text(json.dumps(outcomes, indent=1, ensure_ascii=True) + "\n")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_ends_and_speaks_as_recorded(file, tmp_path, recorded):
    ours, theirs = under_ours(file, tmp_path), recorded[file.name]
    assert list(ours) == list(theirs)
    assert {n: ours[n] for n in ours if not same(file.name, ours[n], theirs[n])} == {}


@needs_luassert
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_recording_is_luasserts(file, tmp_path, recorded):
    assert under_luassert(file, tmp_path) == recorded[file.name]


def test_the_corpus_is_large(recorded):
    outcomes = [outcome for file in recorded.values() for outcome in file.values()]
    assert len(outcomes) > 700
    assert sum(outcome[0] == "false" for outcome in outcomes) > 350


# Random values -------------------------------------------------------------------------------------------------------

LEAVES = (
    st.booleans()
    | st.integers(-(2**53), 2**53)  # luassert shows larger ones rounded, as floats
    | st.integers(-3, 12)
    | st.floats()
    | st.text("ab'\\\n[]* \t{}%", max_size=5)
)
# luassert cannot always sort tables with booleans as keys.
KEYS = st.integers(-2, 12) | st.text("abcAB_ ", max_size=3) | st.floats(-1e6, 1e6)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def literal(value: object) -> str:
    """Write a value in Lua."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        special = {"inf": "math.huge", "-inf": "-math.huge", "nan": "(0/0)"}
        return special.get(str(value), value.hex())
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(f"\\{ord(char):03d}" for char in value) + '"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{literal(key)}] = {literal(item)}" for key, item in value.items()) + "}"
    assert isinstance(value, list)
    return "{" + ", ".join(map(literal, value)) + "}"


@st.composite
def other_by_one(draw: st.DrawFn, value: object) -> object:
    """Return a value with exactly one place changed."""
    if isinstance(value, list | dict) and value and draw(st.booleans()):
        changed = dict(value) if isinstance(value, dict) else dict(enumerate(value))
        key = draw(st.sampled_from(sorted(changed, key=repr)))
        changed[key] = draw(other_by_one(changed[key]))
        return changed if isinstance(value, dict) else list(changed.values())
    if isinstance(value, dict):
        return {**value, "new": 1}
    return "changed"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[object, object]:
    value = draw(VALUES)
    return value, draw(other_by_one(value))


CALL = "local s = spy.new(function(...) return ... end) s(A) "
QUESTIONS = (
    "assert.same(A, B)",
    "assert.not_same(A, B)",
    "assert.equal(A, B)",
    "assert.not_equal(A, B)",
    "assert.is_nil(A, B)",
    "assert.near(A, B, 1)",
    "assert.has_error(function() error(A) end, B)",
    "assert.error_matches(function() error(A) end, 'a')",
    "assert.unique({ A, B, A }, true)",
    CALL + "assert.spy(s).was.called_with(B)",
    CALL + "assert.spy(s).was_not.called_with(A)",
    CALL + "assert.spy(s).was.returned_with(match.is_same(B))",
    "assert.has_error(function() error(A) end, A)",
)


def unmarked(outcome: list[str]) -> list[str]:
    """Take the marks away: where values differ in several places, the one luassert marks is up to chance."""
    return [re.sub(r"(?m)^( *)\*\[", r"\1 [", text) for text in outcome]


def both(tests: list[str], folder: Path) -> tuple[Outcomes, Outcomes]:
    file = folder / "random.lua"
    file.write_text("".join(f'it("{number}", function() {test} end)\n' for number, test in enumerate(tests)))
    return under_ours(file, folder), under_luassert(file, folder)


@needs_luassert
@settings(max_examples=sample(4), derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(pairs(), min_size=20, max_size=40))
def test_one_difference_is_found_and_shown_alike(tmp_path_factory, cases):
    tests = [f"assert.same({literal(a)}, {literal(b)})" for a, b in cases]
    ours, theirs = both(tests, tmp_path_factory.mktemp("random"))
    assert ours == theirs


@needs_luassert
@settings(max_examples=sample(4), derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.tuples(VALUES, VALUES), min_size=20, max_size=40))
def test_any_two_values_compare_and_show_alike(tmp_path_factory, cases):
    tests = [
        re.sub(r"\b[AB]\b", lambda found, a=a, b=b: literal(a if found[0] == "A" else b), QUESTIONS[n % len(QUESTIONS)])
        for n, (a, b) in enumerate(cases)
    ]
    ours, theirs = both(tests, tmp_path_factory.mktemp("random"))
    different = {
        n: (ours[n], theirs[n]) for n in ours if not same("random.lua", unmarked(ours[n]), unmarked(theirs[n]))
    }
    assert different == {}
