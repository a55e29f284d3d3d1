"""What may surprise in a graph that can be bundled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.bundle.externals import is_external
from tim3tool.bundle.graph import readable
from tim3tool.bundle.model import BundleWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.bundle.graph import Graph
    from tim3tool.lua.requires import Require

__all__ = ["warnings"]


def warnings(graph: Graph) -> tuple[BundleWarning, ...]:
    """Return what a user should know about a program before it is bundled, sorted by place.

    Args:
        graph: the program.
    """
    # A file under two names says everything twice.
    found = {*_dynamic(graph), *_changes(graph), *_missing(graph), *_cycles(graph)}
    return tuple(sorted(found, key=lambda item: (item.where.path, item.where.line, item.where.column, item.message)))


def _dynamic(graph: Graph) -> Iterator[BundleWarning]:
    for file in graph.files():
        for use in file.dynamic:
            message = "a Lua module that this `require` names only at run time is not in the bundle"
            yield BundleWarning(kind="dynamic-require", message=message, where=use.where)


def _changes(graph: Graph) -> Iterator[BundleWarning]:
    for file in graph.files():
        for change in file.changes:
            message = (
                f"`{change.what}` may be changed here while the program runs: "
                "the bundle holds what is found when it is built"
            )
            yield BundleWarning(kind="loading-change", message=message, where=change.where)


def _missing(graph: Graph) -> Iterator[BundleWarning]:
    for file in graph.files():
        for require in file.requires:
            name = readable(require.name)
            if require.name not in graph.modules and not is_external(name, graph.external):
                optional = "optional " * require.protected
                yield BundleWarning(
                    kind="optional-module" if optional else "missing-module",
                    message=f"{optional}Lua module `{name}` is not found; it is not in the bundle",
                    where=require.where,
                )


def _cycles(graph: Graph) -> Iterator[BundleWarning]:
    """Yield each circle of Lua modules that require the next while they load, in which Lua 5.3 finds no end."""
    done: set[bytes] = set()
    for start in graph.modules:
        trail = {start: _while_loading(graph, start)} if start not in done else {}
        while trail:
            require = next(next(reversed(trail.values())), None)
            if require is None:
                done.add(trail.popitem()[0])
            elif require.name in trail:
                names = [readable(name) for name in (*trail, require.name)]
                circle = " -> ".join(f"`{name}`" for name in names[names.index(names[-1]) :])
                message = f"these Lua modules require each other while they load: {circle}"
                yield BundleWarning(kind="cycle", message=message, where=require.where)
            elif require.name not in done:
                trail[require.name] = _while_loading(graph, require.name)


def _while_loading(graph: Graph, name: bytes) -> Iterator[Require]:
    return (require for require in graph.modules[name].requires if require.toplevel and require.name in graph.modules)
