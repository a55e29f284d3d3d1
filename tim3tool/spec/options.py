"""Tables of named options that a suite hands to ``tim3tool.sim``, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tim3tool.errors import UsageError, suggestion
from tim3tool.lua.vm import is_function, is_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tim3tool.spec.suite import LuaValue

__all__ = ["Options", "natural", "string"]


Choice = TypeVar("Choice", bound=str)


class Options:
    """A Lua table of named options.

    Args:
        what: whose options they are, for messages, such as ``net:spawn``.
        table: the table; nil stands for an empty one.
        known: the names there are; None where any name is allowed.

    Raises:
        UsageError: it is no table, or a name is wrong.
    """

    def __init__(self, what: str, table: LuaValue, known: Collection[str] | None) -> None:
        if table is not None and not is_table(table):
            msg = f"`{what}` needs a table of options and got {_kind(table)}"
            raise UsageError(msg)
        self._what = what
        self._values = {_name(f"`{what}`", key): value for key, value in (table.items() if table is not None else ())}
        if known is None:
            return
        for name in sorted(self._values):
            if name not in known:
                near = suggestion(name, known)
                msg = f"`{what}` has no option `{name}`"
                raise UsageError(msg, help=f"did you mean `{near}`?" if near else f"there are {_listed(known)}")

    @property
    def what(self) -> str:
        """Whose options they are, for messages."""
        return self._what

    def __contains__(self, name: str) -> bool:
        """Tell whether an option is given."""
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        """Iterate over the given names, sorted."""
        return iter(sorted(self._values))

    def text(self, name: str, default: str = "") -> str:
        """Return an option that is a string."""
        value = self._values.get(name)
        return default if value is None else string(value, f"`{name}` of `{self.what}`")

    def integer(self, name: str, default: int) -> int:
        """Return an option that is an integer, not negative."""
        value = self._values.get(name, default)
        return natural(value, f"`{name}` of `{self.what}`")

    def flag(self, name: str) -> bool:
        """Return an option that is true or false, and false where it is not given."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            msg = f"`{name}` of `{self.what}` must be true or false and is {_kind(value)}"
            raise UsageError(msg)
        return value

    def choice(self, name: str, known: Sequence[Choice]) -> Choice:
        """Return an option that is one of several words; the first where it is not given."""
        value = self.text(name, known[0])
        for word in known:
            if value == word:
                return word
        msg = f"`{name}` of `{self.what}` must be {_listed(known)}, and is `{value}`"
        raise UsageError(msg)

    def shares(self, name: str) -> dict[str, float] | None:
        """Return an option that maps names to numbers; None where it is not given."""
        table = self._values.get(name)
        if table is None:
            return None
        what = f"`{name}` of `{self.what}`"
        if not is_table(table):
            msg = f"{what} must be a table and is {_kind(table)}"
            raise UsageError(msg)
        found = {_name(what, key): value for key, value in table.items()}
        for key, value in found.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                msg = f"`{key}` of {what} must be a number and is {_kind(value)}"
                raise UsageError(msg)
        return {key: float(value) for key, value in sorted(found.items())}

    def tags(self, name: str) -> list[tuple[str, str]]:
        """Return an option that holds tags: a map (sorted by name) or an array of ``{name=, value=}`` (in order)."""
        value = self._values.get(name)
        return [] if value is None else _tags(value, f"`{name}` of `{self.what}`")


def _tags(table: LuaValue, what: str) -> list[tuple[str, str]]:
    if not is_table(table):
        msg = f"{what} must be a table and is {_kind(table)}"
        raise UsageError(msg)
    if len(table):
        return [_tag(table[index], f"{what}[{index}]") for index in range(1, len(table) + 1)]
    pairs = [(_name(what, key), value) for key, value in table.items()]
    return sorted((name, string(value, f"tag `{name}`")) for name, value in pairs)


def _tag(entry: LuaValue, what: str) -> tuple[str, str]:
    if not is_table(entry):
        msg = f"{what} must be {{ name = ..., value = ... }} and is {_kind(entry)}"
        raise UsageError(msg)
    name = string(entry[b"name"], f"`name` of {what}")
    return name, string(entry[b"value"], f"tag `{name}`")


def string(value: LuaValue, what: str) -> str:
    """Return a Lua string as text.

    Args:
        value: any Lua value.
        what: what it is, for messages.

    Raises:
        UsageError: it is no string, or not UTF-8.
    """
    if not isinstance(value, bytes):
        msg = f"{what} must be a string and is {_kind(value)}"
        hint = "use tostring(...)" if isinstance(value, bool | int | float) else None
        hint = 'use require("json").encode(...)' if is_table(value) else hint
        raise UsageError(msg, help=hint)
    try:
        return value.decode()
    except UnicodeDecodeError:
        msg = f"{what} is not UTF-8, and messages are text"
        raise UsageError(msg, help="encode it, for example with .base64") from None


def natural(value: LuaValue, what: str) -> int:
    """Return a Lua number as an integer that is not negative.

    Raises:
        UsageError: it is none.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        shown = f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else _kind(value)
        msg = f"{what} must be a whole number, not negative, and is {shown}"
        raise UsageError(msg)
    return value


def _name(what: str, key: LuaValue) -> str:
    if not isinstance(key, bytes):
        msg = f"{what} takes names only, and one key is {_kind(key)}"
        raise UsageError(msg)
    return key.decode("utf-8", "replace")


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def _kind(value: LuaValue) -> str:
    if value is None:
        return "nil"
    if is_table(value):
        return "a table"
    if is_function(value):
        return "a function"
    return {bytes: "a string", bool: "a boolean", int: "a number", float: "a number"}.get(type(value), "a userdata")
