"""The command line: `main` is the shell around it, `run` is what raises."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tim3tool.cli.argv import arranged, wants_json, wants_lines
from tim3tool.errors import Tim3Error, UsageError, explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main", "run"]

_INTERRUPTED = 130
_BUG = 2
_GOES_ON = "nothing is half-written, and running the same command again goes on from here"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and turn whatever happens into output and an exit code.

    Args:
        argv: the words after the program's name; None takes them from the process.

    Returns:
        The exit code (docs/architecture.md, "Exit codes").
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return run(words)
    except Tim3Error as error:
        _report(error, as_json=wants_json(words), in_a_line=wants_lines(words))
        return error.exit_code
    except KeyboardInterrupt:
        _report_interrupt(as_json=wants_json(words), in_a_line=wants_lines(words))
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; without this Python complains about it on exit
        return 0
    except Exception as error:
        _report_bug(error, as_json=wants_json(words), in_a_line=wants_lines(words))
        return _BUG


def run(words: Sequence[str]) -> int:
    """Run a command.

    Args:
        words: the words after the program's name.

    Returns:
        The exit code.

    Raises:
        Tim3Error: whatever the user can act on.
    """
    import typer

    from tim3tool.cli.app import Interrupted, app_for
    from tim3tool.cli.light import lighten

    parser_error = _parser_error(typer.BadParameter)
    own = arranged(words)
    command = typer.main.get_command(app_for(own))
    lighten(command)
    try:
        code = command.main(args=own, prog_name="tim3tool", standalone_mode=False)
    except parser_error as error:
        raise UsageError(_parser_text(error), help=_parser_help(error)) from None
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, Interrupted):
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0


def _parser_error(one: type[Exception]) -> type[Exception]:
    """Return the base of all errors of typer's parser, which typer itself keeps to itself."""
    return next(base for base in one.__mro__ if base.__name__ == "ClickException" and issubclass(base, Exception))


def _parser_text(error: BaseException) -> str:
    text: str = error.format_message() if hasattr(error, "format_message") else str(error)
    return (text[:1].lower() + text[1:]).rstrip(".")


def _parser_help(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path if context else 'tim3tool'} --help`"


def _report(error: Tim3Error, *, as_json: bool, in_a_line: bool) -> None:
    if as_json:
        _print_error(error.as_dict(), in_a_line=in_a_line)
    else:
        sys.stderr.write(explain(error) + "\n")


def _report_interrupt(*, as_json: bool, in_a_line: bool) -> None:
    sys.stderr.write(f"interrupted: {_GOES_ON}\n")
    if as_json:
        _print_error(_other(_INTERRUPTED, "interrupted", "interrupted", hint=_GOES_ON), in_a_line=in_a_line)


def _report_bug(error: Exception, *, as_json: bool, in_a_line: bool) -> None:
    import traceback

    sys.stderr.write("".join(traceback.format_exception(error)))
    sys.stderr.write("error: this is a bug in tim3tool; please report it with the lines above\n")
    if as_json:
        _print_error(_other(_BUG, "bug", f"{type(error).__name__}: {error}"), in_a_line=in_a_line)


def _other(code: int, kind: str, message: str, *, hint: str | None = None) -> dict[str, object]:
    """Return what is no error of the tree as one would be."""
    return {"code": code, "kind": kind, "message": message, "hint": hint, "notes": [], "where": None}


def _print_error(members: Mapping[str, object], *, in_a_line: bool) -> None:
    from tim3tool.cli.terminal import document, record

    (record if in_a_line else document)("error", {"error": members})
