"""`lfs`, `system`, `term` and `io.popen` as suites of busted know them."""

from __future__ import annotations


def test_lfs_answers_as_luafilesystem(run_suite):
    run = run_suite(
        """
local lfs = require("lfs")
local function same(expected, ...) assert.same(expected, { n = select("#", ...), ... }) end
it("folders", function()
  same({ n = 1, true }, lfs.mkdir("made"))
  same({ n = 3, nil, "File exists", 17 }, lfs.mkdir("made"))
  assert.equal("directory", lfs.attributes("made", "mode"))
  assert.equal("directory", lfs.attributes("made").mode)
  same({ n = 1, true }, lfs.rmdir("made"))
  same({ n = 3, nil, "No such file or directory", 2 }, lfs.rmdir("made"))
end)
it("files", function()
  io.open("file", "w"):write("12345"):close()
  assert.equal(5, lfs.attributes("file", "size"))
  assert.is_true(lfs.touch("file", 5, 6))
  assert.equal(6, lfs.attributes("file", "modification"))
  assert.is_true(lfs.link("file", "link", true))
  assert.equal("link", lfs.symlinkattributes("link", "mode"))
  assert.equal("file", lfs.symlinkattributes("link", "target"))
end)
it("errors", function()
  same({ n = 3, nil, "cannot obtain information from file 'no': No such file or directory", 2 }, lfs.attributes("no"))
  assert.has_error(function() for _ in lfs.dir("no") do end end)
  assert.has_error(function() lfs.mkdir({}) end)
  assert.is_nil((lfs.chdir("no")))
end)
it("names", function()
  local found = {}
  for name in lfs.dir(".") do found[name] = true end
  assert.is_true(found["."] and found[".."] and found["x_spec.lua"])
end)
it("moves", function()
  local here = lfs.currentdir()
  assert.is_true(lfs.chdir("/"))
  assert.equal("/", lfs.currentdir())
end)
"""
    )
    assert run.outcomes == dict.fromkeys(["folders", "files", "errors", "names", "moves"], "passed")


def test_system_term_and_popen(run_suite):
    run = run_suite(
        """
it("system", function()
  local system = require("system")
  assert.is_number(system.gettime())
  assert.is_number(system.monotime())
  system.sleep(0)
  assert.has_error(function() system.sleep("x") end)
end)
it("term", function()
  local term = require("term")
  assert.is_boolean(term.isatty(io.stdout))
  assert.equal("\\27[31mx\\27[0m", term.colors.red("x"))
  assert.equal("\\27[32mx", term.colors.green .. "x")
end)
it("popen", function()
  local pipe = io.popen("echo one; echo two; exit 3")
  assert.equal("one", pipe:read("l"))
  assert.equal("two\\n", pipe:read("a"))
  local _, kind, code = pipe:close()
  assert.equal("exit3", kind .. code)
end)
"""
    )
    assert run.outcomes == {"system": "passed", "term": "passed", "popen": "passed"}


def test_what_cannot_be_had_says_why(run_suites, tmp_path):
    (tmp_path / "core.so").write_bytes(b"")
    run = run_suites(
        "--busted=--cpath=./?.so",
        a_spec='it("c", function() require("core") end) it("pl", function() require("pl.path") end)',
    )
    assert "is a C module, which the embedded Lua cannot load" in run.texts["a_spec.lua::c"]
    assert "Penlight is not part of tim3tool" in run.texts["a_spec.lua::pl"]
