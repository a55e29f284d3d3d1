"""What a reply of a unit or node means: done, never, or later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import NetworkError, NetworkRefused
from tim3tool.network.http import BadReply, NoReply
from tim3tool.network.patience import Later

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.network.http import Reply

__all__ = ["asked", "is_final", "refusal", "said"]

# Statuses that say nothing by themselves: units put what should be 403 or 429 into the text of a 500.
_CLOSED: Final = ("whitelist", "not allowed on this su", "spawning is not supported")
_NEVER: Final = (
    "forbidden",
    "access denied",
    "valid and signed data item",
    "message is not valid",
    "no scheduler information",
    "no_viable_responses",
    "insufficient funds",
    "unsupported_tx_format",
    "device_not_loadable",
    "was not compiled with",
)
_LIMITED: Final = "rate limit"
# A process that was spawned a moment ago is not known everywhere yet.
_NOT_YET: Final = ("not found", "not_found", "could not locate", "unable to find", "not yet", "not_available")
_NEVER_STATUS: Final = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 501})
_TEXT_CHARACTERS: Final = 200
_ELSEWHERE: Final = (
    "the public units of legacynet serve the processes on their lists and take no new ones;"
    " deploy to a HyperBEAM node, as with `--network hyperbeam`"
)


def said(reply: Reply) -> str:
    """Return what a reply that is no success says, in one short line; nothing for HTML, which a proxy wrote."""
    document = reply.document
    text = reply.text
    if isinstance(document, dict):
        text = next((_line(document[key]) for key in ("error", "message", "reason", "details") if key in document), "")
    elif text.startswith("<") or "<html" in text.casefold():
        text = ""
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_CHARACTERS else text[: _TEXT_CHARACTERS - 1] + "…"


def is_final(reply: Reply) -> bool:
    """Tell whether the text of a reply that is no success says that repeating cannot help."""
    lower = said(reply).casefold()
    return any(word in lower for word in (*_CLOSED, *_NEVER))


def refusal(reply: Reply, *, who: str) -> NetworkRefused | Later:
    """Return what to do about a reply that is no success.

    Args:
        reply: the reply.
        who: the server, as the subject of the error.

    Returns:
        NetworkRefused when repeating cannot help, else Later.
    """
    text = said(reply)
    answer = f"answered with HTTP status {reply.status}" + (f": {text}" if text else "")
    lower = text.casefold()
    if reply.status == 429 or _LIMITED in lower:
        return Later(answer, limited=True, undone=True)
    if any(word in lower for word in _CLOSED):
        return NetworkRefused(f"{who} {answer}", help=_ELSEWHERE)
    if is_final(reply):
        return NetworkRefused(f"{who} {answer}", help="it will not take this; use another network or unit")
    unknown = any(word in lower for word in _NOT_YET)
    if reply.status in _NEVER_STATUS and not unknown and (reply.status != 400 or text):
        return NetworkRefused(f"{who} {answer}", help="check the addresses of the network, and what is sent")
    return Later(answer, undone=unknown)


def asked(request: Callable[[], Reply], *, who: str) -> Reply:
    """Make one request that changes nothing.

    Args:
        request: makes it.
        who: the server, as the subject of the error.

    Returns:
        The reply, whatever its status.

    Raises:
        Later: there was no reply.
        NetworkError: it is one that no repetition makes better.
    """
    try:
        return request()
    except NoReply as problem:
        msg = f"did not answer: {problem}"
        raise Later(msg) from None
    except BadReply as problem:
        msg = f"{who} {problem}"
        raise NetworkError(msg, help="check the addresses of the network") from None


def _line(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
