"""What a report tells: files with their lines, branches and functions, and the handlers of processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from tim3tool.lua.source import strip
from tim3tool.spec.coverage.recorder import fingerprint, instrumented

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tim3tool.lua.instrument import Points
    from tim3tool.spec.coverage.hits import FileHits, Hits

__all__ = ["BranchCoverage", "Coverage", "FileCoverage", "FunctionCoverage", "HandlerCoverage", "Ratio"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """How many of some things were reached."""

    hit: int
    total: int

    @classmethod
    def of(cls, hits: Iterable[int]) -> Ratio:
        """Count the things that were reached at least once."""
        found = list(hits)
        return cls(hit=sum(1 for number in found if number), total=len(found))

    @classmethod
    def sum(cls, ratios: Iterable[Ratio]) -> Ratio:
        """Add ratios."""
        found = list(ratios)
        return cls(hit=sum(each.hit for each in found), total=sum(each.total for each in found))

    @property
    def percent(self) -> float:
        """The share in percent; all of nothing is 100."""
        return 100 * self.hit / self.total if self.total else 100.0

    @property
    def shown(self) -> str:
        """The share as text, which says 100% only where nothing is missing and 0% only where all is."""
        rounded = round(self.percent)
        if self.hit < self.total:
            rounded = min(rounded, 99)
        return f"{max(rounded, 1) if self.hit else rounded}%"


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchCoverage:
    """One way out of a statement.

    Args:
        line: where it begins, 1-based.
        group: a number that the ways of one statement have in common.
        label: which way; see `tim3tool.lua.instrument.Branch`.
        hits: how often it was taken.
        is_reached: whether the statement itself ever ran.
    """

    line: int
    group: int
    label: str
    hits: int
    is_reached: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionCoverage:
    """A function: its name, the line it begins at, and how often it was entered."""

    name: str
    line: int
    hits: int


@dataclass(frozen=True, kw_only=True)
class FileCoverage:
    """A Lua file.

    Args:
        path: relative to the root, with forward slashes.
        text: the source, stripped.
        lines: hits by line, for lines on which a statement begins; of several the most.
        partial: those of them that have a statement which never ran, beside one that did.
        branches: in the order of the source.
        functions: in the order of the source.
    """

    path: str
    text: bytes
    lines: dict[int, int]
    partial: frozenset[int]
    branches: tuple[BranchCoverage, ...]
    functions: tuple[FunctionCoverage, ...]

    @cached_property
    def line_ratio(self) -> Ratio:
        """Lines reached."""
        return Ratio.of(self.lines.values())

    @cached_property
    def branch_ratio(self) -> Ratio:
        """Branches taken."""
        return Ratio.of(branch.hits for branch in self.branches)

    @cached_property
    def function_ratio(self) -> Ratio:
        """Functions entered."""
        return Ratio.of(function.hits for function in self.functions)

    @property
    def total(self) -> Ratio:
        """Lines and branches together."""
        return Ratio.sum((self.line_ratio, self.branch_ratio))

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """First and last line of each stretch of lines that no run has reached; lines without statements join them."""
        numbered = enumerate(sorted(self.lines))
        stretches = groupby(((number, line) for number, line in numbered), key=lambda pair: not self.lines[pair[1]])
        found = []
        for is_missing, pairs in stretches:
            if is_missing:
                lines = [line for _, line in pairs]
                found.append((lines[0], lines[-1]))
        return tuple(found)

    def missing_branches(self, line: int) -> list[str]:
        """Return the labels of branches of a line that were never taken, though their statement ran."""
        return [each.label for each in self.branches if each.line == line and each.is_reached and not each.hits]


@dataclass(frozen=True, kw_only=True, slots=True)
class HandlerCoverage:
    """A handler of a process, or one action of a handler that serves several.

    Args:
        process: the process's name.
        handler: the handler's name.
        action: the action, or None for a handler that is not bound to any known one.
        place: ``path:line`` of the handler's function, or the empty text.
        ran: how many messages it got.
        refused: how many of those were answered with an error.
    """

    process: str
    handler: str
    action: str | None
    place: str
    ran: int
    refused: int

    @property
    def remark(self) -> str:
        """What is missing: nothing was sent, no error was seen, or nothing but errors."""
        if not self.ran:
            return "never sent" if self.action is not None else "never matched"
        if not self.refused:
            return "error arm never taken"
        return "only ever answered with an error" if self.refused == self.ran else ""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the tests of a run have reached.

    Args:
        files: sorted by path.
        handlers: sorted by process, handler and action.
        uncounted: files that belong here and could not be counted: unreadable, changed during the run, not Lua, or at
            a limit of Lua's compiler.
    """

    files: tuple[FileCoverage, ...]
    handlers: tuple[HandlerCoverage, ...]
    uncounted: tuple[str, ...]

    @classmethod
    def of(cls, hits: Hits, root: Path) -> Coverage:
        """Read the files that were counted, and tell what the counters mean.

        Args:
            hits: what was counted.
            root: the folder that its paths are relative to.
        """
        found = {path: _file(path, each, root) for path, each in sorted(hits.files.items())}
        return cls(
            files=tuple(file for file in found.values() if file),
            handlers=tuple(_handlers(hits)),
            uncounted=tuple(path for path, file in found.items() if file is None),
        )

    @cached_property
    def line_ratio(self) -> Ratio:
        """Lines reached."""
        return Ratio.sum(file.line_ratio for file in self.files)

    @cached_property
    def branch_ratio(self) -> Ratio:
        """Branches taken."""
        return Ratio.sum(file.branch_ratio for file in self.files)

    @cached_property
    def function_ratio(self) -> Ratio:
        """Functions entered."""
        return Ratio.sum(file.function_ratio for file in self.files)

    @property
    def total(self) -> Ratio:
        """Lines and branches together."""
        return Ratio.sum(file.total for file in self.files)


def _file(path: str, hits: FileHits, root: Path) -> FileCoverage | None:
    try:
        text = strip((root / path).read_bytes())
    except OSError:
        return None
    source = instrumented(text) if fingerprint(text) == hits.fingerprint else None
    if source is None:
        return None
    lines, partial = _lines(source.points, hits)
    return FileCoverage(
        path=path,
        text=text,
        lines=lines,
        partial=partial,
        branches=tuple(
            BranchCoverage(
                line=branch.line,
                group=branch.group,
                label=branch.label,
                hits=hits.counters[branch.counter],
                is_reached=bool(hits.counters[branch.reached]),
            )
            for branch in source.points.branches
        ),
        functions=tuple(
            FunctionCoverage(name=each.name, line=each.line, hits=hits.counters[each.counter])
            for each in source.points.functions
        ),
    )


def _lines(points: Points, hits: FileHits) -> tuple[dict[int, int], frozenset[int]]:
    by_line: dict[int, list[int]] = {}
    for line, counter in points.lines:
        by_line.setdefault(line, []).append(hits.counters[counter])
    lines = {line: max(numbers) for line, numbers in by_line.items()}
    return lines, frozenset(line for line, numbers in by_line.items() if max(numbers) and not min(numbers))


def _handlers(hits: Hits) -> Iterable[HandlerCoverage]:
    for (process, name), seen in sorted(hits.handlers.items()):
        actions: list[str | None] = [*sorted(seen.actions)]
        for action in actions or [None]:
            yield HandlerCoverage(
                process=process,
                handler=name,
                action=action,
                place=seen.place,
                ran=sum(seen.ran.values()) if action is None else seen.ran[action],
                refused=sum(seen.refused.values()) if action is None else seen.refused[action],
            )
