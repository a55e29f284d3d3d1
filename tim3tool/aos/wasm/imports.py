"""What the module asks of its host: the functions that emscripten's JavaScript would otherwise provide.

None of them reaches anything of the real host: there are no files, no environment and a made-up clock (aos-runtime
facts, sections 7.6 and 12).
"""

from __future__ import annotations

import re
import struct
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmtime import Func, Store

    from tim3tool.aos.wasm.memory import Memory

__all__ = ["ModuleStopped", "Surroundings"]

_ENOSYS: Final = 52
_FIRST_TICK: Final = 10_000  # milliseconds since 1970 at the first look at the clock; each look is one later
_ENVIRONMENT: Final = (
    "USER=web_user",
    "LOGNAME=web_user",
    "PATH=/",
    "PWD=/",
    "HOME=/home/web_user",
    "LANG=C.UTF-8",
    "_=./this.program",
)
_TM: Final = struct.Struct("<9i4xqQ")  # struct tm of a 64-bit emscripten module
_MODIFIED: Final = re.compile(r"%[EO]?(.)")  # in the C locale, E and O change nothing


class ModuleStopped(Exception):  # noqa: N818 - named for what happened
    """The module ended itself: it called ``exit`` or ``abort``."""


class _Longjmp(Exception):  # noqa: N818 - control flow, no error
    """Unwinds the module to its nearest protected call, as `longjmp` does in C."""


class Surroundings:
    """The state of the host beside one instance, and the functions of it that the instance imports.

    Args:
        store: where the instance lives.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._exports: Mapping[str, Func]
        self._memory: Memory
        self.clock = _FIRST_TICK
        """Milliseconds that the next look at the clock answers; part of the state of the process."""

    def attach(self, memory: Memory, exports: Mapping[str, Func]) -> None:
        """Make the instance known, which cannot exist before its imports do."""
        self._memory, self._exports = memory, exports

    def function(self, name: str, *, answers: bool) -> Callable[..., int | float | None]:
        """Return the function behind an import; what needs files or a system answers that there is none.

        Args:
            name: the import's name, without its module.
            answers: whether it has a result.
        """
        if hasattr(self, f"_import_{name.lstrip('_')}"):
            return _weakly(getattr(self, f"_import_{name.lstrip('_')}"))
        if name.startswith("__syscall_"):
            return lambda *_: -_ENOSYS
        return lambda *_: 0 if answers else None

    # Non-local exits -------------------------------------------------------------------------------------------------

    def _import_invoke_vjj(self, index: int, first: int, second: int) -> None:
        stack = self._exports["emscripten_stack_get_current"](self._store)
        try:
            self._exports["dynCall_vjj"](self._store, index, first, second)
        except _Longjmp:
            self._exports["_emscripten_stack_restore"](self._store, stack)
            self._exports["setThrew"](self._store, 1, 0)

    def _import_emscripten_throw_longjmp(self) -> None:
        raise _Longjmp

    def _import_exit(self, status: int) -> None:
        msg = f"the process called os.exit({status})"
        raise ModuleStopped(msg)

    def _import_abort_js(self) -> None:
        msg = "the module aborted"
        raise ModuleStopped(msg)

    def _import_emscripten_system(self, command: int) -> int:
        return -_ENOSYS if command else 0

    # Memory ----------------------------------------------------------------------------------------------------------

    def _import_emscripten_memcpy_js(self, to: int, start: int, count: int) -> None:
        self._memory.move(to, start, count)

    def _import_emscripten_resize_heap(self, size: int) -> int:
        return int(self._memory.grow_to(size))

    # Clock, environment and output -----------------------------------------------------------------------------------

    def _import_emscripten_date_now(self) -> float:
        now = self.clock
        self.clock += 1
        return float(now)

    def _import_emscripten_get_now_is_monotonic(self) -> int:
        return 1

    def _import_environ_sizes_get(self, count: int, size: int) -> int:
        self._memory.write(count, struct.pack("<Q", len(_ENVIRONMENT)))
        self._memory.write(size, struct.pack("<Q", sum(len(entry) + 1 for entry in _ENVIRONMENT)))
        return 0

    def _import_environ_get(self, pointers: int, text: int) -> int:
        for number, entry in enumerate(_ENVIRONMENT):
            self._memory.write(pointers + 8 * number, struct.pack("<Q", text))
            self._memory.write(text, entry.encode() + b"\0")
            text += len(entry) + 1
        return 0

    def _import_fd_write(self, file: int, vectors: int, count: int, written: int) -> int:
        del file
        lengths = (self._memory.read_u64(vectors + 16 * number + 8) for number in range(count))
        self._memory.write(written, struct.pack("<Q", sum(lengths)))
        return 0

    def _import_gmtime_js(self, seconds: int, tm: int) -> None:
        parts = time.gmtime(max(min(seconds, 2**50), -(2**50)))
        fields = (parts.tm_sec, parts.tm_min, parts.tm_hour, parts.tm_mday, parts.tm_mon - 1, parts.tm_year - 1900)
        self._memory.write(tm, _TM.pack(*fields, (parts.tm_wday + 1) % 7, parts.tm_yday - 1, 0, 0, 0))

    _import_localtime_js = _import_gmtime_js

    def _import_strftime(self, to: int, room: int, pattern: int, tm: int) -> int:
        second, minute, hour, day, month, year, weekday, yearday, _, _, _ = _TM.unpack(self._memory.read(tm, _TM.size))
        parts = (year + 1900, month + 1, day, hour, minute, second, (weekday - 1) % 7, yearday + 1, 0)
        text = _date(self._memory.read_text(pattern).decode("utf-8", "replace"), parts).encode()
        if len(text) >= room:
            return 0
        self._memory.write(to, text + b"\0")
        return len(text)


def _weakly(bound: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method without its object: wasmtime holds on to what it calls, and the object leads to the store."""
    method = weakref.WeakMethod(bound)

    def call(*arguments: float) -> Any:
        found = method()
        if found is None:
            msg = "the instance is gone"
            raise ModuleStopped(msg)
        return found(*arguments)

    return call


def _date(pattern: str, parts: tuple[int, ...]) -> str:
    return time.strftime(_MODIFIED.sub(r"%\1", pattern), parts)  # type: ignore[arg-type]  # as time.struct_time holds
