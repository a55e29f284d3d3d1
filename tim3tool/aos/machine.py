"""The Lua VM of a process, and the way in and out of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from tim3tool.aos.libraries import library_sources, runtime_file
from tim3tool.aos.meter import Meter
from tim3tool.aos.result import Place, Result
from tim3tool.errors import ProcessFailed
from tim3tool.lua.compat import COMPAT, compat_source
from tim3tool.lua.vm import LuaFailure, LuaVM, OutOfMemory, to_python

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.aos.meter import Measure
    from tim3tool.aos.versions import AosVersion

__all__ = ["Limits", "LuaMachine", "Machine"]

_OUT_OF_MEMORY: Final = "not enough memory"
_RECENT: Final = 64
_ADDRESS: Final = re.compile(rb"0x[0-9a-f]{6,16}")
_PRIVATE: Final = ("matcher", "bounded", "system", "sandbox", "snapshot", "host")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one message may use.

    Args:
        instructions: Lua VM instructions a message, the runtime's own included.
        memory: bytes the whole process may hold; the network's module may hold 512 MiB.
    """

    instructions: int = 300_000_000
    memory: int = 512 * 1024 * 1024


class Machine(Protocol):
    """What evaluates the messages of one process, and holds its state."""

    def handle(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> tuple[int, Result]:
        """Return the result, and a number that is equal for equal results within this run of Python.

        The state is kept whatever the result.
        """

    def replay(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> int:
        """Evaluate a message again; return the number that `handle` gave beside its result."""

    def read(self, expression: str) -> Any:
        """Return the value of a Lua expression as plain data; ProcessFailed when it does not compile or raises."""

    def save(self) -> int:
        """Remember the state, in place of the one remembered before.

        Returns:
            How much was remembered, in units of which a message takes some 100; 0 when this state cannot be.
        """

    def restore(self) -> bool:
        """Go back to the remembered state; False when that is impossible, and the machine is of no more use."""

    @property
    def memory_used(self) -> int:
        """Bytes held now."""


class LuaMachine:
    """The mocked aos runtime in a closed Lua VM; a `Machine`.

    Args:
        version: the aos version to behave as.
        limits: what one message may use.
        shuffle: a seed that shuffles the order in which ``pairs`` visits strings; None for their own order.
        measure: what is measured in it; None for nothing.
    """

    def __init__(
        self, version: AosVersion, limits: Limits, *, shuffle: int | None = None, measure: Measure | None = None
    ) -> None:
        self._vm = LuaVM(memory_limit=limits.memory)
        self._limits = limits
        self._env: Mapping[str, Any] | None = None
        self._recent: dict[int, tuple[Mapping[str, Any], list[Any]]] = {}
        self._measure = measure
        self._meter = Meter(self._vm, measure) if measure else None
        (boot,) = self._vm.run(_BOOT, "=boot")
        self._evaluate, self._set_env, self._compile, self._read, *snapshot, observer = self._vm.call(
            boot,
            self._meter.counting.lua if self._meter else None,
            runtime_file("observer") if self._meter else None,
            self._vm.table(dict(library_sources())),
            self._vm.table(version.as_lua() | ({} if shuffle is None else {"shuffle": shuffle})),
            *map(runtime_file, _PRIVATE),
            *map(compat_source, COMPAT),
        )
        self._save, self._restore = snapshot
        self._compiled: dict[str, Any] = {}
        if self._meter:
            self._meter.watch(observer)

    def handle(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> tuple[int, Result]:
        """Evaluate a message; see `Machine.handle`."""
        outcome = self._outcome(message, env)
        result = self._result(outcome)
        if self._meter:
            self._meter.after(result)
        return _fingerprint(outcome), result

    def replay(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> int:
        """Evaluate a message again; see `Machine.replay`."""
        outcome = self._outcome(message, env, again=True)
        if self._meter:
            self._meter.after(None)
        return _fingerprint(outcome)

    def _outcome(self, message: Mapping[str, Any], env: Mapping[str, Any], *, again: bool = False) -> tuple[Any, ...]:
        if self._meter:
            self._meter.before(message, again=again)
        if env is not self._env:
            self._vm.call(self._set_env, json.dumps(env).encode())
            self._env = env
        try:
            return self._vm.call(self._evaluate, self._limits.instructions, *self._flat(message))
        except OutOfMemory:
            return (False, _OUT_OF_MEMORY.encode())

    def read(self, expression: str) -> Any:
        """Evaluate an expression; see `Machine.read`."""
        try:
            chunk = self._chunk(expression)
            ok, value = (*self._vm.call(self._read, self._limits.instructions, chunk), None)[:2]
        except LuaFailure as failure:
            ok, value = False, failure.message.encode()
        if ok:
            return to_python(value)
        msg = f"cannot read `{expression}`: {to_python(value)}"
        raise ProcessFailed(msg)

    def _chunk(self, expression: str) -> Any:
        """Return an expression compiled; those of the latest reads are kept, since they are read again."""
        if expression not in self._compiled:
            chunk, failure = (*self._vm.call(self._compile, expression.encode()), None)[:2]
            if chunk is None:
                raise LuaFailure(str(to_python(failure)))
            if len(self._compiled) == _RECENT:
                self._compiled.clear()
            self._compiled[expression] = chunk
        return self._compiled[expression]

    def save(self) -> int:
        """Remember the state; see `Machine.save`."""
        return int(self._vm.call(self._save)[0])

    def restore(self) -> bool:
        """Go back to the remembered state; see `Machine.restore`."""
        is_restored = bool(self._vm.call(self._restore)[0])
        if not is_restored and self._measure and self._meter:
            self._measure.take(self._meter)
        return is_restored

    @property
    def memory_used(self) -> int:
        """Bytes the VM holds."""
        return self._vm.memory_used

    def _flat(self, message: Mapping[str, Any]) -> list[Any]:
        """Return the arguments for a message; those of the latest are kept, since they are the ones replayed."""
        kept = self._recent.get(id(message))
        if kept is not None and kept[0] is message:
            return kept[1]
        if len(self._recent) == _RECENT:
            self._recent.clear()
        flat = self._flattened(message)
        self._recent[id(message)] = (message, flat)
        return flat

    def _flattened(self, message: Mapping[str, Any]) -> list[Any]:
        flat: list[Any] = [0, "Tags" in message and message["Tags"] is not None]
        for key, value in message.items():
            if key != "Tags":
                flat += (key.encode(), self._value(value))
        flat[0] = (len(flat) - 2) // 2
        for tag in message.get("Tags") or ():
            flat += (self._value(tag.get("name")), self._value(tag.get("value")))
        return flat

    def _value(self, value: Any) -> Any:
        if type(value) is str:
            return value.encode("utf-8", "surrogatepass")
        if isinstance(value, dict | list | tuple):
            return self._vm.table([json.dumps(value)])
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return float(value)
        return value

    def _result(self, outcome: tuple[Any, ...]) -> Result:
        if outcome[0]:
            if outcome[1] is None:
                return Result(_unflattened(outcome))
            members = json.loads(_decoded(outcome[1]))
            error = members.get("Error")
            if isinstance(error, str) and _OUT_OF_MEMORY in error:
                members["Error"] = error.replace(_OUT_OF_MEMORY, self._memory_text(), 1)
            return Result(members, places=_places(outcome[2]))
        text: str = _decoded(outcome[1])
        if len(outcome) > 2:
            place, seconds = (*outcome[3:], None, None)[:2]
            limit = (
                f"CPU time limit of {seconds:g} s" if seconds else f"instruction limit of {self._limits.instructions:,}"
            )
            text = f"{limit} for one message exceeded at {_decoded(place) or 'the runtime'}"
        elif _OUT_OF_MEMORY in text:
            text = text.replace(_OUT_OF_MEMORY, self._memory_text(), 1)
        return Result({"Error": text}, threw=True)

    def _memory_text(self) -> str:
        return f"{_OUT_OF_MEMORY} (the limit is {self._limits.memory:,} bytes a process)"


def _decoded(text: Any) -> Any:
    """Return a Lua string as the module's host does: what is not UTF-8 becomes U+FFFD."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _fingerprint(outcome: tuple[Any, ...]) -> int:
    """Return a number for what a message gave; addresses of tables and functions, new in every VM, do not count."""
    if any(type(value) is bytes and b"0x" in value for value in outcome):
        outcome = tuple(_ADDRESS.sub(b"", value) if type(value) is bytes else value for value in outcome)
    return hash(outcome)


def _places(text: bytes) -> dict[tuple[str, int], Place]:
    """Read what `host.lua` says of entries that no network can sign."""
    entries = (line.split(" ", 3) for line in _decoded(text).splitlines())
    return {(kind, int(number)): Place(chunk=chunk, line=int(line)) for kind, number, line, chunk in entries}


def _unflattened(outcome: tuple[Any, ...]) -> dict[str, Any]:
    """Build a result from what `host.lua` flattened: Output, then messages, then spawns."""
    fields = iter(outcome[2:])

    def entries() -> list[dict[str, Any]]:
        found = []
        for _ in range(next(fields)):
            entry = {}
            for key in ("Target", "Data", "Anchor"):
                value = next(fields)
                if value is not None:
                    entry[key] = _decoded(value)
            count = next(fields)
            entry["Tags"] = [{"name": _decoded(next(fields)), "value": _decoded(next(fields))} for _ in range(count)]
            found.append(entry)
        return found

    output = {"data": _decoded(next(fields)), "prompt": _decoded(next(fields))}
    test = next(fields)
    output |= {"print": True} if test is None else {"test": _decoded(test)}
    return {"Output": output, "Messages": entries(), "Spawns": entries(), "Assignments": []}


_BOOT: Final = b"""
return function(
  counted, observerSource, sources, version,
  matcherSource, boundedSource, systemSource, sandboxSource, snapshotSource, hostSource, bit32Source, mathSource
)
  local load = load
  local function run(source, name, ...) return assert(load(source, name, "t"))(...) end
  run(mathSource, "=math")
  if counted then _G.load = counted.load end
  bit32 = run(bit32Source, "=bit32")
  package.loaded.bit32 = bit32
  local sandbox = run(sandboxSource, "=sandbox", matcherSource, boundedSource, systemSource)
  sandbox.install(sources, version)
  if counted then
    counted.hide(sandbox.hidden)
    sandbox.budget.ours["=counted"], sandbox.budget.ours["=observer"] = true, true
  end
  package.loaded[".utils"] = require(".utils")(version.name)
  if counted then
    version.observer = run(observerSource, "=observer", sandbox.hidden, sandbox.debug, require(".handlers"))
  end
  for _, name in ipairs({ "json", ".handlers", ".default", ".assignment" }) do require(name) end
  sandbox.bounded(false)
  local process = require(".process")
  sandbox.bounded(true)
  local snapshot = run(snapshotSource, "=snapshot", sandbox)
  local json, places = require("json"), version.places
  local evaluate, setEnvironment, compile, read = run(hostSource, "=host", sandbox, process, json, places)
  snapshot.learn(sandbox.constants, evaluate, setEnvironment, compile, read)
  return evaluate, setEnvironment, compile, read, snapshot.save, snapshot.restore, version.observer
end
"""
