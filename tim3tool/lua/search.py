"""The door to tree-sitter: every use of ``require`` in a source, whatever its scopes and aliases are.

tree-sitter gives the structure of a legal source, and sees it with comments and the contents of strings blanked out, so
that nothing in them can be taken for code.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.lua.tokens import COMMENT, STRING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node, Parser

    # The nodes from the root down to an identifier, each with the name of the field it fills in the node above.
    _Path = list[tuple[Node, str | None]]

__all__ = ["Use", "nodes", "search"]

_OPAQUE: Final = re.compile(rb"(?P<comment>" + COMMENT + rb")|" + STRING, re.DOTALL)
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
    return _Search(_OPAQUE.sub(_blank, text)).run()


def nodes(text: bytes, types: Sequence[str]) -> dict[str, list[Node]] | None:
    """Return the nodes of some types in the syntax tree of a source.

    Args:
        text: legal Lua 5.3 source, without BOM or shebang; the nodes' offsets are offsets in it.
        types: the types of nodes to find.

    Returns:
        The nodes by type, or None where the tree does not cover the whole source.
    """
    import tree_sitter  # noqa: PLC0415 - as below

    root = _parser().parse(_OPAQUE.sub(_blank, text)).root_node
    language = _parser().language
    if root.has_error or language is None:
        return None
    query = tree_sitter.Query(language, " ".join(f"({kind}) @{kind}" for kind in types))
    found = tree_sitter.QueryCursor(query).captures(root)
    return {kind: found.get(kind, []) for kind in types}


@functools.cache
def _parser() -> Parser:
    import tree_sitter  # noqa: PLC0415 - the usual source needs no parser
    import tree_sitter_lua  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_lua.language()))


def _blank(match: re.Match[bytes]) -> bytes:
    text = match[0]
    if match["comment"]:
        return b" " * len(text)
    quote = text.index(b"[", 1) + 1 if text.startswith(b"[") else 1
    return text[:quote] + b" " * (len(text) - 2 * quote) + text[-quote:]


class _Search:
    """Finds the requires of one source by following the name ``require`` and its aliases, never the whole tree.

    Args:
        masked: the source with comments and the contents of strings blanked out.
    """

    def __init__(self, masked: bytes) -> None:
        self._masked = masked
        self._root = _parser().parse(masked).root_node
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
        for match in re.finditer(rb"\b" + name + rb"\b", self._masked):
            path = _path_to(self._root, match.start())
            scope = _scope(path)
            if scope is not None:
                scopes.append((*scope, match.start()))
            elif _is_global_field(path) or (_is_variable(path) and self._is_require(name, match.start(), scopes)):
                alias = self._use(path)
                if alias is not None and alias.start_byte not in self._aliases:
                    self._aliases.add(alias.start_byte)
                    new.append(self._masked[alias.start_byte : alias.end_byte])
        return new

    def _is_require(self, name: bytes, offset: int, scopes: list[tuple[int, int, int]]) -> bool:
        # Of the scopes around a variable, the one that begins last is the innermost.
        around = [(start, declared) for start, end, declared in scopes if start <= offset < end]
        return max(around)[1] in self._aliases if around else name == b"require"

    def _use(self, path: _Path) -> Node | None:
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

    def _record(self, path: _Path, argument: Node | None, *, protected: bool) -> None:
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


def _path_to(root: Node, offset: int) -> _Path:
    cursor = root.walk()
    path: _Path = [(root, None)] * 4  # so that looking four nodes up is always possible
    while cursor.goto_first_child_for_byte(offset) is not None and cursor.node:
        path.append((cursor.node, cursor.field_name))
    return path


def _scope(path: _Path) -> tuple[int, int] | None:
    """Return the offsets between which the identifier of a path is a new local, or None when it declares none."""
    (name, field), (above, _), (statement, _), (outer, _) = path[-1], path[-2], path[-3], path[-4]
    if above.type == "function_declaration" and field == "name" and above.children[0].type == "local":
        return name.start_byte, _block_end(path, -3)
    if above.type == "parameters" or (above.type == "for_numeric_clause" and field == "name"):
        return above.end_byte, statement.end_byte
    if above.type == "variable_list" and statement.type == "for_generic_clause":
        return statement.end_byte, outer.end_byte
    if above.type == "variable_list" and statement.type == "variable_declaration":
        return statement.end_byte, _block_end(path, -4)
    if above.type == "variable_list" and outer.type == "variable_declaration":  # with values
        return outer.end_byte, _block_end(path, -5)
    return None


def _block_end(path: _Path, block: int) -> int:
    if path[block - 1][0].type == "repeat_statement":
        return path[block - 1][0].end_byte  # the condition after `until` sees the locals of the body
    return path[block][0].end_byte


def _is_variable(path: _Path) -> bool:
    """Tell whether the identifier of a path stands for a variable, not for a field, a method or a label."""
    (_, field), (above, _) = path[-1], path[-2]
    if above.type in ("dot_index_expression", "method_index_expression"):
        return field == "table"
    if above.type == "field" and field == "name":
        return above.children[0].type == "["
    return above.type not in ("label_statement", "goto_statement")


def _is_global_field(path: _Path) -> bool:
    """Tell whether the identifier of a path is the ``require`` of ``_G.require`` or ``_ENV.require``."""
    (node, field), (above, _) = path[-1], path[-2]
    return field == "field" and node.text == b"require" and above.children[0].text in (b"_G", b"_ENV")


def _value(path: _Path) -> int:
    """Return the depth of the outermost node that has the ``require`` at the end of a path as its value."""
    depth = len(path) - 2 if _is_global_field(path) else len(path) - 1
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


def _is_guarded(path: _Path, function: int) -> bool:
    """Tell whether a function of a path is written as the first argument of ``pcall`` or ``xpcall``."""
    (node, _), (above, _), (call, _) = path[function], path[function - 1], path[function - 2]
    return above.type == "arguments" and above.named_children[0] == node and _called(call) in _PROTECTED_CALLS


def _local_given(path: _Path, value: int) -> Node | None:
    """Return the name that ``local name = require`` declares, or None where the value goes elsewhere."""
    (node, _), (values, _), (assignment, _), (declaration, _) = (path[value - up] for up in range(4))
    if assignment.type != "assignment_statement" or declaration.type != "variable_declaration":
        return None
    names = assignment.children[0].children_by_field_name("name")
    position = values.named_children.index(node)
    return names[position] if position < len(names) else None
