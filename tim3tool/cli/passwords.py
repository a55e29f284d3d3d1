"""Passwords: from TIM3_WALLET_PASSWORD or typed unseen, never from the command line, which others can read."""

from __future__ import annotations

import os
import sys

from tim3tool.errors import WalletError

__all__ = ["new_password", "password"]

_VARIABLE = "TIM3_WALLET_PASSWORD"


def password(shown: str) -> str:
    """Return the password of a wallet.

    Args:
        shown: what the wallet is called.

    Raises:
        WalletError: none is given, and there is nobody to ask.
    """
    given = os.environ.get(_VARIABLE)
    return given if given is not None else _typed(f"password of {shown}: ")


def new_password(shown: str) -> str:
    """Return a password for a new wallet, which is typed twice.

    Raises:
        WalletError: as for `password`, or the two differ.
    """
    given = os.environ.get(_VARIABLE)
    if given is not None:
        return given
    first = _typed(f"password for {shown}: ")
    if first != _typed("once more: "):
        msg = "the two passwords differ"
        raise WalletError(msg, help="try again; nothing was written")
    return first


def _typed(prompt: str) -> str:
    from getpass import getpass

    if not sys.stdin.isatty():
        msg = "a password is needed, and there is nobody to ask"
        raise WalletError(msg, help=f"run it in a terminal, or give the password in {_VARIABLE}")
    try:
        return getpass(prompt)
    except EOFError:
        msg = "no password was typed"
        raise WalletError(msg, help="try again") from None
