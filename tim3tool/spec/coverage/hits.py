"""What a run has counted, as plain data: it crosses between workers, adds up, and is kept from run to run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import StateError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileHits", "HandlerHits", "Hits"]

_SCHEMA: Final = "tim3tool.coverage/1"


@dataclass(kw_only=True, slots=True)
class FileHits:
    """The counters of a file.

    Args:
        fingerprint: of the text that was counted.
        counters: hits by the counter's number, without zeros.
    """

    fingerprint: str
    counters: Counter[int] = field(default_factory=Counter)


@dataclass(kw_only=True, slots=True)
class HandlerHits:
    """A handler of a process.

    Args:
        place: ``path:line`` of its function, or the empty text.
        actions: those it is for.
        ran: messages by action; the empty text stands for none.
        refused: those of them that were answered with an error.
    """

    place: str = ""
    actions: set[str] = field(default_factory=set)
    ran: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True, slots=True)
class Hits:
    """What was counted.

    Args:
        files: by path relative to the root.
        handlers: by process and name.
    """

    files: dict[str, FileHits] = field(default_factory=dict)
    handlers: dict[tuple[str, str], HandlerHits] = field(default_factory=dict)

    def add(self, other: Hits) -> None:
        """Add what was counted elsewhere; a file that has changed since starts again."""
        for path, theirs in other.files.items():
            ours = self.files.get(path)
            if ours is None or ours.fingerprint != theirs.fingerprint:
                self.files[path] = FileHits(fingerprint=theirs.fingerprint, counters=Counter(theirs.counters))
            else:
                ours.counters.update(theirs.counters)
        for key, seen in other.handlers.items():
            mine = self.handlers.setdefault(key, HandlerHits())
            mine.place = seen.place or mine.place
            mine.actions |= seen.actions
            mine.ran.update(seen.ran)
            mine.refused.update(seen.refused)

    def as_dict(self) -> dict[str, Any]:
        """Return it as what JSON can hold; `from_dict` reads it."""
        return {
            "schema": _SCHEMA,
            "files": {
                path: {"fingerprint": hits.fingerprint, "counters": sorted(hits.counters.items())}
                for path, hits in sorted(self.files.items())
            },
            "handlers": [
                {
                    "process": process,
                    "name": name,
                    "place": hits.place,
                    "actions": sorted(hits.actions),
                    "ran": dict(sorted(hits.ran.items())),
                    "refused": dict(sorted(hits.refused.items())),
                }
                for (process, name), hits in sorted(self.handlers.items())
            ],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Hits:
        """Return what `as_dict` wrote.

        Raises:
            ValueError: the data is of another kind or version.
        """
        if data.get("schema") != _SCHEMA:
            raise ValueError(data.get("schema"))
        files = {
            path: FileHits(fingerprint=each["fingerprint"], counters=Counter(dict(each["counters"])))
            for path, each in data["files"].items()
        }
        handlers = {
            (each["process"], each["name"]): HandlerHits(
                place=each["place"],
                actions=set(each["actions"]),
                ran=Counter(each["ran"]),
                refused=Counter(each["refused"]),
            )
            for each in data["handlers"]
        }
        return cls(files=files, handlers=handlers)

    @classmethod
    def load(cls, path: Path) -> Hits:
        """Read what an earlier run has saved; nothing where there is no such file.

        Raises:
            StateError: the file cannot be read, or holds something else.
        """
        try:
            return cls.from_dict(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            msg = f"`{path}` holds no coverage that can be added to"
            raise StateError(msg, help="remove it, or name another file") from None

    def save(self, path: Path) -> None:
        """Write it to a file, for `load`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_dict()) + "\n", encoding="utf-8")
