"""The line tables of what was deployed, so that its errors lead to the sources when the build has moved on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from tim3tool.bundle.line_table import LineTable, lines_named
from tim3tool.deploy.state import load, state_path
from tim3tool.errors import ProcessFailed, Where
from tim3tool.lua.source import Lines as TextLines
from tim3tool.lua.source import count_lines
from tim3tool.network.files import make_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GivenCode", "KeptLines", "Lines", "Located"]

_FOLDER: Final = (".tim3", "cache", "lines")
_WRITING: Final = threading.Lock()  # two processes with the same code have one file


class Lines(Protocol):
    """Where the lines are that texts of Lua's name."""

    def place(self, text: str) -> Where | None:
        """Return the first place that a text names, with its line of text; None when none is known."""

    def translated(self, text: str) -> str:
        """Return a text with the places in it as the user knows them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """The line table of what a process runs, and where its sources lie.

    Args:
        table: the table.
        root: the folder that the paths of the sources start from.
    """

    table: LineTable
    root: Path

    def place(self, text: str) -> Where | None:
        """Return the first line of the sources that a text of Lua's names, with its text."""
        return self.table.first_place(text, self.root)

    def translated(self, text: str) -> str:
        """Return a text with lines of the sources in place of lines of the bundle."""
        return self.table.translated(text)

    def error(self, error: ProcessFailed) -> ProcessFailed:
        """Return an error whose texts name lines of the sources in place of lines of the bundle."""
        return ProcessFailed(
            self.translated(error.message),
            process=error.process,
            where=self.place(str(error)) or error.where,
            label=error.label,
            help=error.help,
            notes=[self.translated(note) for note in error.notes],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenCode:
    """Code that the user gave, and the lines of what the process ran before.

    Both are called the same in what Lua says. A line that the given code has is taken to be that.

    Args:
        path: how messages call the code.
        text: the code.
        beneath: the lines of what the process ran before, where they are known.
    """

    path: str
    text: bytes
    beneath: Located | None

    def place(self, text: str) -> Where | None:
        """Return the first line of either that a text of Lua's names."""
        for line in lines_named(text):
            if self._has(line):
                source = TextLines(self.text, self.path)
                return replace(source.where(*source.span(line)), column=0)
            found = self.beneath.table.source_of(line) if self.beneath else None
            if found and self.beneath:
                return self.beneath.table.framed(found, self.beneath.root)
        return None

    def translated(self, text: str) -> str:
        """Return a text with lines of either in place of lines of the chunk."""
        own = [line for line in lines_named(text) if self._has(line)]
        for line in own:
            text = text.replace(f'[string "aos"]:{line}:', f"{self.path}:{line}:")
        return self.beneath.translated(text) if self.beneath else text

    def other_place(self, place: Where | None) -> Where | None:
        """Return the line of what ran before that a place in the given code may be mistaken for."""
        if place is None or place.path != self.path or self.beneath is None:
            return None
        return self.beneath.table.source_of(place.line)

    def _has(self, line: int) -> bool:
        return 1 <= line <= count_lines(self.text) + 1


@dataclass(frozen=True, slots=True)
class KeptLines:
    """The line tables of a project, by the code hash of what they belong to.

    They lie in ``.tim3/cache/lines`` and may be removed at any time; errors then name lines of the bundle.

    Args:
        root: the folder that holds ``.tim3`` and ``build``.
    """

    root: Path

    def keep(self, code_hash: str, table: LineTable) -> None:
        """Keep the table of code that is about to be sent."""
        file = self._file(code_hash)
        try:
            with _WRITING:
                make_folder(file.parent)
                write_whole(file, table.data())
        except OSError:
            return  # it only makes errors easier to read

    def of_code(self, code_hash: str) -> Located | None:
        """Return the table of code that was sent, or None when it is not kept."""
        return self._located(self._file(code_hash))

    def of_process(self, process: str, *, network: str) -> Located | None:
        """Return the table of what a process runs, or None when it is not known.

        Args:
            process: the process id.
            network: the network's name.

        Raises:
            StateError: the state cannot be used.
        """
        state = load(state_path(self.root, network), network=network)
        found = ((name, known) for name, known in state.processes.items() if known.id == process) if state else ()
        for name, known in found:
            kept = self.of_code(known.code_hash) if known.code_hash else None
            if kept is not None:
                return kept
            built = self._located(self.root / "build" / f"{name}.lua.lines")
            return built if built and built.table.build_hash == known.build_hash else None
        return None

    def _file(self, code_hash: str) -> Path:
        return self.root.joinpath(*_FOLDER, code_hash)

    def _located(self, file: Path) -> Located | None:
        try:
            table = LineTable.read(file.read_bytes())
        except OSError:
            return None
        return Located(table=table, root=self.root) if table else None
