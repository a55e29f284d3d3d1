"""Reading what lies in ``.tim3``: values of the type they should have, or TypeError."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    _Value = TypeVar("_Value")

__all__ = ["named", "named_texts", "or_none", "pairs", "text", "texts"]


def text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, list):
        raise TypeError
    return tuple(text(each) for each in value)


def pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Return a list of pairs of texts, such as tags."""
    if not isinstance(value, list):
        raise TypeError
    read = [texts(each) for each in value]
    if any(len(each) != 2 for each in read):
        raise TypeError
    return tuple((first, second) for first, second in read)


def named(value: object, read: Callable[[object], _Value]) -> dict[str, _Value]:
    """Return a mapping from texts to what `read` makes of each value."""
    if not isinstance(value, dict):
        raise TypeError
    return {text(name): read(each) for name, each in value.items()}


def named_texts(value: object) -> dict[str, str]:
    """Return a mapping from texts to texts."""
    return named(value, text)


def or_none(value: object, read: Callable[[object], _Value]) -> _Value | None:
    """Return what `read` makes of a value; None of None."""
    return None if value is None else read(value)
