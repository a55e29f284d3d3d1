"""One Lua suite in its own open VM: its blocks and tests, run step by step."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tim3tool.errors import LuaRaised, LuaSyntaxError, UsageError
from tim3tool.lua.vm import LuaFailure, LuaVM, to_python
from tim3tool.spec.failure import Place, failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.errors import TestsFailed

__all__ = ["HooksFailed", "LuaValue", "Node", "Pending", "Suite"]

LuaValue: TypeAlias = Any  # bytes, number, boolean, None, or lupa's wrapper of a table, function, …

_FILES: Final = (
    "assert",
    "assertions",
    "binary",
    "busted",
    "calls",
    "chain",
    "checks",
    "context",
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
    "steps",
)
_MEMORY: Final = 512 * 1024 * 1024
_TESTS: Final = ("it", "pending")

Step = Literal["setup", "teardown", "unwind", "leave", "before", "run", "after"]


class Pending(Exception):  # noqa: N818 - it is no error: the suite says that a test is not written yet
    """A test ended itself with ``pending()``; the text is its reason."""


class HooksFailed(Exception):  # noqa: N818 - named for what happened
    """Several hooks of one step failed, or one that a block's tests share.

    Args:
        failures: what went wrong, at least one.
        above: how many blocks above the test the one lies whose ``lazy_setup`` failed; 0 where it was another hook.
    """

    def __init__(self, failures: list[TestsFailed], *, above: int = 0) -> None:
        super().__init__(failures[0].message)
        self.failures = failures
        self.above = above


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Node:
    """A block or a test of a suite.

    Args:
        kind: ``it``, ``pending``, ``file`` or the word of a block.
        name: as the suite gives it.
        place: where the suite writes it.
        index: its place among the children of its block, from 1.
        handle: the same in the VM.
    """

    kind: str
    name: str
    place: Place
    index: int = 0
    handle: LuaValue = None

    @property
    def is_block(self) -> bool:
        """Whether it holds others."""
        return self.kind not in _TESTS


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
        search: str = "",
        seconds: float = 10.0,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        self.path = path
        self.chunk = chunk
        self.vm = LuaVM(memory_limit=_MEMORY)
        self.explain: Callable[[str], str] = str  # says more about the text of a failure
        self._seconds = seconds
        self._clock = clock
        self._deadline: float | None = None
        self._source = _source(path, chunk)
        chunks = {name: self.vm.load_own(_lua_file(name), f"=[tim3tool {name}]") for name in _FILES}
        start = self.vm.load_own(_lua_file("start"), "=[tim3tool start]")
        (self._steps,) = self.vm.call(start, self.vm.table(chunks), f"@{chunk}".encode(), _write, self._tick)
        package = self.vm.globals[b"package"]
        package[b"path"] = search.encode() + b";" * bool(search) + package[b"path"]

    def extend(self, name: str, *args: LuaValue) -> None:
        """Run one more of our own Lua files in the VM, with its steps as the first argument.

        Args:
            name: the file in ``spec/lua/``, without ``.lua``.
            args: its further arguments: values of the VM, or Python callables.
        """
        self.vm.call(self.vm.load_own(_lua_file(name), f"=[tim3tool {name}]"), self._steps, *args)

    def configure(self, file: Path) -> LuaValue:
        """Run a ``.busted`` file in the VM.

        Returns:
            What it returns.

        Raises:
            LuaSyntaxError: it is not Lua 5.3.
            TestsFailed: it raised an error.
            UsageError: it cannot be read.
        """
        chunk = self._compiled(_source(file, file.name), file.name)
        return self._prepare(chunk, Place(source=f"@{file.name}", line=0))

    def help(self, helper: str) -> None:
        """Run a helper: a Lua file, or a Lua module.

        Args:
            helper: its path or its name for ``require``.

        Raises:
            LuaSyntaxError: it is not Lua 5.3.
            TestsFailed: it raised an error, or there is none.
        """
        place = Place(source=f"@{helper}", line=0)
        path = Path(helper)
        if path.suffix == ".lua" and path.is_file():
            self._prepare(self._compiled(_source(path, helper), helper), place)
        else:
            self._prepare(self.vm.globals[b"require"], place, helper.encode())

    def execute(self, statement: str) -> None:
        """Run a Lua statement in the VM.

        Raises:
            LuaSyntaxError: it is not Lua 5.3.
            TestsFailed: it raised an error.
        """
        self._prepare(self._compiled(statement.encode(), "-e"), Place(source="=-e", line=0))

    def be_lazy(self) -> None:
        """Make ``setup`` and ``teardown`` the lazy ones."""
        self.vm.call(self._steps[b"beLazy"])

    def load(self) -> Node:
        """Compile the suite's file.

        Returns:
            The block of the whole file, to be entered.

        Raises:
            LuaSyntaxError: the file is not Lua 5.3.
        """
        self.vm.call(self._steps[b"take"], self._compiled(self._source, self.chunk))
        place = Place(source=f"@{self.chunk}", line=0)
        return Node(kind="file", name="", place=place, handle=self._steps[b"root"])

    def enter(self, block: Node) -> list[Node]:
        """Run the body of a block, and return what it holds.

        Raises:
            TestsFailed: the body raised an error.
        """
        self._run(b"enter", block)
        handles = block.handle[b"children"]
        flat = [*self.vm.call(self._steps[b"children"], block.handle)[0].values()]
        made = zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)
        return [
            Node(
                kind=kind.decode(),
                name=name.decode("utf-8", "replace"),
                place=Place(source=source.decode("utf-8", "replace"), line=line),
                index=index,
                handle=handles[index],
            )
            for index, (kind, name, source, line) in enumerate(made, start=1)
        ]

    def order(self, block: Node) -> int | bool | None:
        """Return what a block that was entered says of the order of its children: a seed, true for any, or nothing."""
        random = block.handle[b"random"]
        return int(random) if isinstance(random, float) else random

    def reach(self, block: Node, index: int) -> None:
        """Run the bodies of the blocks that were left out, up to a child of a block.

        Args:
            block: the block.
            index: of the child, from 1.
        """
        self._start()
        self.vm.call(self._steps[b"reach"], block.handle, index)

    def step(self, step: Step, node: Node) -> None:
        """Run one step of a block or a test.

        Args:
            step: ``setup``, ``unwind``, ``teardown``, ``leave`` of a block; ``before``, ``run``, ``after`` of a test.
            node: the block or test.

        Raises:
            HooksFailed: more than one hook failed, or a ``lazy_setup``.
            Pending: the suite called ``pending()``.
            TestsFailed: an assertion failed or Lua raised an error.
        """
        self._run(step.encode(), node)

    def _run(self, step: bytes, node: Node) -> None:
        self._start()
        outcome = self.vm.call(self._steps[step], node.handle)
        if outcome and outcome[0] is not None:
            self._raise(outcome[0], node.place, above=outcome[1] if len(outcome) > 1 else 0)

    def _raise(self, failures: LuaValue, place: Place, *, above: int = 0) -> None:
        errors = []
        for failure in failures.values():
            raised = failure[b"raised"]
            if isinstance(raised, BaseException):
                raise raised
            failure[b"raised"] = None
            plain = to_python(failure)
            if plain.get("pending"):
                raise Pending(plain["message"])
            plain["message"] = self.explain(plain["message"])
            errors.append(failed(plain, place))
        if len(errors) > 1 or above:
            raise HooksFailed(errors, above=above)
        raise errors[0]

    def _prepare(self, call: LuaValue, place: Place, *arguments: LuaValue) -> LuaValue:
        self._start()
        failures, returned = self.vm.call(self._steps[b"prepare"], call, *arguments)
        if failures is not None:
            try:
                self._raise(failures, place)
            except Pending:
                msg = "'pending' not supported inside current context block: it belongs into a test"
                raise LuaRaised(msg, where=place.where()) from None
        return returned

    def _compiled(self, source: bytes, chunk: str) -> LuaValue:
        try:
            return self.vm.load(_plain_source(source), f"@{chunk}")
        except LuaFailure as failure:
            place, message = Place.of_message(failure.message)
            where = Place(source=f"@{chunk}", line=place.line if place else 0).where()
            raise LuaSyntaxError(message, where=where) from None

    def _start(self) -> None:
        self._deadline = None  # the first tick, some milliseconds later, sets it: most steps end before

    def _tick(self) -> bytes | None:
        # Python sees Ctrl-C only while it runs, so this is called even where there is no limit.
        now = self._clock() if self._seconds else 0.0
        if self._deadline is None:
            self._deadline = now + self._seconds
        if not self._seconds or now < self._deadline:
            return None
        return f"no end after {self._seconds:g} s of CPU time; `--lua-timeout` sets the limit".encode()


def _write(text: bytes) -> None:
    sys.stdout.write(text.decode("utf-8", "replace"))


def _source(path: Path, shown: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"cannot read `{shown}`: {error.strerror}"
        raise UsageError(msg) from None


def _plain_source(source: bytes) -> bytes:
    """Return a source as Lua's own ``loadfile`` takes it: without BOM, a first line with ``#`` left empty."""
    source = source.removeprefix(b"\xef\xbb\xbf")
    return b"\n" + source.partition(b"\n")[2] if source.startswith(b"#") else source


@cache
def _lua_file(name: str) -> bytes:
    return resources.files("tim3tool.spec").joinpath("lua", f"{name}.lua").read_bytes()
