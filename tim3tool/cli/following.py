"""How the verbs list what a process answered, and follow what it answers from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.cli.argv import ID_MARK
from tim3tool.cli.terminal import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tim3tool.cli.reach import Reached
    from tim3tool.errors import Tim3Error
    from tim3tool.network.port import Answered

__all__ = ["follow", "listed", "newest_mark", "show_results", "tell", "waiting"]

_WATCHING_SECONDS: Final = 20.0
_INTERRUPTED: Final = 130


def waiting(timeout: float | None, *, watch: bool) -> float | None:
    """Return how long to go on asking: whoever watches wants to hear of a network that is away."""
    return _WATCHING_SECONDS if watch and timeout is None else timeout


def listed(to: Reached, *, mark: str | None, limit: int) -> list[Answered] | Iterator[Answered]:
    """Return what a process answered, oldest first.

    Args:
        to: the process.
        mark: begin behind this one; None for the newest answers.
        limit: how many at most.

    Raises:
        UsageError: the mark is none of the network's.
        NetworkError: the network does not tell.
    """
    from itertools import islice

    if mark is None:
        return list(islice(to.port.results(to.process, newest_first=True), limit))[::-1]
    return islice(to.port.results(to.process, after=mark.removeprefix(ID_MARK)), limit)


def tell(to: Reached, show: Callable[[Answered], None], *, mark: str | None, limit: int, watch: bool) -> int:
    """Show what a process answered, and with watch what it answers from then on.

    Args:
        to: the process.
        show: prints one answer.
        mark: as for `listed`.
        limit: as for `listed`.
        watch: go on until the user stops it.

    Returns:
        The exit code.

    Raises:
        UsageError: the mark is none of the network's.
        NetworkError: the network does not tell.
    """
    last = mark
    for each in listed(to, mark=mark, limit=limit):
        show(each)
        last = each.mark
    if not watch:
        return 0
    return follow(to, show, after=newest_mark(to) if last is None else last.removeprefix(ID_MARK))


def newest_mark(to: Reached) -> str:
    """Return the mark of the newest answer; "" when there is none."""
    return next((each.mark for each in to.port.results(to.process, newest_first=True)), "")


def show_results(to: Reached, *, as_json: bool) -> Callable[[Answered], None]:
    """Return what prints one answer: as a line of JSON, or as lines of text."""
    from tim3tool.cli.answers import answered_members, print_answered
    from tim3tool.cli.terminal import record

    def as_record(answered: Answered) -> None:
        record("result", {"process": to.process, **answered_members(answered, to.lines)})

    return as_record if as_json else lambda answered: print_answered(answered, to.lines)


def follow(to: Reached, show: Callable[[Answered], None], *, after: str) -> int:
    """Show what a process answers until the user stops it.

    Args:
        to: the process.
        show: prints one answer.
        after: the mark to begin behind; "" for the first answer of all.

    Returns:
        The exit code of Ctrl-C.

    Raises:
        NetworkRefused: the network will never tell.
    """
    from tim3tool.cli.terminal import flush
    from tim3tool.network.watch import watch

    talk = Talk(quiet=False)
    name = to.port.name
    talk.say(f"watching process {to.process} on network `{name}`; Ctrl-C ends it")

    def away(error: Tim3Error) -> None:
        talk.warn(f"{error.message}; asking again until it answers")

    try:
        flush()
        for answered in watch(
            to.port, to.process, after=after, away=away, back=lambda: talk.say(f"network `{name}` answers again")
        ):
            show(answered)
            after = answered.mark
            flush()
    except KeyboardInterrupt:
        talk.say(f"stopped; `--from {after}` goes on from here" if after else "stopped")
    return _INTERRUPTED
