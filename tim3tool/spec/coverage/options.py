"""The options of coverage, and its start; a run without coverage loads no more of it than this."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tim3tool.spec.coverage.model import Coverage
    from tim3tool.spec.coverage.recorder import Recorder

__all__ = ["COVERAGE", "add_options", "start_coverage"]

COVERAGE: Final[pytest.StashKey[Coverage]] = pytest.StashKey()  # what a run has reached, once it is over


def add_options(group: pytest.OptionGroup) -> None:
    """Add the options of coverage."""
    group.addoption("--lua-coverage", action="store_true", help="count which Lua the tests reach, and report it")
    group.addoption(
        "--lua-coverage-report",
        action="append",
        default=[],
        metavar="KIND[:PATH]",
        help="text, lcov, cobertura or html, and where to write it; repeat for more (implies --lua-coverage)",
    )
    group.addoption(
        "--lua-coverage-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail when less of the lines and branches is reached (implies --lua-coverage)",
    )
    for word, what in (("include", "count only Lua files that match"), ("exclude", "leave out Lua files that match")):
        group.addoption(f"--lua-coverage-{word}", action="append", default=[], metavar="GLOB", help=f"{what}; repeat")
    group.addoption(
        "--lua-coverage-append",
        type=Path,
        metavar="FILE",
        help="add what earlier runs have left in this file, and leave it there for later ones",
    )


def start_coverage(config: pytest.Config, *, wasm: Path | None) -> Recorder | None:
    """Start to count, where the options ask for it.

    Args:
        config: the run's.
        wasm: the real module of the run, which cannot be measured.

    Raises:
        pytest.UsageError: the options cannot be carried out.
    """
    under = config.getoption("--lua-coverage-fail-under")
    wanted = config.getoption("--lua-coverage") or config.getoption("--lua-coverage-report") or under is not None
    if not wanted:
        return None
    if wasm is not None:
        msg = "coverage counts in the mock only: leave --lua-module (--engine wasm) out"
        raise pytest.UsageError(msg)
    if under is not None and not 0 <= under <= 100:
        msg = f"--lua-coverage-fail-under needs a percentage from 0 to 100, not {under:g}"
        raise pytest.UsageError(msg)
    from tim3tool.spec.coverage.plugin import start  # noqa: PLC0415 - a run without coverage must not wait for it

    return start(config, under=under)
