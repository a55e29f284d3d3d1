"""`tim3tool wallet`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tim3tool.cli.options import AsJson, WalletFile

__all__ = ["wallet"]

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
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the key; it must not exist yet.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Make a new key and write it to FILE, readable by you alone."""
    from tim3tool.cli.terminal import document, line
    from tim3tool.network.wallet import generate, save

    made = generate()
    save(made, path)
    if as_json:
        document("wallet", {"address": made.address, "path": str(path)})
    else:
        line(made.address)
    return 0
