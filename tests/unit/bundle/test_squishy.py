"""Squishy files: what they list is bundled, and nothing that they do reaches out of their VM."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tim3tool.bundle import Minify, build, build_squishy, read_squishy
from tim3tool.errors import LuaModuleNotFound, LuaSyntaxError, SourceError, explain
from tim3tool.lua.vm import LuaVM
from tim3tool.project import load

ROOT = Path(__file__).parents[3]


@pytest.fixture
def squish(programs):
    def squished(text: str | bytes, *, options=None, **keywords):
        programs.write({"squishy": text})
        squishy = read_squishy(programs.root / "squishy", root=programs.root, options=options)
        return build_squishy(squishy, name="demo", root=programs.root, keep_all_results=True, **keywords)

    return squished


@pytest.fixture
def refusal(squish):
    def refused(text: str | bytes, kind=SourceError) -> str:
        with pytest.raises(kind) as caught:
            squish(text)
        assert type(caught.value) is kind
        assert caught.value.exit_code == 1
        return explain(caught.value)

    return refused


@pytest.fixture
def say(programs):
    def said(text: str, **options):
        programs.write({"squishy": text})
        return read_squishy(programs.root / "squishy", root=programs.root, options=options)

    return said


def closed() -> LuaVM:
    vm = LuaVM()
    vm.globals[b"package"][b"path"] = b""
    return vm


def test_what_it_lists_is_bundled(programs, squish, lines_of):
    programs.write(
        {
            "main.lua": 'print(require "a", require "lib.b", require_resource "logo")',
            "src/a.lua": "return 'A' .. ...",
            "lib/b.lua": "return 'B'",
            "logo.txt": b'a "b"\r\n\0\xff',
        }
    )
    bundle = squish('Module "a" "src/a.lua"\nModule "lib.b"\nMain "main.lua"\nResource "logo" "logo.txt"\n')
    assert lines_of(closed(), bundle.code) == (b'Aa\tB\ta "b"\r\n\0\xff',)
    assert [(each.name, each.path) for each in bundle.modules] == [("a", "src/a.lua"), ("lib.b", "lib/b.lua")]
    assert [(each.name, each.path, each.size) for each in bundle.resources] == [("logo", "logo.txt", 9)]
    assert bundle.warnings == ()


def test_scripts_run_in_one_chunk_in_the_order_of_the_file(programs, squish):
    programs.write({"z.lua": "local shared = ...\nX = 'z' -- no line feed", "a.lua": "return X .. shared, 2"})
    bundle = squish('Main "z.lua"\nMain "a.lua"')
    vm = closed()
    assert vm.run(bundle.code, "=x", b"!") == (b"z!", 2)
    assert [bundle.main.path, *(each.path for each in bundle.more)] == ["z.lua", "a.lua"]
    line = bundle.code.splitlines().index(b"return X .. shared, 2") + 1
    assert str(bundle.source_of(line)) == "a.lua:1"


def test_a_script_that_returns_before_another_is_refused(programs, refusal):
    programs.write({"a.lua": "return 1\n", "b.lua": "print(1)\n"})
    text = refusal('Main "a.lua" Main "b.lua"')
    assert "only the last one may end in `return`" in text


def test_a_resource_needs_no_second_name_and_an_unknown_one_is_an_error(programs, squish):
    programs.write({"data/x.txt": "", "main.lua": 'return require_resource "data/x.txt", pcall(require_resource, "y")'})
    code = squish('Main "main.lua"\nResource "data/x.txt"').code
    assert closed().run(code, "=x") == (b"", False, b"resource 'y' not found")


def test_lua_modules_alone_are_a_bundle(programs, squish):
    programs.write({"m.lua": "return 7"})
    vm = closed()
    assert vm.run(squish('Module "m"').code, "=x") == ()
    assert vm.run(b"return require 'm'", "=y") == (7,)


def test_what_is_not_listed_stays_outside_and_is_said(programs, squish):
    programs.write(
        {"main.lua": 'require "seen" require "json" pcall(require, "maybe")', "seen.lua": "", "maybe.lua": ""}
    )
    bundle = squish('Main "main.lua"')
    assert bundle.modules == ()
    assert [(warning.message, str(warning.where)) for warning in bundle.warnings] == [
        ("Lua module `seen` is not listed; it is not in the bundle", "main.lua:1:10"),
        ("optional Lua module `maybe` is not listed; it is not in the bundle", "main.lua:1:47"),
    ]


def test_it_is_a_program(say):
    squishy = say(
        """
        local names = {}
        for _, name in ipairs { "b", "a" } do names[#names + 1] = name end
        table.sort(names)
        for index, name in ipairs(names) do Module(name)(("src/%d_%s.lua"):format(index, name:upper())) end
        if GetOption "with_extra" then Module "extra" end
        if not GetOption("missing") and not os then Main("main.lua") end
        print "nothing is shown"
        """,
        **{"with-extra": True},
    )
    assert [(each.name, each.path and each.path.name) for each in squishy.modules] == [
        (b"a", "1_A.lua"),
        (b"b", "2_B.lua"),
        (b"extra", None),
    ]
    assert [each.where.line for each in squishy.modules] == [5, 5, 6]


def test_options_and_what_the_command_line_says_of_them(say):
    text = 'Main "x" Option "minify-level" "full" Option "flag" Option "n" (3) Option "no-minify" assert(not GetOption "minify")'
    assert say(text).options == {"minify-level": "full", "flag": True, "n": 3, "minify": False}
    assert say(text).minify() == Minify()
    given = say(
        'Main "x" Option "minify_level" "full" assert(GetOption "minify-level" == "basic")', **{"minify-level": "basic"}
    )
    assert given.minify() == Minify.level("basic")
    assert say('Main "x"').minify() == Minify()
    assert say('Main "x" Option "minify"').minify() == Minify.level("default")
    assert say('Main "x" Option "minify-comments"').minify() == Minify(comments=True)
    assert say('Main "x" Option "minify-level" "full" Option "no-minify-eols"').minify() == Minify.level(
        "full", eols=False
    )


def test_scripts_that_share_locals_do_so_minified_too(programs, squish):
    programs.write(
        {"a.lua": "local shared = 'a' -- seen below", "b.lua": "local other = shared .. 'b'\n\nreturn other"}
    )
    code = squish('Main "a.lua" Main "b.lua" Option "minify-level" "full"').code
    assert b"seen below" not in code
    assert closed().run(code, "=x") == (b"ab",)


def test_the_output_is_named_or_the_one_of_squish(say, programs):
    assert say('Main "x"').output == programs.root / "squished.out.lua"
    assert say('Main "x" Output "build/../y.lua"').output == programs.root / "y.lua"


def test_what_has_no_effect_here_is_said(programs, squish):
    programs.write({"main.lua": ""})
    text = 'Main "main.lua"\nOption "uglify"\nOption "gzip" (false)\nOption "debug"\nAutoFetchURL "http://host/?"'
    assert [(warning.kind, warning.where.line) for warning in squish(text).warnings] == [
        ("squishy", 2),
        ("squishy", 4),
        ("squishy", 5),
    ]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('\n  Mian "x"', "error: unknown directive `Mian`", "squishy:2:3"),
        ('Bundle "x"', "there are `AutoFetchURL`", "squishy:1:1"),
        ("Main {}", "`Main` needs a text, not a table", "squishy:1:1"),
        ("Main ''", "`Main` needs a text, not an empty one", "squishy:1:1"),
        ('\nModule "a" (nil)', "`the path of a Module` needs a text, not a nil", "squishy:2:1"),
        ('Option "a" {}', "the value of option `a` must be a text, a number or a boolean, not a table", "squishy:1:1"),
        ('Main "a" "b"', "attempt to call a nil value", "squishy:1:1"),
        ("\n\nerror('no')", "the squishy file ends in an error: no", "squishy:3:1"),
        ("error({})", "error object is a table value", "squishy:1:1"),
        ("io.open('x')", "a squishy file has no `io`", "squishy:1:1"),
        ("print(load)\npcall(print)", "a squishy file has no `pcall`", "squishy:2:1"),
        ("x.y = 1", "`x` is nil", "squishy:1:1"),
        ("", "`squishy` lists nothing to bundle", "squishy"),
        ('Module "a" "x"\nModule "a" "y"', "Module `a` is listed twice, with different files", "squishy:2:1"),
        ('Main "main.lua" Option "virtual-io"', "option `virtual-io` cannot be had", "squishy:1:1"),
        ('Main "main.lua"\nOption "compile"', "option `compile` cannot be had", "squishy:2:1"),
        ('Main "main.lua" Option "minify-level" "max"', "there is no minify level `max`", "squishy"),
        ('Main "main.lua" Option "minify-x"', "there is no option `minify-x`", "squishy"),
        ('\nMain "gone.lua"', "cannot read `gone.lua`", "squishy:2:1"),
        ('\nResource "gone"', "cannot read the resource `gone`", "squishy:2:1"),
    ],
)
def test_what_cannot_be_used_is_shown_with_its_place(refusal, text, message, place):
    said = refusal(text)
    assert message in said
    assert f"--> {place}" in said


def test_what_is_no_lua_or_no_file_or_finds_none(refusal, programs):
    assert "not Lua 5.3: unexpected symbol near '='" in refusal("\nx = = 1", LuaSyntaxError)
    said = refusal('\nModule "a.b"', LuaModuleNotFound)
    assert "--> squishy:2:1" in said
    assert "a/b/init.lua" in said
    with pytest.raises(SourceError, match="cannot read `gone`: No such file"):
        read_squishy(programs.root / "gone", root=programs.root)


@pytest.mark.parametrize(
    "text",
    [
        "while true do end",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "return ('a'):rep(5000):find(('a*'):rep(30) .. 'b')",
        "return string.gsub(('a'):rep(50000), '.-.-.-.-b', '')",
        "local function f() return f() end f()",
        "local function f() return 1 + f() end f()",
        "for i = 1, 1e9 do local s = ('x'):rep(1e6) end",
        "return #string.rep('x', 1 << 40)",
    ],
)
def test_it_ends_whatever_it_does(refusal, text):
    start = time.process_time()
    assert "--> squishy" in refusal(text)
    assert time.process_time() - start < 8


@pytest.mark.parametrize(
    "name", ["coroutine", "debug", "dofile", "io", "load", "loadfile", "os", "package", "require", "python"]
)
def test_the_host_is_out_of_reach(refusal, name):
    assert f"`{name}`" in refusal(f"{name}.x()")
    assert "attempt to call a nil value (field 'dump')" in refusal("string.dump(print)")


def test_every_process_has_a_squishy_file_that_gives_what_its_requires_give():
    manifest = load(ROOT / "aoform.yaml")
    for spec in manifest.processes.values():
        squishy = read_squishy(spec.entry.parents[1] / "squishy", root=ROOT)
        minify = Minify.level(spec.minify or "none")
        walked = build(spec.entry, name=spec.name, root=ROOT, path=manifest.templates, minify=minify)
        listed = build_squishy(squishy, name=spec.name, root=ROOT)
        assert listed.code == walked.code
        assert squishy.output == ROOT / "build" / f"{spec.name}.lua"
