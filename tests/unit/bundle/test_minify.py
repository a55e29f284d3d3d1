"""A minified program is the same program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.bundle import LEVELS, Minify
from tim3tool.bundle.minify.minifier import Minifier
from tim3tool.errors import UsageError, explain
from tim3tool.lua.tokens import tokens
from tim3tool.lua.vm import LuaFailure, LuaVM, syntax_error

if TYPE_CHECKING:
    from collections.abc import Sequence


def minified(source: str | bytes, level: str = "default", **options: bool) -> str:
    source = source.encode() if isinstance(source, str) else source
    code, _ = Minifier(Minify.level(level, **options)).minify(source)
    assert syntax_error(source) is None
    assert syntax_error(code) is None
    return code.decode("latin-1")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b - - 1", "a=b- -1"),
        ("a = 1 .. 2", "a=1 ..2"),
        ("a = b .. ... ", "a=b.. ..."),
        ("a = b .. .5", "a=b.. .5"),
        ("a = t[ [[x]] ]", "a=t[ [[x]]]"),
        ("a = t[ [=[x]=] ]", "a=t[ [=[x]=]]"),
        ("a = {[ [[k]] ] = 1}", "a={[ [[k]]]=1}"),
        ("if a == 1 then b = 0xA else c = 2 end", "if a==1 then b=0xA else c=2 end"),
        ("return not a , #b , ~ c", "return not a,#b,~c"),
        ("f 'x' { 1 } [[y]] :m ()", "f'x'{1}[[y]]:m()"),
        ("a = f ; ( g or h ) ( )", "a=f;(g or h)()"),
        ("goto x ::x:: ::y::", "goto x::x::::y::"),
        ("a--[[]]=--[==[\n]==]b--", "a=\nb"),
        ("a = 1\t\v\f b = 2", "a=1 b=2"),
        ("a = x ~= y, a // b, c >> 1", "a=x~=y,a//b,c>>1"),
    ],
)
def test_tokens_stand_as_close_as_lua_allows(source, expected):
    assert minified(source, "basic") == expected


LINES = "\n-- about a\na = 1\n\n\n--[[ two\nlines ]] b = [[\nx\n]] c = 3\n\n"


def test_lines_at_each_level():
    assert minified(LINES, "none") == LINES
    assert minified(LINES, "debug") == "\n\na=1\n\n\n\nb=[[\nx\n]]c=3\n\n"
    assert minified(LINES, "basic") == "a=1\nb=[[\nx\n]]c=3\n"
    assert minified(LINES, "full") == 'a=1\nb=\n"x\\n"c=3'


def test_options_one_by_one():
    source = "-- one\n\nlocal  name = 0x10 -- two\nprint( name, 'a'..'b' )\n"
    assert minified(source, "none", comments=True) == "\n\nlocal  name = 0x10 \nprint( name, 'a'..'b' )\n"
    assert minified(source, "none", whitespace=True) == "-- one\n\nlocal name=0x10-- two\nprint(name,'a'..'b')\n"
    assert minified(source, "none", emptylines=True).startswith("-- one\nlocal  name")
    assert minified(source, "none", eols=True).startswith("-- one\nlocal  name = 0x10 -- two\nprint( ")
    assert minified(source, "none", numbers=True) == source.replace("0x10", "16")
    assert minified(source, "none", strings=True) == source.replace("'a'..'b'", '"ab"')
    assert minified(source, "none", locals=True) == source.replace("name", "a")
    assert minified(source, "full", locals=False) == 'local name=16\nprint(name,"ab")'


def test_a_level_or_an_option_that_does_not_exist():
    with pytest.raises(UsageError) as caught:
        Minify.level("ful")
    assert explain(caught.value) == "error: there is no minify level `ful`\n = help: did you mean `full`?"
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError) as caught:
        Minify.level("full", gzip=True)
    assert explain(caught.value).startswith("error: there is no option `minify-gzip`\n = help: the options are minify-")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("local one = one one = one", "local a=one a=a"),
        ("local one local one = one", "local a local b=a"),
        ("local function one() return one end", "local function a()return a end"),
        ("local one = function() return one end", "local a=function()return one end"),
        ("do local one end one = 1", "do local a end one=1"),
        ("repeat local one until one one = 1", "repeat local a until a one=1"),
        ("for one = one, one do one() end one()", "for a=one,one do a()end one()"),
        (
            "for one, two in one do two(one) end",
            "for a,b in one do b(a)end",
        ),
        ("function t.one.two(one) return one.one end", "function t.one.two(a)return a.one end"),
        ("function t:one(two) return self, two end", "function t:one(a)return self,a end"),
        ("local self function self.f(self) return self end", "local a function a.f(b)return b end"),
        ("local one = {one = 1, [one] = one; one = 2, one}", "local a={one=1,[one]=one;one=2,one}"),
        ("local one one = {one = one, one == 1}", "local a a={one=a,a==1}"),
        ("local one goto one ::one:: one:one().one = one", "local a goto one::one::a:one().one=a"),
        ("local one, two = f(function(two) return two end) two = two", "local a,b=f(function(a)return a end)b=b"),
        ("local _ENV = one one = two", "local _ENV=one one=two"),
        ("local one = a + b", "local c=a+b"),
        (
            "if one then local one = 1 one() elseif one then one() end",
            "if one then local a=1 a()elseif one then one()end",
        ),
        ("local one = 1; (one or two)()", "local a=1;(a or two)()"),
        ("while one do local one = one break end one()", "while one do local a=one break end one()"),
        ("local one = ... local two = not one and -one", "local a=...local b=not a and-a"),
        ("local one = t[1] :: label :: local two", "local a=t[1]::label::local b"),
    ],
)
def test_locals_are_renamed_within_their_scope(source, expected):
    assert minified(source) == expected


def test_two_hundred_locals_and_many_globals():
    source = "".join(f"local name{index} = {index}\n" for index in range(200))
    source += (
        "do local f = function() " + "".join(f"local inner{index} = name{index} " for index in range(199)) + "end end"
    )
    source += "\nreturn " + " + ".join(f"name{index}" for index in range(200))
    assert LuaVM().run(
        minified(source.replace("do local f = ", "f = ", 1).replace(" end end", " end")).encode(), "=m"
    ) == (sum(range(200)),)


def test_entropy_prefers_letters_that_are_frequent_anyway():
    assert minified("local name zzz.zz.z = name", "full") == "local z zzz.zz.z=z"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("60 * 60 * 24", "86400"),
        ("x + 1 + 2", "x+1+2"),
        ("x + 2 * 3", "x+6"),
        ("x * 2 + 3", "x*2+3"),
        ("x * 2 ^ 3", "x*8."),
        ("2 ^ x", "2^x"),
        ("x ^ 2 ^ 2", "x^4."),
        ("-2 ^ 2", "-4."),
        ("(-2) ^ 2", "(-2)^2"),
        ("-x ^ 2", "-x^2"),
        ("7 // 2", "3"),
        ("7 / 2", "3.5"),
        ("1 / 3", "1/3"),
        ("1 // 0", "1//0"),
        ("1 % 0", "1%0"),
        ("1 / 0", "1/0"),
        ("0 / 0", "0/0"),
        ("0.0 * -1", "-0."),
        ("-0.0", "-0."),
        ("-0", "0"),
        ("1 << 63", "1<<63"),
        ("1.5 | 1", "1.5|1"),
        ("2.0 | 1", "3"),
        ("9223372036854775807 + 1", "0x8000000000000000"),
        ("9223372036854775808", "0x1p63"),
        ("- 9223372036854775808", "-0x1p63"),
        ("0xffffffffffffffff", "0xffffffffffffffff"),
        ("0xffffffffffffffff ^ 2", "1."),
        ("3 - 1 - 1", "1"),
        ("3 - (1 - 1)", "3"),
        ("(2 + 3) * x", "5*x"),
        ("-(5)", "-5"),
        ("f(5)", "f(5)"),
        ("f((5))", "f(5)"),
        ("('x'):rep(2)", "('x'):rep(2)"),
        ("('x')", "'x'"),
        ("~5 + 1", "~5+1"),
        ("not 1 + 1", "not 1+1"),
        ("not (1 + 1)", "not 2"),
        ("#'a' .. 'b'", "#'a'..'b'"),
        ("'a' .. 'b'", '"ab"'),
        ("'a' .. 'b' .. x", "'a'..'b'..x"),
        ("x .. 'a' .. 'b'", 'x.."ab"'),
        ("f'a' .. 'b'", "f'a'..'b'"),
        ("'1' + 1", "'1'+1"),
        ("1 .. 2", "1 ..2"),
        ("1 < 2", "1<2"),
        ("1 + 1 < 3 and 2 * 2", "2<3 and 4"),
        ("1000.0", "1e3"),
        ("0.5", ".5"),
        ("0x10", "16"),
        ("281474976710655", "0xffffffffffff"),
        ('"it\'s"', '"it\'s"'),
        (r"'\"\'\'\''", "\"\\\"'''\""),
        (r"'\065\u{42}\x43'", '"ABC"'),
        (r"'\u{e9}'", '"\xc3\xa9"'),
        (r"'\xff\255'", r"'\xff\255'"),
        (r"'\xff\x01'", '"\\255\\1"'),
        (r"'\0019'", r"'\0019'"),
        ("[[a]]", '"a"'),
        ("[[\\\\\\\\]]", "[[\\\\\\\\]]"),
    ],
)
def test_constants_are_folded_where_lua_gives_the_same(expression, expected):
    code = minified(f"return {expression}", locals=False)
    assert code.removeprefix("return").lstrip(" ") == expected
    before, after = (
        LuaVM().run(
            b"local x, f = 3, function(a) return a end local v = (function() %s end) local ok, r = pcall(v) "
            b"return ok, ok and math.type(r), ok and tostring(r), ok and r == r and 1 / (tonumber(r) or 1)" % text,
            "=fold",
        )
        for text in (f"return {expression}".encode(), code.encode("latin-1"))
    )
    assert before == after


# Whatever value meets an operation, the operation works: so every statement of a generated program is reached.
TOTAL = b"""
local any = { __index = function() end, __newindex = function() end, __call = function(_, ...) return ... end }
for _, event in ipairs { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr",
  "bnot", "concat", "len", "lt", "le" } do
  any["__" .. event] = function(left, right) return event end
end
for _, value in ipairs { true, 0, print } do debug.setmetatable(value, any) end
debug.setmetatable(nil, any)
getmetatable("").__call = any.__call
local emit, format, tostring, type, select = ..., string.format, tostring, type, select
function show(...)
  for index = 1, select("#", ...) do
    local value = select(index, ...)
    local plain = type(value) == "string" or type(value) == "number"
    emit(plain and format("%s %q", math.type(value) or "", value) or type(value))
  end
end
"""
WORDS = ["a", "b", "c", "self", "_", "one", "_G1"]
SCRAPS = [
    "show(NAME, NAME)",
    "show(pcall(function() return EXPR end) and pcall(function() show(EXPR) end))",
    "NAME = NAME",
    "NAME, NAME = NAME, 'x'",
    "local NAME",
    "local NAME = NAME",
    "local NAME, NAME = NAME, function(NAME) BLOCK return NAME end",
    "local NAME = {NAME = NAME, [NAME or 1] = NAME, NAME; NAME} show(NAME.NAME)",
    "local function NAME(NAME, ...) BLOCK show(NAME, ...) end",
    "function NAME(NAME) BLOCK end",
    "t = {} function t.NAME(NAME) show(NAME) BLOCK end t.NAME(NAME)",
    "t = {} function t:NAME(NAME) show(NAME, self == t) BLOCK end t:NAME(NAME)",
    "for NAME = 1, 2 do BLOCK end",
    "for NAME = 1, 2 do if NAME == 1 then goto continue end BLOCK ::continue:: end",
    "for NAME, NAME in pairs({NAME, 1}) do BLOCK end",
    "do BLOCK end",
    "repeat local NAME = 1 BLOCK until NAME or true",
    "while true do local NAME = NAME BLOCK break end",
    "if NAME then local NAME = 1 BLOCK elseif NAME then BLOCK else local NAME BLOCK end",
    "show((function(...) BLOCK return ... end)(NAME))",
    ";(NAME or show)(NAME)",
    "do local _ENV = {show = show} show(NAME) NAME = 2 show(NAME) end",
    "NAME'x' NAME{NAME} NAME[[\ny]]",
    "-- NAME",
    "--[[ NAME\n ]]",
]
OPERANDS = [
    "1",
    "2.0",
    "0x10",
    "0",
    "-1",
    "- -1",
    ".5",
    "3",
    "'a'",
    '"10"',
    "[[b]]",
    "NAME",
    "nil",
    "(1)",
    "('s')",
    "1e300",
]
OPERANDS += [
    "9223372036854775807",
    "(2 - 3)",
    "-(2)",
    "NAME(1)",
    "NAME'x'",
    "#'ab'",
    "~7",
    "not 1",
    "-0.0",
    "('x'):rep(2)",
]
OPERATORS = ["+", "-", "*", "/", "//", "%", "^", "..", "<<", ">>", "&", "|", "~", "==", "~=", "and", "or", "\n+", "+\n"]


@st.composite
def expressions(draw) -> str:
    words = [draw(st.sampled_from(OPERANDS))]
    for _ in range(draw(st.integers(0, 4))):
        words += [draw(st.sampled_from(OPERATORS)), draw(st.sampled_from(OPERANDS))]
    return " ".join(words)


@st.composite
def programs(draw, depth: int = 3, scraps: Sequence[str] = SCRAPS) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(scraps if depth else scraps[:6]))
        while "EXPR" in text:
            text = text.replace("EXPR", draw(expressions()), 1)
        for part in re.findall("NAME|BLOCK", text):
            new = draw(programs(depth - 1, scraps)) if part == "BLOCK" else draw(st.sampled_from(WORDS))
            text = text.replace(part, f"\n{new}" if part == "BLOCK" else new, 1)
        lines.append(text)
    return draw(st.sampled_from(["\n", ";\n", "\n\n  -- x\n"])).join(lines) + "\n"


def shown(source: bytes) -> list[bytes]:
    noted: list[bytes] = []
    vm = LuaVM()
    vm.run(TOTAL, "=total", noted.append)
    try:
        vm.run(source, "=program")
    except LuaFailure as failure:  # of which the place and the name of the local may be others
        noted.append(re.sub(r"^program:\d+: | \(\w+ '.*'\)$", "", failure.message).encode())
    return noted


@settings(max_examples=sample(300), derandomize=True, deadline=None)
@given(programs(), st.sampled_from(sorted(LEVELS)), st.booleans())
def test_a_minified_program_does_what_the_program_does(source, level, change):
    text = source.encode()
    if syntax_error(text):  # a `goto` over a local
        return
    options = {"locals": not LEVELS[level].locals} if change else {}
    assert shown(minified(source, level, **options).encode("latin-1")) == shown(text)


@settings(max_examples=sample(100), derandomize=True, deadline=None)
@given(programs(), st.sampled_from(["debug", "basic", "default", "full"]))
def test_every_token_leads_back_to_its_line(source, level):
    text = source.encode()
    marked = re.sub(rb"show\(", lambda match: b"show(%d," % (source[: match.start()].count("\n") + 1), text)
    code, segments = Minifier(Minify.level(level, numbers=False)).minify(marked)
    starts = [0, *(match.end() for match in re.finditer(b"\n", code))]
    for match in re.finditer(rb"show\((\d+)", code):
        line = code.count(b"\n", 0, match.start()) + 1
        place = (line, match.start() - starts[line - 1] + 1)
        segment = [item for item in segments if (item.line, item.column) <= place][-1]
        assert segment.source_line + line - segment.line == int(match[1])
        assert {item.source_line for item in segments if item.line == line} <= {int(match[1])}
        if level == "debug":
            assert line == int(match[1])


FAILING = r"""
local emit, traceback, error, select = ..., debug.traceback, error, select
local left = 40
function show(...)
  left = left - 1
  emit(traceback())
  if left < 0 then error("enough", 2) end
  return ...
end
local callable = setmetatable({}, {__call = function(_, ...) return show(...) end, __concat = show, __add = show})
a, one, t = callable, {one = {}, a = callable, 1}, callable
"""
WIDE = [
    "show()",
    "NAME.NAME = function(NAME) BLOCK end",
    "NAME.NAME.NAME = NAME",
    "NAME[NAME][1], NAME.NAME = {NAME, NAME.NAME; NAME = NAME.NAME}, NAME .. 'x' .. NAME",
    "for NAME = NAME, EXPR do BLOCK end",
    "for NAME in NAME do BLOCK end",
    "while NAME.NAME do BLOCK break end",
    "if NAME.NAME then BLOCK elseif NAME.NAME == NAME() then else end",
    "show(EXPR, NAME.NAME, [[\nx]] .. NAME)",
    "NAME:NAME(EXPR)(NAME):NAME()",
    "NAME(NAME(NAME, EXPR), show(NAME))",
    "local NAME = - NAME, # NAME.NAME, not NAME.NAME and NAME.NAME < NAME",
    "do local NAME return show(NAME) end",
    "NAME.NAME = 'a' ..\n'b' ..\n [[\n\n]]",
    "NAME.NAME = ('a'\n)",
]


@st.composite
def failing(draw) -> str:
    """Return a program that likely fails, its tokens on any lines."""
    parts = [draw(programs(2, WIDE)), *draw(st.lists(programs(1, WIDE), max_size=2))]
    source = "".join(f"do {part} end\n" for part in parts)
    gaps = st.sampled_from([" ", " ", " ", "\n", "\n\n", " --x\n", "--[[\n]]", "\n--[[]]"])
    return "".join(
        draw(gaps) if token.kind in ("space", "comment") else token.text.decode() for token in tokens(source.encode())
    )


def trace(source: bytes) -> list[bytes]:
    """Return the lines that a program's tracebacks and its error name."""
    noted: list[bytes] = []
    vm = LuaVM()
    vm.run(FAILING.encode(), "=total", noted.append)
    vm.run(
        b"local chunk, emit = ... xpcall(chunk, function(e) emit(e) emit(debug.traceback()) end)",
        "=try",
        vm.load(source, "program"),
        noted.append,
    )
    return re.findall(rb'"program"\]:(\d+)', b"".join(noted))


@settings(max_examples=sample(300), derandomize=True, deadline=None)
@given(failing(), st.sampled_from(sorted(LEVELS)), st.sampled_from([None, *Minify.names()]))
def test_every_line_that_an_error_names_leads_to_the_line_it_had(source, level, changed):
    text = source.encode()
    if syntax_error(text):
        return
    options = Minify.level(level, **({changed: not getattr(LEVELS[level], changed)} if changed else {}))
    code, segments = Minifier(options).minify(text)
    lines = {item.line + n: item.source_line + n for item in segments for n in range(item.lines)}
    places = {(item.line + n, item.source_line + n) for item in segments for n in range(item.lines)}
    assert len(places) == len(lines), "a line of the code stands for one line of the source"
    assert [lines.get(int(line)) for line in trace(code)] == [int(line) for line in trace(text)]


def test_the_sizes_in_the_documentation_are_true():
    repository = Path(__file__).parents[3]
    sample = (repository / "tests/data/minify/locks.lua").read_bytes()
    text = (repository / "docs/reference/minify.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|.*\|.*\| ([\d,]+) \|$", text, re.MULTILINE)
    assert documented == [(level, f"{len(Minifier(options).minify(sample)[0]):,}") for level, options in LEVELS.items()]
