"""The text of a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.bundle.model import Span
from tim3tool.lua.source import count_lines, strip

if TYPE_CHECKING:
    from tim3tool.bundle.graph import Graph, LuaFile

__all__ = ["emit"]


def emit(graph: Graph, *, name: str, build_hash: str, keep_all_results: bool) -> tuple[bytes, tuple[Span, ...]]:
    """Write a program as one Lua chunk.

    Every Lua module becomes a function in ``package.preload``, where ``require`` finds it when it is first needed and
    calls it with its name, as it does the chunk of a file; only the second value of ``...`` is nil in place of a path.
    What an earlier bundle has loaded under the name is forgotten, so that evaluating a bundle over a live process
    replaces its Lua modules.

    Args:
        graph: the program.
        name: the name of the bundle, for the banner.
        build_hash: for the banner.
        keep_all_results: return all that the main chunk returns, not only the first value.

    Returns:
        The chunk, and where the lines of the sources stand in it.
    """
    text = _Text()
    text.add(f"-- {_quoted(name.encode())}, bundled by tim3tool\n-- build hash: {build_hash}\n")
    for module, file in graph.modules.items():
        quoted = _quoted(module)
        text.add(f"package.loaded[{quoted}] = nil\npackage.preload[{quoted}] = function(...)\n")
        text.add_source(file)
        text.add("end\n")
    opening, closing = ("", "") if keep_all_results else ("(", ")")
    if not keep_all_results:
        text.add("-- only the first value is returned: AO would take a second one for an error\n")
    text.add(f"return {opening}(function(...)\n")
    text.add_source(graph.main)
    text.add(f"end)(...){closing}\n")
    return b"".join(text.parts), tuple(text.spans)


class _Text:
    """A chunk in the making, which knows at what line it is."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.spans: list[Span] = []
        self._line = 1

    def add(self, text: str) -> None:
        self._append(text.encode())

    def add_source(self, file: LuaFile) -> None:
        source = strip(file.source)
        if not source.endswith((b"\n", b"\r")):
            source += b"\n"  # its last line may be a comment
        if source.startswith(b"\r"):
            source = b" " + source  # or else Lua takes it and the line feed before it for one line end
        first = self._line
        self._append(source)
        self.spans.append(Span(path=file.path, source_line=1, bundle_line=first, lines=self._line - first))

    def _append(self, text: bytes) -> None:
        self.parts.append(text)
        self._line += count_lines(text)


def _quoted(name: bytes) -> str:
    r"""Return a Lua string literal in ASCII.

    >>> print(_quoted(b'a.b-"c"'))
    "a.b-\034c\034"
    """
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03}" for byte in name)
    return f'"{"".join(plain)}"'
