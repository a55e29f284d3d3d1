"""ANS-104 data items: the signed bytes that every write to an AO network consists of.

Layout, tags and deep hash follow the deployed implementations of ANS-104 (the signature covers the tag bytes as they
stand). Only signature type 1, Arweave's RSA-PSS with 4096 bits, is known here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tim3tool.errors import UsageError
from tim3tool.network import base64url
from tim3tool.network.tags import Reader, decode_tags, encode_tags, limit_broken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tim3tool.network.tags import Tags
    from tim3tool.network.wallet import Wallet

__all__ = ["DataItem", "assemble", "deep_hash", "is_signed", "parse", "sign", "verify"]

Hashed = bytes | tuple["Hashed", ...]
"""What has a deep hash: a blob, or a list of them and of lists."""

_ARWEAVE: Final = 1
_KEY_BYTES: Final = 512
_ID_BYTES: Final = 32
_EXPONENT: Final = 65537


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class DataItem:
    """One signed data item.

    Args:
        raw: all its bytes; what is sent, and sent again.
        signature: 512 bytes.
        owner: the signer's public modulus, 512 bytes.
        target: the id of the process (or address) it is for, or "".
        anchor: 32 bytes, or none.
        tag_bytes: the encoded tags, as signed.
        tags: (name, value) in order; names may repeat.
        data: the contents.
    """

    raw: bytes
    signature: bytes
    owner: bytes
    target: str
    anchor: bytes
    tag_bytes: bytes
    tags: Tags
    data: bytes

    @property
    def id(self) -> str:
        """Its id on every network: base64url of the SHA-256 of the signature."""
        return base64url.encode(hashlib.sha256(self.signature).digest())

    @property
    def address(self) -> str:
        """The address of the wallet that signed it."""
        return base64url.encode(hashlib.sha256(self.owner).digest())

    def tag(self, name: str) -> str | None:
        """Return the value of the first tag with exactly this name."""
        return next((value for key, value in self.tags if key == name), None)

    def __repr__(self) -> str:
        return f"DataItem(id={self.id!r}, target={self.target!r}, {len(self.tags)} tags, {len(self.data)} bytes)"


def sign(
    wallet: Wallet,
    *,
    target: str = "",
    anchor: bytes = b"",
    tags: Iterable[tuple[str, str]] = (),
    data: bytes = b"",
) -> DataItem:
    """Make a data item. The same contents give another signature, so another id, each time.

    Args:
        wallet: who signs.
        target: a 43-character process id or address, or "".
        anchor: exactly 32 bytes, or none.
        tags: (name, value) in order.
        data: the contents.

    Returns:
        The signed item.

    Raises:
        UsageError: the target is no id, the anchor has another size, or the tags break a limit of ANS-104.
    """
    tags = tuple(tags)
    tag_bytes = encode_tags(tags)
    if problem := limit_broken(tags, tag_bytes):
        raise UsageError(problem)
    if target and not base64url.is_id(target):
        msg = f"`{target}` is not a process id (43 characters of A-Z, a-z, 0-9, - and _)"
        raise UsageError(msg)
    if len(anchor) not in (0, _ID_BYTES):
        msg = f"an anchor has exactly 32 bytes, not {len(anchor)}"
        raise UsageError(msg)
    raw_target = base64url.decode(target)
    signature = wallet.sign(_signed_message(wallet.owner, raw_target, anchor, tag_bytes, data))
    return assemble(signature=signature, owner=wallet.owner, target=raw_target, anchor=anchor, tags=tags, data=data)


def assemble(
    *, signature: bytes, owner: bytes, target: bytes, anchor: bytes, tags: Iterable[tuple[str, str]], data: bytes
) -> DataItem:
    """Put a data item together from its parts; whether they hold together is for `verify`.

    Args:
        signature: 512 bytes.
        owner: the signer's public modulus, 512 bytes.
        target: 32 bytes, or none.
        anchor: 32 bytes, or none.
        tags: (name, value) in order.
        data: the contents.

    Returns:
        The item.

    Raises:
        UsageError: a part has another size, or the tags are not Unicode.
    """
    tags = tuple(tags)
    tag_bytes = encode_tags(tags)
    head = (_ARWEAVE.to_bytes(2, "little"), signature, owner, _optional(target), _optional(anchor))
    counts = (len(tags).to_bytes(8, "little"), len(tag_bytes).to_bytes(8, "little"))
    return parse(b"".join((*head, *counts, tag_bytes, data)))


def parse(raw: bytes) -> DataItem:
    """Read a data item's parts; whether they hold together is for `verify`.

    Args:
        raw: the bytes of one item.

    Returns:
        The item.

    Raises:
        UsageError: the bytes are not a data item with an Arweave signature.
    """
    reader = Reader(raw)
    kind = int.from_bytes(reader.take(2, "signature type"), "little")
    if kind != _ARWEAVE:
        msg = f"not a data item that can be read: signature type {kind}, where only 1 (Arweave RSA) is known"
        raise UsageError(msg)
    signature = reader.take(_KEY_BYTES, "signature")
    owner = reader.take(_KEY_BYTES, "owner")
    target = reader.optional("target")
    anchor = reader.optional("anchor")
    count = int.from_bytes(reader.take(8, "number of tags"), "little")
    size = int.from_bytes(reader.take(8, "number of tag bytes"), "little")
    tag_bytes = reader.take(size, "tags")
    tags = decode_tags(tag_bytes)
    if len(tags) != count:
        msg = f"not a data item: it says {count} tags and holds {len(tags)}"
        raise UsageError(msg)
    return DataItem(
        raw=bytes(raw),
        signature=signature,
        owner=owner,
        target=base64url.encode(target),
        anchor=anchor,
        tag_bytes=tag_bytes,
        tags=tags,
        data=reader.rest(),
    )


def verify(item: DataItem) -> bool:
    """Tell whether a data item is valid: within the limits of ANS-104, and signed by its owner over all its parts.

    Args:
        item: what `sign` or `parse` returned.

    Returns:
        True only for a valid item. The salt may have any length, as signers differ.
    """
    if limit_broken(item.tags, item.tag_bytes):
        return False
    message = _signed_message(item.owner, base64url.decode(item.target), item.anchor, item.tag_bytes, item.data)
    return is_signed(message, owner=item.owner, signature=item.signature)


def is_signed(message: bytes, *, owner: bytes, signature: bytes) -> bool:
    """Tell whether an Arweave key has signed a message.

    Args:
        message: what was signed, a deep hash.
        owner: the key's public modulus.
        signature: RSA-PSS with SHA-256 and a salt of any length.
    """
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    try:
        key = rsa.RSAPublicNumbers(_EXPONENT, int.from_bytes(owner, "big")).public_key()
        key.verify(signature, message, scheme, hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def deep_hash(value: Hashed) -> bytes:
    """Return Arweave's deep hash (SHA-384, 48 bytes) of a blob, or of a list.

    >>> deep_hash((b"a",)).hex()[:16]
    'b3725a91b69d4a44'
    """
    if isinstance(value, bytes):
        return _sha384(_sha384(b"blob%d" % len(value)) + _sha384(value))
    total = _sha384(b"list%d" % len(value))
    for element in value:
        total = _sha384(total + deep_hash(element))
    return total


def _signed_message(owner: bytes, target: bytes, anchor: bytes, tag_bytes: bytes, data: bytes) -> bytes:
    return deep_hash((b"dataitem", b"1", b"%d" % _ARWEAVE, owner, target, anchor, tag_bytes, data))


def _sha384(data: bytes) -> bytes:
    return hashlib.sha384(data).digest()


def _optional(value: bytes) -> bytes:
    return b"\1" + value if value else b"\0"
