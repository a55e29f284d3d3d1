"""The text of an error, its JSON form, and its exit code."""

from __future__ import annotations

import inspect

import pytest

from tim3tool import errors
from tim3tool.errors import LuaSyntaxError, ManifestError, Tim3Error, Where, explain, suggestion

CODES = {
    "UsageError": 2, "ManifestError": 2, "StateError": 2, "SourceError": 1, "LuaSyntaxError": 1, "LuaModuleNotFound": 1,
    "CheckFailed": 1, "OutputStale": 1, "ChangesPlanned": 1, "Drifted": 1, "PlanStale": 2, "TestsFailed": 1,
    "LuaRaised": 1, "ProcessFailed": 1, "LimitExceeded": 1,
    "NetworkError": 3, "NetworkRefused": 3, "RateLimited": 3, "WalletError": 4, "Unfinished": 5, "LockHeld": 6, "Tim3Error": 2,
}  # fmt: skip


def test_every_class_has_its_exit_code_and_a_kind_of_its_own():
    classes = {
        name: value for name, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, Tim3Error)
    }
    assert {name: value.exit_code for name, value in classes.items()} == CODES
    kinds = [value.kind for value in classes.values()]
    assert len(set(kinds)) == len(kinds)


def test_the_tree_in_the_docstring_is_the_tree():
    assert errors.__doc__ is not None
    for name, code in CODES.items():
        assert any(name in line.split() and str(code) in line.split() for line in errors.__doc__.splitlines()), name


def test_an_error_points_at_the_place():
    error = ManifestError(
        "unknown process reference `lock_manger`",
        where=Where(
            path="aoform.yaml", line=31, column=30, length=11, text="      value: \"{{ processes['lock_manger'].id }}\""
        ),
        label="not defined",
        notes=["references are checked when the manifest is loaded"],
        help="did you mean `lock-manager`?\nit is defined at line 12",
    )
    assert explain(error) == "\n".join([
        "error: unknown process reference `lock_manger`",
        "  --> aoform.yaml:31:30",
        "   |",
        "31 |       value: \"{{ processes['lock_manger'].id }}\"",
        "   |                              ^^^^^^^^^^^ not defined",
        "   = note: references are checked when the manifest is loaded",
        "   = help: did you mean `lock-manager`?",
        "           it is defined at line 12",
    ])  # fmt: skip


def test_an_error_without_a_line_or_without_a_place_is_still_readable():
    assert explain(LuaSyntaxError("not text", where=Where(path="a.lua"))) == "error: not text\n  --> a.lua"
    assert explain(Tim3Error("nothing to do", help="add a process")) == "error: nothing to do\n = help: add a process"


def test_tabs_in_the_source_line_do_not_move_the_caret():
    error = LuaSyntaxError("x", where=Where(path="a.lua", line=1, column=2, text="\t= 1"))
    assert explain(error).splitlines()[3:] == ["1 |  = 1", "  |  ^"]


def test_the_json_form_holds_everything():
    error = ManifestError("m", where=Where(path="p", line=1, column=2), help="h", notes=["n"])
    assert error.as_dict() == {
        "code": 2, "kind": "manifest", "message": "m", "hint": "h", "notes": ["n"],
        "where": {"path": "p", "line": 1, "column": 2},
    }  # fmt: skip
    assert Tim3Error("m").as_dict()["where"] is None


def test_the_one_line_form_starts_with_the_place():
    assert str(Where(path="p", line=3, column=4)) == "p:3:4"
    assert str(ManifestError("m", where=Where(path="p", line=3))) == "p:3: m"


@pytest.mark.parametrize(
    ("wrong", "known", "right"),
    [
        ("lock_manger", ["coordinator", "lock-manager"], "lock-manager"),
        ("Entry", ["entry"], "entry"),
        ("zzz", ["a"], None),
    ],
)
def test_the_nearest_name_is_suggested(wrong: str, known: list[str], right: str | None):
    assert suggestion(wrong, known) == right
