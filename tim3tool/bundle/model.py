"""What squishing gives: a bundle and what there is to know about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from tim3tool.errors import Where

__all__ = ["Bundle", "BundleWarning", "BundledModule", "Span"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BundledModule:
    r"""One Lua file in a bundle.

    Args:
        name: the name it is required by; bytes that are not UTF-8 are written ``\xNN``.
        path: its file, relative to the root, with forward slashes.
        size: bytes of the file.
        sha256: of the file, in hex.
    """

    name: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Lines of a bundle that are lines of a source, unchanged and in order.

    Args:
        path: the source, relative to the root, with forward slashes.
        source_line: its first line here, 1-based.
        bundle_line: where that line stands in the bundle, 1-based.
        lines: how many lines follow each other.
    """

    path: str
    source_line: int
    bundle_line: int
    lines: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleWarning:
    """Something in the sources that may surprise at run time but does not stop the build.

    Args:
        kind: ``dynamic-require``, ``optional-module`` (missing, under ``pcall``) or ``cycle`` (of top-level requires).
        message: one line.
        where: the ``require`` that is meant.
    """

    kind: Literal["dynamic-require", "optional-module", "cycle"]
    message: str
    where: Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """One Lua file made of a main chunk and all the Lua modules it requires.

    Args:
        name: the process it is for.
        code: the file.
        build_hash: sha256, in hex, over the names and sources of its Lua modules and the options; in the banner too.
        main: the entry file, under the name of the bundle.
        modules: the required Lua modules, sorted by name.
        externals: the names it requires that AO or Lua provides, sorted.
        line_map: where the lines of the sources stand, in the order of the bundle.
        warnings: sorted by place.
    """

    name: str
    code: bytes
    build_hash: str
    main: BundledModule
    modules: tuple[BundledModule, ...]
    externals: tuple[str, ...]
    line_map: tuple[Span, ...]
    warnings: tuple[BundleWarning, ...]

    @property
    def sha256(self) -> str:
        """The sha256 of the code, in hex."""
        return hashlib.sha256(self.code).hexdigest()

    def source_of(self, line: int) -> Where | None:
        """Return the source line that a line of the code is, or None for a line that is nobody's.

        Args:
            line: 1-based line of the code.
        """
        for span in self.line_map:
            if 0 <= line - span.bundle_line < span.lines:
                return Where(path=span.path, line=line - span.bundle_line + span.source_line)
        return None
