"""What tim3tool asks of an AO network, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tim3tool.aos import Result
    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.evals import Evaluated
    from tim3tool.network.terms import Terms

__all__ = ["Port"]


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

    def results(self, process: str) -> Iterator[tuple[str, Result]]:
        """Yield what a process answered to each message, oldest first, each with the network's mark of its place."""

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        """Return what a process would answer to a message of that owner, without leaving a trace.

        Where the terms say so the owner is nobody.
        """

    def last_eval(self, process: str, *, owner: str) -> Evaluated | None:
        """Return the newest Eval of that wallet that a process carried out without an Error, or else its spawn.

        It is None where the network has no list of messages that can be read from its end.
        """

    def find(self, process: str, item_id: str) -> bool:
        """Tell whether the network has accepted the data item with this id for a process (its own id for a spawn)."""
