"""Where a suite finds Lua modules, and what AO gives it."""

from __future__ import annotations

from pathlib import Path

from tim3tool.spec.surroundings import search_path

MANIFEST = """
path: [ao/shared/?.lua]
processes:
  token:
    entry: ao/token/src/main.lua
  other:
    entry: ao/token/src/main.lua
    tags:
      Token: "{{ processes['token'].id }}"
"""
MAIN = (
    "local balances = require('balances')\nHandlers.add('get', 'Get', function(m) m.reply{ Data = balances.get() } end)"
)


def project(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "aoform.yaml").write_text(MANIFEST)


def test_require_finds_the_process_the_shared_code_and_the_root(run_suites, tmp_path):
    project(tmp_path)
    run = run_suites(
        ao__token__src__main=MAIN,
        ao__token__src__balances='return { get = function() return require("amounts") end }',
        ao__shared__amounts="return 'amounts'",
        ao__token__test__beside="return 'beside'",
        src__rooted__init="return 'rooted'",
        ao__token__test__a_spec="""
it("finds", function()
  assert.equal("amounts", require("balances").get())
  assert.equal("beside", require("beside"))
  assert.equal("rooted", require("rooted"))
end)
it("shows its places", function() assert.has_error(function() require("nothing") end, "") end)
""",
    )
    assert run.outcomes == {
        "ao/token/test/a_spec.lua::finds": "passed",
        "ao/token/test/a_spec.lua::shows its places": "failed",
    }
    text = run.texts["ao/token/test/a_spec.lua::shows its places"]
    places = [line.split("'")[1] for line in text.splitlines() if line.strip().startswith("no file")]
    assert places[:8] == [
        "ao/token/test/nothing.lua",
        "ao/token/test/nothing/init.lua",
        "ao/token/src/nothing.lua",
        "ao/token/src/nothing/init.lua",
        "ao/shared/nothing.lua",
        "src/nothing.lua",
        "src/nothing/nothing.lua",
        "src/nothing/init.lua",
    ]


def test_search_path_outside_the_working_directory_is_absolute(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = search_path(tmp_path / "test" / "a_spec.lua", root=tmp_path, manifest=None).split(";")
    assert found[:2] == [f"{tmp_path}/src/?.lua", f"{tmp_path}/src/?/?.lua"]
    assert f"{tmp_path}/test/?.lua" in found
    assert all(Path(template).is_absolute() for template in found)


def test_a_suite_of_a_project_finds_aos_lua_modules(run_suites, tmp_path):
    project(tmp_path)
    run = run_suites(
        ao__token__src__main=MAIN,
        ao__token__test__a_spec="""
it("modules", function()
  assert.same({ a = 1 }, require("json").decode('{"a":1}'))
  assert.equal("7", tostring(require(".bint")(256)(7)))
  assert.equal("aGk=", require(".base64").encode("hi"))
  assert.is_function(require(".utils").map)
  assert.equal(ao, require("ao"))
  assert.equal(ao, require(".ao"))
end)
it("collects what is sent", function()
  ao.send({ Target = "t", Action = "Hello", Data = "hi" })
  assert.equal(1, #ao.outbox.Messages)
  assert.equal("t", ao.outbox.Messages[1].Target)
end)
it("starts with an empty outbox", function() assert.same({}, ao.outbox.Messages) end)
""",
    )
    assert set(run.outcomes.values()) == {"passed"}


def test_elsewhere_it_is_plain_lua(run_suites, tmp_path):
    (tmp_path / ".git").mkdir()
    run = run_suites(
        a_spec="""
it("plain", function()
  assert.is_nil(ao)
  assert.has_error(function() require("json") end)
  assert.is_table(require("tim3tool.sim"))
end)
it("as it is usually built", function()
  assert.equal(8, math.pow(2, 3))
  assert.equal(2, bit32.band(6, 3))
  assert.equal(bit32, require("bit32"))
  assert.equal(lfs, require("lfs"))
end)
it("measured from outside", function()
  require("luacov")
  require("luacov.runner").init("x")
end)
"""
    )
    names = ("plain", "as it is usually built", "measured from outside")
    assert run.outcomes == {f"a_spec.lua::{name}": "passed" for name in names}


def test_a_broken_manifest_fails_the_suite_with_its_place(run_suites, tmp_path):
    (tmp_path / "aoform.yaml").write_text("processes:\n  token:\n    entri: x.lua\n")
    run = run_suites(a_spec='it("x", function() end)')
    assert run.outcomes == {"a_spec.lua": "error"}
    assert "aoform.yaml:3:" in run.texts["a_spec.lua"]
    assert "entri" in run.texts["a_spec.lua"]


def test_processes_of_the_manifest_are_spawned_with_their_tags_and_code(run_suites, tmp_path):
    project(tmp_path)
    run = run_suites(
        ao__token__src__main=MAIN,
        ao__token__src__balances="return { get = function() return ao.env.Process.Tags.Token or 'none' end }",
        ao__token__test__a_spec="""
local sim = require("tim3tool.sim")
it("spawns", function()
  local net = sim.network()
  local other = net:spawn{ process = "other" } -- its tag names a process that is not there yet
  local token = net:spawn{ process = "token" }
  local again = net:spawn{ process = "token" }
  assert.equal("token", token.name)
  assert.is_not.equal(token.id, again.id)
  assert.equal("none", token:send{ Action = "Get" }.Messages[1].Data)
  assert.equal(token.id, other:send{ Action = "Get" }.Messages[1].Data)
end)
it("bundles a file", function()
  local net = sim.network()
  assert.equal("none", net:spawn{ file = "../src/main.lua" }:send{ Action = "Get" }.Messages[1].Data)
  assert.equal("none", net:spawn{ file = "ao/token/src/main.lua" }:send{ Action = "Get" }.Messages[1].Data)
end)
it("knows no such process", function() sim.network():spawn{ process = "tokn" } end)
it("knows no such file", function() sim.network():spawn{ file = "nothing.lua" } end)
""",
    )
    prefix = "ao/token/test/a_spec.lua::"
    assert run.outcomes[f"{prefix}spawns"] == "passed", run.texts
    assert run.outcomes[f"{prefix}bundles a file"] == "passed", run.texts
    assert "(did you mean `token`?)" in run.texts[f"{prefix}knows no such process"]
    assert "there is no file `nothing.lua` beside the suite" in run.texts[f"{prefix}knows no such file"]


def test_prerun_and_directory_of_the_manifest_are_there(run_suites, tmp_path):
    (tmp_path / "aoform.yaml").write_text(
        "processes:\n  a:\n    entry: a.lua\n    prerun: first.lua\n    directory: true\n"
    )
    run = run_suites(
        first="First = 'ran'",
        a="assert(First == 'ran') Ids = require('aoform.directory')",
        a_spec="""
local sim = require("tim3tool.sim")
it("x", function()
  local a = sim.network():spawn{ process = "a" }
  assert.same({ a = a.id }, a:read("Ids"))
end)
""",
    )
    assert run.outcomes == {"a_spec.lua::x": "passed"}, run.texts


def test_code_that_does_not_start_is_told_with_its_source(run_suites, tmp_path):
    project(tmp_path)
    run = run_suites(
        ao__token__src__main="local balances = require('balances')\nlocal missing\n\nmissing.field = 1\n",
        ao__token__src__balances="return {}",
        ao__token__test__a_spec='it("x", function() require("tim3tool.sim").network():spawn{ process = "token" } end)',
    )
    text = run.texts["ao/token/test/a_spec.lua::x"]
    assert text.startswith("ao/token/test/a_spec.lua:1: process `token` does not start at ao/token/src/main.lua:4: ")
    assert "attempt to index a nil value (local 'missing')" in text


def test_a_source_that_cannot_be_bundled_is_told_at_its_place(run_suites, tmp_path):
    project(tmp_path)
    run = run_suites(
        ao__token__src__main="\nlocal x = require('absent')",
        ao__token__test__a_spec='it("x", function() require("tim3tool.sim").network():spawn{ process = "token" } end)',
    )
    text = run.texts["ao/token/test/a_spec.lua::x"]
    assert text.startswith("ao/token/test/a_spec.lua:1: ao/token/src/main.lua:2:")
    assert "absent" in text
