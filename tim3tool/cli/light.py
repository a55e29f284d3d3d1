"""Passing values on as they are where they need no conversion.

To convert a value typer loads pydantic, which takes longer than all else that a small command does, and it does so for
every value: for texts, for paths, for defaults, and for options that are not given.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

__all__ = ["lighten"]


def lighten(command: Any) -> None:
    """Let a command and those below it convert only values that need it.

    Args:
        command: a command as `typer.main.get_command` gives it; typer does not tell its type.
    """
    command.get_params = partial(_parameters, command.get_params)
    for each in getattr(command, "commands", {}).values():
        lighten(each)


def _parameters(parameters_of: Any, context: Any) -> list[Any]:
    found: list[Any] = parameters_of(context)
    for parameter in found:
        if not isinstance(parameter.process_value, partial):
            parameter.process_value = partial(_processed, parameter, parameter.process_value)
    return found


def _processed(parameter: Any, convert: Any, context: Any, value: Any) -> Any:
    """Return a value as typer does; `convert` is its own way, which also refuses what is wrong or missing."""
    several = parameter.nargs != 1 or getattr(parameter, "multiple", False)
    if (parameter.required and not value) or not _is_ready(parameter, value, several=several):
        return convert(context, value)
    kept = list(value or ()) if several else Path(value) if _is_path(parameter, value) else value
    return kept if parameter.callback is None else parameter.callback(context, parameter, kept)


def _is_ready(parameter: Any, value: Any, *, several: bool) -> bool:
    wanted = parameter.type_descriptor.annotation
    if value is None:
        return True
    if several:
        return bool(wanted == list[str]) and isinstance(value, list | tuple)
    if wanted in (str, bool):
        return isinstance(value, wanted)
    return _is_path(parameter, value) or (isinstance(value, int | float) and bool(value == parameter.default))


def _is_path(parameter: Any, value: Any) -> bool:
    """Tell whether a value is a path of which typer, as it is usually told, has nothing to refuse."""
    kind = parameter.type_descriptor
    asked = kind.parameter_info
    return (
        kind.annotation is Path
        and isinstance(value, str)
        and not (asked.exists or asked.writable or asked.resolve_path or asked.path_type)
        and asked.file_okay
        and asked.dir_okay
        and (not os.path.exists(value) or os.access(value, os.R_OK))  # noqa: PTH110 - a Path may be refused yet
    )
