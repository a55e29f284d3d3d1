"""Short names for locals, exact in scope.

Each local gets a slot: how many locals are visible where it is declared. So no two locals that are visible at once
share a slot, nothing shadows anything, and one short name a slot does, as long as it is the name of no global.
"""

from __future__ import annotations

import itertools
import string
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tim3tool.bundle.minify.fold import ends_operand
from tim3tool.lua.tokens import KEYWORDS, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["rename"]

_LETTERS: Final = (string.ascii_letters + "_").encode()
_LATER: Final = _LETTERS + string.digits.encode()
_CLOSING: Final = {b"(": b")", b"[": b"]", b"{": b"}"}
_FIXED: Final = -1  # the slot of a name that must stay


def rename(code: Sequence[Token], *, entropy: bool) -> list[Token]:
    """Return tokens with short names for locals.

    Globals, fields, methods, labels, the ``self`` of a method and a local called ``_ENV`` keep their names.

    Args:
        code: the tokens of a legal source, without spaces and comments.
        entropy: choose letters by how often the rest of the tokens have them.
    """
    scopes = _Scopes(code)
    scopes.run()
    letters = Counter(b"".join(token.text for index, token in enumerate(code) if index not in scopes.slots))
    candidates = (name for name in _names(letters if entropy else Counter()) if name not in scopes.kept)
    names = {slot: next(candidates) for slot, _ in Counter(scopes.slots.values()).most_common()}
    return [
        token._replace(text=names[scopes.slots[index]]) if index in scopes.slots else token
        for index, token in enumerate(code)
    ]


def _names(letters: Counter[int]) -> Iterator[bytes]:
    """Yield all names, the short ones first, then those of frequent letters."""
    first, later = (sorted(choice, key=lambda letter: -letters[letter]) for choice in (_LETTERS, _LATER))
    for length in itertools.count():
        for letter in first:
            yield from (bytes((letter, *others)) for others in itertools.product(later, repeat=length))


@dataclass(kw_only=True, slots=True)
class _Frame:
    """Something in the source that is open: a block, a bracket, or an expression that ends a statement.

    Args:
        kind: the token that opened it.
        visible: how many locals were visible before it.
        names: the tokens that it declares when its head is complete.
    """

    kind: bytes
    visible: int
    names: list[int] = field(default_factory=list)


class _Scopes:
    """Finds the local that each name is, in one pass over the tokens.

    Args:
        code: the tokens of a legal source, without spaces and comments.
    """

    def __init__(self, code: Sequence[Token]) -> None:
        self.slots: dict[int, int] = {}  # by the index of the token
        self.kept: set[bytes] = {b"self", b"_ENV", *KEYWORDS}  # what no local may be called
        self._code = code
        self._frames = [_Frame(kind=b"chunk", visible=0)]
        self._visible: list[bytes] = []
        self._slots_of: dict[bytes, list[int]] = {}
        self._heads: dict[bytes, Callable[[int], int]] = {
            b"local": self._local,
            b"function": self._function,
            b"for": self._for,
            b"goto": lambda index: index + 1,
            b"::": lambda index: index + 2,
        }

    def run(self) -> None:
        index = 0
        while index < len(self._code):
            self._end_expressions(index)
            index = self._read(index)
        if self._frames[-1].kind == b"local":
            self._declare(self._close().names)

    def _read(self, index: int) -> int:
        """Take in the token at an index, and what belongs to it; return the index after that."""
        kind, text, _ = self._code[index]
        head = self._heads.get(text)
        if head:
            return head(index + 1)
        if kind == "name" and text not in KEYWORDS:
            self._use(index)
        else:
            self._block(text)
        return index + 1

    def _block(self, text: bytes) -> None:
        """Open or close what a keyword or a bracket opens or closes."""
        if text in (b"if", b"while", b"repeat") or text in _CLOSING:
            self._open(text)
        elif text == b"do":
            self._do()
        elif text in (b"else", b"elseif"):
            self._hide(self._frames[-1].visible)
        elif text == b"until":
            self._frames[-1].kind = text
        elif text == b"end" or text in _CLOSING.values():
            self._close()

    def _text(self, index: int) -> bytes:
        return self._code[index].text if 0 <= index < len(self._code) else b""

    def _open(self, kind: bytes, names: Sequence[int] = ()) -> None:
        self._frames.append(_Frame(kind=kind, visible=len(self._visible), names=list(names)))

    def _close(self) -> _Frame:
        frame = self._frames.pop()
        self._hide(frame.visible)
        return frame

    def _hide(self, count: int) -> None:
        while len(self._visible) > count:
            self._slots_of[self._visible.pop()].pop()

    def _declare(self, indexes: Sequence[int]) -> None:
        for index in indexes:
            name = self._text(index)
            self._bind(name, _FIXED if name == b"_ENV" else len(self._visible))
            self._use(index)

    def _bind(self, name: bytes, slot: int) -> None:
        self._visible.append(name)
        self._slots_of.setdefault(name, []).append(slot)

    def _use(self, index: int) -> None:
        """Note the local that a name is, unless it is a field, a key or a global."""
        if self._text(index - 1) in (b".", b":"):
            return
        if (
            self._frames[-1].kind == b"{"
            and self._text(index + 1) == b"="
            and self._text(index - 1) in (b"{", b",", b";")
        ):
            return
        slots = self._slots_of.get(self._text(index))
        if not slots:
            self.kept.add(self._text(index))
        elif slots[-1] != _FIXED:
            self.slots[index] = slots[-1]

    def _end_expressions(self, index: int) -> None:
        """Close what the expression before a token ends: a local statement, or a loop at its `until`."""
        while self._frames[-1].kind in (b"local", b"until"):
            token = self._code[index]
            continues = token.kind != "name" or token.text in (b"and", b"or")
            if not ends_operand(self._code[index - 1]) or (continues and token.text not in (b";", b"::")):
                return
            self._declare(self._close().names)

    def _names_from(self, index: int) -> tuple[list[int], int]:
        """Return the indexes of the names of a list, and the index after it."""
        names = [index]
        while self._text(index + 1) == b",":
            index += 2
            names.append(index)
        return names, index + 1

    def _local(self, index: int) -> int:
        if self._text(index) == b"function":
            self._declare([index + 1])
            return self._function(index + 2)
        names, index = self._names_from(index)
        if self._text(index) == b"=":
            self._open(b"local", names)
            return index + 1
        self._declare(names)
        return index

    def _for(self, index: int) -> int:
        names, index = self._names_from(index)
        self._open(b"for", names)
        return index + 1

    def _do(self) -> None:
        head = self._frames[-1]
        if head.kind not in (b"for", b"while"):
            self._open(b"do")
        elif head.kind == b"for":
            self._declare(head.names)
        head.kind = b"do"

    def _function(self, index: int) -> int:
        """Take in a function up to its body; the index is that of its name, or of its bracket."""
        method = False
        while self._text(index) != b"(":
            if self._code[index].kind == "name":
                self._use(index)
            method = self._text(index) == b":" or method
            index += 1
        self._open(b"function")
        if method:
            self._bind(b"self", _FIXED)
        index += 1
        parameters = []
        while self._text(index) != b")":
            if self._code[index].kind == "name":
                parameters.append(index)
            index += 1
        self._declare(parameters)
        return index + 1
