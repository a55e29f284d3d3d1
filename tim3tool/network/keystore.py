"""Keys under a password: a JSON file that holds an Arweave key, encrypted.

::

    {"format": "tim3tool-keystore/1",
     "address": "<the wallet's address>",
     "kdf": {"name": "scrypt", "n": 131072, "r": 8, "p": 1, "salt": "<16 bytes>"},
     "cipher": {"name": "aes-256-gcm", "nonce": "<12 bytes>"},
     "data": "<the JSON Web Key, encrypted, and a tag of 16 bytes>"}

Bytes are base64url. The password is UTF-8 in Unicode's form NFKC; scrypt (RFC 7914) makes the key of AES-256-GCM of it.
All other members are authenticated with the data, so that none can be changed unnoticed.
"""

from __future__ import annotations

import json
import os
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tim3tool.errors import WalletError
from tim3tool.network import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_sealed", "seal", "unseal"]

_FORMAT: Final = "tim3tool-keystore/1"
_COST: Final = 2**17  # what OWASP advises (2025): 128 MiB and some tenths of a second for each guess
_BLOCK: Final = 8
_MAX_MEMORY: Final = 2**30  # bytes that a file may ask for
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_DAMAGED: Final = "restore the file from a backup"


def is_sealed(document: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a keystore rather than a key."""
    return "format" in document and "kty" not in document


def seal(key: bytes, password: str, *, address: str, cost: int = _COST) -> bytes:
    """Encrypt a key.

    Args:
        key: a JSON Web Key.
        password: at least one character.
        address: the wallet's address, which stays readable.
        cost: scrypt's ``n``, a power of 2.

    Returns:
        The contents of a file.

    Raises:
        WalletError: the password is empty.
    """
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    head = {
        "format": _FORMAT,
        "address": address,
        "kdf": {"name": "scrypt", "n": cost, "r": _BLOCK, "p": 1, "salt": base64url.encode(salt)},
        "cipher": {"name": "aes-256-gcm", "nonce": base64url.encode(nonce)},
    }
    sealed = AESGCM(_derived(password, salt, n=cost, r=_BLOCK, p=1)).encrypt(nonce, key, _authenticated(head))
    return json.dumps(head | {"data": base64url.encode(sealed)}, indent=2).encode() + b"\n"


def unseal(document: Mapping[str, Any], password: str, *, shown: str) -> bytes:
    """Decrypt a key.

    Args:
        document: a keystore.
        password: what it was encrypted with.
        shown: what it is called in errors.

    Returns:
        The JSON Web Key.

    Raises:
        WalletError: the password is wrong, or the keystore is damaged or of another format.
    """
    if document["format"] != _FORMAT:
        msg = f"the wallet `{shown}` is neither an Arweave key nor a keystore of format `{_FORMAT}`"
        raise WalletError(msg, help="name an Arweave key file (JWK)")
    try:
        kdf, cipher = document["kdf"], document["cipher"]
        cost = {name: _count(kdf[name]) for name in ("n", "r", "p")}
        salt, nonce, data = (base64url.decode(text) for text in (kdf["salt"], cipher["nonce"], document["data"]))
        named = (kdf["name"], cipher["name"])
    except (KeyError, TypeError, ValueError):
        named = ("", "")
    if named != ("scrypt", "aes-256-gcm"):
        msg = f"the wallet `{shown}` is damaged: a member is missing or of the wrong type"
        raise WalletError(msg, help=_DAMAGED)
    if min(cost.values()) < 1 or 128 * cost["n"] * cost["r"] * cost["p"] > _MAX_MEMORY or cost["n"] & (cost["n"] - 1):
        msg = f"the wallet `{shown}` asks for a scrypt that is none, or more costly than any keystore's"
        raise WalletError(msg, help=_DAMAGED)
    head = {name: value for name, value in document.items() if name != "data"}
    try:
        return AESGCM(_derived(password, salt, **cost)).decrypt(nonce, data, _authenticated(head))
    except (InvalidTag, ValueError):
        msg = f"the password of the wallet `{shown}` is wrong, or the file is damaged"
        raise WalletError(msg, help="try again; nobody can restore a password") from None


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _derived(password: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    if not password:
        msg = "the password of a wallet is empty"
        raise WalletError(msg, help="choose one of at least one character")
    secret = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogateescape")
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(secret)


def _authenticated(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
