"""The log of an embedded network: every data item it accepted, in order, in one SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.errors import LockHeld, StateError, UsageError
from tim3tool.network import dataitem
from tim3tool.network.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tim3tool.network.dataitem import DataItem

__all__ = ["Entry", "Log"]

_FORMAT: Final = 1
_APPLICATION: Final = 0x54494D33  # "TIM3"
_SCHEMA: Final = """
CREATE TABLE item (
  slot INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  raw BLOB NOT NULL,
  timestamp INTEGER NOT NULL,
  height INTEGER NOT NULL
)
"""
_INDEX: Final = "CREATE INDEX item_id ON item (id)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One accepted data item.

    Args:
        slot: its place in the log, from 1.
        item: the signed item.
        timestamp: when it was accepted, in ms since 1970; grows from entry to entry.
        height: the block height then.
    """

    slot: int
    item: DataItem
    timestamp: int
    height: int


class Log:
    """The file. It is opened for each call, so that runs of tim3tool can take turns; SQLite keeps them apart.

    Every method raises StateError when the file is damaged or not such a log, and LockHeld when another run does not
    let go of it.

    Args:
        path: the SQLite file, which need not exist yet.
        patience: seconds to wait for another run.
    """

    def __init__(self, path: Path, *, patience: float) -> None:
        self._path = path
        self._patience = patience

    def has(self, item_id: str) -> bool:
        """Tell whether the item with this id was accepted."""
        with self._reading() as connection:
            query = "SELECT count(*) FROM item WHERE id = ?"
            return connection is not None and bool(connection.execute(query, (item_id,)).fetchone()[0])

    def after(self, slot: int) -> list[Entry]:
        """Return the entries behind a slot, in order; 0 for all."""
        with self._reading() as connection:
            query = "SELECT slot, id, raw, timestamp, height FROM item WHERE slot > ? ORDER BY slot"
            rows = [] if connection is None else connection.execute(query, (slot,)).fetchall()
        return [self._entry(*row) for row in rows]

    @contextmanager
    def appending(self) -> Iterator[Callable[[Entry], None]]:
        """Keep every other run from writing until the block ends; yield what appends an entry.

        What was appended is on the disk when the block ends, and forgotten when it raises.
        """
        try:
            make_folder(self._path.parent)
        except OSError as error:
            raise self._unusable(because=f"cannot be made: {error.strerror}") from None
        with self._session() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if not self._checked(connection):
                connection.execute(_SCHEMA)
                connection.execute(_INDEX)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {_FORMAT}")

            def append(entry: Entry) -> None:
                values = (entry.slot, entry.item.id, entry.item.raw, entry.timestamp, entry.height)
                connection.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?)", values)

            yield append
            connection.execute("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield a connection, or None when nothing was ever accepted."""
        if not self._path.exists():
            yield None
            return
        with self._session() as connection:
            yield connection if self._checked(connection) else None

    @contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)) as connection:
                # EXTRA is FULL, and makes the end of a transaction durable as well (SQLite's PRAGMA synchronous).
                connection.execute("PRAGMA synchronous = EXTRA")
                yield connection
        except sqlite3.Error as error:
            raise self._explained(error) from None

    def _checked(self, connection: sqlite3.Connection) -> bool:
        """Tell whether the log was begun; raise when the file holds anything else."""
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            return False
        application, form = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if application != _APPLICATION:
            raise self._unusable(because="is not the log of an embedded network")
        if form != _FORMAT:
            raise self._unusable(because=f"has format {form}, and this tim3tool reads format {_FORMAT}")
        return True

    def _entry(self, slot: int, item_id: str, raw: bytes, timestamp: int, height: int) -> Entry:
        try:
            item = dataitem.parse(raw)
        except (UsageError, TypeError):
            item = None
        if item is None or item.id != item_id:
            raise self._unusable(because=f"is damaged at slot {slot}")
        return Entry(slot=slot, item=item, timestamp=timestamp, height=height)

    def _explained(self, error: sqlite3.Error) -> StateError | LockHeld:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            msg = f"another run is writing to `{self._path}`"
            return LockHeld(msg, help="wait for it to end, then repeat the command")
        if code == sqlite3.SQLITE_NOTADB:
            return self._unusable(because="is not the log of an embedded network")
        if code == sqlite3.SQLITE_CORRUPT:
            return self._unusable(because="is damaged")
        return self._unusable(because=f"cannot be used: {error}")

    def _unusable(self, *, because: str) -> StateError:
        msg = f"`{self._path}` {because}"
        return StateError(msg, help="restore it, or remove it to begin an empty network")
