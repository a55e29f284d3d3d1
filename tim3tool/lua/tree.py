"""The one door to tree-sitter: the structure of a legal source.

It is seen with comments and the contents of strings blanked out, so that nothing in them can be taken for code. A
string that is a name of interest, such as in ``_G["require"]``, stays.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from tim3tool.lua.tokens import COMMENT, STRING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import tree_sitter as ts

    Node = ts.Node
    # The nodes from the root down to a name, each with the name of the field it fills in the node above.
    Path = list[tuple[Node, str | None]]

__all__ = ["Node", "Path", "block_end", "field_name", "is_variable", "masked", "nodes", "parsed", "path_to", "scope"]

_OPAQUE: Final = re.compile(rb"(?P<comment>" + COMMENT + rb")|" + STRING, re.DOTALL)


def masked(text: bytes, *names: bytes) -> bytes:
    """Return a source with blanks for comments and the contents of strings, but for strings that are one of the names.

    Args:
        text: legal Lua 5.3 source, without BOM or shebang.
        names: the contents of strings that stay.
    """

    def blank(match: re.Match[bytes]) -> bytes:
        string = match[0]
        if match["comment"]:
            return b" " * len(string)
        quote = string.index(b"[", 1) + 1 if string.startswith(b"[") else 1
        inside = string[quote:-quote]
        return string if inside in names else string[:quote] + b" " * len(inside) + string[-quote:]

    return _OPAQUE.sub(blank, text)


def parsed(text: bytes) -> Node:
    """Return the root of the syntax tree of a masked source."""
    return _parser().parse(text).root_node


def nodes(text: bytes, types: Sequence[str]) -> dict[str, list[Node]] | None:
    """Return the nodes of some types in the syntax tree of a source.

    Args:
        text: legal Lua 5.3 source, without BOM or shebang; the nodes' offsets are offsets in it.
        types: the types of nodes to find.

    Returns:
        The nodes by type, or None where the tree does not cover the whole source.
    """
    import tree_sitter  # noqa: PLC0415 - as below

    root = parsed(masked(text))
    language = _parser().language
    if root.has_error or language is None:
        return None
    query = tree_sitter.Query(language, " ".join(f"({kind}) @{kind}" for kind in types))
    found = tree_sitter.QueryCursor(query).captures(root)
    return {kind: found.get(kind, []) for kind in types}


@functools.cache
def _parser() -> ts.Parser:
    import tree_sitter  # noqa: PLC0415 - the usual source needs no parser
    import tree_sitter_lua  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_lua.language()))


def path_to(root: Node, offset: int) -> Path:
    """Return the path to the name at an offset."""
    cursor = root.walk()
    path: Path = [(root, None)] * 4  # so that looking four nodes up is always possible
    while cursor.goto_first_child_for_byte(offset) is not None and cursor.node:
        path.append((cursor.node, cursor.field_name))
    return path


def scope(path: Path) -> tuple[int, int] | None:
    """Return the offsets between which the identifier of a path is a new local, or None when it declares none."""
    (name, field), (above, _), (statement, _), (outer, _) = path[-1], path[-2], path[-3], path[-4]
    if above.type == "function_declaration" and field == "name" and above.children[0].type == "local":
        return name.start_byte, block_end(path, -3)
    if above.type == "parameters" or (above.type == "for_numeric_clause" and field == "name"):
        return above.end_byte, statement.end_byte
    if above.type == "variable_list" and statement.type == "for_generic_clause":
        return statement.end_byte, outer.end_byte
    if above.type == "variable_list" and statement.type == "variable_declaration":
        return statement.end_byte, block_end(path, -4)
    if above.type == "variable_list" and outer.type == "variable_declaration":  # with values
        return outer.end_byte, block_end(path, -5)
    return None


def block_end(path: Path, block: int) -> int:
    """Return the offset at which the names of a block end."""
    if path[block - 1][0].type == "repeat_statement":
        return path[block - 1][0].end_byte  # the condition after `until` sees the locals of the body
    return path[block][0].end_byte


def is_variable(path: Path) -> bool:
    """Tell whether the identifier of a path stands for a variable, not for a field, a method or a label."""
    (_, field), (above, _) = path[-1], path[-2]
    if above.type in ("dot_index_expression", "method_index_expression"):
        return field == "table"
    if above.type == "field" and field == "name":
        return above.children[0].type == "["
    return above.type not in ("label_statement", "goto_statement", "string")


def field_name(node: Node) -> bytes | None:
    """Return the name of the field that an index expression asks for: ``b`` in ``a.b`` and in ``a["b"]``."""
    field = node.child_by_field_name("field")
    if field is not None and node.type == "bracket_index_expression":
        field = field.child_by_field_name("content")
    return field.text if field else None
