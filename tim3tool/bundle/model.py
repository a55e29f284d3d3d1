"""What squishing gives: a bundle and what there is to know about it."""

from __future__ import annotations

import bisect
import hashlib
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from tim3tool.errors import Where

if TYPE_CHECKING:
    from collections import abc
    from collections.abc import Iterator

__all__ = ["Bundle", "BundleWarning", "BundledModule", "Inputs", "Mapping", "Span"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BundledModule:
    r"""One Lua file in a bundle.

    Args:
        name: the name it is required by; bytes that are not UTF-8 are written ``\xNN``.
        path: its file, relative to the root, with forward slashes.
        size: bytes of the file.
        sha256: of the file, in hex.
        requires: the names it requires statically, sorted.
    """

    name: str
    path: str
    size: int
    sha256: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A run of a bundle that is a run of a source: whole lines, unchanged and in order, or a part of one line.

    Columns are 1-based and count bytes. Where code is minified, a line of the bundle may begin several spans.

    Args:
        path: the source, relative to the root, with forward slashes.
        source_line: its first line here, 1-based.
        bundle_line: where that line stands in the bundle, 1-based.
        lines: how many lines follow each other.
        source_column: where the run begins in its first line.
        bundle_column: where it begins in the first line of the bundle; it ends where the next span begins.
    """

    path: str
    source_line: int
    bundle_line: int
    lines: int
    source_column: int = 1
    bundle_column: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """One position of a bundle and the position of a source that it comes from, as Source Map v3 pairs them.

    Args:
        line: in the bundle, 1-based.
        column: in the bundle, 1-based, in bytes.
        path: the source, relative to the root, with forward slashes.
        source_line: 1-based.
        source_column: 1-based, in bytes.
    """

    line: int
    column: int
    path: str
    source_line: int
    source_column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleWarning:
    """Something in the sources that may surprise at run time but does not stop the build.

    Args:
        kind: ``dynamic-require``, ``optional-module`` (missing, under ``pcall``), ``missing-module`` (where that is
            allowed), ``cycle`` (of top-level requires), ``loading-change`` (of what ``require`` finds, at run
            time) or ``squishy`` (what a squishy file asks for without effect).
        message: one line.
        where: what is meant, mostly a ``require``.
    """

    kind: Literal["dynamic-require", "optional-module", "missing-module", "cycle", "loading-change", "squishy"]
    message: str
    where: Where

    def __str__(self) -> str:
        """Return it as one line, its place in front."""
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What a bundle was made from: while all of it is so, building again gives the same bundle.

    Args:
        files: sha256, in hex, of each file read; paths are relative to the root.
        absent: files that were looked for and not there.
        globs: for each glob, the Lua modules it stood for, as ``name=path``.
    """

    files: abc.Mapping[str, str]
    absent: tuple[str, ...] = ()
    globs: abc.Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """One Lua file made of a main chunk and all the Lua modules it requires.

    Args:
        name: the process it is for.
        code: the file.
        build_hash: sha256, in hex, over the names and sources of its Lua modules and the options; in the banner too.
        main: the entry file, under the name of the bundle.
        more: further entry files that run after it in the same chunk, as a squishy file lists them.
        modules: the required Lua modules, sorted by name.
        resources: the files that ``require_resource`` gives, in the order of the squishy file.
        inputs: what it was made from.
        externals: the names it requires that AO or Lua provides, sorted.
        line_map: where the sources stand, in the order of the bundle.
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
    more: tuple[BundledModule, ...] = ()
    resources: tuple[BundledModule, ...] = ()
    inputs: Inputs = field(default_factory=lambda: Inputs(files={}), compare=False)

    @property
    def sha256(self) -> str:
        """The sha256 of the code, in hex."""
        return hashlib.sha256(self.code).hexdigest()

    @property
    def sources(self) -> dict[str, str]:
        """The sha256, in hex, of each source: of a Lua module by its name, of any other file by its path."""
        files = {each.path: each.sha256 for each in (self.main, *self.more, *self.resources)}
        return files | {module.name: module.sha256 for module in self.modules}

    @property
    def mappings(self) -> Iterator[Mapping]:
        """The positions at which code of another source or another line begins, in the order of the bundle."""
        for span in self.line_map:
            for line in range(span.lines):
                yield Mapping(
                    line=span.bundle_line + line,
                    column=1 if line else span.bundle_column,
                    path=span.path,
                    source_line=span.source_line + line,
                    source_column=1 if line else span.source_column,
                )

    def source_of(self, line: int) -> Where | None:
        """Return the source line that a line of the code stands for, or None for a line that is nobody's.

        Args:
            line: 1-based line of the code.
        """
        number = bisect.bisect_right(self.line_map, line, key=attrgetter("bundle_line")) - 1
        span = self.line_map[number] if number >= 0 else None
        if span is None or line >= span.bundle_line + span.lines:
            return None
        return Where(path=span.path, line=line - span.bundle_line + span.source_line)
