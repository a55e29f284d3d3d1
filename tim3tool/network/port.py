"""What tim3tool asks of an AO network, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tim3tool.aos import Result
    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.evals import Evaluated
    from tim3tool.network.terms import Terms

__all__ = ["Answered", "Port", "slots_behind"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a process answered to one message.

    Args:
        mark: the network's mark of its place, behind which others are asked for.
        message: the id of the message; None where the network does not tell.
        result: the answer.
    """

    mark: str
    message: str | None
    result: Result


class Port(Protocol):
    """An AO network.

    Every method raises NetworkError when the network does not answer (NetworkRefused when it never will); repeating
    the call is safe, because a data item that the network already has is not evaluated again.
    """

    @property
    def name(self) -> str:
        """The network's name in the manifest, the state and messages to the user."""

    @property
    def terms(self) -> Terms:
        """What the network wants of the items that are sent to it."""

    @property
    def scheduler(self) -> str | None:
        """The address of the network's scheduler, for processes that name no other; None for AO's usual one."""

    @property
    def authority(self) -> str | None:
        """The address that signs mail between processes there; None for AO's usual one."""

    def spawn(self, item: DataItem) -> str:
        """Send a Process item; return the process id as soon as the network has taken it."""

    def message(self, item: DataItem) -> str:
        """Send a Message item to the process it targets; return the message id."""

    def result(self, process: str, message: str) -> Result:
        """Return what a process answered to a message; for the spawn itself both ids are the process id.

        It waits for the answer, so that of a spawn tells that the process is ready.
        """

    def results(self, process: str, *, after: str = "", newest_first: bool = False) -> Iterator[Answered]:
        """Yield what a process answered to each message, the oldest first or the newest, none of them twice.

        With a mark it begins behind the message of that mark, seen in the direction it goes. It ends with the last
        answer that there is. UsageError is raised for what is no mark of the network.
        """

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        """Return what a process would answer to a message of that owner, without leaving a trace.

        Where the terms say so the owner is nobody.
        """

    def last_eval(self, process: str, *, owner: str, known: Collection[str] = ()) -> Evaluated | None:
        """Return the newest Eval of that wallet that a process carried out without an Error, or else its spawn.

        The messages with the known ids are known to have been carried out, so that nobody is asked. It is None where
        the network has no list of messages that can be read from its end.
        """

    def find(self, process: str, item_id: str) -> bool:
        """Tell whether the network has accepted the data item with this id for a process (its own id for a spawn)."""


def slots_behind(mark: str, *, last: int, newest_first: bool, network: str) -> range:
    """Return the slots behind a mark on a network whose marks are slots.

    Args:
        mark: a slot; "" for all slots.
        last: the last slot there is.
        newest_first: count down.
        network: the network's name.

    Raises:
        UsageError: the mark is no slot.

    >>> list(slots_behind("1", last=3, newest_first=False, network="local"))
    [2, 3]
    >>> list(slots_behind("", last=2, newest_first=True, network="local"))
    [2, 1, 0]
    """
    if mark and not (mark.isascii() and mark.isdigit()):
        msg = f"`{mark}` is no mark of a result on network `{network}`"
        raise UsageError(msg, help="marks there are numbers; `tim3tool results` shows them")
    if newest_first:
        return range(min(int(mark) - 1 if mark else last, last), -1, -1)
    return range(int(mark) + 1 if mark else 0, last + 1)
