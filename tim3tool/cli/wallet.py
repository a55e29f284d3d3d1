"""`tim3tool wallet`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, WalletFile

if TYPE_CHECKING:
    from tim3tool.network.wallet import Wallet

__all__ = ["wallet"]

NewFile = Annotated[Path, typer.Argument(metavar="NEW-FILE", help="Where to write the key; it must not exist yet.")]

wallet = typer.Typer(help="The key that signs.", no_args_is_help=True, rich_markup_mode=None)


@wallet.command("address")
def show_address(*, wallet_file: WalletFile = None, as_json: AsJson = False) -> int:
    """Print the address of the key that signs."""
    from tim3tool.cli.network import wallet_of
    from tim3tool.cli.terminal import document, line

    address = wallet_of(wallet_file).address
    if as_json:
        document("wallet", {"address": address})
    else:
        line(address)
    return 0


@wallet.command("new")
def make(
    path: NewFile,
    *,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="Put the key under a password.")] = False,
    as_json: AsJson = False,
) -> int:
    """Make a new key and write it to FILE, readable by you alone."""
    from tim3tool.cli.passwords import new_password
    from tim3tool.network.wallet import generate

    word = new_password(str(path)) if encrypt else None
    return _save(generate(), path, password=word, as_json=as_json)


@wallet.command("encrypt")
def seal(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="The key; it stays as it is.")],
    path: NewFile,
    *,
    as_json: AsJson = False,
) -> int:
    """Write a key once more, under a password."""
    from tim3tool.cli.passwords import new_password, password
    from tim3tool.network.wallet import load

    return _save(load(source, password=password), path, password=new_password(str(path)), as_json=as_json)


def _save(made: Wallet, path: Path, *, password: str | None, as_json: bool) -> int:
    from tim3tool.cli.terminal import document, line
    from tim3tool.network.wallet import save

    save(made, path, password=password)
    if as_json:
        document("wallet", {"address": made.address, "path": str(path)})
    else:
        line(made.address)
    return 0
