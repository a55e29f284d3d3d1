"""Answers that look like success and are not."""

from __future__ import annotations

import pytest

from tim3tool.aos import Result
from tim3tool.bundle import LineTable, build
from tim3tool.deploy import judge
from tim3tool.deploy.lines import Located
from tim3tool.errors import ProcessFailed


def an_answer(data="", **members):
    return Result({"Output": {"data": data}, "Messages": [], "Spawns": [], "Assignments": [], **members})


NOT_OWNER = "\x1b[90mNew Message From \x1b[32mfMR...RVU\x1b[90m: \x1b[90mAction = \x1b[34mEval\x1b[0m"
RUNTIME = (
    '\n\n\x1b[31merror:\n\x1b[0m[string ".handlers"]:723: [string "aos"]:5: attempt to index a nil value (local \'x\')'
)


@pytest.mark.parametrize("data", ["", "hello", "\x1b[31mok\x1b[0m", {"output": 1}, 7, None])
@pytest.mark.parametrize("error", [None, "", {}, []])
def test_an_answer_without_an_error_is_success(data, error):
    judge.check_eval(an_answer(data, Error=error), "it", owner="O")
    judge.check_handled(an_answer(data), "it")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("boom", "the Eval of `a` failed: boom"),
        ("\x1b[31mboom\x1b[0m\n\x1b[90mat line 2\x1b[0m", "the Eval of `a` failed: boom"),
        (7, "the Eval of `a` failed: 7"),
        ({"code": 5}, "the Eval of `a` failed: {'code': 5}"),
        (True, "the Eval of `a` failed: True"),
        (" \n ", "the Eval of `a` failed: an empty Error"),
        ("bad\x1b]0;title\x07", "the Eval of `a` failed: bad\ufffd]0;title\ufffd"),
    ],
)
def test_an_error_of_any_type_is_told_without_colours(error, message):
    with pytest.raises(ProcessFailed) as caught:
        judge.check_eval(Result({"Error": error}), "the Eval of `a`", owner="O")
    assert caught.value.message == message
    assert caught.value.exit_code == 1


def test_the_cause_is_the_line_under_the_heading_and_the_rest_are_notes():
    before = "printed\n\x1b[31mError\x1b[90m handling message with Action = Boom\x1b[0m\nstack traceback:\n\t[C]: in ?"
    with pytest.raises(ProcessFailed) as caught:
        judge.check(Result({"Error": before + RUNTIME}), "it")
    assert caught.value.message == f"it failed: {RUNTIME.splitlines()[-1].removeprefix(chr(27) + '[0m')}"
    assert caught.value.notes == (
        "printed",
        "Error handling message with Action = Boom",
        "stack traceback:",
        "[C]: in ?",
    )


def test_an_error_of_an_eval_is_shown_in_the_source(tmp_path):
    (tmp_path / "main.lua").write_text('local m = require("m")\nreturn m\n')
    (tmp_path / "m.lua").write_text("local x\nreturn x.y\n")
    bundle = build(tmp_path / "main.lua", name="a", root=tmp_path)
    lines = Located(table=LineTable.of(bundle), root=tmp_path)
    line = bundle.code.splitlines().index(b"return x.y") + 1
    error = f'[string ".handlers"]:723: [string "aos"]:{line}: attempt to index a nil value'
    with pytest.raises(ProcessFailed) as caught:
        judge.check_eval(Result({"Error": error}), "it", owner="O", lines=lines)
    assert str(caught.value) == "m.lua:2: it failed: attempt to index a nil value"
    assert caught.value.where.text == "return x.y"
    with pytest.raises(ProcessFailed) as caught:
        judge.check_eval(Result({"Error": '[string "aos"]:1: x'}), "it", owner="O", lines=lines)
    assert str(caught.value) == 'it failed: [string "aos"]:1: x'


def test_no_answer_is_a_failure():
    with pytest.raises(ProcessFailed, match="it got an empty answer") as caught:
        judge.check_eval(Result({}), "it", owner="O")
    assert caught.value.help == "look for `error` called with a table"


def test_an_eval_of_somebody_else_is_a_failure():
    with pytest.raises(ProcessFailed, match="it was not evaluated: wallet `O` does not own the process"):
        judge.check_eval(an_answer(NOT_OWNER), "it", owner="O")


def test_a_message_for_no_handler_is_a_failure():
    with pytest.raises(ProcessFailed, match="it was taken by no handler and went to the Inbox"):
        judge.check_handled(an_answer("printed before\n" + NOT_OWNER), "it")


@pytest.mark.parametrize("word", ["Message", "Assignment"])
@pytest.mark.parametrize("judged", [judge.check_handled, lambda *args: judge.check_eval(*args, owner="O"), judge.check])
def test_an_untrusted_message_is_a_failure(judged, word):
    notice = f"{word} is not trusted! From: F - Owner: O"
    with pytest.raises(ProcessFailed, match="it was not trusted by the process") as caught:
        judged(an_answer(notice), "it")
    assert caught.value.notes == (notice,)
