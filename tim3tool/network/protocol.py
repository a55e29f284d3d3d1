"""Data items as the AO protocol wants them (`ao.TN.1`): the tags of a spawn and of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.errors import UsageError
from tim3tool.network import dataitem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.wallet import Wallet

__all__ = ["message_item", "process_item"]

_COMMON: Final = (("SDK", "tim3tool"), ("Data-Protocol", "ao"), ("Variant", "ao.TN.1"))
_RESERVED_IN_MESSAGES: Final = frozenset({"sdk", "data-protocol", "variant", "type"})
_RESERVED_IN_SPAWNS: Final = _RESERVED_IN_MESSAGES | {"module", "scheduler"}
_NO_DATA: Final = b" "  # an item without data is sent with one space, as every AO client does


def process_item(
    wallet: Wallet,
    *,
    module: str,
    scheduler: str,
    nonce: str,
    authorities: Iterable[str] = (),
    tags: Sequence[tuple[str, str]] = (),
) -> DataItem:
    """Sign the item that spawns a process.

    Args:
        wallet: the process's owner.
        module: id of the aos module it runs on.
        scheduler: address of its scheduler.
        nonce: differs from spawn to spawn, because some networks take two equal spawns for one.
        authorities: addresses whose mail from other processes it trusts.
        tags: the user's (name, value), in order.

    Returns:
        The signed item; its id will be the process id.

    Raises:
        UsageError: a tag is AO's own, or breaks a limit of ANS-104.
    """
    _refuse(tags, _RESERVED_IN_SPAWNS)
    trusted = [("Authority", authority) for authority in authorities]
    own = (("Type", "Process"), ("Module", module), ("Scheduler", scheduler), ("Spawn-Nonce", nonce))
    return dataitem.sign(wallet, tags=(*tags, *trusted, *_COMMON, *own), data=_NO_DATA)


def message_item(wallet: Wallet, *, target: str, tags: Sequence[tuple[str, str]], data: bytes = b"") -> DataItem:
    """Sign a message to a process.

    Args:
        wallet: who sends it.
        target: the process id.
        tags: the user's (name, value), in order.
        data: the contents.

    Returns:
        The signed item.

    Raises:
        UsageError: the target is no id, or a tag is AO's own or breaks a limit of ANS-104.
    """
    _refuse(tags, _RESERVED_IN_MESSAGES)
    return dataitem.sign(wallet, target=target, tags=(*tags, *_COMMON, ("Type", "Message")), data=data or _NO_DATA)


def _refuse(tags: Sequence[tuple[str, str]], reserved: frozenset[str]) -> None:
    for name, _ in tags:
        if name.replace("_", "-").casefold() in reserved:
            msg = f"the tag `{name}` is set by tim3tool and cannot be chosen"
            raise UsageError(msg)
