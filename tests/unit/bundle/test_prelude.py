"""What a deploy puts in front of a bundle, run in Lua."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.bundle import LineTable, build, take
from tim3tool.bundle.prelude import eval_data, lua_string, lua_value
from tim3tool.errors import LuaSyntaxError, ManifestError, explain
from tim3tool.lua.vm import LuaFailure, LuaVM, to_python
from tim3tool.project import load

NO_NETWORK: dict[str, str] = {}


def project(root, main="return 1\n", keys="", **files):
    """Write a project of one process and return what `eval_data` takes."""
    (root / "main.lua").write_text(main)
    for name, text in files.items():
        (root / f"{name}.lua").write_text(text)
    (root / "aoform.yaml").write_text(f"- name: a\n  file: main.lua\n  pack: true\n{keys}")
    manifest = load(root / "aoform.yaml")
    return manifest.processes["a"], build(root / "main.lua", name="a", root=root)


def data_of(spec, bundle, *, ids, root, config=None):
    return eval_data(spec, bundle, ids=ids, config=config or {}, root=root)


def evaluated(vm, data):
    """Evaluate as AO does: as an expression, or else as a chunk."""
    try:
        chunk = vm.load(b"return " + data, "aos")
    except LuaFailure:
        chunk = vm.load(data, "aos")
    return vm.call(chunk)


@settings(max_examples=sample(100), derandomize=True)
@given(text=st.binary(max_size=60))
def test_a_lua_string_stands_for_its_bytes_in_one_line(text):
    literal = lua_string(text)
    assert b"\n" not in literal
    assert b"\r" not in literal
    assert LuaVM().run(b"return " + literal, "=x") == (text,)


def test_nothing_to_put_in_front_leaves_the_bundle_as_it_is(tmp_path):
    spec, bundle = project(tmp_path, keys="  resetModules: false\n")
    assert data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path) == bundle.code


def test_the_prelude_takes_no_line(tmp_path):
    keys = "  directory: true\n  prerun: pre.lua\n"
    spec, bundle = project(tmp_path, "\n\nerror('here')\n", keys, pre="-- one\nlocal x = [[\n]]\nPre = x\n")
    data = data_of(spec, bundle, ids={"a": "A"}, root=tmp_path)
    assert data.count(b"\n") == bundle.code.count(b"\n")
    assert data.endswith(bundle.code)
    line = bundle.code.splitlines().index(b"error('here')") + 1
    with pytest.raises(LuaFailure, match=rf'\[string "aos"\]:{line}: here'):
        evaluated(LuaVM(), data)


def test_the_prelude_cannot_be_taken_for_an_expression(tmp_path):
    spec, bundle = project(tmp_path, "Ran = (Ran or 0) + 1\nreturn Ran\n")
    vm = LuaVM()
    assert evaluated(vm, data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)) == (1,)


def test_a_deploy_forgets_the_modules_of_the_one_before_and_no_others(tmp_path):
    vm = LuaVM()
    vm.run(b"package.loaded.bint = 'AO' package.loaded.mine = 'mine' package.preload.late = print", "=ao")
    first = project(tmp_path, 'require("old") return require("both")\n', old="return 1", both="return 'b1'")
    assert evaluated(vm, data_of(*first, ids=NO_NETWORK, root=tmp_path)) == (b"b1",)
    second = project(tmp_path, 'return require("both") .. tostring(pcall(require, "ol" .. "d"))\n', both="return 'b2'")
    assert evaluated(vm, data_of(*second, ids=NO_NETWORK, root=tmp_path)) == (b"b2false",)
    assert vm.run(b"return package.loaded.bint, package.loaded.mine, package.preload.late == print", "=x") == (
        b"AO",
        b"mine",
        True,
    )
    assert vm.run(b"return package.loaded.math == math, package.loaded.string == string", "=x") == (True, True)


def test_without_a_reset_the_modules_of_the_one_before_stay(tmp_path):
    vm = LuaVM()
    first = project(tmp_path, 'return require("old")\n', old="return 1")
    evaluated(vm, data_of(*first, ids=NO_NETWORK, root=tmp_path))
    second = project(tmp_path, 'return pcall(require, "ol" .. "d")\n', keys="  resetModules: false\n")
    assert evaluated(vm, data_of(*second, ids=NO_NETWORK, root=tmp_path)) == (True,)


def test_the_directory_gives_every_id_also_after_a_change(tmp_path):
    main = 'local ids = require("aoform" .. ".directory")\nreturn ids["a"] .. ids["b-c"]\n'
    spec, bundle = project(tmp_path, main, "  directory: true\n  resetModules: false\n")
    vm = LuaVM()
    assert evaluated(vm, data_of(spec, bundle, ids={"b-c": "2", "a": "1"}, root=tmp_path)) == (b"12",)
    assert evaluated(vm, data_of(spec, bundle, ids={"b-c": "3", "a": "1"}, root=tmp_path)) == (b"13",)


def test_prerun_runs_first(tmp_path):
    spec, bundle = project(tmp_path, "return Pre\n", "  prerun: pre.lua\n", pre="#!lua\nPre = 'ран\\n'\n")
    data = data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)
    assert evaluated(LuaVM(), data) == ("ран\n".encode(),)
    spec, bundle = project(tmp_path, "return Pre\n", "  prerun: pre.lua\n", pre="\n\nerror('no')\n")
    with pytest.raises(LuaFailure) as caught:
        evaluated(LuaVM(), data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path))
    assert LineTable.of(bundle, prerun="pre.lua").translated(caught.value.message) == "pre.lua: no"


PRERUN = """
-- a comment
local one, two = 'a\\
b', [==[
x ]] "y"\r
]==] --[[ long
 comment ]] Ran = (Ran or 0) + 1
local function add(a, b) -- another
  return a
    + b
end
"""


@pytest.mark.parametrize("keys", ["", "  resetModules: false\n", "  directory: true\n"])
def test_the_bundle_sees_the_locals_of_prerun_as_it_would_in_one_file(tmp_path, keys):
    main = "local m = require('m')\nreturn one .. two .. add(1, 2) .. m() .. Ran\n"
    spec, bundle = project(
        tmp_path, main, f"  prerun: pre.lua\n{keys}", pre=PRERUN, m="return function() return one end"
    )
    data = data_of(spec, bundle, ids={"a": "A"}, root=tmp_path)
    assert data.count(b"\n") == bundle.code.count(b"\n")
    together = PRERUN.replace("\r\n", "\n").encode() + bundle.code
    assert evaluated(LuaVM(), data) == LuaVM().run(together, "=x") == (b'a\nbx ]] "y"\n3a\nb1',)


def test_prerun_is_not_called_with_what_follows_it(tmp_path):
    (tmp_path / "main.lua").write_text("(print or error)()\nreturn type(X)\n")
    (tmp_path / "pre.lua").write_text("X = tostring")
    (tmp_path / "aoform.yaml").write_text("- name: a\n  file: main.lua\n  prerun: pre.lua\n")
    spec = load(tmp_path / "aoform.yaml").processes["a"]
    bundle = take(tmp_path / "main.lua", name="a", root=tmp_path)
    vm = LuaVM()
    vm.run(b"print = function() end", "=quiet")
    assert evaluated(vm, data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)) == (b"function",)
    assert str(LineTable.of(bundle, prerun="pre.lua").source_of(1)) == "main.lua:1"


@pytest.mark.parametrize(
    ("pre", "message"),
    [
        ("return 1", "<eof> expected near 'local'"),
        ("".join(f"local l{n} = 1\n" for n in range(200)), "too many local variables (limit is 200) in main function"),
    ],
)
def test_prerun_that_does_not_go_with_a_bundle_is_named(tmp_path, pre, message):
    main = "local one = 1\nreturn one\n"
    (tmp_path / "main.lua").write_text(main)
    (tmp_path / "pre.lua").write_text(pre)
    (tmp_path / "aoform.yaml").write_text("- name: a\n  file: main.lua\n  prerun: pre.lua\n")
    spec = load(tmp_path / "aoform.yaml").processes["a"]
    bundle = take(tmp_path / "main.lua", name="a", root=tmp_path)
    with pytest.raises(LuaSyntaxError) as caught:
        data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)
    text = explain(caught.value)
    assert f"`pre.lua` compiles alone, but not in one chunk with the bundle: {message}" in text
    assert "--> pre.lua\n = help: it may not end in `return`" in text


def test_prerun_that_is_no_lua_is_named_with_its_line(tmp_path):
    spec, bundle = project(tmp_path, keys="  prerun: pre.lua\n", pre="x = 1\ny = = 2\n")
    with pytest.raises(LuaSyntaxError, match="unexpected symbol near '='") as caught:
        data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)
    assert (caught.value.where.path, caught.value.where.line, caught.value.where.text) == ("pre.lua", 2, "y = = 2")


def test_prerun_that_is_gone_is_named(tmp_path):
    spec, bundle = project(tmp_path, keys="  prerun: pre.lua\n", pre="")
    (tmp_path / "pre.lua").unlink()
    with pytest.raises(ManifestError, match=r"the prerun file `pre\.lua` cannot be read: No such file"):
        data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)


VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4) | st.dictionaries(st.text('ab-"\\\n]é', min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=sample(200), derandomize=True)
@given(value=VALUES)
def test_a_value_reaches_lua_with_its_type(value):
    literal = lua_value(value)
    assert b"\n" not in literal
    (found,) = LuaVM().run(b"return " + literal, "=x")
    found = to_python(found)
    assert found == value
    assert repr(found) == repr(value) or isinstance(value, dict | list)


def test_constants_reach_the_bundle_typed_and_change_without_it(tmp_path):
    main = (
        "local c = require('tim3tool.config')\n"
        "return c.name .. '|' .. math.type(c.count) .. math.type(c.rate) .. '|' .. c.list[2] .. tostring(c.sub.on)\n"
    )
    spec, bundle = project(tmp_path, main, "  resetModules: false\n")
    config = {"name": 'a "b"\n', "count": 3, "rate": 2.0, "list": ["x", "y"], "sub": {"on": True}}
    vm = LuaVM()
    data = data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path, config=config)
    assert data.endswith(bundle.code)
    assert evaluated(vm, data) == (b'a "b"\n|integerfloat|ytrue',)
    config["name"] = "new"
    assert evaluated(vm, data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path, config=config)) == (
        b"new|integerfloat|ytrue",
    )


def test_a_process_that_asks_for_constants_gets_a_table_even_where_there_are_none(tmp_path):
    spec, bundle = project(tmp_path, "return next(require('tim3tool.config'))\n", "  resetModules: false\n")
    assert evaluated(LuaVM(), data_of(spec, bundle, ids=NO_NETWORK, root=tmp_path)) == (None,)
