"""Short literals: the fewest bytes that Lua 5.3 reads as a given number or string."""

from __future__ import annotations

import math
import re
from typing import Final

from tim3tool.lua.tokens import number_value, string_value

__all__ = ["number_literal", "short_number", "short_string", "string_literal"]

_NAMED: Final = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 92: "\\"}
_SPECIAL: Final = {quote: re.compile(rb"[\x00-\x1f\x7f-\xff\\" + quote + rb"]") for quote in (b'"', b"'")}
_SMALLEST: Final = -(2**63)


def number_literal(value: float) -> bytes | None:
    """Return the shortest expression for a number, or None where no numeral stands for it (infinity, NaN).

    >>> [number_literal(value) for value in (0x10, 1e300, 0.5, 3.0, -0.0, 2.0**63, float("inf"))]
    [b'16', b'1e300', b'.5', b'3.', b'-0.', b'0x1p63', None]
    """
    if isinstance(value, int):
        if value == _SMALLEST:
            return b"0x8000000000000000"  # its decimal digits without the minus are too large for an integer
        sign = "-" * (value < 0)
        return min((f"{sign}{abs(value)}", f"{sign}{abs(value):#x}"), key=len).encode()
    if not math.isfinite(value):
        return None
    texts = [text for text in _floats(abs(value)) if number_value(text) == abs(value)]
    return b"-" * (math.copysign(1, value) < 0) + min(texts, key=len)


def short_number(literal: bytes) -> bytes:
    """Return a numeral, or a shorter one for the same integer or float."""
    short = number_literal(number_value(literal))
    if short is None or short.startswith(b"-"):  # which would bind less closely than the numeral does
        return literal
    return min((literal, short), key=len)


def string_literal(value: bytes) -> bytes:
    r"""Return the shortest literal of one line and of printable characters for a string.

    >>> string_literal(b"it's"), string_literal(b"a\n\x001\xff")
    (b'"it\'s"', b'"a\\n\\0001\\255"')
    """
    return min((_quoted(value, quote) for quote in (b'"', b"'")), key=len)


def short_string(literal: bytes, *, lines: bool) -> bytes:
    """Return a string literal, or a shorter one for the same string.

    Args:
        literal: as it stands in the source.
        lines: it may take fewer lines than it does.
    """
    if not lines and re.search(rb"[\r\n]", literal):
        return literal
    return min((literal, string_literal(string_value(literal))), key=len)


def _floats(value: float) -> list[bytes]:
    text = repr(value)
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or 0)
    digits = (whole + fraction).lstrip("0") or "0"
    shift = power - len(fraction)
    stripped = digits.rstrip("0") or "0"
    scientific = f"{stripped}e{shift + len(digits) - len(stripped)}" if value else "0."
    fixed = [f"{whole.lstrip('0')}.{fraction.rstrip('0')}"] if not exponent and text != "0.0" else []
    mantissa, _, exponent = value.hex().partition("p")
    hexadecimal = [f"0x1p{int(exponent)}"] if mantissa == "0x1.0000000000000" else []
    return [numeral.encode() for numeral in (*fixed, scientific, *hexadecimal, text)]


def _quoted(value: bytes, quote: bytes) -> bytes:
    is_text = _is_utf8(value)

    def escaped(match: re.Match[bytes]) -> bytes:
        byte = match[0][0]
        if byte in _NAMED:
            return b"\\" + _NAMED[byte].encode()
        if match[0] == quote:
            return b"\\" + quote
        if byte > 127 and is_text:
            return match[0]
        before_digit = value[match.end() : match.end() + 1].isdigit()
        return b"\\%03d" % byte if before_digit else b"\\%d" % byte

    return quote + _SPECIAL[quote].sub(escaped, value) + quote


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
