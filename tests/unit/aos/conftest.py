"""What the tests of the runtime's Lua libraries share."""

from __future__ import annotations

import pytest
from library import Library


@pytest.fixture(scope="session")
def library():
    """Load one of the runtime's libraries: library(file name without .lua, chunk name)."""
    return lambda name, chunk: Library(f"aos/runtime/{name}", chunk)
