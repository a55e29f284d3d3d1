"""What busted's options and a ``.busted`` file say about a run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tim3tool.errors import LuaSyntaxError, TestsFailed, UsageError
from tim3tool.lua.vm import to_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["CONFIG", "Settings", "settings_of"]

CONFIG: Final = ".busted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the options of busted say.

    Args:
        config: the ``.busted`` file, where there is one.
        directory: the folder to run in, relative to that of the file; the command line of `tim3tool` goes there.
        roots: where suites lie, relative to the folder of the run; empty where nothing is said.
        pattern: Lua patterns, one of which the name of a suite's file matches; empty where nothing is said.
        exclude_pattern: Lua patterns that it does not match.
        recursive: whether folders in folders are searched.
        tags: only tests with one of these ``#tags`` run.
        exclude_tags: tests with one of these do not run.
        filter: Lua patterns; only tests whose full name matches one run.
        filter_out: Lua patterns; tests whose full name matches one do not run.
        name: full names; only these tests run.
        lpath: templates in front of ``package.path``; None for busted's own.
        cpath: the same for ``package.cpath``.
        helper: a Lua file or Lua module that runs before each suite.
        helper_args: what it finds in ``arg``.
        execute: Lua statements to run before each suite.
        lazy: whether ``setup`` and ``teardown`` are the lazy ones.
        auto_insulate: whether each file is insulated; it always is.
        shuffle_files: whether files run in random order.
        shuffle_tests: whether tests and blocks do.
        sort_tests: whether they run sorted by name.
        seed: what the random order follows from; None for a new one.
        repeat: how often all is run.
        coverage: whether coverage is asked for.
    """

    config: Path | None = None
    directory: str | None = None
    roots: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    exclude_pattern: tuple[str, ...] = ()
    recursive: bool = True
    tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    filter_out: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    lpath: str | None = None
    cpath: str | None = None
    helper: str | None = None
    helper_args: tuple[str, ...] = ()
    execute: tuple[str, ...] = ()
    lazy: bool = False
    auto_insulate: bool = True
    shuffle_files: bool = False
    shuffle_tests: bool = False
    sort_tests: bool = False
    seed: int | None = None
    repeat: int = 1
    coverage: bool = False


# The keys of a task in `.busted` (busted's long options) by the field they fill; `ROOT` is busted's too.
_TEXTS: Final = {"directory": "directory", "lpath": "lpath", "cpath": "cpath", "helper": "helper"}
_LISTS: Final = {
    "ROOT": "roots",
    "pattern": "pattern",
    "exclude-pattern": "exclude_pattern",
    "filter": "filter",
    "filter-out": "filter_out",
    "name": "name",
    "e": "execute",
}
_COMMA_LISTS: Final = {"tags": "tags", "exclude-tags": "exclude_tags", "Xhelper": "helper_args"}
_FLAGS: Final = {
    "recursive": ("recursive",),
    "lazy": ("lazy",),
    "auto-insulate": ("auto_insulate",),
    "shuffle": ("shuffle_files", "shuffle_tests"),
    "shuffle-files": ("shuffle_files",),
    "shuffle-tests": ("shuffle_tests",),
    "sort": ("sort_tests",),
    "sort-tests": ("sort_tests",),
    "coverage": ("coverage",),
}
_NUMBERS: Final = {"seed": "seed", "repeat": "repeat"}
# What busted knows and means nothing here: pytest reports, and goes on after a failure.
_IDLE_FLAGS: Final = (
    "defer-print",
    "enable-sound",
    "ignore-lua",
    "keep-going",
    "list",
    "sort-files",
    "suppress-pending",
    "verbose",
)
_IDLE_TEXTS: Final = ("coverage-config-file", "lang", "loaders", "lua", "output", "Xoutput")


def settings_of(root: Path, words: Sequence[str] = ()) -> Settings:
    """Return the settings of a run: what the words say, then the task of ``.busted``, then its ``_all``.

    Args:
        root: the folder of the run.
        words: options of busted, as on its command line.

    Raises:
        UsageError: an option or the file cannot be used.
    """
    given = vars(_parser().parse_args(list(words)))
    run, file = given.pop("run", None), given.pop("config_file", None)
    config = root / (file or CONFIG)
    if file and not config.is_file():
        msg = f"there is no `{file}`"
        raise UsageError(msg, help="--config-file names a file like `.busted`")
    tasks = _tasks(config) if config.is_file() else {}
    if run is not None and not isinstance(tasks.get(run), dict):
        msg = f"`{config.name}` has no task `{run}`" if tasks else f"--run {run} needs a `{config.name}` file"
        raise UsageError(msg, help=_known_tasks(tasks))
    values: dict[str, Any] = {"config": config} if config.is_file() else {}
    for task in ("_all", run or "default"):
        values |= _of_task(tasks.get(task), f"`{task}` of `{config.name}`")
    settings = Settings(**(values | given))
    both = set(settings.tags) & set(settings.exclude_tags)
    if both:
        msg = f"tag `{min(both)}` is both asked for and excluded"
        raise UsageError(msg, help="name it in one of --tags and --exclude-tags")
    return settings


def _known_tasks(tasks: Mapping[str, Any]) -> str | None:
    names = sorted(name for name, task in tasks.items() if isinstance(task, dict) and name != "_all")
    return f"there are {', '.join(f'`{name}`' for name in names)}" if names else None


def _tasks(config: Path) -> dict[str, Any]:
    """Run a ``.busted`` file for the table that it returns."""
    from tim3tool.spec.suite import Suite  # noqa: PLC0415 - only where there is such a file

    suite = Suite(config, chunk=config.name)
    try:
        plain = to_python(suite.configure(config))
    except (LuaSyntaxError, TestsFailed) as error:
        msg = f"`{config.name}` cannot be used: {error.message}"
        raise UsageError(msg, where=error.where) from None
    if not isinstance(plain, dict | list):
        msg = f"`{config.name}` does not return a table"
        raise UsageError(msg, help="return { default = { ROOT = { 'spec' } } }")
    return plain if isinstance(plain, dict) else {}


def _of_task(task: object, where: str) -> dict[str, Any]:
    """Return the fields that a task fills; keys that busted does not know are left out, as it does."""
    if task is None or task == []:
        return {}
    if not isinstance(task, dict):
        msg = f"{where} is not a table"
        raise UsageError(msg)
    values: dict[str, Any] = {}
    for key, value in task.items():
        what = f"`{key}` in {where}"
        if key in _TEXTS:
            values[_TEXTS[key]] = _texts(value, what)[-1] if value != {} else None
        elif key in _LISTS:
            values[_LISTS[key]] = _texts(value, what)
        elif key in _COMMA_LISTS:
            values[_COMMA_LISTS[key]] = _split(_texts(value, what))
        elif key in _NUMBERS:
            values[_NUMBERS[key]] = _number(value, what)
        elif key in _FLAGS:
            values |= dict.fromkeys(_FLAGS[key], bool(value))
    return values


def _texts(value: object, what: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else [] if value == {} else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        msg = f"{what} must be a string or a list of strings"
        raise UsageError(msg)
    return tuple(values)


def _number(value: object, what: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 0:
        msg = f"{what} must be a whole number, not negative"
        raise UsageError(msg)
    return number


def _split(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for value in values for part in value.split(",") if part)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, help="these are options of busted, such as --tags=fast")


class _Comma(argparse.Action):
    def __call__(self, _parser: Any, namespace: argparse.Namespace, values: Any, _option: Any = None) -> None:
        setattr(namespace, self.dest, (*getattr(namespace, self.dest, ()), *_split([values])))


class _Add(argparse.Action):
    def __call__(self, _parser: Any, namespace: argparse.Namespace, values: Any, _option: Any = None) -> None:
        setattr(namespace, self.dest, (*getattr(namespace, self.dest, ()), values))


class _Idle(argparse.Action):
    def __call__(self, _parser: Any, _namespace: argparse.Namespace, _values: Any, _option: Any = None) -> None:
        """Change nothing."""


class _Several(argparse.Action):
    def __call__(self, _parser: Any, namespace: argparse.Namespace, _values: Any, option: Any = None) -> None:
        negative = str(option).startswith("--no-")
        for dest in _FLAGS[str(option).removeprefix("--no-").removeprefix("--")]:
            setattr(namespace, dest, not negative)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="busted", add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    parser.add_argument("-r", "--run")
    parser.add_argument("-f", "--config-file", dest="config_file")
    for name, dest in _TEXTS.items():
        parser.add_argument(*(("-m",) if name == "lpath" else ()), f"--{name}", dest=dest)
    for name, dest in _LISTS.items():
        if name == "e":
            parser.add_argument("-e", dest=dest, action=_Add)
        elif name != "ROOT":
            parser.add_argument(*(("-p",) if name == "pattern" else ()), f"--{name}", dest=dest, action=_Add)
    for name, dest in _COMMA_LISTS.items():
        short = {"Xhelper": ("-Xhelper",), "tags": ("-t",)}.get(name, ())
        parser.add_argument(*short, f"--{name}", dest=dest, action=_Comma)
    for name, dest in _NUMBERS.items():
        parser.add_argument(f"--{name}", dest=dest, type=lambda value, name=name: _number(value, f"--{name}"))  # type: ignore[misc]
    for name in _FLAGS:
        parser.add_argument(f"--{name}", f"--no-{name}", dest=f"_{name}", nargs=0, action=_Several)
    for name in _IDLE_FLAGS:
        short = {"keep-going": ("-k",), "verbose": ("-v",), "enable-sound": ("-s",), "list": ("-l",)}.get(name, ())
        parser.add_argument(*short, f"--{name}", f"--no-{name}", dest="idle", nargs=0, action=_Idle)
    for name in _IDLE_TEXTS:
        flags = {"Xoutput": ("-Xoutput",), "output": ("-o", "--output")}.get(name, (f"--{name}",))
        parser.add_argument(*flags, dest="idle", action=_Idle)
    return parser
