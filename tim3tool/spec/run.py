"""Runs Lua suites, and the Python tests beside them, through pytest."""

from __future__ import annotations

import argparse
import contextlib
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import pytest

from tim3tool.errors import TestsFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["run"]

# Plugins that serve Python tests only. Some take half a second to start, the others a good part of each short test.
_FOR_PYTHON: Final = (
    "hypothesispytest",
    "logging",
    "threadexception",
    "unraisableexception",
    "unittest",
    "doctest",
    "warnings",
)
_OF_XDIST: Final = (
    "--dist",
    "--tx",
    "--px",
    "--maxprocesses",
    "--maxschedchunk",
    "--max-worker-restart",
    "--rsync",
    "--testrunuid",
    "-d",
)
_DONE: Final = 0
_FAILED: Final = TestsFailed.exit_code
_UNUSABLE: Final = UsageError.exit_code
_INTERRUPTED: Final = 130


def run(
    paths: Sequence[Path],
    *,
    root: Path,
    pytest_args: Sequence[str] = (),
    allow_empty: bool = False,
    times: int = 1,
    plugins: Sequence[object] = (),
) -> int:
    """Run tests and report them as pytest does.

    No configuration of pytest applies, not even the project's own: it is for the project's other tests. Files named
    ``conftest.py`` do. What failed is remembered in ``.pytest_cache`` of the root, for ``--lf``.

    Args:
        paths: folders, files and node ids; folders are searched for ``*_spec.lua``, ``*_test.lua`` and Python tests.
        root: the folder that node ids are relative to.
        pytest_args: further arguments for pytest.
        allow_empty: finding no test is no failure.
        times: how often all is run.
        plugins: further plugins for pytest, such as `tim3tool.spec.outcomes.Outcomes`.

    Returns:
        The exit code: 0 all passed, 1 a test failed or none was found, 2 pytest could not run, 130 Ctrl-C.

    Raises:
        TestsFailed: there is nowhere to look for tests.
        UsageError: several workers are asked for in a way that cannot be.
    """
    if not paths:
        if allow_empty:
            return _DONE
        msg = "no test was found"
        raise TestsFailed(
            msg, help="a process keeps its suites in `test/`, in files that end in `_spec.lua`; see also --allow-empty"
        )
    arguments = ["-p", "tim3tool.spec.plugin", "-c", os.devnull, f"--rootdir={root}", f"--confcutdir={root}"]
    arguments += ["-o", "norecursedirs=.* node_modules __pycache__ {arch}"]  # a suite may lie in `build` or `dist`
    arguments += ["--no-header", "--continue-on-collection-errors"]
    python = _has_python_tests(paths)
    if not python:
        idle = [*_FOR_PYTHON, *(() if _may_rerun(pytest_args, paths, root) else ("rerunfailures",))]
        arguments += ["--assert=plain", *(word for name in idle for word in ("-p", f"no:{name}"))]
    arguments += _distributed(pytest_args, python=python)
    codes = []
    with contextlib.chdir(root):  # suites open files as they do when busted runs in there
        for _ in range(times):
            watch = _Watch()
            code = pytest.main([*arguments, *map(str, paths)], plugins=[watch, *plugins])
            empty = allow_empty and code == pytest.ExitCode.NO_TESTS_COLLECTED
            codes.append(_DONE if empty else watch.exit_code(code))
    return max(codes, default=_DONE)


class _Watch:
    """Sees what pytest's exit code does not tell."""

    def __init__(self) -> None:
        self._failed = 0
        self._interrupted = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell Ctrl-C from pytest's own ways to end early, which are the same exception."""
        self._interrupted = type(excinfo.value) is KeyboardInterrupt

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Count the failures."""
        self._failed = session.testsfailed

    def exit_code(self, code: int) -> int:
        """Return the exit code for one of pytest's."""
        if self._interrupted:
            return _INTERRUPTED
        match code:
            case pytest.ExitCode.OK:
                return _DONE
            case pytest.ExitCode.TESTS_FAILED | pytest.ExitCode.NO_TESTS_COLLECTED:
                return _FAILED
            case _:
                return _FAILED if self._failed else _UNUSABLE


def _distributed(given: Sequence[str], *, python: bool) -> list[str]:
    """Return the arguments with ``-n`` as whoever starts the workers knows it.

    Tests in Lua have workers of their own. pytest-xdist is needed for Python tests, for its own options, and where a
    process cannot fork.
    """
    parser = argparse.ArgumentParser(prog="tim3tool test", add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-n", "--numprocesses")
    try:
        known, rest = parser.parse_known_args(given)
    except argparse.ArgumentError as error:
        raise UsageError(str(error)) from None
    off = ["-p", "no:xdist", "-p", "no:xdist.looponfail"]
    if known.numprocesses is None:
        return [*off, *given]
    workers = _workers(known.numprocesses)
    if not python and hasattr(os, "fork") and not any(word.startswith(_OF_XDIST) for word in rest):
        return [*off, f"--lua-workers={workers}", *rest]
    if find_spec("xdist") is None:
        msg = "workers for Python tests need pytest-xdist, which is not installed"
        raise UsageError(msg, help="pip install 'tim3tool[parallel]'")
    return ["--dist=loadfile", *given]  # the tests of a file share a VM


def _workers(text: str) -> int:
    if text in ("auto", "logical"):
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdecimal():
        msg = f"-n needs a number of processes or `auto`, and got `{text}`"
        raise UsageError(msg)
    return int(text)


def _may_rerun(given: Sequence[str], paths: Sequence[Path], root: Path) -> bool:
    """Return whether pytest-rerunfailures may have work: where it listens, every test takes pytest's longer way.

    Only its options ask for it, or a mark, which a ``conftest.py`` above the suites may give a test in Lua.
    """
    words = [*given, os.environ.get("PYTEST_ADDOPTS", "")]
    if any(name in word for word in words for name in ("rerun", "flaky")):
        return True
    folders = {folder for path in paths for folder in (root / path).parents} | {root}
    return any((folder / "conftest.py").is_file() for folder in folders if folder.is_relative_to(root))


def _has_python_tests(paths: Sequence[Path]) -> bool:
    return any(name.endswith(".py") for path in paths for name in _names(path))


def _names(path: Path) -> Iterator[str]:
    if not path.is_dir():
        yield str(path).partition("::")[0]
        return
    for _, folders, files in os.walk(path):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        yield from files
