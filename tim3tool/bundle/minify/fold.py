"""Constant folding: what is calculated from literals alone becomes one literal, when that is shorter.

Lua itself calculates, so integers wrap around and stay apart from floats. What raises an error, or gives a number that
no numeral stands for, is left for run time. A variable never takes part: it may have metamethods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.bundle.minify.literals import number_literal, string_literal
from tim3tool.lua.tokens import KEYWORDS, Token, string_value
from tim3tool.lua.vm import LuaFailure, LuaVM

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Folder", "ends_operand"]

_LEVELS: Final = (b"or", b"and", b"< > <= >= ~= ==", b"|", b"~", b"&", b"<< >>", b"..", b"+ -", b"* / // %", b"^")
_PRIORITY: Final = {name: level for level, names in enumerate(_LEVELS) for name in names.split()}
_UNARY: Final = _PRIORITY[b"^"] - 0.5  # below the power, above everything else
_RIGHT: Final = (b"^", b"..")
_NUMERIC: Final = frozenset(b"| ~ & << >> + - * / // % ^".split())
_VALUES: Final = frozenset((b"nil", b"true", b"false", b"end", b"...", b")", b"]", b"}"))
_SUFFIXES: Final = (b".", b":", b"[", b"(", b"{")


def ends_operand(token: Token) -> bool:
    """Tell whether an expression may be complete after a token."""
    return token.text in _VALUES or token.kind in ("number", "string") or _is_variable(token)


class Folder:
    """Folds the constants of any number of sources.

    Args:
        numbers: fold arithmetic.
        strings: fold the joining of strings.
    """

    def __init__(self, *, numbers: bool, strings: bool) -> None:
        self._numbers = numbers
        self._strings = strings
        self._vm = LuaVM()
        self._known: dict[bytes, bytes | None] = {}

    def fold(self, code: Sequence[Token]) -> list[Token]:
        """Return tokens with fewer literals.

        Args:
            code: the tokens of a source, without spaces and comments.
        """
        out: list[Token] = []
        for index, token in enumerate(code):
            out.append(token)
            if token.kind in ("number", "string") or token.text == b")":
                after = code[index + 1] if index + 1 < len(code) else None
                while self._reduce(out, after):
                    pass
        return out

    def _reduce(self, out: list[Token], after: Token | None) -> bool:
        """Make one literal of the last tokens, if they are all that one operation is applied to."""
        if out[-1].text == b")":
            return _unbracket(out, after)
        if len(out) < 3 or out[-1].kind not in ("number", "string"):
            return False
        operator = out[-2]
        following = _PRIORITY.get(after.text, -1) if after else -1
        if ends_operand(out[-3]):
            return self._binary(out, operator, following)
        negative = operator.text == b"-" and out[-1].kind == "number" and following < _UNARY
        return negative and self._replace(out, 2, self._calculated(operator, out[-1]))

    def _binary(self, out: list[Token], operator: Token, following: float) -> bool:
        left, right, priority = out[-3], out[-1], _PRIORITY.get(operator.text, -1)
        joins = operator.text == b".."
        if not (joins or operator.text in _NUMERIC) or not left.kind == right.kind == ("string" if joins else "number"):
            return False
        if following > priority or (following == priority and operator.text in _RIGHT):
            return False
        if len(out) > 3 and not _is_free(out[:-3], operator):
            return False
        if joins:
            text = string_literal(string_value(left.text) + string_value(right.text)) if self._strings else None
        else:
            text = self._calculated(left, operator, right)
        return self._replace(out, 3, text)

    def _replace(self, out: list[Token], count: int, text: bytes | None) -> bool:
        before = out[-count:]
        if text is None or len(text) > sum(len(token.text) for token in before):
            return False
        # What takes the value has the line of its last token in Lua's errors, so that is where it comes from.
        out[-count:] = [Token(before[-1].kind, text, before[-1].last_line)]
        return True

    def _calculated(self, *parts: Token) -> bytes | None:
        expression = b" ".join(part.text for part in parts)
        if self._numbers and expression not in self._known:
            try:
                (value,) = self._vm.run(b"return " + expression, "=constant")
            except LuaFailure:
                value = None
            self._known[expression] = None if value is None else number_literal(value)
        return self._known.get(expression)


def _is_variable(token: Token) -> bool:
    return token.kind == "name" and token.text not in KEYWORDS


def _is_free(before: list[Token], operator: Token) -> bool:
    """Tell whether what stands before an operation leaves its left operand to it."""
    last = before[-1]
    if ends_operand(last):
        return False  # a call with a string and without brackets
    if last.text not in _PRIORITY and last.text not in (b"not", b"#"):
        return True
    unary = last.text in (b"not", b"#") or len(before) == 1 or not ends_operand(before[-2])
    priority = _UNARY if unary else _PRIORITY[last.text]
    mine = _PRIORITY[operator.text]
    return mine > priority or (mine == priority and operator.text in _RIGHT)


def _unbracket(out: list[Token], after: Token | None) -> bool:
    """Take the brackets off a number or a string that nothing is applied to."""
    if len(out) < 4 or out[-3].text != b"(" or ends_operand(out[-4]) or out[-4].text == b"function":
        return False
    literal = out[-2]
    if literal.kind not in ("number", "string") or literal.text.startswith(b"-"):
        return False
    if after and (after.text in _SUFFIXES or after.kind == "string"):
        return False
    if literal.last_line != literal.start:
        return False  # its lines would not be those of the bracket
    out[-3:] = [literal._replace(start=out[-1].start)]
    return True
