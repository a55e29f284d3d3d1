"""What a source changes about ``require`` while it runs: ``package.path``, ``.searchers`` and ``.preload``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.lua.source import Lines, strip
from tim3tool.lua.tree import field_name, is_variable, masked, parsed, path_to, scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.errors import Where
    from tim3tool.lua.tree import Path

__all__ = ["LoadingChange", "loading_changes"]

_FIELDS: Final = (b"path", b"searchers", b"preload")
_MAYBE: Final = re.compile(rb"\bpackage\b\W*(?:(?:path|searchers|preload)\b|--)")
_INDEXES: Final = ("dot_index_expression", "bracket_index_expression")
_READERS: Final = (b"ipairs", b"next", b"pairs", b"print", b"rawget", b"rawlen", b"tostring", b"type")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadingChange:
    """A place where a program changes how it finds Lua modules, or hands on the table that says so.

    Args:
        what: ``package.path``, ``package.searchers`` or ``package.preload``.
        where: it in the source.
    """

    what: str
    where: Where


def loading_changes(source: bytes, path: str) -> tuple[LoadingChange, ...]:
    """Return where a source changes how Lua modules are found, in its order.

    Args:
        source: the bytes of a Lua file that `check` accepts.
        path: its name in every `Where`.
    """
    text = strip(source)
    if not _MAYBE.search(text):
        return ()
    lines = Lines(text, path)
    return tuple(
        LoadingChange(what=f"package.{name.decode()}", where=lines.where(start, end))
        for name, start, end in _changes(masked(text, b"package", *_FIELDS))
    )


def _changes(text: bytes) -> Iterator[tuple[bytes, int, int]]:
    root = parsed(text)
    scopes: list[tuple[int, int]] = []
    for match in re.finditer(rb"\bpackage\b", text):
        path = path_to(root, match.start())
        declared = scope(path)
        if declared is not None:
            scopes.append(declared)
            continue
        depth = _package(path)
        if not depth or any(start <= match.start() < end for start, end in scopes):
            continue
        field = path[depth - 1][0]
        name = field_name(field) if field.type in _INDEXES and path[depth][1] == "table" else None
        if name in _FIELDS and _is_changed(path, depth - 1, name):
            yield name, field.start_byte, field.end_byte


def _package(path: Path) -> int | None:
    """Return the depth of ``package``, ``_G.package`` or ``_G["package"]`` where a path ends in one, or None."""
    depth = len(path) - (2 if path[-2][0].type == "string" else 1)
    (_, role), (above, _) = path[depth], path[depth - 1]
    if role == "field" and above.type in _INDEXES:
        table = above.child_by_field_name("table")
        return depth - 1 if table and table.text in (b"_G", b"_ENV") else None
    return depth if is_variable(path) else None


def _is_changed(path: Path, depth: int, name: bytes) -> bool:
    """Tell whether ``package.NAME`` at a depth of a path is assigned to, or handed on to where it can be."""
    indexed = False
    while path[depth - 1][0].type in _INDEXES and path[depth][1] == "table":
        depth -= 1
        indexed = True
    (above, _), (statement, _) = path[depth - 1], path[depth - 2]
    if above.type == "variable_list" or (above.type == "function_declaration" and path[depth][1] == "name"):
        return True
    if indexed or name == b"path":
        return False  # a text, or what is in the table: nothing else changes with it
    if above.type == "arguments":
        called = statement.child_by_field_name("name")
        return called is None or called.text not in _READERS
    return above.type in ("expression_list", "field")
