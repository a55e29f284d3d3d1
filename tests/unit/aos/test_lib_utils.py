"""The runtime's .utils module: matching per aos version, and the functional helpers."""

from __future__ import annotations

import pytest

VERSIONS = ["2.0.1", "2.0.3", "2.0.6"]

# The messages and handlers of the recorded transcript `patterns`.
ALICE = "ALICE_ADDR_0000000000000000000000000000000E"
ORACLE = "ORACLE_PROC_000000000000000000000000000000G"
SPECS = f"""
  local specs = {{
    {{"lit", {{Action="Ping"}}}}, {{"lower", {{Action="ping"}}}}, {{"pat", {{Action="^P.*g$"}}}},
    {{"any", {{Quantity="_"}}}}, {{"num", {{Quantity="%d+"}}}}, {{"alt", {{Action={{"A", "Ping"}}}}}},
    {{"fn", {{Quantity=function(v) return (tonumber(v) or 0) > 50 end}}}},
    {{"fp", {{["From-Process"]="_"}}}}, {{"type", {{Type="Message"}}}}, {{"from", {{From="{ALICE}"}}}},
    {{"data", {{Data="hello"}}}}, {{"empty", {{}}}}, {{"nope", {{Missing="x"}}}},
  }}
"""
PING = f"""{{
  From="{ALICE}", Data="hello", Action="Ping", Quantity="100",
  Tags={{Type="Message", Action="Ping", Quantity="100"}}
}}"""
LOWER = f"""{{
  From="{ALICE}", Data="HELLO", Action="ping", Quantity="1",
  Tags={{Type="Message", Action="ping", Quantity="1"}}
}}"""
ZED = f"""{{
  From="{ORACLE}", Data="", Action="Zed",
  Tags={{Type="Message", Action="Zed", ["From-Process"]="{ORACLE}"}}
}}"""

LOWERS_A_TABLE = "bad argument #1 to 'lower' (string expected, got table)"
MATCHES_A_TABLE = "bad argument #1 to 'match' (string expected, got table)"
MATCHES_NIL = "bad argument #1 to 'match' (string expected, got nil)"
NO_TAGS = "attempt to index a nil value (field 'Tags')"


@pytest.fixture(scope="module")
def lib(library):
    return library("utils", ".utils")


def match(lib, version: str, spec: str, msg: str):
    return lib.run(f'return M("{version}").matchesSpec({msg}, {spec})')


def failure(lib, version: str, spec: str, msg: str) -> str:
    return lib.failure(f'M("{version}").matchesSpec({msg}, {spec})')


@pytest.mark.parametrize(
    ("version", "msg", "names"),
    [
        ("2.0.6", PING, "lit lower pat any num alt fn type from data empty"),
        ("2.0.3", PING, "lit pat any num alt fn type from data empty"),
        ("2.0.1", PING, "lit pat any num alt fn from data empty"),
        ("2.0.6", LOWER, "lit lower pat any num alt type from data empty"),
        ("2.0.3", LOWER, "lower any num type from empty"),
        ("2.0.1", LOWER, "lower any num from empty"),
        ("2.0.6", ZED, "fp type empty"),
        ("2.0.3", ZED, "fp type empty"),
        ("2.0.1", ZED, "empty"),
    ],
)
def test_the_recorded_transcript(lib, version, msg, names):
    body = f"""
      local U, msg, found = M("{version}"), {msg}, {{}}
      {SPECS}
      for _, spec in ipairs(specs) do
        if U.matchesSpec(msg, spec[2]) then found[#found + 1] = spec[1] end
      end
      return table.concat(found, " ")
    """
    assert lib.run(body) == names.encode()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("spec", "result"),
    [
        ('"Ping"', True),
        ('"ping"', False),
        ('"P.*"', False),
        ("5", False),
        ("nil", False),
        ("true", False),
        ("function(m) return m.Action end", b"Ping"),
        ("function() return 0 end", 0),
        ("function() end", ()),
        ("{}", True),
        ("{Quantity=100}", False),
        ("{Quantity=true}", False),
        ("{Quantity=false}", False),
        ('{Action="Ping", Quantity="200"}', False),
        ('{Action={"A", {"B", "Ping"}}}', True),
        ("{Action={}}", False),
        ("{Action=function() return 0 end}", True),
        ('{Action=function() return "skip" end}', True),
        ("{Action=function() return nil end}", False),
        ("{Flag='_'}", False),
        ("{[5]='_'}", False),
    ],
)
def test_specs_that_every_version_reads_alike(lib, version, spec, result):
    msg = '{Action="Ping", Quantity="100", Flag=false, Tags={Action="Ping", Quantity="100"}}'
    assert match(lib, version, spec, msg) == result


@pytest.mark.parametrize(
    ("spec", "msg", "results"),
    [
        ('{["From-Process"]="x"}', '{Tags={["From-Process"]="x"}}', (False, True, True)),
        ('{A="x"}', '{A="x", Tags={A="y"}}', (True, True, True)),
        ('{A="y"}', '{A="x", Tags={A="y"}}', (False, True, True)),
        ('{A="X"}', '{A="x", Tags={}}', (False, False, True)),
        ('{A="Transfer-Token"}', '{A="Transfer-Token", Tags={}}', (True, True, True)),
        ('{A="^%S+$"}', '{A="abc", Tags={A="abc"}}', (True, True, False)),
        ('{A="^x"}', '{A="Xyz", Tags={A="Xyz"}}', (False, False, True)),
        ('{Height="13"}', "{Height=13, Tags={}}", (False, False, True)),
        ('{Height="^13$"}', "{Height=13, Tags={Height='13'}}", (True, True, True)),
        ('{A="x"}', "{A={}, Tags={}}", (False, False, LOWERS_A_TABLE)),
        ('{Data="^a"}', "{Data={}, Tags={}}", (MATCHES_A_TABLE, MATCHES_A_TABLE, LOWERS_A_TABLE)),
        ('{From="^abc"}', '{From="abcd", Tags={}}', (True, MATCHES_NIL, True)),
        ('{T="^a"}', '{Tags={T="a"}}', (False, MATCHES_NIL, True)),
        ('{A="x"}', '{A="x"}', (True, True, True)),
    ],
)
def test_specs_that_versions_read_differently(lib, spec, msg, results):
    for version, result in zip(VERSIONS, results, strict=True):
        if isinstance(result, str):
            said = failure(lib, version, spec, msg)
            assert said.startswith('[string ".utils"]:')
            assert said.endswith(": " + result)
        else:
            assert match(lib, version, spec, msg) is result


@pytest.mark.parametrize(("version", "calls"), [("2.0.1", b"a"), ("2.0.3", b"a nil"), ("2.0.6", b"a nil")])
def test_a_function_pattern_sees_both_sides(lib, version, calls):
    body = f"""
      local seen, msg = {{}}, {{A="a", Tags={{}}}}
      local matched = M("{version}").matchesSpec(msg, {{A=function(value, m)
        seen[#seen + 1] = tostring(value)
        assert(m == msg)
        return true
      end}})
      return matched, table.concat(seen, " ")
    """
    assert lib.run(body) == (True, calls)


@pytest.mark.parametrize("version", VERSIONS)
def test_matches_pattern(lib, version):
    body = f"""
      local matches = M("{version}").matchesPattern
      return matches("_", "x", {{}}), matches("_", nil, {{}}), matches("x", "x", {{}}), matches(nil, "x", {{}}),
        matches({{"a", "x"}}, "x", {{}}), matches("^%d$", "5", {{}})
    """
    assert lib.run(body) == (True, True, True, False, True, True)


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("action", "Action"), ("ACTION", "Action"), ("SDK", "Sdk"), ("X-MyTag", "X-Mytag"), ("camelCase", "Camelcase"),
        ("a.b c", "A.b c"), ("from_process", "From-Process"), ("x--y_", "X--Y-"), ("", ""), ("9a-b", "9a-B"),
    ],
)  # fmt: skip
def test_normalize(lib, name, normal):
    assert lib.run('return M("2.0.6").normalize(...)', name.encode()) == normal.encode()


def test_normalize_is_of_the_newest_version_only(lib):
    assert lib.run('return M("2.0.6").capitalize("heLLo")') == b"Hello"
    for version in ("2.0.1", "2.0.3"):
        assert lib.run(f'return M("{version}").normalize, M("{version}").capitalize') == (None, None)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("show(U.concat({1,2,3})({4,5,6}))", b"1 2 3 4 5 6"),
        ("show(U.concat({'a'}, {}))", b"a"),
        ("U.reduce(function(acc, v) return acc + v end, 0, {2,4,9})", 15),
        ("U.reduce(function(acc, v) return acc + v end)(0)({5,4,3})", 12),
        ("U.reduce(function(acc, v) return acc + v end, nil, {5,4,3})", 12),
        ("U.reduce(function(acc, v, k) return acc .. k end, '', {'x','y'})", b"12"),
        ("U.reduce(print, 7, {})", 7),
        ("show(U.map(function(v, k) return v * k end, {3,4,7}))", b"3 8 21"),
        ("show(U.map(function(v) return v * 2 end)({2,4,6}))", b"4 8 12"),
        ("show(U.filter(function(v) return v % 2 == 0 end, {3,4,7,8}))", b"4 8"),
        ("U.find(function(v) return v > 3 end, {1,4,5})", 4),
        ("select('#', U.find(function() return false end, {1}))", 0),
        ("U.propEq('a', 'x', {a='x'})", True),
        ("U.propEq('a')('x')({a='y'})", False),
        ("show(U.reverse({1,2,3}))", b"3 2 1"),
        ("U.compose(U.reduce(function(a, v) return a + v end)(0), U.map(function(v) return v * 2 end))({1,2,3})", 12),
        ("U.prop('name', {name='Maria'})", b"Maria"),
        ("U.prop('age')({age=50})", 50),
        ("U.includes('John', {'Victor','John'})", True),
        ("U.includes(4)({3,5,7})", False),
        ("show(U.keys({x=1}))", b"x"),
        ("show(U.values({x=1}))", b"1"),
        ("U.curry(function(a, b, c) return a + b + c end)(1)(2, 3)", 6),
        ("U.curry(function(a, b) return a, b end, 2)(nil)(2)(3)", (None, 2)),
        ("U.curry(function(...) return select('#', ...) end, 3)(1, 2)(3)", 2),
    ],
)
def test_helpers(lib, expression, result):
    body = f"""
      local U = M("2.0.6")
      local function show(t) return table.concat(t, " ") end
      return {expression}
    """
    assert lib.run(body) == result


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("U.map(5, {})", "first argument should be a unary function"),
        ("U.map(print, {a=1})", "second argument should be an Array"),
        ("U.filter(print, 'x')", "second argument should be an Array"),
        ("U.find({}, {})", "first argument should be a unary function"),
        ("U.reduce(print, 0, {[2]=3})", "third argument should be a table that is an array"),
        ("U.concat({a=1}, {})", "first argument should be a table"),
        ("U.concat({})(nil)", "second argument should be a table that is an array"),
        ("U.reverse({a=1})", "third argument should be a table that is an array"),
        ("U.includes(1, {a=1})", "argument should be a table that is an array"),
        ("U.propEq(1, 'x', {})", "first argument should be a string"),
        ("U.propEq('age', 50, {age=50})", "second argument should be a string"),
        ("U.propEq('age', 'x', 5)", "third argument should be a table<object>"),
        ("U.keys(5)", "argument needs to be a table"),
        ("U.values(nil)", "argument needs to be a table"),
        ("U.curry(5)", "function is required as first argument"),
    ],
)
def test_helpers_refuse(lib, call, said):
    assert lib.failure(f'local U = M("2.0.1") {call}').endswith(f": {said}")
