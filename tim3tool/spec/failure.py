"""From what Lua raised to an error with its place in the sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tim3tool.errors import LuaRaised, TestsFailed, Where

__all__ = ["Place", "failed", "source_line"]

_PREFIX: Final = re.compile(r"([^\n:]+):(\d+): ")
_OWN: Final = "=[tim3tool "  # the chunk names of the dialect's own files
_GAP: Final[dict[str, Any]] = {"source": "", "line": 0, "what": "gap"}  # stands for the frames left out


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of a Lua chunk.

    Args:
        source: the chunk's name as Lua keeps it: ``@path`` for a file, anything else for other code.
        line: 1-based; 0 or less when it is not known.
    """

    source: str
    line: int

    @classmethod
    def of_message(cls, message: str) -> tuple[Place | None, str]:
        """Split the place that Lua puts in front of a message from the message.

        >>> Place.of_message("x_spec.lua:3: boom")
        (Place(source='@x_spec.lua', line=3), 'boom')
        """
        match = _PREFIX.match(message)
        if match is None:
            return None, message
        return cls(source=f"@{match[1]}", line=int(match[2])), message[match.end() :]

    @property
    def path(self) -> str:
        """The file, or the name of other code, as a user knows it."""
        return self.source.removeprefix("@").removeprefix("=").removeprefix("./")

    @property
    def is_file(self) -> bool:
        """Whether it lies in a file."""
        return self.source.startswith("@")

    def where(self) -> Where:
        """Return it with the text of its line."""
        line = max(self.line, 0)
        return Where(path=self.path, line=line, text=source_line(Path(self.path), line) if self.is_file else None)


def source_line(path: Path, line: int) -> str | None:
    """Return a line of a file without its end, or None when there is no such line.

    Args:
        path: the file.
        line: 1-based.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")  # read_text makes every line end one
    except OSError:
        return None
    return lines[line - 1] if 0 < line <= len(lines) else None


def failed(failure: dict[str, Any], fallback: Place) -> TestsFailed:
    """Return the error that tells of a failure in Lua.

    Args:
        failure: as guard.lua describes it: ``message`` and ``frames``, innermost first.
        fallback: the place of the test or block, for when no frame lies in a file.

    Returns:
        The message, the place of the suite (or of the code it calls) that is at fault, and as notes Lua's traceback
        without the dialect's own frames; a `LuaRaised` where no assertion failed.
    """
    frames = _user_frames(failure["frames"])
    place, message = _place(failure["message"], frames)
    notes = tuple(_shown(frame) for frame in frames) if len(frames) > 1 else ()
    kind = TestsFailed if failure.get("failed") else LuaRaised
    return kind(message, where=(place or fallback).where(), notes=notes)


def _user_frames(frames: list[dict[str, Any]] | dict[Any, Any]) -> list[dict[str, Any]]:
    """Drop the dialect's own frames and what lies outside them, and C functions at both ends."""
    if isinstance(frames, dict):  # an empty list, or one that says where it was cut
        cut = frames.get("cut")
        frames = [frames[index] for index in sorted(key for key in frames if isinstance(key, int))]
        if cut:
            frames.insert(cut, _GAP)
    own = [index for index, frame in enumerate(frames) if frame["source"].startswith(_OWN)]
    kept = [frame for frame in frames[: own[-1] if own else None] if not frame["source"].startswith(_OWN)]
    lua = [index for index, frame in enumerate(kept) if frame["what"] != "C"]
    return kept[lua[0] : lua[-1] + 1] if lua else []


def _place(message: str, frames: list[dict[str, Any]]) -> tuple[Place | None, str]:
    """Find the place a message speaks of, or else the innermost frame in a file."""
    files = [frame for frame in frames if frame["source"].startswith("@")]
    said, rest = Place.of_message(message)
    if said is not None and f"={said.path}".startswith(_OWN):
        message = rest
    elif said is not None:
        for frame in files:
            if (frame["short"].removeprefix("./"), frame["line"]) == (said.path, said.line):
                return Place(source=frame["source"], line=frame["line"]), rest
        if said.path.endswith(".lua") and Path(said.path).is_file():
            return said, rest
    if not files:
        return None, message
    return Place(source=files[0]["source"], line=files[0]["line"]), message


def _shown(frame: dict[str, Any]) -> str:
    if frame is _GAP:
        return "..."
    path = Place(source=frame["source"], line=frame["line"]).path
    if frame["what"] == "main":
        what = "main chunk"
    elif frame.get("name"):
        what = f"{frame['namewhat'] or 'function'} '{frame['name']}'"
    else:
        what = f"function <{path}:{frame['defined']}>"
    at = "[C]" if frame["what"] == "C" else f"{path}:{frame['line']}"
    return f"{at}: in {what}"
