"""What busted's options and `.busted` say, and what is wrong with them."""

from __future__ import annotations

import pytest

from tim3tool.errors import UsageError
from tim3tool.spec.settings import settings_of


def test_without_anything_all_is_default(tmp_path):
    found = settings_of(tmp_path)
    assert (found.roots, found.tags, found.lpath, found.repeat, found.config) == ((), (), None, 1, None)


def test_words_win_over_the_task_and_the_task_over_all(tmp_path):
    (tmp_path / ".busted").write_text(
        "return { _all = { lpath = 'all/?.lua', tags = 'a,b', coverage = true },"
        " default = { ROOT = { 'spec', 'more' }, pattern = '**/*_spec.lua$', what = 5, ['exclude-tags'] = { 'slow' } },"
        " ci = { tags = { 'ci' }, shuffle = true, seed = '7', Xhelper = 'x,y', ['auto-insulate'] = false } }"
    )
    default = settings_of(tmp_path)
    assert default.roots == ("spec", "more")
    assert default.pattern == ("**/*_spec.lua$",)
    assert (default.tags, default.exclude_tags, default.coverage) == (("a", "b"), ("slow",), True)
    ci = settings_of(tmp_path, ["--run=ci", "--tags=mine", "--no-shuffle-files", "--defer-print"])
    assert (ci.tags, ci.seed, ci.helper_args, ci.auto_insulate) == (("mine",), 7, ("x", "y"), False)
    assert (ci.shuffle_tests, ci.shuffle_files, ci.lpath) == (True, False, "all/?.lua")
    assert ci.roots == ()


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("return {", [], "unexpected symbol near <eof>"),
        ("return 5", [], "`.busted` does not return a table"),
        ("error('no')", [], "`.busted` cannot be used: no"),
        ("return { default = 5 }", [], "`default` of `.busted` is not a table"),
        ("return { default = { tags = 5 } }", [], "`tags` in `default` of `.busted` must be a string"),
        ("return { default = { seed = 'x' } }", [], "`seed` in `default` of `.busted` must be a whole number"),
        ("return { ci = {} }", ["--run=cd"], "`.busted` has no task `cd`"),
        (None, ["--run=ci"], "--run ci needs a `.busted` file"),
        (None, ["--config-file=other"], "there is no `other`"),
        (None, ["--tags=a", "--exclude-tags=a"], "tag `a` is both asked for and excluded"),
        (None, ["--repeat=x"], "--repeat must be a whole number"),
        (None, ["--no-such"], "unrecognized arguments: --no-such"),
    ],
)
def test_what_cannot_be_used_says_so(tmp_path, text, words, message):
    if text is not None:
        (tmp_path / ".busted").write_text(text)
    with pytest.raises(UsageError) as raised:
        settings_of(tmp_path, words)
    assert message in str(raised.value)


def test_busted_options_of_pytest_select_tests_and_files(run_suites, tmp_path):
    (tmp_path / ".busted").write_text("return { default = { pattern = '**/*_spec.lua$' } }")
    run = run_suites(
        "--busted=--tags=fast --filter-out=b$",
        a_spec='it("a #fast", function() end) it("b", function() end) it("c #fast b", function() end)',
        b_test='it("d #fast", function() end)',
    )
    assert run.outcomes == {"a_spec.lua::a #fast": "passed"}


@pytest.mark.parametrize("option", ["--filter=[", "--pattern=%", "--tags=[", "--no-such", "--tags='"])
def test_bad_options_are_a_usage_error(run_suites, option):
    assert run_suites(f"--busted={option}", a_spec='it("a", function() end)').code == 4


def test_the_busted_file_and_a_helper_run_before_each_suite(run_suites, tmp_path):
    (tmp_path / ".busted").write_text(
        "_G.fromConfig = 1\nreturn { default = { helper = 'helper.lua', Xhelper = 'x,y' } }"
    )
    suite = 'it("x", function() assert.equal("1 x y 1", fromConfig .. fromHelper .. count) count = 2 end)'
    run = run_suites(helper='fromHelper = " " .. arg[1] .. " " .. arg[2] .. " " count = 1', a_spec=suite, b_spec=suite)
    assert run.outcomes == {"a_spec.lua::x": "passed", "b_spec.lua::x": "passed"}


def test_a_missing_helper_is_an_error_of_each_suite(run_suites):
    run = run_suites("--busted=--helper=nothing", a_spec='it("x", function() end)')
    assert run.outcomes == {"a_spec.lua": "error"}
    assert "module 'nothing' not found" in run.texts["a_spec.lua"]


def test_a_helper_hears_of_tests(run_suites):
    run = run_suites(
        "--busted=--helper=helper.lua",
        helper="""
local busted = require("busted")
heard = {}
busted.subscribe({ "test", "end" }, function(test, block, status) heard[#heard + 1] = test.name .. status end)
""",
        a_spec="""
it("a", function() end)
it("b", function() error("x") end)
it("c", function() assert.same({ "asuccess", "berror" }, heard) end)
""",
    )
    assert run.outcomes["a_spec.lua::c"] == "passed"


def test_a_random_order_follows_from_its_seed(run_suites):
    suite = 'describe("d", function() for i = 1, 8 do it("t" .. i, function() end) end end)'
    first = run_suites("--busted=--shuffle --seed=1", a_spec=suite).order
    again = run_suites("--busted=--shuffle --seed=1", a_spec=suite).order
    other = run_suites("--busted=--shuffle --seed=2", a_spec=suite).order
    assert first == again
    assert sorted(first) == sorted(other)
    assert first != other


def test_addresses_in_names_do_not_change_ids(run_suite):
    run = run_suite('it("of " .. tostring({}), function() end)')
    assert list(run.outcomes) == ["of table: 0x0"]
