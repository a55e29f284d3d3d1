"""The Lua module `cjson` answers as lua-cjson 2.1.0 does: values, options and the texts of errors."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.lua.vm import LuaVM

DRIVER = Path(__file__).with_name("cjson_driver.lua")
LUA = shutil.which("lua5.3")


@cache
def absent() -> str:
    if LUA is None:
        return "Lua 5.3 is not installed (Debian: lua5.3)"
    found = subprocess.run([LUA, "-e", "require 'cjson'"], capture_output=True, check=False)
    return "lua-cjson is not installed (Debian: lua-cjson)" if found.returncode else ""


pytestmark = pytest.mark.skipif(bool(absent()), reason=absent())

TEXTS = [
    "1", "1.0", "-1", "-0", "1e5", "9007199254740993", "92233720368547758070", "0x10", "-0x10", "0x1p4", "0x.8", "0x1.8p-1", "0x", "0x1p",
    "0X1", "01", "-01", "00", "0.5", "0e1", "1.", ".5", "-.5", "+1", "+", "-", "--1", "-+1", "- 1", "1e", "1e+", "1-2", "[1-2]", "[1.5.2]",
    "1e400", "-1e400", "1e-400", "nan", "NaN", "NAN", "-nan", "+nan", "nan(123)", "nano", "inf", "-inf", "+inf", "-Infinity", "infinityx",
    "infinit", "[Infinity]", "n", "i", "N", "I", "NULL", "nul", "nullx", "truex", "[truefalse]", "[null null]", "True", "", " ", "[", "]",
    "[,]", "[1,]", "{", "{}x", "{,}", '{"a"}', '{"a":}', '{"a":1,}', '{"a":1 "b":2}', '{"a":1,"a":2}', '{"1":1}', '"', '"a', ' "abc',
    '"a\nb"', '"a\tb"', '"a\0b"', '"\x7f"', '"\\x"', '"abc\\q"', '"abc\\"', '"\\u12"', '"\\uZZZZ"', '"\\u0000"', '"\\u00e9\\u4e2d"',
    '"\\ud83d\\ude00\\uFFFF\\u07ff\\u0800"', '"\\ud83d"', '"\\ude00"', '"\\ud83d\\u0041"', '"\\ud83dx"', '"abc\\ud83d\\uZZZZ"', '"\\', '"\\u',
    "a\0b", "\0", "[1]\0", "\0\0\0\0", "[1] x", "\xef\xbb\xbf[1]", "[1\v,2]", "[1\f,2]", '{"a":[1,{"b":null}]}', "[[[[1]]]]", "'a'", "[1:2]",
    '["a":2]', '{"a",2}', "{[]:2}", "{true:2}", "{null:2}", "{nan:2}", "[}", "{]", "true false", "true:", "true}", "true]", "true,", "true[",
    "true{", 'true"', 'true"a"', "true null", "true x", "[[],{}]", "[null,1]", "[" * 1000 + "]" * 1000, "[" * 1001 + "]" * 1001,
]  # fmt: skip
VALUES = [
    "", "1, 2", "nil", "1", "-5", "1.0", "-0.0", "0.1", "1/3", "0.1 + 0.2", "1e14", "1e15", "1e100", "123456789012345", "9007199254740993",
    "math.mininteger", "0/0", "-(0/0)", "1/0", "-1/0", "'a\\0b\\31\\127\\128\\255/\"\\\\'", "true", "print", "io.stdout",
    "coroutine.create(print)", "cjson.null", "{}", "{ cjson.null, nil, 3 }", "{ 1, nil, 3 }", "{ 1, 2, { 3, x } }", "{ a = {} }",
    "{ [1.5] = 1 }", "{ [3] = 1 }", "{ [3.0] = 1 }", "{ [-1] = 1 }", "{ [0] = 1 }", "{ [10] = 2 }", "{ [11] = 2 }", "{ 1, [20] = 2 }",
    "{ [0.1] = 1 }", "{ [-1.5] = 1 }", "{ [2147483647] = 1 }", "{ [2147483648] = 1 }", "{ [9007199254740993] = 1 }", "{ [1e300] = 1 }",
    "{ [1/0] = 1 }", "{ print }", "{ a = print }", "{ [print] = 1 }", "{ [true] = 1 }", "{ [{}] = 1 }", "{ ['a\"b'] = 1 }",
    "setmetatable({}, { __index = { 1, 2 } })", "setmetatable({ 1 }, { __len = function() return 5 end })",
    "(function() local d = {} for _ = 1, 1000 do d = { d } end return d end)()",
]  # fmt: skip
OPTIONS = [
    "encode_sparse_array()", "encode_sparse_array(true)", "encode_sparse_array(nil, 3)", "encode_sparse_array(false, -1)",
    "encode_sparse_array('x')", "encode_sparse_array({})", "encode_sparse_array(true, {})", "encode_sparse_array(true, 'x')",
    "encode_sparse_array(true, 3.0)", "encode_sparse_array(true, 1.5)", "encode_sparse_array(true, 2, -3)", "encode_sparse_array(1, 2, 3, 4)",
    "encode_sparse_array('on', 0)", "encode_max_depth()", "encode_max_depth(0)", "encode_max_depth('x')", "encode_max_depth(2, 3)",
    "encode_max_depth(1.5)", "encode_max_depth('5')", "encode_max_depth(2^31)", "encode_max_depth({})", "encode_max_depth(nil)",
    "decode_max_depth()", "decode_max_depth(0)", "encode_number_precision()", "encode_number_precision(0)", "encode_number_precision(15)",
    "encode_keep_buffer()", "encode_keep_buffer(false)", "encode_keep_buffer('on')", "encode_keep_buffer('x')", "encode_keep_buffer(1)",
    "encode_keep_buffer({})", "encode_keep_buffer(true, 1)", "encode_invalid_numbers()", "encode_invalid_numbers('off')",
    "encode_invalid_numbers('null')", "encode_invalid_numbers('NULL')", "encode_invalid_numbers(1)", "decode_invalid_numbers()",
    "decode_invalid_numbers('null')", "decode_invalid_numbers('on')", "decode()", "decode(nil)", "decode({})", "decode(true)", "decode(5)",
    "decode(1.5)", "decode('1', nil)",
]  # fmt: skip
SET = [
    "decode_invalid_numbers(false)", "decode_max_depth(1)", "encode_invalid_numbers(true)", "encode_invalid_numbers('null')", "encode_max_depth(1)",
    "encode_number_precision(3)", "encode_sparse_array(true)", "encode_sparse_array(false, 1, 3)",
]  # fmt: skip


def quoted(text: str) -> str:
    """Return a Lua string of the bytes that stand for the characters of a text."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode("latin-1")) + '"'


def case(call: str, option: str = "") -> str:
    first = f"cjson.{option} " if option else ""
    return f"{first}local r = table.pack(cjson.{call}) return table.unpack(r, 1, r.n)"


def of_ours(cases: list[str]) -> list[str]:
    vm = LuaVM()
    decode, encode = (
        vm.load(resources.files("tim3tool.spec").joinpath("lua", f"{name}.lua").read_bytes(), f"={name}")
        for name in ("cjson_decode", "cjson")
    )
    (modules,) = vm.call(encode, decode)
    (driver,) = vm.run(DRIVER.read_bytes(), "=driver")
    (answers,) = vm.call(driver, modules[b"cjson"], vm.table([each.encode() for each in cases]))
    return [answer.decode("latin-1") for answer in answers.values()]


def of_the_real(cases: list[str]) -> list[str]:
    assert LUA is not None
    script = f"local cases = {{{','.join(quoted(each) for each in cases)}}}\n"
    script += f"for _, each in ipairs(dofile('{DRIVER}')(require('cjson'), cases)) do io.write(#each, ' ', each) end"
    done = subprocess.run([LUA, "-"], input=script.encode(), capture_output=True, check=True)
    answers, rest = [], done.stdout
    while rest:
        size, _, rest = rest.partition(b" ")
        answers.append(rest[: int(size)].decode("latin-1"))
        rest = rest[int(size) :]
    return answers


def differences(cases: list[str]) -> list[tuple[str, str, str]]:
    answers = zip(cases, of_the_real(cases), of_ours(cases), strict=True)
    return [(each, real, ours) for each, real, ours in answers if real != ours]


@pytest.mark.parametrize("option", ["", *SET])
def test_texts_and_values(option):
    cases = [case(f"decode({quoted(text)})", option) for text in TEXTS]
    assert not differences(cases + [case(f"encode({value})", option) for value in VALUES])


def test_options():
    assert not differences([case(option) for option in OPTIONS])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
PIECES = st.sampled_from(
    [*'{}[],:"\\\0 \n-+.eExXa0129', "null", "true", "nan", "inf", "\\u00e9", "\\ud83d", "\\ude00", '"a"', "1e5", "0x1"]
)


@settings(max_examples=sample(12), deadline=None)
@given(st.lists(JSON, min_size=40, max_size=60), st.booleans())
def test_any_json_is_read_alike(values, escape):
    texts = [
        json.dumps(value, ensure_ascii=escape).encode("utf-8", "surrogatepass").decode("latin-1") for value in values
    ]
    assert not differences([case(f"decode({quoted(text)})") for text in texts])


@settings(max_examples=sample(12), deadline=None)
@given(st.lists(st.lists(PIECES, max_size=7).map("".join), min_size=60, max_size=90), st.sampled_from(["", SET[0]]))
def test_any_text_is_refused_alike(texts, option):
    assert not differences([case(f"decode({quoted(text)})", option) for text in texts])


KEYS = st.integers(-2, 14) | st.floats(-3, 3) | st.text('ab\0"é', max_size=2)


def lua(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value.encode().decode("latin-1"))
    if isinstance(value, float):
        return "(0/0)" if math.isnan(value) else f"({value!r})".replace("inf", "1/0")
    if isinstance(value, list):
        return f"{{{','.join(map(lua, value))}}}"
    if isinstance(value, dict):  # of one item, since the order of more is chance
        return f"{{{','.join(f'[{lua(key)}]={lua(item)}' for key, item in value.items())}}}"
    return "cjson.null" if value is None else f"({value})"


TABLES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats()
    | st.text('ab\0\x7f"\\/é', max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=1),
    max_leaves=10,
)


@settings(max_examples=sample(12), deadline=None)
@given(st.lists(TABLES, min_size=40, max_size=60), st.sampled_from(["", *SET]))
def test_any_value_is_written_alike(values, option):
    assert not differences([case(f"encode({lua(value)})", option) for value in values])
