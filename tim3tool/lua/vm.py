"""The one door to lupa: a Lua 5.3 virtual machine that knows nothing of Python objects.

Strings cross as ``bytes``, because Lua strings are bytes; integers, floats, booleans and nil cross as themselves.
lupa's ``python`` table is taken out of every VM before any other code can run.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from lupa import lua53 as _lupa

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LuaFailure", "LuaVM", "OutOfMemory", "is_function", "is_table", "syntax_error", "to_python"]

_MAX_DEPTH: Final = 200

# The loader keeps `load` and `xpcall` from before any user code, so that replacing the globals changes nothing here.
_PRELUDE: Final = b"""
python = nil
package.loaded.python = nil
local load, xpcall, traceback, pack, unpack = load, xpcall, debug.traceback, table.pack, table.unpack
local tostring, type, getmetatable = tostring, type, getmetatable
local function describe(raised)
  if type(raised) == "string" then return { raised, traceback(raised, 2) } end
  local text = type(raised) == "number" and tostring(raised) or "error object is a " .. type(raised) .. " value"
  local meta = type(raised) == "table" and getmetatable(raised)
  if type(meta) == "table" and meta.__tostring then text = tostring(raised) end
  return { text, traceback(text, 2), raised }
end
local function protected(f, ...) return xpcall(f, describe, ...) end
return function(source, chunk) return load(source, chunk, "t") end,
  function(compiled) return load(compiled, "=?", "b") end,
  protected,
  function(f, ...)
    local args = pack(f, ...)
    return function() return protected(unpack(args, 1, args.n)) end
  end
"""
_OUT_OF_MEMORY: Final = "not enough memory"


class LuaFailure(Exception):  # noqa: N818 - the field says failure; every error of Lua's own is one
    """Lua raised an error.

    Args:
        message: the raised text.
        traceback: Lua's own traceback, starting with the message.
        value: the raised value where it was not a string (a lupa table, number, …).
    """

    def __init__(self, message: str, traceback: str = "", value: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.traceback = traceback or message
        self.value = value


class OutOfMemory(LuaFailure):
    """The VM reached its memory limit outside any Lua ``pcall``."""


class LuaVM:
    """One Lua 5.3 virtual machine.

    Args:
        memory_limit: bytes the VM may hold, or None for no limit.

    Example:
        >>> vm = LuaVM()
        >>> vm.call(vm.load(b"return 1 + ..., 'x'", "=demo"), 2)
        (3, b'x')
    """

    def __init__(self, *, memory_limit: int | None = None) -> None:
        self._runtime = _lupa.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_deny_attributes,
            max_memory=0,
        )
        self._memory_limit = memory_limit
        self._load, self._undump, self._protected, self._pack = self._runtime.execute(_PRELUDE)

    def load(self, source: bytes, chunk: str) -> Any:
        """Compile Lua source text (never bytecode).

        Args:
            source: Lua 5.3 source, without BOM or shebang.
            chunk: the chunk name, ``@path`` for a file or ``=name`` for anything else.

        Returns:
            The compiled function, for `call`.

        Raises:
            LuaFailure: the source does not compile; ``message`` is Lua's own text.
        """
        loaded = self._load(source, chunk.encode())
        if isinstance(loaded, tuple):
            raise LuaFailure(_text(loaded[1]))
        return loaded

    def load_own(self, source: bytes, chunk: str) -> Any:
        """Load Lua that comes with tim3tool, which is compiled once for all VMs of this process.

        Args:
            source: as for `load`; never that of a user, who must not choose bytecode.
            chunk: the chunk name.

        Returns:
            The compiled function, for `call`.

        Raises:
            LuaFailure: the source does not compile.
        """
        return self._undump(_dumped(source, chunk))

    def call(self, function: Any, *args: Any) -> tuple[Any, ...]:
        """Call a Lua function under Lua's ``xpcall``.

        Args:
            function: a Lua function of this VM.
            args: bytes, int, float, bool, None, values of this VM or Python callables.

        Returns:
            All results, as a tuple.

        Raises:
            LuaFailure: Lua raised an error.
            OutOfMemory: the memory limit was reached.
        """
        try:
            outcome = self._limited(function, args)
        except _lupa.LuaError as error:
            raise LuaFailure(str(error)) from None
        if outcome is True:
            return ()
        if outcome[0] is True:
            return tuple(outcome[1:])
        raised = outcome[1]
        if is_table(raised):
            raise LuaFailure(_text(raised[1]), _text(raised[2]), raised[3])
        text = _text(raised)
        raise OutOfMemory(text) if text == _OUT_OF_MEMORY else LuaFailure(text)

    def _limited(self, function: Any, args: tuple[Any, ...]) -> Any:
        """Call under the memory limit.

        The arguments are handed over before the limit holds: lupa pushes them outside any protected call, where Lua
        would abort the whole program for want of memory.
        """
        if self._memory_limit is None:
            return self._protected(function, *args)
        packed = self._pack(function, *args)
        self._runtime.set_max_memory(self._memory_limit)
        try:
            return packed()
        finally:
            self._runtime.set_max_memory(0)

    def run(self, source: bytes, chunk: str, *args: Any) -> tuple[Any, ...]:
        """Compile and call in one step; see `load` and `call`."""
        return self.call(self.load(source, chunk), *args)

    @property
    def globals(self) -> Any:
        """The VM's global table."""
        return self._runtime.globals()

    def table(self, value: dict[Any, Any] | list[Any]) -> Any:
        """Return a new Lua table with the contents of nested dicts and lists; str becomes UTF-8 bytes."""
        return self._runtime.table_from(_encoded(value), recursive=True)

    @property
    def memory_used(self) -> int:
        """Bytes the VM holds now."""
        return int(self._runtime.get_memory_used() or 0)

    def collect_garbage(self) -> None:
        """Run a full Lua garbage collection."""
        self._runtime.gccollect()


def syntax_error(source: bytes, chunk: str = "=source") -> tuple[int, str] | None:
    """Return what Lua 5.3's own compiler says against a source.

    Args:
        source: Lua source, without BOM or shebang.
        chunk: the chunk name.

    Returns:
        (1-based line, message without its place), or None when it compiles.
    """
    try:
        _compiler().load(source, chunk)
    except LuaFailure as failure:
        match = re.match(r"(?s).*?:(\d+): (.*)", failure.message)
        return (int(match[1]), match[2]) if match else (1, failure.message)
    return None


@functools.cache
def _dumped(source: bytes, chunk: str) -> bytes:
    compiler = _compiler()
    (dumped,) = compiler.call(compiler.globals[b"string"][b"dump"], compiler.load(source, chunk))
    return bytes(dumped)


@functools.cache
def _compiler() -> LuaVM:
    return LuaVM()  # no code of anyone else ever runs in it


def is_table(value: Any) -> bool:
    """Tell whether a value is a Lua table."""
    return bool(_lupa.lua_type(value) == "table")


def is_function(value: Any) -> bool:
    """Tell whether a value is a Lua function."""
    return bool(_lupa.lua_type(value) == "function")


def to_python(value: Any, *, decode: Callable[[bytes], Any] = lambda b: b.decode("utf-8", "replace")) -> Any:
    """Return a Lua value as plain Python data.

    Args:
        value: a value of a `LuaVM`; tables with keys 1..n become lists, an empty table an empty dict.
        decode: how a Lua string becomes Python's.

    Returns:
        None, bool, int, float, the decoded string, list, dict; functions and userdata become ``<function>``,
        a table inside itself ``<circular>``.
    """
    return _plain(value, decode, ())


def _plain(value: Any, decode: Callable[[bytes], Any], above: tuple[str, ...]) -> Any:
    if isinstance(value, bytes):
        return decode(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if not is_table(value):
        return f"<{_lupa.lua_type(value) or type(value).__name__}>"
    identity = repr(value)  # lupa's wrappers do not compare; their repr holds the table's address
    if len(above) > _MAX_DEPTH or identity in above:
        return "<circular>"
    inner = (*above, identity)
    length = len(value)
    pairs = list(value.items())
    if length and length == len(pairs) and all(type(key) is int for key, _ in pairs):
        return [_plain(value[index], decode, inner) for index in range(1, length + 1)]
    return {_plain(key, decode, inner): _plain(item, decode, inner) for key, item in pairs}


def _encoded(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict):
        return {_encoded(key): _encoded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    return value


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _deny_attributes(_object: Any, _name: Any, _setting: bool) -> Any:  # noqa: FBT001 - lupa's signature
    msg = "Python objects are closed to Lua"
    raise AttributeError(msg)
