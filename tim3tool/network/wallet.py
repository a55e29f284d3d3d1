"""Arweave wallets: RSA keys of 4096 bits in JSON Web Key files (RFC 7517), or in keystores under a password.

Nothing here ever puts key material into a text: not into a repr, an error or a warning.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tim3tool.errors import WalletError
from tim3tool.network import base64url
from tim3tool.network.files import write_whole
from tim3tool.network.keystore import is_sealed, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Wallet", "development_wallet", "generate", "home_folder", "load", "parse", "save"]

_BITS: Final = 4096
_EXPONENT: Final = 65537
_SALT_BYTES: Final = 32
_NUMBERS: Final = ("n", "e", "d", "p", "q", "dp", "dq", "qi")
_DEVELOPMENT_FILE: Final = "development-wallet.json"
_LOCK_SECONDS: Final = 60.0


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Wallet:
    """A key that signs data items.

    Args:
        key: the RSA-4096 private key.
        warnings: what is unsafe about the file it came from, one line each.
    """

    key: rsa.RSAPrivateKey
    warnings: tuple[str, ...] = ()

    @property
    def owner(self) -> bytes:
        """The public modulus, 512 bytes big-endian, as a data item carries it."""
        return self.key.public_key().public_numbers().n.to_bytes(_BITS // 8, "big")

    @property
    def address(self) -> str:
        """The wallet's address: base64url of the SHA-256 of `owner`."""
        return base64url.encode(hashlib.sha256(self.owner).digest())

    def sign(self, message: bytes) -> bytes:
        """Return the 512-byte RSA-PSS signature (SHA-256, salt of 32 bytes) of a message."""
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), _SALT_BYTES)
        return self.key.sign(message, scheme, hashes.SHA256())

    def __repr__(self) -> str:
        return f"Wallet(address={self.address!r})"


def generate() -> Wallet:
    """Return a wallet with a new key, kept nowhere."""
    return Wallet(key=rsa.generate_private_key(_EXPONENT, _BITS))


def load(path: Path, *, password: Callable[[str], str] | None = None) -> Wallet:
    """Read a wallet from a JSON Web Key file, or from a keystore that holds one.

    Args:
        path: the file.
        password: gives the password of a keystore, and is told what it is called.

    Returns:
        The wallet, with a warning when other users can read the file.

    Raises:
        WalletError: the file is missing, unreadable, not JSON, not an RSA key of 4096 bits, or contradicts itself; or
            it is a keystore and the password is wrong or not there.
    """
    try:
        text = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError:
        msg = f"there is no wallet at `{path}`"
        raise WalletError(msg, help="name an Arweave key file (JWK)") from None
    except OSError as error:
        msg = f"the wallet `{path}` cannot be read: {error.strerror}"
        raise WalletError(msg) from None
    warnings: tuple[str, ...] = ()
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        warnings = (f"the wallet `{path}` is open to other users; close it with `chmod 600 {path}`",)
    return replace(parse(text, str(path), password=password), warnings=warnings)


def parse(text: bytes, shown: str, *, password: Callable[[str], str] | None = None) -> Wallet:
    """Return the wallet that the contents of a file are.

    Args:
        text: a JSON Web Key, or a keystore.
        shown: what it is called in errors.
        password: as for `load`.

    Raises:
        WalletError: as for `load`.
    """
    document = _document(text, shown)
    if is_sealed(document):
        if password is None:
            msg = f"the wallet `{shown}` is encrypted, and there is nobody to ask for its password"
            raise WalletError(msg, help="give it in TIM3_WALLET_PASSWORD")
        document = _document(unseal(document, password(shown), shown=shown), shown)
    return Wallet(key=_key(document, shown))


def save(wallet: Wallet, path: Path, *, password: str | None = None) -> None:
    """Write a wallet to a new file that only its owner can read: a JSON Web Key, or a keystore.

    Args:
        wallet: the wallet.
        path: the file; its folder exists, and it does not.
        password: that of a keystore; None for a key that anybody who has the file can use.

    Raises:
        WalletError: there is such a file, it cannot be written, or the password is empty.
    """
    if path.exists():
        msg = f"`{path}` exists, and a key is never overwritten"
        raise WalletError(msg, help="name another file")
    private = wallet.key.private_numbers()
    public = private.public_numbers
    numbers = (public.n, public.e, private.d, private.p, private.q, private.dmp1, private.dmq1, private.iqmp)
    jwk = {"kty": "RSA"} | {name: _encoded(number) for name, number in zip(_NUMBERS, numbers, strict=True)}
    text = json.dumps(jwk).encode()
    if password is not None:
        text = seal(text, password, address=wallet.address)
    try:
        write_whole(path, text, mode=0o600)
    except OSError as error:
        msg = f"the wallet `{path}` cannot be written: {error.strerror}"
        raise WalletError(msg) from None


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what a user keeps between projects.

    Args:
        environ: environment variables; ``TIM3_HOME`` names the folder, else it is ``tim3tool`` under
            ``XDG_DATA_HOME`` (when that is absolute, as its specification asks) or ``~/.local/share``.

    Returns:
        The folder, which need not exist.
    """
    if chosen := environ.get("TIM3_HOME"):
        return Path(chosen)
    data = Path(environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path("~/.local/share").expanduser()) / "tim3tool"


def development_wallet(home: Path) -> Wallet:
    """Return the wallet of the embedded networks, which is made on first use; it is worth nothing anywhere else.

    Args:
        home: the folder it is kept in, outside any repository (see `home_folder`).

    Returns:
        The same wallet on every call, also when two runs start at once.

    Raises:
        WalletError: the folder or the file cannot be used.
    """
    path = home / _DEVELOPMENT_FILE
    if not path.exists():
        _make_development_wallet(path)
    return load(path)


def _make_development_wallet(path: Path) -> None:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - needed once in a machine's life

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
            if not path.exists():
                save(generate(), path)
    except OSError as error:
        msg = f"no development wallet can be made in `{path.parent}`: {error.strerror}"
        raise WalletError(msg, help="name a folder that can be written to in TIM3_HOME") from None
    except Timeout:
        msg = f"another run has been making `{path}` for {_LOCK_SECONDS:.0f} s"
        raise WalletError(msg, help="end the other run, then repeat the command") from None


def _document(text: bytes, shown: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        msg = f"the wallet `{shown}` is not a JSON object"
        raise WalletError(msg, help="name an Arweave key file (JWK)")
    return document


def _key(jwk: dict[str, Any], shown: str) -> rsa.RSAPrivateKey:
    if jwk.get("kty") != "RSA":
        msg = f"the wallet `{shown}` is not an RSA key: its `kty` is not `RSA`"
        raise WalletError(msg, help="name an Arweave key file (JWK)")
    number = {name: _decoded(jwk, name, shown) for name in _NUMBERS}
    if (size := number["n"].bit_length()) != _BITS:
        msg = f"the key in `{shown}` has {size} bits; an Arweave key has {_BITS}"
        raise WalletError(msg)
    if number["e"] != _EXPONENT:
        msg = f"the public exponent `e` of the key in `{shown}` is not {_EXPONENT} (`AQAB`)"
        raise WalletError(msg)
    if not _belong_together(**number):
        msg = f"the numbers of the key in `{shown}` do not belong together"
        raise WalletError(msg, help="restore the file from a backup")
    numbers = rsa.RSAPrivateNumbers(
        p=number["p"],
        q=number["q"],
        d=number["d"],
        dmp1=number["dp"],
        dmq1=number["dq"],
        iqmp=number["qi"],
        public_numbers=rsa.RSAPublicNumbers(e=number["e"], n=number["n"]),
    )
    # What OpenSSL would check beyond this is that p and q are prime: a quarter of a second on every command.
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _belong_together(*, n: int, e: int, d: int, p: int, q: int, dp: int, dq: int, qi: int) -> bool:
    """Tell whether the numbers are of one key (RFC 8017 section 3.2)."""
    return (
        min(p, q) > 2
        and p * q == n
        and (dp, dq) == (d % (p - 1), d % (q - 1))
        and e * dp % (p - 1) == e * dq % (q - 1) == 1
        and qi * q % p == 1
    )


def _decoded(jwk: dict[str, Any], name: str, shown: str) -> int:
    value = jwk.get(name)
    if value is None:
        msg = f"the wallet `{shown}` has no `{name}`"
        raise WalletError(msg, help="a wallet holds the whole private key: kty, n, e, d, p, q, dp, dq, qi")
    try:
        return int.from_bytes(base64url.decode(value), "big")
    except (TypeError, ValueError):
        msg = f"`{name}` in the wallet `{shown}` is not base64url"
        raise WalletError(msg) from None


def _encoded(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
