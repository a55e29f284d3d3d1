"""Base64 with the URL-safe alphabet and no padding, as AO writes ids, addresses and numbers of a key."""

from __future__ import annotations

import base64

__all__ = ["decode", "encode", "is_id"]


def encode(data: bytes) -> str:
    """Return bytes as base64url text.

    >>> encode(b"AO?>")
    'QU8_Pg'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url text.

    Args:
        text: canonical text: the URL-safe alphabet, no padding, no stray bits.

    Returns:
        The bytes.

    Raises:
        ValueError: the text is not canonical base64url.

    >>> decode("QU8_Pg")
    b'AO?>'
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        data = b""
    if encode(data) != text:
        msg = "not base64url"
        raise ValueError(msg)
    return data


def is_id(text: str) -> bool:
    """Tell whether a text is an id or an address: 43 characters that stand for 32 bytes.

    >>> is_id("A" * 43), is_id("A" * 42 + "B"), is_id("mock-usda")
    (True, False, False)
    """
    try:
        return len(decode(text)) == 32
    except ValueError:
        return False
