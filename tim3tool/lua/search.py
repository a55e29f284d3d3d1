"""Every use of ``require`` in a source, whatever its scopes and aliases are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.lua.tree import field_name, is_variable, masked, parsed, path_to, scope

if TYPE_CHECKING:
    from tim3tool.lua.tree import Node, Path

__all__ = ["Use", "search"]

_FUNCTIONS: Final = ("function_definition", "function_declaration")
_PROTECTED_CALLS: Final = {b"pcall": 1, b"xpcall": 2}  # and at which argument those of the called function begin


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A use of ``require``, as offsets in the source.

    Args:
        start: of the name ``require``.
        end: of the same.
        literal: from where to where the literal is that names the Lua module; None when only a run can tell.
        protected: ``pcall`` or ``xpcall`` makes the call.
        toplevel: it runs while the source itself loads.
    """

    start: int
    end: int
    literal: tuple[int, int] | None
    protected: bool
    toplevel: bool


def search(text: bytes) -> list[Use]:
    """Return every use of ``require`` in the order of a source.

    Args:
        text: legal Lua 5.3 source, without BOM or shebang.
    """
    return _Search(masked(text, b"require")).run()


class _Search:
    """Finds the requires of one source by following the name ``require`` and its aliases, never the whole tree.

    Args:
        text: the masked source.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._root = parsed(text)
        self._aliases: set[int] = set()  # offsets of the declarations of locals that hold `require`
        self._found: dict[int, Use] = {}

    def run(self) -> list[Use]:
        names = [b"require"]
        while names:  # a new alias has its name searched, once more if need be; there are only so many aliases
            names.extend(self._follow(names.pop()))
        return [self._found[offset] for offset in sorted(self._found)]

    def _follow(self, name: bytes) -> list[bytes]:
        """Record what is required through one name; return the names of the aliases found for the first time."""
        scopes: list[tuple[int, int, int]] = []
        new = []
        for match in re.finditer(rb"\b" + name + rb"\b", self._text):
            path = path_to(self._root, match.start())
            declared = scope(path)
            if declared is not None:
                scopes.append((*declared, match.start()))
            elif _global_field(path) or (is_variable(path) and self._is_require(name, match.start(), scopes)):
                alias = self._use(path)
                if alias is not None and alias.start_byte not in self._aliases:
                    self._aliases.add(alias.start_byte)
                    new.append(self._text[alias.start_byte : alias.end_byte])
        return new

    def _is_require(self, name: bytes, offset: int, scopes: list[tuple[int, int, int]]) -> bool:
        # Of the scopes around a variable, the one that begins last is the innermost.
        around = [(start, declared) for start, end, declared in scopes if start <= offset < end]
        return max(around)[1] in self._aliases if around else name == b"require"

    def _use(self, path: Path) -> Node | None:
        """Record what one use of ``require`` requires; return the local's name when all it does is make an alias."""
        value = _value(path)
        above = path[value - 1][0]
        if above.type == "function_call" and path[value][1] == "name":
            self._record(path, _argument(above, 0), protected=False)
        elif above.type == "arguments":
            call = path[value - 2][0]
            called = _called(call)
            if called in _PROTECTED_CALLS and above.named_children[0] == path[value][0]:
                self._record(path, _argument(call, _PROTECTED_CALLS[called]), protected=True)
            elif called != b"type":
                self._record(path, None, protected=False)
        elif above.type in ("expression_list", "field"):
            alias = _local_given(path, value)
            if alias is None:
                self._record(path, None, protected=False)
            return alias
        return None

    def _record(self, path: Path, argument: Node | None, *, protected: bool) -> None:
        node = path[-1][0]
        literal = (argument.start_byte, argument.end_byte) if argument and argument.type == "string" else None
        functions = [depth for depth, (above, _) in enumerate(path) if above.type in _FUNCTIONS]
        guarded = [depth for depth in functions if _is_guarded(path, depth)]
        self._found[node.start_byte] = Use(
            start=node.start_byte,
            end=node.end_byte,
            literal=literal,
            protected=protected or bool(guarded),
            toplevel=len(functions) == len(guarded),
        )


def _global_field(path: Path) -> int | None:
    """Return the depth of ``_G.require``, ``_ENV["require"]`` and their like where a path ends in one, or None."""
    (name, _), (above, role) = path[-1], path[-2]
    depth = len(path) - (3 if above.type == "string" else 2)
    index = path[depth][0]
    if "field" not in (path[-1][1], role) or name.text != b"require" or field_name(index) != b"require":
        return None
    table = index.child_by_field_name("table")
    return depth if table and table.text in (b"_G", b"_ENV") else None


def _value(path: Path) -> int:
    """Return the depth of the outermost node that has the ``require`` at the end of a path as its value."""
    depth = _global_field(path) or len(path) - 1
    while True:
        above = path[depth - 1][0]
        operator = above.child_by_field_name("operator")
        if above.type != "parenthesized_expression" and not (operator and operator.type in ("or", "and")):
            return depth
        depth -= 1


def _called(call: Node) -> bytes | None:
    function = call.child_by_field_name("name")
    return function.text if function else None


def _argument(call: Node, position: int) -> Node | None:
    arguments = call.child_by_field_name("arguments")
    if arguments is None or len(arguments.named_children) <= position:
        return None
    argument = arguments.named_children[position]
    while argument.type == "parenthesized_expression":
        argument = argument.named_children[0]
    return argument


def _is_guarded(path: Path, function: int) -> bool:
    """Tell whether a function of a path is written as the first argument of ``pcall`` or ``xpcall``."""
    (node, _), (above, _), (call, _) = path[function], path[function - 1], path[function - 2]
    return above.type == "arguments" and above.named_children[0] == node and _called(call) in _PROTECTED_CALLS


def _local_given(path: Path, value: int) -> Node | None:
    """Return the name that ``local name = require`` declares, or None where the value goes elsewhere."""
    (node, _), (values, _), (assignment, _), (declaration, _) = (path[value - up] for up in range(4))
    if assignment.type != "assignment_statement" or declaration.type != "variable_declaration":
        return None
    names = assignment.children[0].children_by_field_name("name")
    position = values.named_children.index(node)
    return names[position] if position < len(names) else None
