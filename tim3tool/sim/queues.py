"""Messages on their way between processes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Mail", "Pair", "Queues"]

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A message on its way to a process.

    Args:
        number: where it stands among all messages of its network; no two have the same.
        process: the id of the process that it goes to.
        message: the message, without what its scheduler will add.
        parent: the id of the message whose result sent it; None for what came from outside.
        cause: the index in ``Network.deliveries`` of the delivery that sent it; None for what came from outside.
        root: the id of the message from outside that it all follows from.
        due: it is held back until this time, in ms since 1970.
        is_awaited: somebody waits for its result, so that no fault may touch it.
    """

    number: int
    process: str
    message: dict[str, Any]
    parent: str | None
    cause: int | None
    root: str
    due: int = 0
    is_awaited: bool = False

    @property
    def id(self) -> str:
        """The message id; what a cron makes has none of its own."""
        return str(self.message.get("Id") or f"cron {self.number}")

    @property
    def pair(self) -> Pair:
        """Who sent it and which process it goes to: messages of one pair arrive in order."""
        return str(self.message["From"]), self.process


class Queues:
    """What is on its way: a queue for each pair of sender and receiver, and one order over all of them."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, Mail] = OrderedDict()

    def __len__(self) -> int:
        """Return how many messages wait."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[Mail]:
        """Iterate over what waits, in order."""
        return iter(self._waiting.values())

    def __contains__(self, mail: Mail) -> bool:
        """Tell whether a message waits."""
        return self._waiting.get(mail.number) is mail

    def append(self, mail: Mail) -> None:
        """Put a message behind all others."""
        self._waiting[mail.number] = mail

    def prepend(self, mails: Iterable[Mail]) -> None:
        """Put messages in front of all others, in their order."""
        for mail in reversed(list(mails)):
            self._waiting[mail.number] = mail
            self._waiting.move_to_end(mail.number, last=False)

    def replace(self, mail: Mail) -> None:
        """Put a message in the place of the one with its number."""
        self._waiting[mail.number] = mail

    def take(self, mail: Mail) -> None:
        """Take a message out; KeyError when it does not wait."""
        del self._waiting[mail.number]

    def pop(self) -> Mail:
        """Take out the first message; KeyError when none waits."""
        return self._waiting.popitem(last=False)[1]

    def heads(self) -> dict[Pair, Mail]:
        """Return the first message of each pair, in the order in which they wait."""
        heads: dict[Pair, Mail] = {}
        for mail in self._waiting.values():
            heads.setdefault(mail.pair, mail)
        return heads

    def copy(self) -> Queues:
        """Return queues with the same messages."""
        twin = Queues()
        twin._waiting = self._waiting.copy()
        return twin
