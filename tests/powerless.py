"""What a power loss leaves of a folder: a file system as strict as POSIX allows, replayed from what a run did to it.

A `Recorder` notes in which order a run writes, syncs, renames and removes. Cut off anywhere, whatever was not synced by
then may be there or not, each piece for itself: the contents of a file are as of their last sync, or newer, or newer up
to some byte, or newer with blocks of zeros; and each entry of a folder that was made, renamed or removed since the
folder was synced may still be as before.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECTOR = 512
_IGNORED = (".lock", ".holder")
_TOP = "."


@dataclass
class Written:
    """The contents of a file, whole."""

    file: int
    contents: bytes


@dataclass
class Entries:
    """New entries of one folder, all or none of them: the number of a file, a folder (True) or nothing (None)."""

    folder: str
    entries: dict[str, int | bool | None]


@dataclass
class Synced:
    """A file, by its number, or a folder, by its path, is on the disk as it is now."""

    what: int | str


@dataclass
class Noted:
    """Something else happened at this time."""

    what: Any


@dataclass
class Recorder:
    """What a run does below a folder, in order.

    Args:
        root: the folder.
        trace: what was there, from `begins` on what the run did.
    """

    root: Path
    trace: list[Written | Entries | Synced | Noted] = field(default_factory=list)
    begins: int = 0
    _files: dict[str, int] = field(default_factory=dict)
    _folders: set[str] = field(default_factory=lambda: {_TOP})
    _contents: dict[int, bytes] = field(default_factory=dict)

    def note(self, what: Any) -> None:
        """Note something that happens now."""
        self._look()
        self.trace.append(Noted(what))

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Note what the system is asked for while the block runs; what is there when it begins is on the disk."""
        self._look()
        self.trace += [Synced(what) for what in (*sorted(self._folders), *self._files.values())]
        self.begins = len(self.trace)
        calls = {name: getattr(os, name) for name in ("fsync", "replace", "unlink", "mkdir")}

        def wrapped(name: str) -> Callable[..., Any]:
            def call(*args: Any, **named: Any) -> Any:
                self._look()
                where = str(Path(f"/proc/self/fd/{args[0]}").readlink() if name == "fsync" else args[0])
                result = calls[name](*args, **named)
                self._done(name, where, *map(str, args[1:2]))
                return result

            return call

        with mock.patch.multiple(os, **{name: wrapped(name) for name in calls}):
            yield
        self._look()

    def _done(self, name: str, where: str, other: str = "") -> None:
        path = self._below(where)
        if path.startswith("..") or path.endswith(_IGNORED):
            return
        if name == "fsync":
            self.trace.append(Synced(self._files.get(path, path)))
        elif name == "unlink":
            del self._files[path]
            self._change(path, None)
        elif name == "replace":
            target = self._below(other)
            number = self._files[target] = self._files.pop(path)
            (folder, name), (same, new) = _split(path), _split(target)
            assert folder == same
            self.trace.append(Entries(folder, {name: None, new: number}))
        else:
            self._look()

    def _look(self) -> None:
        """Note what has been made or written since the last look."""
        for folder, folders, files in os.walk(self.root):
            here = PurePosixPath(self._below(folder))
            for name in folders:
                path = str(here / name)
                if path not in self._folders:
                    self._folders.add(path)
                    self._change(path, True)
            for name in files:
                if not name.endswith(_IGNORED):
                    self._look_at(str(here / name))

    def _look_at(self, path: str) -> None:
        if path not in self._files:
            self._files[path] = len(self._contents)
            self._contents[self._files[path]] = b""
            self._change(path, self._files[path])
        number = self._files[path]
        contents = (self.root / path).read_bytes()
        if contents != self._contents[number]:
            self._contents[number] = contents
            self.trace.append(Written(number, contents))

    def _change(self, path: str, entry: int | bool | None) -> None:
        folder, name = _split(path)
        self.trace.append(Entries(folder, {name: entry}))

    def _below(self, path: str) -> str:
        return os.path.relpath(path, self.root)


@dataclass
class Loss:
    """What may be left when the power goes after so many records of a trace.

    Args:
        trace: the records until then.
    """

    trace: list[Written | Entries | Synced | Noted]

    def __post_init__(self) -> None:
        self.noted = [record.what for record in self.trace if isinstance(record, Noted)]
        self.files: dict[int, list[bytes]] = {}
        self.sure: list[Entries] = []
        self.unsure: list[Entries] = []
        for record in self.trace:
            if isinstance(record, Written):
                self.files.setdefault(record.file, [b""]).append(record.contents)
            elif isinstance(record, Entries):
                self.unsure.append(record)
            elif isinstance(record, Synced):
                self._sync(record.what)

    def leave(self, root: Path, *, keeps: Callable[[str], bool], tears: Callable[[bytes, bytes], bytes]) -> None:
        """Write what is left.

        Args:
            root: an empty folder.
            keeps: decides about an entry that was not synced, by its name.
            tears: decides what a file holds whose last contents were not synced, by those that were, and the last ones.
        """
        entries: dict[str, dict[str, int | bool | None]] = {_TOP: {}}
        # In the order they were made; nothing can be in a folder that is not there.
        for record in [*self.sure, *(each for each in self.unsure if keeps(" ".join(each.entries)))]:
            entries.setdefault(record.folder, {}).update(record.entries)
        held = {
            number: all_of[0] if len(all_of) == 1 else tears(all_of[0], all_of[-1])
            for number, all_of in sorted(self.files.items())
        }
        self._write(root, _TOP, entries, held)

    def _sync(self, what: int | str) -> None:
        if isinstance(what, int):
            self.files[what] = self.files.get(what, [b""])[-1:]
            return
        self.sure += [each for each in self.unsure if each.folder == what]
        self.unsure = [each for each in self.unsure if each.folder != what]

    def _write(
        self, root: Path, folder: str, entries: dict[str, dict[str, int | bool | None]], held: dict[int, bytes]
    ) -> None:
        for name, entry in entries.get(folder, {}).items():
            path = str(PurePosixPath(folder) / name)
            if entry is True:
                (root / path).mkdir()
                self._write(root, path, entries, held)
            elif entry is not None:
                (root / path).write_bytes(held.get(entry, b""))


def _split(path: str) -> tuple[str, str]:
    parts = PurePosixPath(path)
    return str(parts.parent), parts.name
