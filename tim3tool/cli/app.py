"""The verbs, in the order in which help lists them."""

from __future__ import annotations

from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tim3tool import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Interrupted", "app_for"]

_VERBS: Final = (
    "build",
    "bundle",
    "test",
    "simulate",
    "plan",
    "deploy",
    "status",
    "verify",
    "message",
    "dryrun",
    "eval",
    "results",
    "logs",
    "replay",
    "state",
    "wallet",
)
_FUNCTIONS: Final = {"eval": "evaluate"}  # where the verb is a name of Python's


class Interrupted(BaseException):
    """Ctrl-C during a verb; typer would end on a KeyboardInterrupt without a word."""


def app_for(words: Sequence[str]) -> typer.Typer:
    """Return the program with all its verbs, or with the one that the words begin with: the others cost time to load.

    Args:
        words: the words after the program's name, arranged.
    """
    app = typer.Typer(
        name="tim3tool",
        help="Build, test and deploy AO processes written in Lua.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_program)
    for verb in [verb for verb in _VERBS if verb in words[:1]] or _VERBS:
        own = getattr(import_module(f"tim3tool.cli.{verb}"), _FUNCTIONS.get(verb, verb))
        if isinstance(own, typer.Typer):
            app.add_typer(own, name=verb)
        else:
            app.command(verb)(_interruptible(own))
    return app


def _interruptible(verb: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(verb)
    def call(*words: Any, **options: Any) -> Any:
        try:
            return verb(*words, **options)
        except KeyboardInterrupt:
            raise Interrupted from None

    return call


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    if wanted:
        typer.echo(f"tim3tool {__version__}")
        raise typer.Exit


def _program(
    *,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Build, test and deploy AO processes written in Lua."""
