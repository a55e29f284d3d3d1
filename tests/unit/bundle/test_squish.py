"""A bundle behaves as the program that it is made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tim3tool.bundle import Minify, take
from tim3tool.errors import LuaSyntaxError
from tim3tool.lua.vm import LuaVM

FIXTURES = Path(__file__).parents[2] / "data" / "bundler"


@pytest.mark.parametrize(
    ("program", "printed", "results"),
    [
        ("two-requires-one-line/main.lua", (), (b"XY",)),
        ("two-requires-one-line/coll.lua", (b"first\tsecond",), ()),
        ("lazy-cycle/main.lua", (b"ok",), ()),
        ("require-in-block-comment/main.lua", (b"ok",), ()),
        ("vararg-module-name/main.lua", (b"m",), ()),
        ("long-bracket-require/main.lua", (b"LB",), ()),
        ("conditional-and-dynamic/main.lua", (b"ran\ttrue",), ()),
    ],
)
def test_fixtures(programs_in, program, printed, results):
    fixtures = programs_in(FIXTURES)
    bundled = fixtures.bundled(program)
    assert bundled == fixtures.unbundled(program)
    assert (bundled.printed, bundled.results, bundled.error) == (printed, results, "")


def test_a_comment_s_require_is_not_bundled(programs_in):
    assert programs_in(FIXTURES / "require-in-block-comment").build().modules == ()


def test_a_name_under_pcall_is_bundled_and_an_optional_one_is_not_run(programs_in):
    bundle = programs_in(FIXTURES / "conditional-and-dynamic").build()
    assert [module.name for module in bundle.modules] == ["dyn", "opt"]
    assert bundle.warnings == ()


def test_more_lua_modules_than_a_function_may_have_locals(programs):
    programs.write({f"m{index}.lua": f"return {index}" for index in range(210)})
    programs.write(
        {"main.lua": "local sum = 0\n" + "".join(f'sum = sum + require "m{i}"\n' for i in range(210)) + "print(sum)"}
    )
    assert len(programs.build().modules) == 210
    assert programs.bundled() == programs.unbundled()
    assert programs.bundled().printed == (b"21945",)


CASES: dict[str, dict[str, str | bytes]] = {
    "the last line is a comment": {"main.lua": 'print(require "m") -- end', "m.lua": "return 1 -- one"},
    "carriage returns": {"main.lua": 'print(require "m")\r\n', "m.lua": b"\r\nlocal s = 'a\\\r\nb'\r\nreturn s\r\n"},
    "byte order mark": {"main.lua": b'\xef\xbb\xbfprint(require "m")', "m.lua": b"\xef\xbb\xbfreturn 1"},
    "first line with #": {"main.lua": '#!/usr/bin/lua\nprint(require "m")', "m.lua": "#!lua -- x\nreturn 1"},
    "names to be escaped": {
        "main.lua": """print(require "it's-\\"a\\".b\\\\c d\\n", require "é", require "\\xff")""",
        'it\'s-"a"/b\\c d\n.lua': "return ...",
        "é.lua": "return ...",
        "\udcff.lua": "return #...",
    },
    "names with dots in odd places": {
        "main.lua": 'print(require ".lead", require "..twice", require "a..b", require "c.", require "")',
        "lead.lua": "return ...",
        "twice.lua": "return ...",
        "a/b.lua": "return ...",
        "c/.lua": "return ...",
        ".lua": "return '<' .. ... .. '>'",
    },
    "packages with init": {
        "main.lua": 'print(require "pkg", require "pkg.part", require "both")',
        "pkg/init.lua": 'return ... .. ":" .. require "pkg.part"',
        "pkg/part.lua": "return ...",
        "both.lua": "return 'file'",
        "both/init.lua": "return 'folder'",
    },
    "two names for one file": {
        "main.lua": 'local a, b = require "a.b", require "a/b" print(a == b, a.name, b.name, require "a.b" == a)',
        "a/b.lua": "print('load', (...)) return {name = ...}",
    },
    "nil, false and true": {
        "main.lua": """
            print(require "none", require "none", package.loaded.none)
            print(require "no", require "no", package.loaded.no)
            print(require "own", require "own")
        """,
        "none.lua": "print 'none'",
        "no.lua": "print 'no' return false",
        "own.lua": "package.loaded[...] = 'mine'",
    },
    "several values": {"main.lua": 'print(require "m") return require "m", 2, nil', "m.lua": "return 1, 2"},
    "arguments": {
        "main.lua": 'print(select("#", ...)) print(require "m")',
        "m.lua": 'return (...) .. select("#", ...)',
    },
    "an error while loading": {
        "main.lua": 'print(pcall(require, "m")) print(pcall(require, "m")) print(package.loaded.m)',
        "m.lua": "print 'try' error('no', 0)",
    },
    "an error that ends the program": {"main.lua": 'require "m"', "m.lua": "error('over', 0)"},
    "optional and missing": {"main.lua": 'local ok, why = pcall(require, "gone") print(ok, why:match("^[^\\n]*"))'},
    "goto and labels of the same name": {
        "main.lua": 'for i = 1, 3 do if i == 2 then goto next end print(i, require "m") ::next:: end',
        "m.lua": "goto next; ::next:: return 'm'",
    },
    "globals and upvalues": {
        "main.lua": 'X = X or 1 require "m" print(X, _ENV == _G)',
        "m.lua": "local _ENV = setmetatable({}, {__index = _G}) X = 5 _G.X = _G.X + X",
    },
    "200 locals": {
        "main.lua": 'print(require "m")',
        "m.lua": "\n".join(f"local v{i} = {i}" for i in range(200)) + "\nreturn v0 + v199",
    },
    "a module that requires the entry": {
        "main.lua": 'print("main", (...)) if ... == nil then print(require "m") end return 7',
        "m.lua": 'return require "main"',
    },
    "bytes that are not UTF-8": {"main.lua": b"print('\xff\xfe\x80', #'\xe9')"},
    "numbers and operators of 5.3": {
        "main.lua": "print(7 // 2, 7 / 2, 2^53 | 0, ~0, 1 << 63, 3 % -2, -0.0, 1e15, 0x.8p1, 'é' .. 1)"
    },
    "old line ends": {"main.lua": b'\rlocal m = require "m"\rprint(m) -- c\rprint "x"', "m.lua": b"\rreturn 1\r"},
    "nothing": {"main.lua": ""},
}


@pytest.mark.parametrize("case", CASES)
def test_bundled_and_unbundled_are_the_same(programs, case):
    programs.write(CASES[case])
    unbundled = programs.unbundled()
    assert programs.bundled() == unbundled
    assert unbundled.printed or unbundled.error or case == "nothing"


def test_a_large_data_module(programs):
    rows = "".join(f'  {{ id = {row}, name = "row {row}", parts = {{ {row}, "x" }} }},\n' for row in range(20_000))
    programs.write(
        {"data.lua": f"return {{\n{rows}}}", "main.lua": 'local d = require "data" print(#d, d[20000].name)'}
    )
    assert programs.bundled().printed == (b"20000\trow 19999",)


def test_an_exact_bundle(programs):
    programs.write(
        {
            "src/main.lua": 'local part = require "a.part-1"\nreturn part, 2\n',
            "src/a/part-1.lua": 'local json = require("json")\r\nreturn json -- done',
        }
    )
    bundle = programs.build("src/main.lua")
    assert bundle.code.decode() == (
        '-- "demo", bundled by tim3tool\n'
        f"-- build hash: {bundle.build_hash}\n"
        'package.loaded["tim3tool.build"] = nil package.preload["tim3tool.build"] = '
        f'function() return {{ name = "demo", hash = "{bundle.build_hash}" }} end\n'
        'package.loaded["a.part-1"] = nil\n'
        'package.preload["a.part-1"] = function()\n'
        'local json = require("json")\r\n'
        "return json -- done\n"
        "end\n"
        "-- only the first value is returned: AO would take a second one for an error\n"
        "return ((function(...)\n"
        'local part = require "a.part-1"\n'
        "return part, 2\n"
        "end)(...))\n"
    )
    assert bundle.externals == ("json",)
    assert bundle.sha256 == hashlib.sha256(bundle.code).hexdigest()
    (part,) = bundle.modules
    assert (part.name, part.path, part.size) == ("a.part-1", "src/a/part-1.lua", 49)
    assert part.sha256 == hashlib.sha256(b'local json = require("json")\r\nreturn json -- done').hexdigest()
    assert (bundle.main.name, bundle.main.path) == ("demo", "src/main.lua")
    assert [(span.path, span.bundle_line, span.lines) for span in bundle.line_map] == [
        ("src/a/part-1.lua", 6, 2),
        ("src/main.lua", 11, 2),
    ]


def test_only_the_first_result_is_kept(programs):
    programs.write({"main.lua": "return nil, 'second'"})
    assert LuaVM().run(programs.build().code, "=bundle") == (None,)
    assert LuaVM().run(programs.build(keep_all_results=True).code, "=bundle") == (None, b"second")


def test_a_bundle_over_a_live_process_replaces_its_own_lua_modules_only(programs, lines_of):
    programs.write({"main.lua": 'X = X or 0 X = X + 1 print(require "m", require "json", X)', "m.lua": "return 'old'"})
    old = programs.build()
    programs.write({"m.lua": "return 'new'"})
    vm = LuaVM()
    vm.run(b"package.loaded.json = 'provided' package.loaded.other = 'kept'", "=process")
    assert lines_of(vm, old.code) == (b"old\tprovided\t1",)
    assert lines_of(vm, programs.build().code) == (b"new\tprovided\t2",)
    assert vm.run(b"return package.loaded.other, package.loaded.math == math", "=process") == (b"kept", True)


def test_what_ao_provides_stays_outside_even_when_a_file_has_its_name(programs):
    names = ["json", "ao", ".bint", ".crypto.digest", "string", "_G", "bit32"]
    programs.write({"main.lua": "".join(f'require "{name}"\n' for name in names)})
    programs.write({"json.lua": "error 'not this one'", "bint.lua": "error 'nor this'"})
    bundle = programs.build()
    assert bundle.modules == ()
    assert bundle.externals == tuple(sorted(names))


PROGRAM = {
    "main.lua": 'local twin = require "twin.json" print(require "json", twin, require "string" == string)',
    "json.lua": "return 'the file ' .. (...)",
    "twin/json.lua": "return 'twin'",
}


def test_a_program_for_anywhere_takes_its_own_file_where_ao_has_no_other(programs, lines_of):
    programs.write(PROGRAM)
    bundle = programs.build(anywhere=True)
    assert [module.name for module in bundle.modules] == ["json", "twin.json"]
    assert lines_of(LuaVM(), bundle.code) == (b"the file json\ttwin\ttrue",)
    for place in ("loaded.json = 'provided'", "preload.json = function() return 'provided' end"):
        vm = LuaVM()
        vm.run(f"package.{place}".encode(), "=process")
        assert lines_of(vm, bundle.code) == (b"provided\ttwin\ttrue",)
    assert bundle.build_hash != programs.build(include=["json"]).build_hash


def test_a_program_for_anywhere_leaves_out_what_it_is_told_to(programs):
    programs.write(PROGRAM)
    assert [module.name for module in programs.build(anywhere=True, external=["json"]).modules] == ["twin.json"]


def test_a_second_name_of_such_a_file_does_not_depend_on_the_first(programs, lines_of):
    programs.write({"main.lua": "print(require 'json', require 'src.json')", "src/json.lua": "return 'mine'"})
    bundle = programs.build(anywhere=True, path=("src/?.lua",))
    vm = LuaVM()
    vm.run(b"package.loaded.json = 'provided'", "=process")
    assert lines_of(vm, bundle.code) == (b"provided\tmine",)


@pytest.mark.parametrize("external", [["vendor.a.b"], ["vendor.*"], ["*"], ["no", "v[e]ndor.?.?"]])
def test_what_a_user_calls_external_stays_outside(programs, external):
    programs.write({"main.lua": 'require "vendor.a.b" require "json"', "vendor/a/b.lua": "error 'not this one'"})
    bundle = programs.build(external=external)
    assert bundle.modules == ()
    assert bundle.externals == ("json", "vendor.a.b")
    assert bundle.warnings == ()


@pytest.mark.parametrize(
    ("include", "names"),
    [
        (["plugins.a"], ["plugins.a"]),
        (["plugins.*"], ["plugins.a", "plugins.deep", "plugins.deep.c"]),
        (["plugins.d*"], ["plugins.deep", "plugins.deep.c"]),
        (["*.c", "plugins.a"], ["plugins.a", "plugins.deep.c"]),
        (["*"], ["far.d", "needed", "plugins.a", "plugins.deep", "plugins.deep.c"]),
    ],
)
def test_what_a_user_includes_is_bundled_with_what_it_requires(programs, include, names):
    programs.write(
        {
            "src/main.lua": "print((...)) return require(...)",
            "src/plugins/a.lua": "return 'A'",
            "src/plugins/deep/init.lua": "return 'init'",
            "src/plugins/deep/c.lua": "return require 'needed'",
            "src/plugins/not.a.name.lua": "error()",
            "src/plugins/text.txt": "",
            "src/needed.lua": "return 'needed'",
            "lib/far/d.lua": "",
        }
    )
    bundle = programs.build("src/main.lua", include=include, path=["lib/?.lua"])
    assert [module.name for module in bundle.modules] == sorted({*names, *(["needed"] * ("plugins.deep.c" in names))})
    assert LuaVM().run(bundle.code, "=bundle", names[0].encode()) is not None


def test_templates_are_tried_in_order(programs):
    programs.write(
        {
            "ao/p/src/main.lua": 'print(require "near", require "far", require "both", require "pkg")',
            "ao/p/src/near.lua": "return 'near'",
            "ao/p/src/both.lua": "return 'entry folder'",
            "ao/shared/both.lua": "return 'shared'",
            "ao/shared/far.lua": "return 'shared'",
            "lib/far.lua": "return 'lib'",
            "lib/pkg/init.lua": "return 'lib package'",
        }
    )
    bundle = programs.build("ao/p/src/main.lua", path=["ao/shared/?.lua", f"{programs.root}/lib/?/init.lua"])
    assert [module.path for module in bundle.modules] == [
        "ao/p/src/both.lua",
        "ao/shared/far.lua",
        "ao/p/src/near.lua",
        "lib/pkg/init.lua",
    ]
    assert [
        m.path
        for m in programs.build(
            "ao/p/src/main.lua", templates=["../../../lib/?.lua", "?.lua"], path=["lib/?/init.lua"]
        ).modules
    ][1] == "lib/far.lua"


def test_the_bytes_depend_on_nothing_but_the_sources(programs_in, tmp_path):
    bundles = []
    for folder in ("here", "there/deeper"):
        programs = programs_in(tmp_path / folder)
        programs.write({"src/main.lua": 'require "b" require "a"', "src/a.lua": "return 1", "lib/b.lua": "return 2"})
        bundles.append(programs.build("src/main.lua", path=["lib/?.lua"]))
    assert bundles[0] == bundles[1]
    assert str(tmp_path).encode() not in bundles[0].code


def test_the_build_hash_is_over_names_sources_and_options(programs):
    programs.write({"main.lua": 'require "a" require "b"', "a.lua": "return 1", "b.lua": "return 2"})
    hashes = {programs.build().build_hash}
    assert programs.build().build_hash in hashes
    hashes.add(programs.build(keep_all_results=True).build_hash)
    programs.write({"a.lua": "return 2", "b.lua": "return 1"})
    hashes.add(programs.build().build_hash)
    programs.write({"c.lua": "return 1", "main.lua": 'require "a" require "c"'})
    hashes.add(programs.build().build_hash)
    assert len(hashes) == 4


def test_a_line_of_the_bundle_leads_to_its_source(programs):
    where = "debug.getinfo(1, 'l').currentline"
    programs.write(
        {
            "main.lua": f'#!lua\nlocal m, old = require "m", require "old"\nlocal here = {where} print(m, old, here)',
            "m.lua": f"\r\n--\r\nreturn {where}",
            "old.lua": f"\r--\rreturn {where}".encode(),
        }
    )
    bundle = programs.build(keep_all_results=True)
    (printed,) = programs.bundled().printed
    places = [bundle.source_of(int(line)) for line in printed.split()]
    assert [str(place) for place in places] == ["m.lua:3", "old.lua:3", "main.lua:3"]
    assert bundle.source_of(1) is None
    assert bundle.source_of(10_000) is None


def test_the_mappings_are_one_for_each_line_of_a_source(programs):
    programs.write({"main.lua": 'require "m"\n\nreturn 1', "m.lua": "return 2\n"})
    bundle = programs.build()
    lines = bundle.code.splitlines()
    assert [
        (lines[item.line - 1], item.column, item.path, item.source_line, item.source_column) for item in bundle.mappings
    ] == [
        (b"return 2", 1, "m.lua", 1, 1),
        (b'require "m"', 1, "main.lua", 1, 1),
        (b"", 1, "main.lua", 2, 1),
        (b"return 1", 1, "main.lua", 3, 1),
    ]


@pytest.mark.parametrize("level", ["debug", "basic", "default", "full"])
def test_a_line_of_a_minified_bundle_leads_to_its_source(programs, level):
    where = "debug.getinfo(1, 'l').currentline"
    programs.write(
        {
            "main.lua": f"-- one\nlocal m = require 'm'\n\nlocal here = {where}\nprint(\n  m,\n  here)\nreturn {where}",
            "m.lua": f"\r\n--[[\r\n]] local text = [[\r\n]]\r\nreturn {where}",
        }
    )
    bundle = programs.build(minify=Minify.level(level), keep_all_results=True)
    assert bundle.build_hash != programs.build(keep_all_results=True).build_hash
    (printed,) = programs.bundled(minify=Minify.level(level)).printed
    assert [str(bundle.source_of(int(line))) for line in printed.split()] == ["m.lua:5", "main.lua:4"]
    places = {mapping.line: (mapping.path, mapping.source_line) for mapping in bundle.mappings}
    assert all(places[mapping.line] == (mapping.path, mapping.source_line) for mapping in bundle.mappings)


def test_the_second_argument_of_a_lua_module_is_its_path(programs):
    programs.write(
        {
            "main.lua": 'print(select("#", ...)) require "a.b" require "a/b" require "plain"',
            "a/b.lua": "local function f(...) return ... end print(..., select('#', ...), f(1))",
            "plain.lua": "local function f(...) return ... end print(f(...) == 'plain')",
        }
    )
    assert programs.bundled().printed == (b"0", b"a.b\t2\t1", b"a/b\t2\t1", b"true")
    assert b'end)((...), "a/b.lua") end\n' in programs.build().code
    programs.write({"main.lua": "require 'a.b'", "a/b.lua": "local name, path = ... print(name, path)"})
    assert programs.bundled().printed == (b"a.b\ta/b.lua",)


def test_a_file_under_two_names_stands_in_the_bundle_once(programs):
    programs.write({"main.lua": 'return require "a.b" == require "a/b"', "a/b.lua": "return {'only once'}"})
    assert programs.build().code.count(b"only once") == 1
    assert programs.bundled().results == (False,)


def test_a_file_is_taken_as_it_is_with_its_requires(tmp_path):
    (tmp_path / "main.lua").write_text('#!lua\nlocal m = require("elsewhere")\nreturn m, "two"\n')
    bundle = take(tmp_path / "main.lua", name="main", root=tmp_path)
    assert bundle.code.endswith(b'local m = require("elsewhere")\nreturn m, "two"\n')
    assert bundle.modules == ()
    assert bundle.externals == ("elsewhere",)
    assert str(bundle.source_of(2)) == "main.lua:2"


def test_a_file_that_is_taken_must_still_compile(tmp_path):
    (tmp_path / "main.lua").write_text("local x = = 1\n")
    with pytest.raises(LuaSyntaxError, match=r"main\.lua:1:11"):
        take(tmp_path / "main.lua", name="main", root=tmp_path)


def test_what_runs_can_be_asked_for_its_build_hash(programs):
    programs.write({"main.lua": "return require('tim3tool.build').hash"})
    first = programs.build()
    vm = LuaVM()
    assert vm.run(first.code, "=x") == (first.build_hash.encode(),)
    programs.write({"main.lua": "return require('tim3tool.build').hash -- another"})
    second = programs.build()
    assert vm.run(second.code, "=x") == (second.build_hash.encode(),) != (first.build_hash.encode(),)
    assert vm.run(b"return require('tim3tool.build').name", "=x") == (b"demo",)
