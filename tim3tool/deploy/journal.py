"""The journal of a deploy: every data item, with its bytes, before it is sent.

After a crash the journal says which items may or may not have reached the network. They are looked for there, sent
again as the same bytes if they are absent, and never signed anew; so nothing is spawned or evaluated twice.

``.tim3/journal/<network>.jsonl`` holds a line of head, a line for each item and a line for each outcome. It is removed
when every item has one: what came of them is in the state by then.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tim3tool.deploy.strict import named_texts, pairs, text, texts
from tim3tool.errors import StateError, UsageError
from tim3tool.network import dataitem
from tim3tool.network.files import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tim3tool.network.dataitem import DataItem

__all__ = ["Entry", "Journal", "Kind", "journal_path"]

_FORMAT: Final = 1

Kind = Literal["spawn", "eval", "setup"]
_RECORDS: Final[Mapping[str, Mapping[str, Callable[[object], object]]]] = {
    "spawn": {"module": text, "scheduler": text, "authority": texts, "tags": pairs},
    "eval": {"build_hash": text, "code_hash": text, "modules": named_texts},
    "setup": {"setup": text, "hash": text},
}
_LATER: Final = frozenset({"authority", "tags", "modules"})  # an item of an older tim3tool comes without them


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A data item that is about to be sent.

    Args:
        kind: what it does.
        process: the name of the process it does it to.
        record: what the state keeps of it once it is done, as JSON data: ``module``, ``scheduler``, ``authority`` and
            ``tags`` of a spawn, ``build_hash``, ``code_hash`` and ``modules`` of an Eval, ``setup`` (its name) and
            ``hash`` of a set-up message.
        item: the signed item.
    """

    kind: Kind
    process: str
    record: Mapping[str, Any]
    item: DataItem


def journal_path(root: Path, network: str) -> Path:
    """Return where the journal of a network lies.

    Args:
        root: the folder that holds ``.tim3``.
        network: the network's name.
    """
    return root / ".tim3" / "journal" / f"{network}.jsonl"


class Journal:
    """The journal of one network; at most one run at a time has it open.

    Args:
        path: see `journal_path`; the file need not exist.
        network: the network's name.
        owner: address of the wallet that signs.

    Raises:
        StateError: the file is damaged, of another format, or of another network or wallet. A last line that was cut
            off is no damage: what it was about to say was never sent.
    """

    def __init__(self, path: Path, *, network: str, owner: str) -> None:
        self._path = path
        self._head = {"format": _FORMAT, "network": network, "owner": owner}
        self._pending: dict[str, Entry] = {}
        self._read()

    @property
    def pending(self) -> tuple[Entry, ...]:
        """The items without an outcome, in the order they were written."""
        return tuple(self._pending.values())

    def write(self, entry: Entry) -> None:
        """Put an item on the disk; send it only afterwards.

        Raises:
            StateError: the journal cannot be written.
        """
        line = {
            "item": base64.b64encode(entry.item.raw).decode(),
            "kind": entry.kind,
            "process": entry.process,
            "record": dict(entry.record),
        }
        self._append(line)
        self._pending[entry.item.id] = entry

    def close(self, entry: Entry) -> None:
        """Say that an item has its outcome: the state holds it, or it came to nothing.

        Raises:
            StateError: the journal cannot be written.
        """
        del self._pending[entry.item.id]
        if self._pending:
            self._append({"closed": entry.item.id})
            return
        try:
            self._path.unlink(missing_ok=True)
            sync_folder(self._path.parent)
        except OSError as error:
            raise self._unwritable(error) from None

    def _append(self, line: Mapping[str, Any]) -> None:
        try:
            make_folder(self._path.parent)
            with self._path.open("ab") as file:
                if file.tell() == 0:
                    sync_folder(self._path.parent)
                    file.write(_encoded(self._head))
                file.write(_encoded(line))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def _read(self) -> None:
        try:
            whole = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            msg = f"`{self._path}` cannot be read: {error.strerror}"
            raise StateError(msg) from None
        lines = whole.splitlines(keepends=True)
        documents = [_document(line) for line in lines]
        if documents and documents[-1] is None:
            self._cut(len(whole) - len(lines.pop()))
            documents.pop()
        for number, document in enumerate(documents, 1):
            self._take(number, document)

    def _take(self, number: int, document: dict[str, Any] | None) -> None:
        try:
            if document is None:
                raise ValueError  # noqa: TRY301 - one place says what is wrong
            if number == 1:
                self._check_head(document)
            elif "closed" in document:
                del self._pending[document["closed"]]
            else:
                entry = _entry(document)
                self._pending[entry.item.id] = entry
        except (AttributeError, KeyError, TypeError, ValueError, UsageError):
            raise self._damaged(number) from None

    def _check_head(self, head: dict[str, Any]) -> None:
        for what in ("format", "network", "owner"):
            if head[what] != self._head[what]:
                msg = f"`{self._path}` was left by a deploy with {what} `{head[what]}`, not `{self._head[what]}`"
                raise StateError(msg, help=f"finish that deploy first, with {what} `{head[what]}`")

    def _cut(self, length: int) -> None:
        try:
            with self._path.open("r+b") as file:
                file.truncate(length)
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def _damaged(self, number: int) -> StateError:
        msg = f"`{self._path}` is damaged at line {number}"
        return StateError(
            msg,
            help="restore it; or remove it, and check on the network what the last deploy reached, "
            "for it may be sent again",
        )

    def _unwritable(self, error: OSError) -> StateError:
        msg = f"`{self._path}` cannot be written: {error.strerror}"
        return StateError(msg)


def _encoded(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _document(line: bytes) -> dict[str, Any] | None:
    """Return a whole line's contents, or None."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and line.endswith(b"\n") else None


def _entry(document: dict[str, Any]) -> Entry:
    kind, record = document["kind"], document["record"]
    members = _RECORDS[kind]
    if not members.keys() - _LATER <= record.keys() <= members.keys():
        raise ValueError
    for name, value in record.items():
        members[name](value)
    item = dataitem.parse(base64.b64decode(document["item"], validate=True))
    if not dataitem.verify(item):
        raise ValueError
    return Entry(kind=kind, process=text(document["process"]), record=record, item=item)
