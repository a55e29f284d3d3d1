"""Loads a scenario from the Python file that declares it."""

from __future__ import annotations

import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

from tim3tool.errors import Tim3Error, UsageError, Where, suggestion
from tim3tool.simulate.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load"]


def load(path: Path, name: str | None = None) -> Scenario:
    """Return a scenario of a file.

    Args:
        path: a Python file that binds a `Scenario` to a global; what lies beside it can be imported.
        name: the global, or the scenario's own name; None where the file has one scenario.

    Raises:
        UsageError: the file cannot be read or run, or has no such scenario.
    """
    if not path.is_file():
        msg = f"there is no scenario `{path}`"
        raise UsageError(msg, help="name a Python file, or FILE::SCENARIO")
    scenarios = _scenarios(path)
    if name is not None:
        if name not in scenarios:
            near = suggestion(name, scenarios)
            msg = f"`{path}` has no scenario `{name}`"
            listed = ", ".join(f"`{known}`" for known in scenarios) or "none"
            raise UsageError(msg, help=f"did you mean `{near}`?" if near else f"it has {listed}")
        return scenarios[name]
    if len(scenarios) != 1:
        msg = f"`{path}` has {len(scenarios) or 'no'} scenarios" if len(scenarios) else f"`{path}` has no scenario"
        first = next(iter(scenarios), "name")
        hint = f"name one, such as {path}::{first}" if scenarios else "bind a `tim3tool.simulate.Scenario` to a global"
        raise UsageError(msg, help=hint)
    return next(iter(scenarios.values()))


def _scenarios(path: Path) -> dict[str, Scenario]:
    """Run a file and return its scenarios by the globals that they are bound to."""
    spec = spec_from_file_location(f"tim3tool_scenario_{path.stem}", path)
    if spec is None or spec.loader is None:
        msg = f"`{path}` is no Python file"
        raise UsageError(msg, help="a scenario's file ends in .py")
    module = module_from_spec(spec)
    folder = str(path.parent.absolute())
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except Tim3Error:
        raise
    except SyntaxError as error:
        msg = f"`{path}` is not Python: {error.msg}"
        raise UsageError(msg, where=Where(path=str(path), line=error.lineno or 0)) from None
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = Where(path=str(path), line=(frames[-1].lineno or 0) if frames else 0)
        msg = f"`{path}` raised {type(error).__name__}: {error}"
        raise UsageError(msg, where=where) from None
    finally:
        sys.path.remove(folder)
    return {name: value for name, value in vars(module).items() if isinstance(value, Scenario)}
