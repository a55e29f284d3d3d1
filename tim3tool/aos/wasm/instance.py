"""One running module: text in, text out, and its state copied and put back."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import wasmtime

from tim3tool.aos.wasm.imports import ModuleStopped, Surroundings
from tim3tool.aos.wasm.memory import Memory
from tim3tool.aos.wasm.module import engine, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.aos.wasm.memory import Snapshot
    from tim3tool.aos.wasm.module import Module

__all__ = ["Instance", "State", "Stopped"]

# Each coroutine inside a coroutine, up to 200, takes some six frames of Python, and wasmtime's callbacks cannot tell
# the module when there are none left.
_FRAMES: Final = 5000
_MOST: Final = 512 * 1024 * 1024  # what the module itself declares (aos-runtime facts, section 7.7)
_ROOM_LEFT: Final = 1 << 20  # of the C stack, beside the two arguments
_PATIENCE: Final = 3600.0  # seconds, where no code of the process runs
_INTERRUPTED: Final = wasmtime.TrapCode.INTERRUPT


class Stopped(Exception):  # noqa: N818 - named for what happened
    """The module did not answer."""


@contextmanager
def _room_for_frames() -> Iterator[None]:
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Everything that a later answer can depend on.

    Args:
        memory: the module's memory.
        clock: what its clock shows next.
    """

    memory: Snapshot
    clock: int


class Instance:
    """A module with a memory of its own.

    Args:
        module: the compiled module.
        heap_limit: bytes that its heap may hold.
    """

    def __init__(self, module: Module, heap_limit: int) -> None:
        self._store = wasmtime.Store(engine())
        self._store.set_epoch_deadline(watch().ticks(_PATIENCE))
        self._surroundings = Surroundings(self._store)
        linker = wasmtime.Linker(engine())
        for wanted in module.compiled.imports:
            name, kind = str(wanted.name), cast("wasmtime.FuncType", wanted.type)
            function = self._surroundings.function(name, answers=bool(kind.results))
            linker.define_func(wanted.module, name, kind, function)
        exports = linker.instantiate(self._store, module.compiled).exports(self._store)
        self._exports = {name: item for name, item in exports.items() if isinstance(item, wasmtime.Func)}
        self._call("emscripten_stack_init")
        self._stack_base = self._call("emscripten_stack_get_base")
        self._stack_end = self._call("emscripten_stack_get_end")
        memory = cast("wasmtime.Memory", exports["memory"])
        self._memory = Memory(self._store, memory, min(_MOST, self._stack_base + heap_limit))
        self._surroundings.attach(self._memory, self._exports)
        self._call("__wasm_call_ctors")
        self._stack = self._call("emscripten_stack_get_current")

    def _call(self, name: str, *arguments: int) -> int:
        result: int = self._exports[name](self._store, *arguments)
        return result

    def handle(self, message: bytes, env: bytes, seconds: float) -> bytes:
        """Return the module's answer, as the JSON text that it is.

        Args:
            message: JSON.
            env: JSON.
            seconds: how long that may take.

        Raises:
            Stopped: it took longer, or the module broke down; the state is then half changed.
        """
        self._store.set_epoch_deadline(watch().ticks(seconds))
        try:
            with _room_for_frames(), watch().running():
                return self._memory.read_text(self._call("handle", self._placed(message), self._placed(env)))
        except wasmtime.Trap as trap:
            if trap.trap_code is _INTERRUPTED:
                msg = f"time limit of {seconds:g} s for one message exceeded"
                raise Stopped(msg) from None
            msg = f"the module broke down: {trap.message.splitlines()[-1]}"
            raise Stopped(msg) from None
        except (ModuleStopped, IndexError, RecursionError, wasmtime.WasmtimeError) as problem:
            msg = f"the module stopped: {problem}"
            raise Stopped(msg) from None
        finally:
            self._store.set_epoch_deadline(watch().ticks(_PATIENCE))
            self._call("_emscripten_stack_restore", self._stack)

    def _placed(self, text: bytes) -> int:
        size = len(text) + 1
        if size > self._call("emscripten_stack_get_free") - _ROOM_LEFT:
            msg = f"a message of {len(text):,} bytes does not fit the module's stack"
            raise Stopped(msg)
        at = self._call("_emscripten_stack_alloc", size)
        self._memory.write(at, text + b"\0")
        return at

    @property
    def memory_used(self) -> int:
        """Bytes of data and heap."""
        return self._stack_end + self._call("sbrk", 0) - self._stack_base

    def state(self) -> State:
        """Return a copy of the state; some 2 MiB for a small process, in about a millisecond."""
        return State(
            memory=self._memory.snapshot(
                stack_end=self._stack_end, stack_base=self._stack_base, heap_end=self._call("sbrk", 0)
            ),
            clock=self._surroundings.clock,
        )

    def restore(self, state: State) -> None:
        """Go back to a state of this instance, or of another one of the same module."""
        self._memory.restore(state.memory, stack_base=self._stack_base)
        self._surroundings.clock = state.clock
