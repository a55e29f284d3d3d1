"""The runtime's .stringify and .dump modules: tables as print, Eval and Dump show them."""

from __future__ import annotations

import pytest

RED, GREEN, BLUE, RESET = "\x1b[31m", "\x1b[32m", "\x1b[34m", "\x1b[0m"


@pytest.fixture(scope="module")
def stringify(library):
    return library("stringify", ".stringify")


@pytest.fixture(scope="module")
def dump(library):
    return library("dump", ".dump")


def key(name: str) -> str:
    return f"{RED}{name}{RESET} = "


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('{1,"a"}', f'{{ {BLUE}1{RESET}, {GREEN}"a"{RESET} }}'),
        ("{}", "{  }"),
        ('{k="v"}', f'{{\n   {key("k")}{GREEN}"v"{RESET}\n}}'),
        ("{k=1.5}", f"{{\n   {key('k')}{BLUE}1.5{RESET}\n}}"),
        ("{k=true}", f"{{\n   {key('k')}{BLUE}true{RESET}\n}}"),
        ("{k={}}", f"{{\n   {key('k')}{{  }}\n}}"),
        ("{k={1}}", f"{{\n   {key('k')}{{ {BLUE}1{RESET} }}\n}}"),
        ("{a={b=1}}", f"{{\n   {key('a')}{{\n     {key('b')}{BLUE}1{RESET}\n  }}\n}}"),
        (
            "{{n=1},{n=2}}",
            f"{{\n  {{\n     {key('n')}{BLUE}1{RESET}\n  }},\n  {{\n     {key('n')}{BLUE}2{RESET}\n  }}\n }}",
        ),
        ("{true,false}", f"{{\n  {BLUE}true{RESET},\n  {BLUE}false{RESET}\n }}"),
        ("{1,2,k=3}", f"{{\n   {key('k')}{BLUE}3{RESET}\n}}"),
        ("{[2]=1}", f"{{\n   {key('2')}{BLUE}1{RESET}\n}}"),
        ("(function() local t = {} t.me = t return t end)()", f"{{\n   {key('me')}<circular reference>\n}}"),
        ("(function() local s = {1} return {a=s,b=s} end)()", "<circular reference>"),
        ("(function() local s = {} return {s,s} end)()", "{\n  {  },\n  {  }\n }"),
    ],
)
def test_stringify(stringify, value, text):
    assert stringify.run(f"return M.format({value})").decode() == text


def test_stringify_shows_functions_by_address(stringify):
    assert stringify.run("return M.format({f=print}):match('= \\27%[34mfunction: .+\\27%[0m\\n}$') ~= nil") is True


@pytest.mark.parametrize("value", ["'x'", "5", "nil"])
def test_stringify_takes_tables_only(stringify, value):
    assert "table expected, got" in stringify.failure(f"M.format({value})")


def test_stringify_of_a_boolean_key_raises(stringify):
    assert "attempt to concatenate a boolean value" in stringify.failure("M.format({[true]=1})")


@pytest.mark.parametrize(
    ("value", "simple"),
    [
        ("{}", True),
        ("{1,'a',2.5}", True),
        ("{a=1}", False),
        ("{1,a=2}", False),
        ("{true}", False),
        ("{{}}", False),
        ("{1,nil,3}", False),
    ],
)
def test_is_simple_array(stringify, value, simple):
    assert stringify.run(f"return M.isSimpleArray({value})") is simple


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5", b'"5"'),
        ("nil", b'"nil"'),
        ('"a\\"b\\nc"', b'"a\\"b\\\nc"'),
        ("{}", b"{}"),
        ('{"3"}', b'{\n    [1] = "3"\n}'),
        ('{"p1","p2","r"}', b'{\n    [1] = "p1",\n    [2] = "p2",\n    [3] = "r"\n}'),
        ('{"\\27[32m2\\27[0m"}', b'{\n    [1] = "\\27[32m2\\27[0m"\n}'),
        (
            "{b={c='x'},a={},[10]='l',[2]='k'}",
            b'{\n    [2] = "k",\n    [10] = "l",\n    a = {},\n    b = {\n        c = "x"\n    }\n}',
        ),
        ("{[true]=1,[5]=2,['end']=false}", b'{\n    [5] = 2,\n    [true] = 1,\n    ["end"] = false\n}'),
        ("{{a=1}},0", b"{ [1] = { a = 1 } }"),
        ("{a=1},2,1", b"{\n   a = 1\n }"),
        (
            "(function() local s = {'x'} return {s,s} end)()",
            b'{\n    [1] = {\n        [1] = "x"\n    },\n    [2] = {\n        [1] = "x"\n    }\n}',
        ),
    ],
)
def test_dump(dump, value, text):
    assert dump.run(f"return M({value})") == text


def test_dump_of_a_table_inside_itself(dump):
    shown = dump.run("local t = {} t[1] = t return M(t)").decode()
    assert shown.startswith('{\n    [1] = "<Circular table: 0x')


@pytest.mark.parametrize(
    ("arguments", "said"), [("'x'", "indent must be"), ("2, -1", "padding must be"), ("2, 1, 5", "filter must be")]
)
def test_dump_refuses(dump, arguments, said):
    assert said in dump.failure(f"M({{}}, {arguments})")


def test_a_dump_of_strings_is_lua(dump):
    assert dump.run('return load("return " .. M({a={"x\\0\\n\\""}}))().a[1]') == b'x\0\n"'
