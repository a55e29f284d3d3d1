"""A module file: checked, compiled once, and its compiled form kept in a cache folder."""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import wasmtime

__all__ = ["Module", "Watch", "default_cache", "engine", "load_module", "watch"]

_MAGIC: Final = b"\0asm"
_WASM_STACK: Final = (2 << 20) - 1  # below the 2 MiB that wasmtime's C API takes for granted
_TICK: Final = 0.05  # seconds
_NEEDED: Final = frozenset(
    {
        "memory",
        "handle",
        "sbrk",
        "setThrew",
        "dynCall_vjj",
        "__wasm_call_ctors",
        "emscripten_stack_init",
        "emscripten_stack_get_base",
        "emscripten_stack_get_current",
        "emscripten_stack_get_end",
        "_emscripten_stack_alloc",
        "_emscripten_stack_restore",
    }
)
_INSTALL: Final = 'pip install "tim3tool[wasm]"'


class Module:
    """A compiled module, from which machines are made.

    Args:
        digest: sha256 of the module file, in hex.
        compiled: wasmtime's form of it.
    """

    def __init__(self, digest: str, compiled: wasmtime.Module) -> None:
        self.digest = digest
        self.compiled = compiled
        self.started: dict[Any, Any] = {}
        """What machines of this module remember of first messages; see `WasmMachine`."""


class Watch:
    """Counts the engine's epoch up while somebody waits for the engine; wasmtime stops what outlives its deadline.

    Args:
        engine: the engine.
    """

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._waiting = threading.Event()
        self._thread: threading.Thread | None = None

    def ticks(self, seconds: float) -> int:
        """Return how many epochs a time takes, never less than that time."""
        return int(seconds / _TICK) + 2

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count while the block runs."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._count, name="tim3tool-wasm-watch", daemon=True)
            self._thread.start()
        self._waiting.set()
        try:
            yield
        finally:
            self._waiting.clear()

    def _count(self) -> None:
        while self._waiting.wait():
            time.sleep(_TICK)
            self._engine.increment_epoch()


@cache
def engine() -> wasmtime.Engine:
    """Return the one engine of this run."""
    library = _wasmtime()
    config = library.Config()
    config.wasm_memory64 = True
    config.epoch_interruption = True
    config.max_wasm_stack = _WASM_STACK
    made: wasmtime.Engine = library.Engine(config)
    return made


@cache
def watch() -> Watch:
    """Return the watch over the one engine of this run."""
    return Watch(engine())


def default_cache() -> Path:
    """Return the folder for compiled modules: ``tim3tool/wasm`` under ``XDG_CACHE_HOME``, else under ``~/.cache``."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "tim3tool" / "wasm"


def load_module(path: Path, folder: Path) -> Module:
    """Return a module, compiled now or in an earlier run.

    Args:
        path: the WebAssembly file, such as ``aos2_0_6.wasm``.
        folder: where compiled modules are kept; it is made when it is missing, and passed over when it cannot be used.

    Raises:
        UsageError: wasmtime is not installed, there is no such file, or it is no 64-bit aos module.
    """
    _wasmtime()
    try:
        code = path.read_bytes()
    except OSError as problem:
        msg = f"cannot read the module `{path}`: {problem.strerror}"
        raise UsageError(msg, help="name the .wasm file of an aos module") from None
    digest = hashlib.sha256(code).hexdigest()
    if digest not in _LOADED:
        _LOADED[digest] = Module(digest, _compiled(path, code, _entry(folder, digest)))
    return _LOADED[digest]


_LOADED: Final[dict[str, Module]] = {}


@atexit.register
def _close() -> None:
    """Close the modules while that is possible; once wasmtime is taken apart, their end is a noise on stderr."""
    for module in _LOADED.values():
        module.compiled.close()


def _wasmtime() -> Any:
    try:
        import wasmtime  # noqa: PLC0415 - an optional dependency, and slow to load
    except ImportError:
        msg = "the wasm engine needs wasmtime, which is not installed"
        raise UsageError(msg, help=_INSTALL) from None
    return wasmtime


def _entry(folder: Path, digest: str) -> Path:
    return folder / f"{digest}-wasmtime-{metadata.version('wasmtime')}-{platform.machine()}.cwasm"


def _compiled(path: Path, code: bytes, entry: Path) -> wasmtime.Module:
    if not code.startswith(_MAGIC):
        msg = f"`{path}` is not a WebAssembly file"
        raise UsageError(msg, help="name the .wasm file of an aos module")
    return _deserialised(_kept(entry)) or _compiled_anew(path, code, entry)


def _deserialised(kept: bytes | None) -> wasmtime.Module | None:
    library = _wasmtime()
    try:
        return None if kept is None else library.Module.deserialize(engine(), kept)
    except library.WasmtimeError:  # written under another configuration or for another processor
        return None


def _compiled_anew(path: Path, code: bytes, entry: Path) -> wasmtime.Module:
    library = _wasmtime()
    try:
        compiled: wasmtime.Module = library.Module(engine(), code)
    except library.WasmtimeError as problem:
        msg = f"`{path}` is not valid WebAssembly: {str(problem).splitlines()[0]}"
        raise UsageError(msg, help="name the .wasm file of an aos module") from None
    _check_shape(path, compiled)
    _keep(entry, bytes(compiled.serialize()))
    return compiled


def _check_shape(path: Path, compiled: wasmtime.Module) -> None:
    exports = {export.name: export.type for export in compiled.exports}
    missing = sorted(_NEEDED - exports.keys())
    memory = exports.get("memory")
    if memory is not None and not getattr(memory, "is_64", True):
        msg = f"`{path}` is a 32-bit module"
        raise UsageError(msg, help="the wasm engine runs 64-bit modules (wasm64-unknown-emscripten) such as aos 2.0.6")
    if missing:
        msg = f"`{path}` is not an aos module: it does not export `{missing[0]}`"
        raise UsageError(
            msg, help="the wasm engine runs modules of the format wasm64-unknown-emscripten-draft_2024_02_15"
        )


def _kept(entry: Path) -> bytes | None:
    """Return a compiled module that this user wrote and nobody changed since: to load any other is to run its code."""
    try:
        status = entry.stat()
        text = entry.read_bytes()
    except OSError:
        return None
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        return None
    digest, compiled = text[:32], text[32:]
    return compiled if hashlib.sha256(compiled).digest() == digest else None


def _keep(entry: Path, compiled: bytes) -> None:
    """Write a compiled module whole or not at all; without a usable folder the next run compiles again."""
    try:
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=entry.parent, prefix=".new-")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(compiled).digest() + compiled)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(entry)
    except OSError:
        Path(name).unlink(missing_ok=True)
