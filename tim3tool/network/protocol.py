"""Data items as the AO protocol wants them: the tags of a spawn and of a message, on either kind of network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.errors import UsageError
from tim3tool.network import dataitem
from tim3tool.network.terms import LEGACYNET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.terms import Terms
    from tim3tool.network.wallet import Wallet

__all__ = ["message_item", "process_item"]


_RESERVED_IN_MESSAGES: Final = frozenset({"sdk", "data-protocol", "variant", "type"})
_RESERVED_IN_SPAWNS: Final = _RESERVED_IN_MESSAGES | {"module", "scheduler"}
_NO_DATA: Final = b" "  # an item without data is sent with one space, as every AO client does
_LINK: Final = "+link"


def process_item(
    wallet: Wallet,
    *,
    module: str,
    scheduler: str,
    nonce: str,
    authorities: Iterable[str] = (),
    tags: Sequence[tuple[str, str]] = (),
    boot: bytes = b"",
    terms: Terms = LEGACYNET,
) -> DataItem:
    """Sign the item that spawns a process.

    Args:
        wallet: the process's owner.
        module: id of the aos module it runs on.
        scheduler: address of its scheduler.
        nonce: differs from spawn to spawn, because some networks take two equal spawns for one.
        authorities: addresses whose mail from other processes it trusts.
        tags: the user's (name, value), in order.
        boot: Lua that the process evaluates as it is spawned, if any.
        terms: what the network wants of it.

    Returns:
        The signed item; its id will be the process id.

    Raises:
        UsageError: a tag is AO's own, or breaks a limit of ANS-104 or of the network.
    """
    _refuse(tags, _RESERVED_IN_SPAWNS)
    trusted = [("Authority", authority) for authority in authorities]
    if terms.unique_tags and trusted:
        trusted = [("Authority", ",".join(value for _, value in trusted))]
    own = (("Module", module), ("Scheduler", scheduler), ("Spawn-Nonce", nonce))
    booted = (("On-Boot", "Data"),) if boot else ()
    complete = terms.for_spawn((*tags, *trusted, *booted), own)
    return dataitem.sign(wallet, tags=complete, data=boot or _NO_DATA)


def message_item(
    wallet: Wallet,
    *,
    target: str,
    tags: Sequence[tuple[str, str]],
    data: bytes = b"",
    terms: Terms = LEGACYNET,
) -> DataItem:
    """Sign a message to a process.

    Args:
        wallet: who sends it.
        target: the process id.
        tags: the user's (name, value), in order.
        data: the contents.
        terms: what the network wants of it.

    Returns:
        The signed item.

    Raises:
        UsageError: the target is no id, or a tag is AO's own or breaks a limit of ANS-104 or of the network.
    """
    _refuse(tags, _RESERVED_IN_MESSAGES)
    return dataitem.sign(wallet, target=target, tags=terms.for_message(tags), data=data or _NO_DATA)


def _refuse(tags: Sequence[tuple[str, str]], reserved: frozenset[str]) -> None:
    for name, value in tags:
        if name.replace("_", "-").casefold() in reserved:
            msg = f"the tag `{name}` is set by tim3tool and cannot be chosen"
            raise UsageError(msg, help="leave it out, or give it another name")
        if name.endswith(_LINK) or value.endswith(_LINK):
            msg = f"the tag `{name}` ends in `{_LINK}`, which no scheduler takes"
            raise UsageError(msg, help="use another name or value")
