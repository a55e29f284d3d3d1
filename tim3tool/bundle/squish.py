"""Squishing: from an entry file to a bundle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tim3tool.bundle.cautions import warnings
from tim3tool.bundle.emit import emit
from tim3tool.bundle.graph import alone, readable, walk
from tim3tool.bundle.locate import Locator
from tim3tool.bundle.minify import Minify
from tim3tool.bundle.model import Bundle, BundledModule, Span
from tim3tool.errors import SourceError
from tim3tool.lua.source import count_lines
from tim3tool.lua.vm import syntax_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tim3tool.bundle.graph import Graph, LuaFile

__all__ = ["build", "squish", "take"]

_FORMAT: Final = 2  # goes up when the same sources and options give other bytes


def build(
    entry: Path,
    *,
    name: str,
    root: Path,
    templates: Sequence[str] = ("?.lua", "?/init.lua"),
    path: Sequence[str] = (),
    keep_all_results: bool = False,
    external: Sequence[str] = (),
    include: Sequence[str] = (),
    allow_missing: bool = False,
    anywhere: bool = False,
    minify: Minify | None = None,
) -> Bundle:
    """Squish a Lua program: its entry file and every Lua module that it requires statically.

    The bundle behaves as the program does with ``package.path`` set to the templates. The same sources, names and
    options give the same bytes, wherever the files lie. Lua modules that AO or Lua provides stay outside.

    Args:
        entry: the file of the main chunk.
        name: the name of the process.
        root: the folder that paths are shown relative to, usually the manifest's.
        templates: search templates relative to the entry's folder.
        path: further search templates, relative to the root, as in the manifest's ``path:``.
        keep_all_results: return all that the main chunk returns; AO takes a second truthy value for an ``Error``.
        external: names and globs of Lua modules that are provided where the process runs, beside those of AO and Lua.
        include: names and globs of Lua modules to bundle although no ``require`` with a literal name leads to them.
        minify: how to make it smaller; without, sources stay as they are.
        allow_missing: leave out a Lua module that is not found, with a warning; requiring it then fails at run time.
        anywhere: the program may also run outside of AO: its own file for a Lua module of AO's, such as ``json``, is
            bundled too, and is used only where there is no other.

    Returns:
        The bundle, which Lua 5.3 compiles.

    Raises:
        SourceError: a file cannot be read, or is not Lua source text.
        LuaSyntaxError: a file does not compile.
        LuaModuleNotFound: a required Lua module is missing, or ``include`` finds none.
    """
    places = [*((entry.parent, template) for template in templates), *((root, template) for template in path)]
    locator = Locator(root=root, templates=places)
    graph = walk(entry, locator, external=external, include=include, allow_missing=allow_missing, anywhere=anywhere)
    bundle = squish(graph, name=name, keep_all_results=keep_all_results, minify=minify or Minify())
    return replace(bundle, inputs=locator.inputs())


def squish(graph: Graph, *, name: str, keep_all_results: bool, minify: Minify) -> Bundle:
    """Return the bundle of a program whose files have been read; see `build`.

    Raises:
        SourceError: its sources compile alone, but not in one file.
    """
    build_hash = _build_hash(graph, name=name, keep_all_results=keep_all_results, minify=" ".join(minify.chosen))
    code, line_map = emit(graph, name=name, build_hash=build_hash, keep_all_results=keep_all_results, minify=minify)
    bundle = Bundle(
        name=name,
        code=code,
        build_hash=build_hash,
        main=_described(name, graph.main),
        modules=tuple(_described(readable(module), file) for module, file in graph.modules.items()),
        externals=graph.externals(),
        line_map=line_map,
        warnings=warnings(graph),
        more=tuple(_described(name, file) for file in graph.more),
        resources=tuple(
            BundledModule(name=readable(each), path=file.path, size=len(file.data), sha256=_sha256(file.data))
            for each, file in graph.resources.items()
        ),
    )
    _prove(bundle)
    return bundle


def take(entry: Path, *, name: str, root: Path) -> Bundle:
    """Return one Lua file as it is, requires and all, in the form of a bundle.

    Args:
        entry: the file.
        name: the name of the process.
        root: the folder that paths are shown relative to.

    Returns:
        A bundle whose code is the file's text without BOM and shebang.

    Raises:
        SourceError: the file cannot be read, or is not Lua source text.
        LuaSyntaxError: the file does not compile.
    """
    locator = Locator(root=root, templates=())
    graph = alone(entry, locator)
    main = graph.main
    return Bundle(
        name=name,
        code=main.source,
        build_hash=_build_hash(graph, name=name, taken=True),
        main=_described(name, main),
        modules=(),
        externals=tuple(sorted({readable(require.name) for require in main.requires})),
        line_map=(Span(path=main.path, source_line=1, bundle_line=1, lines=count_lines(main.source)),),
        warnings=warnings(graph),
        inputs=locator.inputs(),
    )


def _build_hash(graph: Graph, **options: str | bool) -> str:
    sources = [_sha256(file.source) for file in (graph.main, *graph.more)]
    sources += [f"{_sha256(file.source)} {module.hex()}" for module, file in graph.modules.items()]
    sources += [f"fallback {module.hex()}" for module in sorted(graph.fallbacks)]
    sources += [f"{_sha256(file.data)} resource {each.hex()}" for each, file in graph.resources.items()]
    return _sha256(json.dumps([_FORMAT, options, sources], sort_keys=True).encode())


def _described(name: str, file: LuaFile) -> BundledModule:
    requires = tuple(sorted({readable(require.name) for require in file.requires}))
    digest = _sha256(file.source)
    return BundledModule(name=name, path=file.path, size=len(file.source), sha256=digest, requires=requires)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _prove(bundle: Bundle) -> None:
    """Make sure that the bundle compiles; sources nested nearly as deep as Lua allows are too deep inside it."""
    found = syntax_error(bundle.code)
    if found is not None:
        line, message = found
        msg = f"this compiles alone but not in the bundle of `{bundle.name}`: {message}"
        raise SourceError(msg, where=bundle.source_of(line), help=_way_out(bundle, message))


def _way_out(bundle: Bundle, message: str) -> str:
    if bundle.more and "expected" in message:
        return "the scripts of the main chunk follow each other: only the last one may end in `return`"
    return "nest it less deeply"
