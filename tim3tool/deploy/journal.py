"""The journal of a deploy: every data item, with its bytes, before it is sent.

After a crash the journal says which items may or may not have reached the network. They are looked for there, sent
again as the same bytes if they are absent, and never signed anew; so nothing is spawned or evaluated twice.

``.tim3/journal/<network>.jsonl`` holds a line of head, a line for each item and a line for each outcome, each with its
own checksum. A line is on the disk before the next is begun; so only the last one can be torn, and what it was about
to say was never sent. Any other damage is refused. The file is removed when every item has its outcome: what came of
them is in the state by then.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tim3tool.deploy.strict import named_texts, pairs, text, texts
from tim3tool.errors import StateError, UsageError
from tim3tool.network import dataitem
from tim3tool.network.files import make_folder, sync_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tim3tool.network.dataitem import DataItem

__all__ = ["Entry", "Journal", "Kind", "journal_path", "pending_in"]

_FORMAT: Final = 2
_SUM: Final = "sha256"
_TORN: Final = b"\0\0"  # a block that was never written reads as zeros

Kind = Literal["spawn", "eval", "setup"]
_CODE: Final[Mapping[str, Callable[[object], object]]] = {
    "build_hash": text,
    "code_hash": text,
    "modules": named_texts,
}
_RECORDS: Final[Mapping[str, Mapping[str, Callable[[object], object]]]] = {
    "spawn": {"module": text, "scheduler": text, "authority": texts, "tags": pairs},
    "eval": _CODE,
    "setup": {"setup": text, "hash": text},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A data item that is about to be sent.

    Args:
        kind: what it does.
        process: the name of the process it does it to.
        record: what the state keeps of it once it is done, as JSON data: ``module``, ``scheduler``, ``authority`` and
            ``tags`` of a spawn; ``build_hash``, ``code_hash`` and ``modules`` of an Eval, and of a spawn that carries
            the code; ``setup`` (its name) and ``hash`` of a set-up message.
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
        StateError: the file is damaged, of another format, or of another network or wallet. A torn last line is no
            damage.
    """

    def __init__(self, path: Path, *, network: str, owner: str) -> None:
        self._path = path
        self._head = {"format": _FORMAT, "network": network, "owner": owner}
        self._pending: dict[str, Entry] = {}
        self._unwritten = False
        self._read()

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

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
            self._unwritten = False
        except OSError as error:
            raise self._unwritable(error.strerror) from None

    def _append(self, line: Mapping[str, Any]) -> None:
        """Add a line; after one that failed no other, which would make of half a line one in the middle."""
        if self._unwritten:
            msg = "an earlier line could not be written"
            raise self._unwritable(msg)
        self._unwritten = True
        try:
            make_folder(self._path.parent)
            with self._path.open("ab") as file:
                head = b"" if file.tell() else _encoded(self._head)
                if head:
                    sync_folder(self._path.parent)
                file.write(head + _encoded(line))
                file.flush()
                os.fsync(file.fileno())
            self._unwritten = False
        except OSError as error:
            raise self._unwritable(error.strerror) from None

    def _read(self) -> None:
        try:
            whole = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            msg = f"`{self._path}` cannot be read: {error.strerror}"
            raise StateError(msg) from None
        kept = _mended(whole)
        if kept != whole:
            self._keep(kept)
        for number, line in enumerate(kept.split(b"\n")[:-1], 1):
            self._take(number, _document(line))

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
            raise _damaged(self._path, number) from None

    def _check_head(self, head: dict[str, Any]) -> None:
        for what in ("format", "network", "owner"):
            if head[what] != self._head[what]:
                msg = f"`{self._path}` was left by a deploy with {what} `{head[what]}`, not `{self._head[what]}`"
                finish = f"finish that deploy first, with {what} `{head[what]}`"
                raise StateError(
                    msg, help=f"{finish}; `tim3tool state rm` gives up what it began" if what == "owner" else finish
                )

    def _keep(self, contents: bytes) -> None:
        try:
            write_whole(self._path, contents)
        except OSError as error:
            raise self._unwritable(error.strerror) from None

    def _unwritable(self, reason: str | None) -> StateError:
        msg = f"`{self._path}` cannot be written: {reason}"
        return StateError(msg)


def pending_in(path: Path) -> tuple[Entry, ...]:
    """Return the items without an outcome, whoever signed them; for those who only look, as nothing is mended.

    Args:
        path: see `journal_path`; the file need not exist.

    Raises:
        StateError: the file is damaged.
    """
    try:
        _, *lines = _mended(path.read_bytes()).split(b"\n")[:-1] or [b""]
    except OSError:
        return ()
    pending: dict[str, Entry] = {}
    for number, line in enumerate(lines, 2):
        try:
            document = _document(line) or {}
            if "closed" in document:
                del pending[document["closed"]]
            else:
                entry = _entry(document)
                pending[entry.item.id] = entry
        except (AttributeError, KeyError, TypeError, ValueError, UsageError):
            raise _damaged(path, number) from None
    return tuple(pending.values())


def _damaged(path: Path, number: int) -> StateError:
    msg = f"`{path}` is damaged at line {number}"
    return StateError(
        msg,
        help="restore it; or remove it, though what the last deploy sent may then be sent again:\n"
        f"`tim3tool verify --network {path.stem}` tells what the processes run that the state knows",
    )


def _encoded(line: Mapping[str, Any]) -> bytes:
    """Return a line with its checksum, which stands for all its other members."""
    return json.dumps({**line, _SUM: _sum(line)}).encode() + b"\n"


def _sum(line: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()


def _document(line: bytes) -> dict[str, Any] | None:
    """Return the contents of a line without its end, or None where they are not what was written."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.pop(_SUM, None) != _sum(document):
        return None
    return document


def _mended(whole: bytes) -> bytes:
    """Return a journal without the line that was being written when the power went; damage stays as it is."""
    *lines, last = whole.split(b"\n")
    # All of the last line but its end may be there. Then it counts, because nobody can tell when that was lost.
    lines += [line for line in (last, last[:-1]) if _document(line) is not None]
    if len(lines) <= 2 and _TORN in b"".join(lines[:1]):
        lines = []  # the head is written together with the first item
    elif lines and _TORN in lines[-1]:
        lines.pop()
    return b"".join(line + b"\n" for line in lines)


def _entry(document: dict[str, Any]) -> Entry:
    kind, record = document["kind"], document["record"]
    members = _RECORDS[kind]
    if kind == "spawn" and "code_hash" in record:
        members = {**members, **_CODE}
    if record.keys() != members.keys():
        raise ValueError
    for name, value in record.items():
        members[name](value)
    item = dataitem.parse(base64.b64decode(document["item"], validate=True))
    if not dataitem.verify(item):
        raise ValueError
    return Entry(kind=kind, process=text(document["process"]), record=record, item=item)
