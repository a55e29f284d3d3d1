"""Where a source is not Lua."""

from __future__ import annotations

import pytest

from tim3tool.errors import LuaSyntaxError, explain
from tim3tool.lua.syntax import check


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "local x = = 3",
            """\
error: not Lua 5.3: unexpected symbol near '='
 --> main.lua:1:11
  |
1 | local x = = 3
  |           ^""",
        ),
        (
            "x = 1\nlocal t = { a = 1, bee 2 }\n",
            """\
error: not Lua 5.3: '}' expected near '2'
 --> main.lua:2:24
  |
2 | local t = { a = 1, bee 2 }
  |                        ^""",
        ),
        (
            "function f()\n  return 1 +\nend",
            """\
error: not Lua 5.3: unexpected symbol near 'end'
 --> main.lua:3:1
  |
3 | end
  | ^^^""",
        ),
        (
            "if x then\n  y()\n\n\n",
            """\
error: not Lua 5.3: 'end' expected (to close 'if' at line 1) near <eof>
 --> main.lua:2:6
  |
2 |   y()
  |      ^""",
        ),
        (
            "\tx = 'é\n",
            """\
error: not Lua 5.3: unfinished string near ''é'
 --> main.lua:1:6
  |
1 |  x = 'é
  |      ^^""",
        ),
        (
            "do\n  goto nowhere\nend",
            """\
error: not Lua 5.3: no visible label 'nowhere' for <goto> at line 2
 --> main.lua:2:3
  |
2 |   goto nowhere
  |   ^^^^^^^^^^^^""",
        ),
        (
            "#!/usr/bin/lua\r\nx = 3..2\r\n",
            """\
error: not Lua 5.3: malformed number near '3..2'
 --> main.lua:2:5
  |
2 | x = 3..2
  |     ^^^^""",
        ),
        (
            "x = €",
            """\
error: not Lua 5.3: unexpected symbol near '<\\226>'
 --> main.lua:1:5
  |
1 | x = €
  |     ^""",
        ),
        (
            'f "a\\x1b[31m\x1b[31m" 3',
            """\
error: not Lua 5.3: unexpected symbol near '3'
 --> main.lua:1:20
  |
1 | f "a\\x1b[31m\ufffd[31m" 3
  |                    ^""",
        ),
    ],
)
def test_a_syntax_error_is_lua_s_own_at_the_token(source, expected):
    with pytest.raises(LuaSyntaxError) as caught:
        check(source.encode(), "main.lua")
    assert explain(caught.value) == expected


def test_a_long_token_does_not_make_a_long_message():
    with pytest.raises(LuaSyntaxError) as caught:
        check(b'x = 1 "' + b"y" * 1_000_000 + b'"', "main.lua")
    assert len(caught.value.message) < 200


def test_legal_sources_pass():
    for source in (b"", b"\xef\xbb\xbf", b"#!lua", b"return", b"x = '\xff\xfe'", b"-- a comment without an end"):
        check(source, "main.lua")
