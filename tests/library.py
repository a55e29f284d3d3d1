"""A Lua file of the package as tests call it."""

from __future__ import annotations

from pathlib import Path

import pytest

import tim3tool
from tim3tool.lua.vm import LuaFailure, LuaVM

PACKAGE = Path(tim3tool.__file__).parent


class Library:
    """One Lua file of the package, loaded in a VM of its own under the chunk name that AO shows."""

    def __init__(self, path: str, chunk: str) -> None:
        self.vm = LuaVM()
        (self.module,) = self.vm.run((PACKAGE / f"{path}.lua").read_bytes(), f'=[string "{chunk}"]')

    def function(self, body: str):
        """Return a Python callable for a Lua function body that sees the library as M."""
        (function,) = self.vm.run(f"local M = ... return function(...) {body} end".encode(), "=test", self.module)

        def call(*args):
            results = self.vm.call(function, *args)
            return results[0] if len(results) == 1 else results

        return call

    def run(self, body: str, *args):
        """Run a Lua function body that sees the library as M: one result as it is, others as a tuple."""
        return self.function(body)(*args)

    def failure(self, body: str, *args) -> str:
        """Run a Lua function body that must raise, and return the text."""
        with pytest.raises(LuaFailure) as caught:
            self.run(body, *args)
        return caught.value.message
