"""The verbs, in the order in which help lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from tim3tool import __version__
from tim3tool.cli.build import build
from tim3tool.cli.bundle import bundle
from tim3tool.cli.deploy import deploy
from tim3tool.cli.dryrun import dryrun
from tim3tool.cli.eval import evaluate
from tim3tool.cli.logs import logs
from tim3tool.cli.message import message
from tim3tool.cli.replay import replay
from tim3tool.cli.results import results
from tim3tool.cli.simulate import simulate
from tim3tool.cli.state import state
from tim3tool.cli.status import status
from tim3tool.cli.test import test
from tim3tool.cli.verify import verify
from tim3tool.cli.wallet import wallet

__all__ = ["app"]

app = typer.Typer(
    name="tim3tool",
    help="Build, test and deploy AO processes written in Lua.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    if wanted:
        typer.echo(f"tim3tool {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    *,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Build, test and deploy AO processes written in Lua."""


app.command()(build)
app.command()(bundle)
app.command()(test)
app.command()(simulate)
app.command()(deploy)
app.command()(status)
app.command()(verify)
app.command()(message)
app.command()(dryrun)
app.command("eval")(evaluate)
app.command()(results)
app.command()(logs)
app.command()(replay)
app.add_typer(state, name="state")
app.add_typer(wallet, name="wallet")
