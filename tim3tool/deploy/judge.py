"""Whether what a process answered is the success it looks like (ao-wire facts, section 2.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tim3tool.aos import plain_text
from tim3tool.errors import ProcessFailed
from tim3tool.lua.source import shown

if TYPE_CHECKING:
    from tim3tool.aos import Result
    from tim3tool.deploy.lines import Lines
    from tim3tool.errors import Where

__all__ = ["cause", "check", "check_boot", "check_eval", "check_handled", "explained", "went_to_inbox"]

_INBOX_NOTICE: Final = "New Message From "
_DISTRUST_NOTICES: Final = ("Message is not trusted!", "Assignment is not trusted!")
_HEADING: Final = "error:"
_CHUNKS: Final = re.compile(r'^(?:\[string "[^"]+"\]:\d+: )+')


def check(result: Result, what: str, *, lines: Lines | None = None) -> None:
    """Refuse the answers that are failures for every kind of message.

    Args:
        result: the answer.
        what: what was sent, as the subject of the error.
        lines: the lines of what it runs, so that an ``Error`` is shown at its line in the sources.

    Raises:
        ProcessFailed: there is an ``Error`` of any type, no answer at all, or the process does not trust the sender.
    """
    if result.error is not None:
        first, notes, where = explained(result, lines)
        msg = f"{what} failed: {first}"
        raise ProcessFailed(msg, where=where, notes=notes)
    if not result:
        msg = f"{what} got an empty answer: the process threw where nothing could catch it"
        raise ProcessFailed(msg, help="look for `error` called with a table")
    notice = _printed(result, *_DISTRUST_NOTICES)
    if notice:
        msg = f"{what} was not trusted by the process"
        hint = "spawn it with the network's authority; a process trusts its owner and its authorities"
        raise ProcessFailed(msg, notes=[notice], help=hint)


def check_boot(result: Result, what: str, *, process: str, lines: Lines | None = None) -> None:
    """Refuse a spawn whose code failed: what the process knew of itself went with it, its owner too; see `check`.

    Args:
        result: the answer.
        what: what was sent, as the subject of the error.
        process: the process id.
        lines: as for `check`.

    Raises:
        ProcessFailed: as for `check`.
    """
    try:
        check(result, what, lines=lines)
    except ProcessFailed as error:
        hint = f"process `{process}` is of no use; mend the code, and the next deploy spawns another"
        raise ProcessFailed(error.message, where=error.where, notes=error.notes, help=hint) from None


def check_eval(result: Result, what: str, *, owner: str, lines: Lines | None = None) -> None:
    """Refuse every answer but that of an Eval that ran to its end; see `check`.

    Args:
        result: the answer.
        what: what was sent, as the subject of the error.
        owner: address of the wallet that sent it.
        lines: as for `check`.

    Raises:
        ProcessFailed: as for `check`, or the process has another owner.
    """
    check(result, what, lines=lines)
    if went_to_inbox(result):
        msg = f"{what} was not evaluated: wallet `{owner}` does not own the process"
        raise ProcessFailed(msg, help="use the wallet that owns it")


def check_handled(result: Result, what: str, *, lines: Lines | None = None) -> None:
    """Refuse every answer but that of a message that a handler took; see `check`.

    Args:
        result: the answer.
        what: what was sent, as the subject of the error.
        lines: as for `check`.

    Raises:
        ProcessFailed: as for `check`, or no handler matched and the message went to the Inbox.
    """
    check(result, what, lines=lines)
    if went_to_inbox(result):
        msg = f"{what} was taken by no handler and went to the Inbox"
        raise ProcessFailed(msg, help="check its tags against the patterns of the handlers")


def went_to_inbox(result: Result) -> bool:
    """Tell whether no handler took a message, such as an Eval of somebody who does not own the process."""
    return _printed(result, _INBOX_NOTICE) is not None


def explained(result: Result, lines: Lines | None) -> tuple[str, list[str], Where | None]:
    """Return what an ``Error`` says, the rest of its text, and its place in the sources.

    Args:
        result: the answer.
        lines: the lines of what the process runs, where they are known.

    Returns:
        As `cause`, in lines of the sources; the place is None when none of them is named.
    """
    first, notes = cause(result.text)
    where = lines.place(result.text) if lines else None
    if lines is None or where is None:
        return first, notes, None
    return _CHUNKS.sub("", first), [lines.translated(note) for note in notes], where


def cause(error: str) -> tuple[str, list[str]]:
    """Return the line of an ``Error`` that says what went wrong, and the others.

    aos puts it under a heading, below what was printed and the traceback (aos-runtime facts, section 1.7).

    Args:
        error: the text, without terminal colours.

    Returns:
        The line, and the rest that does not repeat it; nothing in them can do harm to a terminal.
    """
    lines = [shown(line.strip().encode("utf-8", "replace")) for line in error.splitlines() if line.strip()]
    if not lines:
        return "an empty Error", []
    at = lines.index(_HEADING) + 1 if _HEADING in lines[:-1] else 0
    return lines[at], [line for line in lines if line not in (_HEADING, lines[at])]


def _printed(result: Result, *beginnings: str) -> str | None:
    """Return the first printed line that begins with one of these."""
    data = result.output.get("data", "")
    lines = plain_text(data).splitlines() if isinstance(data, str) else []
    return next((line for line in lines if line.startswith(beginnings)), None)
