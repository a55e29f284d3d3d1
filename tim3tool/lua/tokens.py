"""The tokens of a legal Lua 5.3 source, and what its literals stand for.

Lua's lexical grammar is regular, so one expression reads it (Lua 5.3 manual, section 3.1). What is not legal is for
`tim3tool.lua.syntax.check` to find first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMMENT", "KEYWORDS", "STRING", "Token", "number_value", "string_value", "tokens"]

KEYWORDS: Final = frozenset(
    b"""
    and break do else elseif end false for function goto if in local nil not or repeat return then true until while
""".split()
)
COMMENT: Final = rb"--\[(?P<c>=*)\[.*?\](?P=c)\]|--[^\r\n]*"
STRING: Final = rb"""\[(?P<s>=*)\[.*?\](?P=s)\]|"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'"""
_TOKEN: Final = re.compile(
    rb"""
      (?P<space>[ \t\v\f\r\n]+)
    | (?P<comment>%s)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<number>0[xX](?:[pP][+-]?|[0-9A-Fa-f.])*|\.?[0-9](?:[eE][+-]?|[0-9A-Fa-f.])*)
    | (?P<string>%s)
    | (?P<symbol>\.\.\.|\.\.|::|//|<<|>>|[=~<>]=|.)
    """
    % (COMMENT, STRING),
    re.DOTALL | re.VERBOSE,
)
_LONG: Final = re.compile(rb"\[=*\[(?:\r\n|\n\r|\n|\r)?")  # Lua drops a line end right after the bracket
_LINE_END: Final = re.compile(rb"\r\n|\n\r|\r")
_ESCAPE: Final = re.compile(
    rb"\\(?:(z)\s*|x([0-9A-Fa-f]{2})|([0-9]{1,3})|u\{([0-9A-Fa-f]+)\}|(\r\n|\n\r|\n|\r)|(.))|\r\n|\n\r|\r", re.DOTALL
)
_LETTERS: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_LARGEST: Final = 2**63 - 1


class Token(NamedTuple):
    """A piece of a source.

    Args:
        kind: ``space``, ``comment``, ``name`` (keywords too), ``number``, ``string`` or ``symbol``.
        text: its bytes.
        start: its offset.
    """

    kind: str
    text: bytes
    start: int

    @property
    def last_line(self) -> int:
        """An offset in the last line of the token: its start, but for a string of several lines."""
        spans_lines = self.kind == "string" and (b"\n" in self.text or b"\r" in self.text)
        return self.start + len(self.text) - 1 if spans_lines else self.start


def tokens(text: bytes) -> Iterator[Token]:
    """Yield every piece of a legal source, so that all of them joined are the source.

    Args:
        text: Lua 5.3 source, without BOM or shebang.
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        assert kind is not None  # noqa: S101 - every alternative is named
        yield Token(kind, match[0], match.start())


def string_value(literal: bytes) -> bytes:
    r"""Return the bytes that a string literal stands for.

    >>> string_value(rb"'\65\x42\u{43}'"), string_value(b"[[\r\na\rb]]")
    (b'ABC', b'a\nb')
    """
    opening = _LONG.match(literal)
    if opening:
        closing = literal.index(b"[", 1) + 1
        return _LINE_END.sub(b"\n", literal[opening.end() : -closing])
    return _ESCAPE.sub(_unescaped, literal[1:-1]) if b"\\" in literal else literal[1:-1]


def number_value(literal: bytes) -> int | float:
    """Return the number that a numeral stands for: an int for Lua's integers, a float for its floats.

    >>> number_value(b"0xffffffffffffffff"), number_value(b"9223372036854775808"), number_value(b"0x.8p1")
    (-1, 9.223372036854776e+18, 1.0)
    """
    text = literal.decode().lower()
    if text.startswith("0x"):
        if "." in text or "p" in text:
            return float.fromhex(text)
        value = int(text, 16) & (2**64 - 1)  # a hexadecimal integer wraps around
        return value - 2**64 if value > _LARGEST else value
    if text.isdigit() and int(text) <= _LARGEST:
        return int(text)
    return float(text)


def _unescaped(match: re.Match[bytes]) -> bytes:
    skipped, hexadecimal, decimal, point, line_end, letter = match.groups()
    if skipped:
        return b""
    if hexadecimal or decimal:
        return bytes([int(hexadecimal, 16) if hexadecimal else int(decimal)])
    if point:
        return chr(int(point, 16)).encode("utf-8", "surrogatepass")
    return b"\n" if line_end or letter is None else _LETTERS.get(letter, letter)
