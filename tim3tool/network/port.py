"""What tim3tool asks of an AO network, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.aos import Result
    from tim3tool.network.dataitem import DataItem

__all__ = ["MAX_EVAL_BYTES", "MAX_MESSAGE_BYTES", "Port"]

MAX_MESSAGE_BYTES: Final = 102_400
"""Bytes of a whole message item that every network accepts (the scheduler unit's default limit)."""

MAX_EVAL_BYTES: Final = MAX_MESSAGE_BYTES - 1_149
"""Bytes of Lua that one Eval carries: the rest of its item is signature, owner, target and tags."""


class Port(Protocol):
    """An AO network.

    Every method raises NetworkError when the network does not answer or refuses; repeating the call is safe, because
    a data item that the network already has is not evaluated again.
    """

    @property
    def name(self) -> str:
        """The network's name in the manifest, the state and messages to the user."""

    def spawn(self, item: DataItem) -> str:
        """Send a Process item; return the process id."""

    def message(self, item: DataItem) -> str:
        """Send a Message item to the process it targets; return the message id."""

    def result(self, process: str, message: str) -> Result:
        """Return what a process answered to a message; for the spawn itself both ids are the process id."""

    def dry_run(self, process: str, *, owner: str, tags: Sequence[tuple[str, str]], data: str) -> Result:
        """Return what a process would answer to a message of that owner, without leaving a trace."""

    def find(self, item_id: str) -> bool:
        """Tell whether the network has accepted the data item with this id."""
