"""One Lua suite in its own open VM: its blocks and tests, run step by step."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tim3tool.errors import LuaSyntaxError, UsageError
from tim3tool.lua.vm import LuaFailure, LuaVM, to_python
from tim3tool.spec.failure import Place, failed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["LuaValue", "Node", "Pending", "Suite"]

LuaValue: TypeAlias = Any  # bytes, number, boolean, None, or lupa's wrapper of a table, function, …

_FILES: Final = (
    "assert",
    "assertions",
    "binary",
    "calls",
    "chain",
    "checks",
    "deep",
    "dialect",
    "doubles",
    "failure",
    "format",
    "guard",
    "lists",
    "luassert",
    "match",
    "message",
    "modifiers",
    "modules",
    "raising",
    "registry",
    "say",
    "spy",
    "state",
)
_MEMORY: Final = 512 * 1024 * 1024

Step = Literal["setup", "teardown", "before", "run", "after"]


class Pending(Exception):  # noqa: N818 - it is no error: the suite says that a test is not written yet
    """A test ended itself with ``pending()``; the text is its reason."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Node:
    """A block or a test of a suite.

    Args:
        kind: ``describe``, ``it`` or ``pending``.
        name: as the suite gives it.
        place: where the suite writes it.
        handle: the same in the VM.
    """

    kind: str
    name: str
    place: Place
    handle: LuaValue


class Suite:
    """A Lua suite and the open VM that it runs in.

    Args:
        path: the suite's file.
        chunk: its name in messages, usually `path` relative to the working directory.
        search: templates that ``require`` searches before Lua's own.
        seconds: CPU seconds that one step may take; 0 for no limit.
        clock: what measures them.

    Raises:
        UsageError: the file cannot be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        chunk: str,
        search: str,
        seconds: float = 10.0,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        self.path = path
        self.chunk = chunk
        self.vm = LuaVM(memory_limit=_MEMORY)
        self.explain: Callable[[str], str] = str  # says more about the text of a failure
        self._seconds = seconds
        self._clock = clock
        self._deadline = 0.0
        try:
            self._source = path.read_bytes()
        except OSError as error:
            msg = f"cannot read `{chunk}`: {error.strerror}"
            raise UsageError(msg) from None
        chunks = {name: self.vm.load(_lua_file(name), f"=[tim3tool {name}]") for name in _FILES}
        start = self.vm.load(_lua_file("start"), "=[tim3tool start]")
        (self._dialect,) = self.vm.call(start, self.vm.table(chunks), f"@{chunk}".encode(), _write, self._tick)
        package = self.vm.globals[b"package"]
        package[b"path"] = search.encode() + b";" + package[b"path"]

    def extend(self, name: str, *args: LuaValue) -> None:
        """Run one more of our own Lua files in the VM, with the dialect as its first argument.

        Args:
            name: the file in ``spec/lua/``, without ``.lua``.
            args: its further arguments: values of the VM, or Python callables.
        """
        self.vm.run(_lua_file(name), f"=[tim3tool {name}]", self._dialect, *args)

    def load(self) -> Node:
        """Run the suite's file.

        Returns:
            The block of the whole file.

        Raises:
            LuaSyntaxError: the file is not Lua 5.3.
            TestsFailed: it raised an error, with its place in the suite.
        """
        try:
            chunk = self.vm.load(_plain_source(self._source), f"@{self.chunk}")
        except LuaFailure as failure:
            place, message = Place.of_message(failure.message)
            line = place.line if place else 0
            where = Place(source=f"@{self.chunk}", line=line).where()
            raise LuaSyntaxError(message, where=where) from None
        root = self._node(self._dialect[b"root"])
        self._run(b"load", chunk, root)
        return root

    def enter(self, block: Node) -> list[Node]:
        """Run the body of a block, unless it is the file itself, and return what it holds.

        Raises:
            TestsFailed: the body raised an error.
        """
        if block.handle[b"body"] is not None:
            self._run(b"enter", block.handle, block)
        children = block.handle[b"children"]
        return [self._node(children[index]) for index in range(1, len(children) + 1)]

    def step(self, step: Step, node: Node) -> None:
        """Run one step of a block (``setup``, ``teardown``) or a test (``before``, ``run``, ``after``).

        Raises:
            Pending: the suite called ``pending()``.
            TestsFailed: an assertion failed or Lua raised an error.
        """
        self._run(step.encode(), node.handle, node)

    def _run(self, step: bytes, argument: LuaValue, node: Node) -> None:
        self._deadline = self._clock() + self._seconds
        (failure, *_) = (*self.vm.call(self._dialect[step], argument), None)
        if failure is None:
            return
        raised = failure[b"raised"]
        if isinstance(raised, BaseException):
            raise raised
        failure[b"raised"] = None
        plain = to_python(failure)
        if plain.get("pending"):
            raise Pending(plain["message"])
        plain["message"] = self.explain(plain["message"])
        raise failed(plain, node.place)

    def _node(self, handle: LuaValue) -> Node:
        place = to_python(handle[b"place"])
        name = handle[b"name"].decode("utf-8", "replace")
        return Node(kind=handle[b"kind"].decode(), name=name, place=Place(**place), handle=handle)

    def _tick(self) -> bytes | None:
        # Python sees Ctrl-C only while it runs, so this is called even where there is no limit.
        if not self._seconds or self._clock() < self._deadline:
            return None
        return f"no end after {self._seconds:g} s of CPU time; `--lua-timeout` sets the limit".encode()


def _write(text: bytes) -> None:
    sys.stdout.write(text.decode("utf-8", "replace"))


def _plain_source(source: bytes) -> bytes:
    """Return a source as Lua's own ``loadfile`` takes it: without BOM, a first line with ``#`` left empty."""
    source = source.removeprefix(b"\xef\xbb\xbf")
    return b"\n" + source.partition(b"\n")[2] if source.startswith(b"#") else source


@cache
def _lua_file(name: str) -> bytes:
    return resources.files("tim3tool.spec").joinpath("lua", f"{name}.lua").read_bytes()
