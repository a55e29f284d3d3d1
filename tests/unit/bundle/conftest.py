"""Runs Lua programs as they are and bundled, so that both can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tim3tool.bundle import Bundle, build
from tim3tool.lua.source import strip
from tim3tool.lua.vm import LuaFailure, LuaVM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CAPTURE = b"""
local emit = ...
print = function(...)
  local texts = table.pack(...)
  for i = 1, texts.n do texts[i] = tostring(texts[i]):gsub("0x%x+", "") end
  emit(table.concat(texts, "\\t"))
end
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """What a program printed, returned and raised."""

    printed: tuple[bytes, ...]
    results: tuple[Any, ...] = ()
    error: str = ""


class Programs:
    """Writes, bundles and runs Lua programs in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, source in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.encode() if isinstance(source, str) else source)

    def build(self, entry: str = "main.lua", **options: Any) -> Bundle:
        return build(self.root / entry, name="demo", root=self.root, **options)

    def unbundled(self, entry: str = "main.lua") -> Transcript:
        folder = (self.root / entry).parent
        vm = LuaVM()
        vm.globals[b"package"][b"path"] = f"{folder}/?.lua;{folder}/?/init.lua".encode()
        return transcript(vm, strip((self.root / entry).read_bytes()))

    def bundled(self, entry: str = "main.lua", **options: Any) -> Transcript:
        vm = LuaVM()
        vm.globals[b"package"][b"path"] = b""  # whatever it needs must be in the bundle
        return transcript(vm, self.build(entry, keep_all_results=True, **options).code)


def transcript(vm: LuaVM, source: bytes) -> Transcript:
    printed: list[bytes] = []
    vm.run(CAPTURE, "=capture", printed.append)
    try:
        results = vm.run(source, "@program")
    except LuaFailure as failure:
        # Where an error is, and the places that a missing module was looked for at, are not what the program does.
        error = re.sub(r"^[^ ]*:\d+: ", "", failure.message.splitlines()[0])
        return Transcript(printed=tuple(printed), error=error)
    return Transcript(printed=tuple(printed), results=results)


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


@pytest.fixture(scope="session")
def programs_in() -> Callable[[Path], Programs]:
    return Programs


@pytest.fixture
def lines_of() -> Callable[[LuaVM, bytes], tuple[bytes, ...]]:
    """Run a source in a VM that lives on; return what it printed."""
    return lambda vm, source: transcript(vm, source).printed
