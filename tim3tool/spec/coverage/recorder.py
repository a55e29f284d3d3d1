"""Counts in the suites of a run and in the processes they spawn."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tim3tool.aos import Measure
from tim3tool.lua.counting import Counting, Tally
from tim3tool.lua.instrument import fastest, instrument, wrapped
from tim3tool.lua.source import Lines, strip
from tim3tool.lua.vm import syntax_error
from tim3tool.spec.coverage.hits import FileHits, HandlerHits, Hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tim3tool.bundle import Bundle
    from tim3tool.lua.counting import Unit
    from tim3tool.lua.instrument import Instrumented
    from tim3tool.spec.coverage.selection import Selection
    from tim3tool.spec.suite import Suite

__all__ = ["Recorder", "fingerprint", "instrumented"]


class Recorder:
    """What one worker counts.

    Args:
        selection: the files that count.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._tally = Tally()
        self.measure = Measure(self._tally)
        self._suites: list[Counting] = []
        self._sources: dict[tuple[str, bytes], Instrumented | None] = {}
        self._files: dict[str, FileHits] = {}
        self._chunks: dict[tuple[str, bytes], Unit] = {}
        self._parts: dict[int, list[tuple[str, str, int, int]]] = {}  # by unit: path, fingerprint, base, counters
        self._bundles: dict[int, Bundle] = {}
        self._elsewhere = Hits()

    def open(self, suite: Suite) -> None:
        """Count the files that a suite loads into its VM."""
        counting = Counting(suite.vm)
        self._suites.append(counting)
        suite.extend("coverage", counting.lua, self._chunk)

    def expect(self, path: Path) -> None:
        """Let a file count even if nothing ever loads it."""
        name = self.selection.name_of(path)
        if name is None or name in self._files:
            return
        try:
            text = strip(path.read_bytes())
        except OSError:
            return
        self._source(name, text)

    def process(self, bundle: Bundle, *, root: Path, code: str) -> None:
        """Count in the processes that evaluate a bundle.

        Args:
            bundle: the bundle.
            root: the folder that its paths are relative to.
            code: the data of its Eval, which ends in the bundle's code.
        """
        is_minified = any(span.bundle_column != 1 or span.source_column != 1 for span in bundle.line_map)
        if is_minified or self._tally.unit_of(code) is not None:
            return
        lines = Lines(bundle.code, "")
        parts: list[tuple[str, str, int, int]] = []
        sources: list[tuple[int, int, int, Instrumented]] = []
        base = 0
        for span in bundle.line_map:
            start, end = lines.start(span.bundle_line), lines.start(span.bundle_line + span.lines)
            name = self.selection.name_of(root / span.path)
            text = bundle.code[start:end]
            source = self._source(name, text) if name and _is_whole(text, root / span.path) else None
            if source is None or name is None:
                continue
            sources.append((start, end, base, source))
            parts.append((name, self._files[name].fingerprint, base, source.points.counters))
            base += source.points.counters
        prelude = code.encode()[: -len(bundle.code)]
        fast = fastest((base, source) for _, _, base, source in sources)
        choices = (_counted(prelude, bundle.code, sources, names) for names in (fast, {}))
        measured = next((choice for choice in choices if syntax_error(choice) is None), None)
        if measured is None:
            measured, parts = wrapped(code.encode()), []  # at a limit of the compiler's; the files stay uncounted here
        unit = self._tally.add(name=bundle.name, code=measured, counters=base, text=code)
        self._parts[unit.number] = parts
        self._bundles[unit.number] = bundle

    def rest(self) -> None:
        """Let go of the processes that have been measured so far."""
        self.measure.take_all()

    def add(self, hits: Hits) -> None:
        """Add what was counted elsewhere."""
        self._elsewhere.add(hits)

    def hits(self) -> Hits:
        """Return what has been counted so far."""
        self.measure.take_all()
        for counting in self._suites:
            self._tally.take(counting)
        hits = Hits(files={path: FileHits(fingerprint=file.fingerprint) for path, file in self._files.items()})
        for unit in self._tally.units:
            counted = self._tally.hits(unit)
            for path, mark, base, size in self._parts[unit.number]:
                own = {counter - base: number for counter, number in counted.items() if base <= counter < base + size}
                if hits.files[path].fingerprint == mark:
                    hits.files[path].counters.update(own)
        for number, bundle in self._bundles.items():
            hits.add(Hits(handlers=self._handlers(number, bundle)))
        hits.add(self._elsewhere)
        return hits

    def _handlers(self, number: int, bundle: Bundle) -> dict[tuple[str, str], HandlerHits]:
        found = {}
        for name, seen in self.measure.handlers.get(number, {}).items():
            hits = HandlerHits(place=str(bundle.source_of(seen.line) or ""), actions=set(seen.actions))
            hits.ran.update(seen.ran)
            hits.refused.update(seen.refused)
            found[bundle.name, name] = hits
        return found

    def _chunk(self, name: bytes) -> Any:
        """Tell coverage.lua how to count a file: number, code, how many counters; nothing where it does not count."""
        path = Path(name.decode("utf-8", "surrogateescape")).absolute()
        shown = self.selection.name_of(path)
        if shown is None:
            return None
        try:
            text = strip(path.read_bytes())
        except OSError:
            return None
        unit = self._chunks.get((shown, text))
        if unit is None:
            source = self._source(shown, text)
            if source is None or source.chunk is None:
                return None
            size = source.points.counters
            unit = self._tally.add(name=shown, code=source.chunk, counters=size)
            self._chunks[shown, text] = unit
            self._parts[unit.number] = [(shown, self._files[shown].fingerprint, 0, size)]
        return unit.number, unit.code, unit.counters

    def _source(self, name: str, text: bytes) -> Instrumented | None:
        """Return a file with its counters; None where there can be none."""
        key = name, text
        if key not in self._sources:
            self._sources[key] = instrumented(text)
            self._files[name] = FileHits(fingerprint=fingerprint(text))
        return self._sources[key]


def _counted(
    prelude: bytes, code: bytes, sources: Iterable[tuple[int, int, int, Instrumented]], fast: Mapping[int, str]
) -> bytes:
    """Return the code of a bundle with counters in some parts of it: start, end, the counters before, the source."""
    pieces, done = [prelude], 0
    for start, end, base, source in sources:
        pieces += [code[done:start], source.code(base, fast)]
        done = end
    return wrapped(b"".join((*pieces, code[done:])), fast)


def _is_whole(text: bytes, path: Path) -> bool:
    """Tell whether a part of a bundle is a file as it is; one that was minified is not."""
    try:
        return fingerprint(text) == fingerprint(strip(path.read_bytes()))
    except OSError:
        return False


def instrumented(text: bytes) -> Instrumented | None:
    """Return a source with its counters, or None where there can be none."""
    source = instrument(text) if syntax_error(text) is None else None
    return source if source and source.chunk else None


def fingerprint(text: bytes) -> str:
    """Return what tells a source from another text of the same file."""
    return hashlib.sha256(text.rstrip()).hexdigest()[:16]
