"""The text of a bundle."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tim3tool.bundle.model import Span
from tim3tool.lua.source import count_lines, strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tim3tool.bundle.graph import Graph, LuaFile, Resource
    from tim3tool.bundle.minify import Minify
    from tim3tool.bundle.minify.layout import Segment
    from tim3tool.bundle.minify.minifier import Minifier

__all__ = ["emit"]


def emit(
    graph: Graph, *, name: str, build_hash: str, keep_all_results: bool, minify: Minify
) -> tuple[bytes, tuple[Span, ...]]:
    """Write a program as one Lua chunk.

    Every Lua module becomes a function in ``package.preload``, where ``require`` finds it when it is first needed and
    calls it with its name. It is for the bundle to add the path that the chunk of a file gets too, where that is used.
    What an earlier bundle has loaded under the name is forgotten, so that evaluating a bundle over a live process
    replaces its Lua modules. What is only for where AO does not provide it leaves AO's alone.

    Args:
        graph: the program.
        name: the name of the bundle, for the banner.
        build_hash: for the banner.
        keep_all_results: return all that the main chunk returns, not only the first value.
        minify: how the sources are minified.

    Returns:
        The chunk, and where the lines of the sources stand in it.
    """
    text = _Text(minify)
    names: dict[str, str] = {}  # by the path of the file
    text.add(f"-- {_quoted(name.encode())}, bundled by tim3tool\n-- build hash: {build_hash}\n")
    text.add(_build_module(name, build_hash))
    if graph.resources:
        text.add(_resources(graph.resources))
    for module, file in graph.modules.items():
        quoted = _quoted(module)
        is_fallback = module in graph.fallbacks
        if is_fallback:
            text.add(f"if not package.loaded[{quoted}] and not package.preload[{quoted}] then\n")
        else:
            text.add(f"package.loaded[{quoted}] = nil\n")
        text.add(f"package.preload[{quoted}] = ")
        if file.path in names:
            text.add(f"package.preload[{names[file.path]}]\n")
        else:
            text.add_function(file)
            if not is_fallback:
                names[file.path] = quoted
        if is_fallback:
            text.add("end\n")
    opening, closing = ("", "") if keep_all_results else ("(", ")")
    if not keep_all_results:
        text.add("-- only the first value is returned: AO would take a second one for an error\n")
    text.add(f"return {opening}(function(...)\n")
    for source in (graph.main, *graph.more):
        text.add_source(source, has_others=bool(graph.more))
    text.add(f"end)(...){closing}\n")
    return b"".join(text.parts), tuple(text.spans)


def _build_module(name: str, build_hash: str) -> str:
    """Return Lua that makes ``require "tim3tool.build"`` tell what a process runs."""
    told = f"{{ name = {_quoted(name.encode())}, hash = {_quoted(build_hash.encode())} }}"
    module = '"tim3tool.build"'
    return f"package.loaded[{module}] = nil package.preload[{module}] = function() return {told} end\n"


def _resources(found: Mapping[bytes, Resource]) -> str:
    """Return Lua that gives files by name, as Squish's global ``require_resource`` does."""
    entries = "".join(f"[{_quoted(name)}] = {_quoted(file.data)},\n" for name, file in found.items())
    return (
        f"do local resources = {{\n{entries}}}\n"
        "function require_resource(name)"
        ' return resources[name] or error("resource \'" .. tostring(name) .. "\' not found", 2) end end\n'
    )


class _Text:
    """A chunk in the making, which knows at what line it is."""

    def __init__(self, minify: Minify) -> None:
        self.parts: list[bytes] = []
        self.spans: list[Span] = []
        self._line = 1
        self._minifier = _minifier(minify) if minify.chosen else None
        self._keeping_names = _minifier(replace(minify, locals=False)) if minify.chosen else None

    def add(self, text: str) -> None:
        self._append(text.encode())

    def add_function(self, file: LuaFile) -> None:
        """Add the function that runs a Lua module."""
        self.add("function(...) return (function(...)\n" if file.takes_arguments else "function()\n")
        self.add_source(file)
        self.add(f"end)((...), {_quoted(os.fsencode(file.path))}) end\n" if file.takes_arguments else "end\n")

    def add_source(self, file: LuaFile, *, has_others: bool = False) -> None:
        """Add a source; one that shares its chunk with others shares its locals with them, under their names."""
        source = strip(file.source)
        minifier = self._keeping_names if has_others else self._minifier
        if minifier:
            self._add_minified(file.path, *minifier.minify(source))
            return
        if not source.endswith((b"\n", b"\r")):
            source += b"\n"  # its last line may be a comment
        if source.startswith(b"\r"):
            source = b" " + source  # or else Lua takes it and the line feed before it for one line end
        first = self._line
        self._append(source)
        self.spans.append(Span(path=file.path, source_line=1, bundle_line=first, lines=self._line - first))

    def _add_minified(self, path: str, code: bytes, segments: Iterable[Segment]) -> None:
        above = self._line - 1
        self._append(code if code.endswith(b"\n") else code + b"\n")
        self.spans.extend(
            Span(
                path=path,
                source_line=segment.source_line,
                source_column=segment.source_column,
                bundle_line=above + segment.line,
                bundle_column=segment.column,
                lines=segment.lines,
            )
            for segment in segments
        )

    def _append(self, text: bytes) -> None:
        self.parts.append(text)
        self._line += count_lines(text)


def _minifier(options: Minify) -> Minifier:
    from tim3tool.bundle.minify.minifier import Minifier  # noqa: PLC0415 - most builds do not minify

    return Minifier(options)


def _quoted(name: bytes) -> str:
    r"""Return a Lua string literal in ASCII.

    >>> print(_quoted(b'a.b-"c"'))
    "a.b-\034c\034"
    """
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03}" for byte in name)
    return f'"{"".join(plain)}"'
