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


def test_cjson_answers_as_lua_cjson(run_suite):
    run = run_suite(
        r"""
local cjson, safe = require("cjson"), require("cjson.safe")
it("encodes", function()
  assert.equal('{"a":[1,2.5,true,null,"x\\"\\/\\n\\u0001é"]}', cjson.encode{ a = { 1, 2.5, true, cjson.null, "x\"/\n\1é" } })
  assert.equal("{}", cjson.encode({}))
  assert.equal("[]", cjson.encode(cjson.empty_array))
  assert.equal("[]", cjson.encode(setmetatable({}, cjson.empty_array_mt)))
  assert.equal("[1,null,3]", cjson.encode({ 1, nil, 3 }))
  assert.equal('{"x":1,"2":true}', (cjson.encode({ x = 1, [2] = true }):gsub('^{"2":true,"x":1}$', '{"x":1,"2":true}')))
  assert.equal("0.33333333333333", cjson.encode(1 / 3))
  assert.equal("9.007199254741e+15", cjson.encode(9007199254740993))
end)
it("decodes", function()
  assert.same({ a = { 1, -2.5, 1e3, false, "\u{1F600}/\t" } }, cjson.decode(' {"a" : [1,-2.5,1E3,false,"\\ud83d\\ude00\\/\\t"]} '))
  assert.equal(cjson.null, cjson.decode("[null]")[1])
  assert.equal("userdata", type(cjson.null))
  assert.same({}, cjson.decode("[]"))
end)
it("refuses", function()
  local function refused(message, f, ...)
    local ok, said = pcall(f, ...)
    assert.is_false(ok)
    assert.equal(message, (said:gsub("^[^:]*:%d+: ", "")))
  end
  refused("Cannot serialise function: type not supported", cjson.encode, print)
  refused("Cannot serialise number: must not be NaN or Inf", cjson.encode, 1 / 0)
  refused("Cannot serialise table: excessively sparse array", cjson.encode, { [100] = 1 })
  refused("Cannot serialise boolean: table key must be a number or string", cjson.encode, { [true] = 1 })
  refused("Expected value but found T_END at character 1", cjson.decode, "")
  refused("Expected value but found invalid token at character 2", cjson.decode, "[x]")
  refused("Expected comma or array end but found T_END at character 3", cjson.decode, "[1")
  refused("Expected comma or object end but found T_NUMBER at character 8", cjson.decode, '{"a":1 2}')
  refused("Expected colon but found T_END at character 5", cjson.decode, '{"a"')
  refused("Expected object key string but found T_NUMBER at character 2", cjson.decode, "{1}")
  refused("Expected the end but found T_NUMBER at character 3", cjson.decode, "1 2")
  local deep = {}
  for _ = 1, 1001 do deep = { deep } end
  refused("Cannot serialise, excessive nesting (1001)", cjson.encode, deep)
end)
it("has options of its own", function()
  local own = cjson.new()
  assert.same({ true, 2, 10 }, { own.encode_sparse_array(true) })
  assert.equal('{"100":1}', own.encode({ [100] = 1 }))
  assert.equal(3, own.encode_number_precision(3))
  assert.equal("0.333", own.encode(1 / 3))
  own.encode_invalid_numbers("null")
  assert.equal("[null]", own.encode({ 0 / 0 }))
  own.encode_empty_table_as_object(false)
  assert.equal("[]", own.encode({}))
  own.decode_array_with_array_mt(true)
  assert.equal("[]", own.encode(own.decode("[]")))
  own.decode_max_depth(1)
  assert.has_error(function() own.decode("[[1]]") end)
  assert.equal("{}", cjson.encode({}))
end)
it("is safe", function()
  local nothing, said = safe.decode("[")
  assert.is_nil(nothing)
  assert.matches("^Expected value but found T_END at character 2$", (said:gsub("^[^:]*:%d+: ", "")))
  assert.same({ nil, "Cannot serialise function: type not supported" }, { safe.encode(print) })
  assert.same({ 1 }, safe.decode("[1]"))
end)
"""
    )
    assert list(run.outcomes.values()) == ["passed"] * 5


def test_a_suite_that_moves_leaves_the_others_where_they_are(run_suites):
    moving = 'require("lfs").chdir("/")\nit("moved", function() assert.equal("/", require("lfs").currentdir()) end)'
    staying = 'it("stays", function() assert.is_truthy(io.open("b_spec.lua")) end)'
    run = run_suites("a_spec.lua", "b_spec.lua", a_spec=moving, b_spec=staying + '\nassert(io.open("b_spec.lua"))')
    assert run.outcomes == {"a_spec.lua::moved": "passed", "b_spec.lua::stays": "passed"}


def test_what_is_no_open_file_is_refused_as_by_luafilesystem(run_suite):
    run = run_suite(
        """
local lfs = require("lfs")
local function refused(message, f, ...)
  local arguments = table.pack(...)
  assert.error_matches(function() local r = f(table.unpack(arguments, 1, arguments.n)) return r end, message, 1, true)
end
it("refuses", function()
  local file = io.tmpfile()
  assert.same({ true, "binary" }, { lfs.setmode(file, "text") })
  assert.same({ nil, "tim3tool cannot lock an open file" }, { lfs.lock(file, "w") })
  assert.same({ nil, "tim3tool cannot lock an open file" }, { lfs.unlock(file) })
  refused("bad argument #2 to 'setmode' (invalid option 'x')", lfs.setmode, file, "x")
  refused("bad argument #2 to 'setmode' (string expected, got no value)", lfs.setmode, file)
  refused("bad argument #1 to 'setmode' (FILE* expected, got string)", lfs.setmode, "p", "text")
  refused("lock: invalid mode", lfs.lock, file, "x")
  refused("bad argument #1 to 'lock' (FILE* expected, got no value)", lfs.lock)
  refused("bad argument #1 to 'unlock' (FILE* expected, got number)", lfs.unlock, 5)
  file:close()
  refused("setmode: closed file", lfs.setmode, file, "text")
  refused("unlock: closed file", lfs.unlock, file)
end)
"""
    )
    assert run.outcomes == {"refuses": "passed"}, run.texts
