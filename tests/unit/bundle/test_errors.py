"""What cannot be bundled, and what is only warned of."""

from __future__ import annotations

import os

import pytest

from tim3tool.errors import LuaModuleNotFound, LuaSyntaxError, SourceError, explain
from tim3tool.lua.vm import LuaVM


def refusal(programs, kind=SourceError, **options) -> str:
    with pytest.raises(kind) as caught:
        programs.build("src/main.lua", **options)
    assert type(caught.value) is kind
    assert caught.value.exit_code == 1
    return explain(caught.value)


def test_a_missing_lua_module(programs):
    programs.write(
        {"src/main.lua": 'local a = require "a"\n', "src/a.lua": '\n  return require("lib.gone"), require "b"'}
    )
    assert refusal(programs, LuaModuleNotFound, path=["shared/?.lua", "src/?.lua"]) == (
        """\
error: Lua module `lib.gone` is not found
 --> src/a.lua:2:19
  |
2 |   return require("lib.gone"), require "b"
  |                   ^^^^^^^^ no file for it
  = help: create one of the files tried, or add its folder to `path:` in the manifest
          src/lib/gone.lua
          src/lib/gone/init.lua
          shared/lib/gone.lua"""
    )


def test_a_missing_lua_module_that_ao_has_under_a_similar_name(programs):
    programs.write({"src/main.lua": "local bint = require 'bint'(256)"})
    assert refusal(programs, LuaModuleNotFound, templates=["?.lua"]) == (
        """\
error: Lua module `bint` is not found
 --> src/main.lua:1:23
  |
1 | local bint = require 'bint'(256)
  |                       ^^^^ no file for it
  = note: AO provides `.bint`
  = help: create one of the files tried, or add its folder to `path:` in the manifest
          src/bint.lua"""
    )


@pytest.mark.parametrize("name", ["x" * 300, "gone/" * 2000, "main.lua/below", "\\xff", "é"])
def test_a_name_that_no_file_can_have_is_just_not_found(programs, name):
    programs.write({"src/main.lua": f'require "{name}"'})
    assert "is not found" in refusal(programs, LuaModuleNotFound)


def test_a_broken_link_is_not_found(programs):
    programs.write({"src/main.lua": 'require "m"'})
    (programs.root / "src/m.lua").symlink_to("nowhere.lua")
    assert "is not found" in refusal(programs, LuaModuleNotFound)


def test_a_syntax_error_in_a_lua_module(programs):
    programs.write({"src/main.lua": 'require "m"', "src/m.lua": b"\xef\xbb\xbfreturn {\r\n  a = 1\r\n  b = 2,\r\n}"})
    assert refusal(programs, LuaSyntaxError) == (
        """\
error: not Lua 5.3: '}' expected (to close '{' at line 1) near 'b'
 --> src/m.lua:3:3
  |
3 |   b = 2,
  |   ^"""
    )


def test_a_syntax_error_in_a_lua_module_that_would_pass_inside_a_bundle(programs):
    programs.write({"src/main.lua": 'require "m"', "src/m.lua": "end\nlocal function f()"})
    assert " --> src/m.lua:1:1\n" in refusal(programs, LuaSyntaxError)


def test_a_missing_entry(programs):
    assert refusal(programs) == "error: cannot read `src/main.lua`: No such file or directory"


def test_an_entry_that_is_a_folder(programs):
    programs.write({"src/main.lua/x": ""})
    assert refusal(programs) == "error: `src/main.lua` is a directory, where a Lua file should be"


AT_M = """
 --> src/main.lua:1:17
  |
1 | return require "m"
  |                 ^"""


def test_a_lua_module_that_is_a_folder(programs):
    programs.write({"src/main.lua": 'return require "m"', "src/m.lua/x": ""})
    assert refusal(programs) == "error: `src/m.lua` is a directory, where a Lua file should be" + AT_M


def test_a_lua_module_that_is_a_pipe(programs):
    programs.write({"src/main.lua": 'return require "m"'})
    os.mkfifo(programs.root / "src/m.lua")
    assert refusal(programs) == "error: `src/m.lua` is not a regular file, where a Lua file should be" + AT_M


def test_links_that_lead_in_a_circle(programs):
    programs.write({"src/main.lua": 'return require "m"'})
    (programs.root / "src/m.lua").symlink_to("n.lua")
    (programs.root / "src/n.lua").symlink_to("m.lua")
    assert refusal(programs) == "error: cannot read `src/m.lua`: Too many levels of symbolic links" + AT_M


def test_compiled_lua(programs):
    (compiled,) = LuaVM().run(b"return string.dump(function() end)", "=dump")
    programs.write({"src/main.lua": 'return require "m"', "src/m.lua": compiled})
    assert refusal(programs) == (
        "error: `src/m.lua` is compiled Lua"
        + AT_M
        + "\n  = help: put its source there; AO and other Lua builds cannot load it"
    )


def test_a_binary_file(programs):
    programs.write({"src/main.lua": 'return require "m"', "src/m.lua": b"\x7fELF\0\0"})
    assert refusal(programs) == (
        "error: `src/m.lua` is a binary file: byte 5 is NUL"
        + AT_M
        + "\n  = help: a Lua source is text; write NUL in a string as `\\0`"
    )


def test_a_source_that_is_too_deep_for_a_bundle(programs):
    deepest = next(n for n in range(200, 0, -1) if _compiles(f"\nreturn {'(' * n}1{')' * n}"))
    programs.write({"src/main.lua": f"\nreturn {'(' * deepest}1{')' * deepest}"})
    text = refusal(programs)
    assert text.startswith("error: this compiles alone but not in the bundle of `demo`: too many C levels")
    assert " --> src/main.lua:2\n" in text
    assert text.endswith("= help: nest it less deeply")


@pytest.mark.parametrize("name", ["linked", "folder.x"])
def test_a_lua_module_outside_the_project(programs_in, tmp_path, name):
    programs = programs_in(tmp_path / "project")
    programs.write({"src/main.lua": f'return require "{name}"', "src/n.lua": "", "../gone/x.lua": ""})
    (programs.root / "src/linked.lua").symlink_to(tmp_path / "gone/x.lua")
    (programs.root / "src/folder").symlink_to(tmp_path / "gone")
    text = refusal(programs)
    assert "is outside the project\n --> src/main.lua:1:17" in text
    assert text.endswith("help: move it into the project, or name its folder in `path:`")


def test_a_folder_outside_the_project_may_be_named(programs_in, tmp_path):
    programs = programs_in(tmp_path / "project")
    programs.write({"src/main.lua": "return require 'x'", "../gone/x.lua": "return 7"})
    (bundled,) = programs.build("src/main.lua", path=["../gone/?.lua"]).modules
    assert bundled.path == "../gone/x.lua"


def test_an_included_name_that_no_lua_module_has(programs):
    programs.write({"src/main.lua": ""})
    assert refusal(programs, LuaModuleNotFound, include=["plugins.gone"], templates=["?.lua"]) == (
        """\
error: `include` names `plugins.gone`, but no Lua module has that name
 = help: create one of the files tried, or add its folder to `path:` in the manifest
         src/plugins/gone.lua"""
    )


def test_an_included_glob_that_matches_nothing(programs):
    programs.write({"src/main.lua": "", "src/plugins/a.txt": ""})
    assert "`include` names `plugins.*`, but" in refusal(programs, LuaModuleNotFound, include=["plugins.*"])


def test_what_is_missing_can_be_allowed(programs):
    programs.write({"main.lua": 'local gone = require "gone"'})
    bundle = programs.build(allow_missing=True)
    assert bundle.modules == ()
    assert [(item.kind, str(item.where), item.message) for item in bundle.warnings] == [
        ("missing-module", "main.lua:1:23", "Lua module `gone` is not found; it is not in the bundle")
    ]


def _compiles(source: str) -> bool:
    return LuaVM().run(b"return load(...) ~= nil", "=try", source.encode()) == (True,)


def warnings(programs, entry="main.lua") -> list[tuple[str, str, str]]:
    return [(item.kind, str(item.where), item.message) for item in programs.build(entry).warnings]


def test_a_name_known_at_run_time_is_warned_of(programs):
    programs.write({"main.lua": 'require "m"\nlocal x = require(name)', "m.lua": "\n\nreturn pcall(require, ...)"})
    message = "a Lua module that this `require` names only at run time is not in the bundle"
    assert warnings(programs) == [
        ("dynamic-require", "m.lua:3:14", message),
        ("dynamic-require", "main.lua:2:11", message),
    ]


def test_a_change_of_what_require_finds_is_warned_of(programs):
    programs.write({"main.lua": 'require "m"\nx = 1 package.path = "else/?.lua"', "m.lua": "package.preload.n = print"})
    message = "may be changed here while the program runs: the bundle holds what is found when it is built"
    assert warnings(programs) == [
        ("loading-change", "m.lua:1:1", f"`package.preload` {message}"),
        ("loading-change", "main.lua:2:7", f"`package.path` {message}"),
    ]


def test_an_optional_lua_module_that_is_missing_is_warned_of(programs):
    programs.write({"main.lua": 'pcall(require, "gone") pcall(require, "json") pcall(require, "m")', "m.lua": ""})
    assert warnings(programs) == [
        ("optional-module", "main.lua:1:17", "optional Lua module `gone` is not found; it is not in the bundle")
    ]


def test_a_lua_module_that_one_place_needs_is_not_optional(programs):
    programs.write({"src/main.lua": 'pcall(require, "gone") require "gone"'})
    assert "src/main.lua:1:33" in refusal(programs, LuaModuleNotFound)


def test_a_file_under_two_names_is_warned_of_once(programs):
    programs.write({"main.lua": 'require "a.b" require "a/b"', "a/b.lua": "require(x)"})
    assert len(warnings(programs)) == 1


def test_lua_modules_that_wait_for_each_other_are_warned_of(programs):
    programs.write(
        {
            "main.lua": 'require "a" require "self"',
            "a.lua": 'require "b"\nrequire "leaf"',
            "b.lua": 'return { c = require "c" }',
            "c.lua": 'if x then require "a" end\nreturn function() return require "b" end',
            "self.lua": "require 'self' require 'self'",
            "leaf.lua": "return function() require 'a' end",
        }
    )
    text = "these Lua modules require each other while they load: "
    assert warnings(programs) == [
        ("cycle", "c.lua:1:20", text + "`a` -> `b` -> `c` -> `a`"),
        ("cycle", "self.lua:1:10", text + "`self` -> `self`"),
        ("cycle", "self.lua:1:25", text + "`self` -> `self`"),
    ]


def test_a_long_chain_of_lua_modules_is_no_cycle(programs):
    programs.write({f"m{index}.lua": f'require "m{index + 1}"' for index in range(600)})
    programs.write({"m600.lua": "", "main.lua": 'require "m0"'})
    assert warnings(programs) == []
