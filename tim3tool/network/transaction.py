"""Arweave transactions of format 2, as far as it takes to check that data belongs to one.

What is signed, and the Merkle tree over the data (chunks of at most 256 KiB), follow arweave.js 1.15, whose output is
among the tests' data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import NetworkError
from tim3tool.network import base64url
from tim3tool.network.dataitem import deep_hash, is_signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Transaction", "data_roots", "parse", "verify"]

_MAX_CHUNK: Final = 256 * 1024
_MIN_CHUNK: Final = 32 * 1024
_BYTES: Final = ("owner", "target", "last_tx", "data_root", "signature")
_NUMBERS: Final = ("quantity", "reward", "data_size")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Transaction:
    """The header of a transaction.

    Args:
        signature: RSA-PSS over all the rest.
        owner: the signer's public modulus.
        target: who gets the quantity, or nothing.
        quantity: winston, in decimal digits.
        reward: winston, in decimal digits.
        last_tx: the anchor.
        tags: (name, value) in order, as bytes.
        data_size: bytes of the data.
        data_root: root of the Merkle tree over the data.
    """

    signature: bytes
    owner: bytes
    target: bytes
    quantity: str
    reward: str
    last_tx: bytes
    tags: tuple[tuple[bytes, bytes], ...]
    data_size: int
    data_root: bytes

    @property
    def id(self) -> str:
        """Its id: base64url of the SHA-256 of the signature."""
        return base64url.encode(hashlib.sha256(self.signature).digest())


def parse(document: Mapping[str, Any]) -> Transaction:
    """Read what a gateway answers to ``GET /tx/ID``; whether it holds together is for `verify`.

    Args:
        document: the JSON object.

    Raises:
        NetworkError: it is no transaction, or one of another format.
    """
    if document.get("format") != 2:
        msg = f"a transaction of format {document.get('format')!r} cannot be checked, only one of format 2"
        raise NetworkError(msg)
    try:
        part = {name: base64url.decode(document[name]) for name in _BYTES}
        number = {name: _digits(document[name]) for name in _NUMBERS}
        size = int(number["data_size"])
        tags = tuple((base64url.decode(tag["name"]), base64url.decode(tag["value"])) for tag in document["tags"])
    except (KeyError, TypeError, ValueError, AttributeError):
        msg = "the gateway's answer is not an Arweave transaction"
        raise NetworkError(msg) from None
    return Transaction(
        signature=part["signature"],
        owner=part["owner"],
        target=part["target"],
        quantity=number["quantity"],
        reward=number["reward"],
        last_tx=part["last_tx"],
        tags=tags,
        data_size=size,
        data_root=part["data_root"],
    )


def verify(transaction: Transaction, data: bytes) -> bool:
    """Tell whether a transaction is signed by its owner and carries just this data.

    Args:
        transaction: what `parse` returned.
        data: all its data.
    """
    texts = (transaction.quantity.encode(), transaction.reward.encode())
    size = b"%d" % transaction.data_size
    head = (b"2", transaction.owner, transaction.target, *texts, transaction.last_tx)
    message = deep_hash((*head, transaction.tags, size, transaction.data_root))
    return (
        len(data) == transaction.data_size
        and is_signed(message, owner=transaction.owner, signature=transaction.signature)
        and transaction.data_root in data_roots(data)
    )


def data_roots(data: bytes) -> Iterator[bytes]:
    """Yield the roots that clients give to data: they cut it into chunks in different ways.

    Args:
        data: all the data of a transaction.

    Yields:
        32 bytes: as arweave.js cuts (no last chunk under 32 KiB, and an empty one behind a whole number of chunks),
        and with plain chunks of 256 KiB.
    """
    sizes = _balanced_sizes(len(data))
    plain = [min(_MAX_CHUNK, len(data) - start) for start in range(0, len(data), _MAX_CHUNK)]
    for chosen in (sizes, plain):
        yield _root(data, chosen)


def _balanced_sizes(size: int) -> list[int]:
    sizes = []
    while size >= _MAX_CHUNK:
        after = size - _MAX_CHUNK
        sizes.append(-(-size // 2) if 0 < after < _MIN_CHUNK else _MAX_CHUNK)
        size -= sizes[-1]
    return [*sizes, size]


def _root(data: bytes, sizes: Sequence[int]) -> bytes:
    """Return the root over chunks of these sizes; a node is its hash and the byte it ends at."""
    nodes, end = [], 0
    for size in sizes:
        start, end = end, end + size
        nodes.append((_hash(hashlib.sha256(data[start:end]).digest(), _note(end)), end))
    while len(nodes) > 1:
        pairs = [
            (_hash(left, right, _note(middle)), last)
            for (left, middle), (right, last) in zip(nodes[::2], nodes[1::2], strict=False)
        ]
        nodes = pairs + nodes[len(pairs) * 2 :]
    return nodes[0][0] if nodes else b""


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


def _note(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _digits(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return text
