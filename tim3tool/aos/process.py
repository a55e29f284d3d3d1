"""One AO process in one Lua VM: message in, result out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos.libraries import library_sources, runtime_file
from tim3tool.aos.result import Result
from tim3tool.aos.versions import DEFAULT_VERSION, AosVersion, version_named
from tim3tool.errors import ProcessFailed
from tim3tool.lua.vm import LuaFailure, LuaVM, OutOfMemory, to_python

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Limits", "Process"]

_OUT_OF_MEMORY: Final = "not enough memory"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one message may use.

    Args:
        instructions: Lua VM instructions a message, the runtime's own included.
        memory: bytes the whole process may hold; the network's module may hold 512 MiB.
    """

    instructions: int = 300_000_000
    memory: int = 512 * 1024 * 1024


class Process:
    """An AO process behind the network's ``handle(message, env)`` contract (aos-runtime facts, section 1).

    The first message should be the Process message, whose ``Id`` is the process's own. A message that ends in an
    ``Error`` leaves no trace: the state before it is built again by replaying the messages accepted so far, as the
    compute unit keeps the memory from before it.

    Args:
        env: ``{"Process": {"Id", "Owner", "Tags": [...]}, "Module": {"Id", "Owner", "Tags": [...]}}``.
        aos: the aos version to behave as.
        raw: keep the state after an ``Error``, as the bare module does; a throw is undone even then, since the
            module returns no memory.
        limits: what one message may use.

    Raises:
        UsageError: the mock does not speak that version.
    """

    def __init__(
        self, env: Mapping[str, Any], *, aos: str = DEFAULT_VERSION, raw: bool = False, limits: Limits | None = None
    ) -> None:
        self._env = env
        self._version = version_named(aos)
        self._raw = raw
        self._limits = limits or Limits()
        self._accepted: list[tuple[Mapping[str, Any], Mapping[str, Any], int]] = []
        self._vm: _Machine | None = None

    @property
    def id(self) -> str:
        """The process id."""
        return str(self._env["Process"]["Id"])

    @property
    def owner(self) -> str:
        """The address that spawned the process; Lua code may have passed ownership on since."""
        return str(self._env["Process"]["Owner"])

    def handle(self, message: Mapping[str, Any], env: Mapping[str, Any] | None = None) -> Result:
        """Evaluate a message.

        Args:
            message: the message as the compute unit sends it (``Id``, ``From``, ``Owner``, ``Tags``: list of
                ``{"name", "value"}``, …); it is not kept apart, so do not change it afterwards.
            env: another env for this message alone.

        Returns:
            The result; messages that exceed a limit end in a result whose ``threw`` is true.
        """
        env = self._env if env is None else env
        fingerprint, result = self._machine().handle(message, env)
        if result.threw or (result.error is not None and not self._raw):
            self._vm = None
        else:
            self._accepted.append((message, env, fingerprint))
        return result

    def dry_run(self, message: Mapping[str, Any]) -> Result:
        """Evaluate a message and forget its effects.

        Args:
            message: as for `handle`; ``Read-Only`` is set.
        """
        _, result = self._machine().handle({**message, "Read-Only": True}, self._env)
        self._vm = None
        return result

    def read(self, expression: str) -> Any:
        """Return the value of a Lua expression in the process, outside any message.

        Args:
            expression: such as ``Balances["…"]``; it should change nothing, for what it changes is not recorded.

        Returns:
            None, bool, int, float, str, list or dict.

        Raises:
            ProcessFailed: the expression does not compile or raises.
        """
        return self._machine().read(expression)

    @property
    def memory_used(self) -> int:
        """Bytes the process holds now."""
        return self._machine().vm.memory_used

    def _machine(self) -> _Machine:
        if self._vm is None:
            machine = _Machine(self._version, self._limits)
            for number, (message, env, recorded) in enumerate(self._accepted):
                fingerprint, _ = machine.handle(message, env)
                if fingerprint != recorded:
                    msg = f"process is not deterministic at message {number}"
                    raise ProcessFailed(
                        msg,
                        help="a replay of the same messages gave another result: look for raw `next`, tables as keys "
                        "or printed table addresses",
                        notes=[f"process {self.id}", f"message {message.get('Id')}"],
                    )
            self._vm = machine
        return self._vm


class _Machine:
    """The Lua VM of a process, and the way in and out of it."""

    def __init__(self, version: AosVersion, limits: Limits) -> None:
        self.vm = LuaVM(memory_limit=limits.memory)
        self._limits = limits
        self._env: Mapping[str, Any] | None = None
        (boot,) = self.vm.run(_BOOT, "=boot")
        self._evaluate, self._set_env, self._read = self.vm.call(
            boot,
            self.vm.table(dict(library_sources())),
            self.vm.table(dict(version.as_lua())),
            *(runtime_file(name) for name in ("sandbox", "host", "bit32", "mathcompat")),
        )

    def handle(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> tuple[int, Result]:
        """Return the result, and a number that is equal for equal results within this run of Python."""
        if env is not self._env:
            self.vm.call(self._set_env, json.dumps(env).encode())
            self._env = env
        try:
            outcome = self.vm.call(self._evaluate, self._limits.instructions, *self._flat(message))
        except OutOfMemory:
            outcome = (False, _OUT_OF_MEMORY.encode())
        return hash(outcome), self._result(outcome)

    def read(self, expression: str) -> Any:
        try:
            ok, value = (*self.vm.call(self._read, self._limits.instructions, expression.encode()), None)[:2]
        except LuaFailure as failure:
            ok, value = False, failure.message.encode()
        if ok:
            return to_python(value)
        msg = f"cannot read `{expression}`: {to_python(value)}"
        raise ProcessFailed(msg)

    def _flat(self, message: Mapping[str, Any]) -> list[Any]:
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
            return self.vm.table([json.dumps(value)])
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return float(value)
        return value

    def _result(self, outcome: tuple[Any, ...]) -> Result:
        if outcome[0]:
            members = _unflattened(outcome) if outcome[1] is None else json.loads(_decoded(outcome[1]))
            error = members.get("Error")
            if isinstance(error, str) and _OUT_OF_MEMORY in error:
                members["Error"] = error.replace(_OUT_OF_MEMORY, self._memory_text(), 1)
            return Result(members)
        text: str = _decoded(outcome[1])
        if len(outcome) > 2:
            place = _decoded(outcome[3]) if len(outcome) > 3 and outcome[3] else "the runtime"
            text = f"instruction limit of {self._limits.instructions:,} for one message exceeded at {place}"
        elif _OUT_OF_MEMORY in text:
            text = text.replace(_OUT_OF_MEMORY, self._memory_text(), 1)
        return Result({"Error": text}, threw=True)

    def _memory_text(self) -> str:
        return f"{_OUT_OF_MEMORY} (the limit is {self._limits.memory:,} bytes a process)"


def _decoded(text: Any) -> Any:
    """Return a Lua string as the module's host does: what is not UTF-8 becomes U+FFFD."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


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
return function(sources, version, sandboxSource, hostSource, bit32Source, mathSource)
  local load = load
  local function run(source, name, ...) return assert(load(source, name, "t"))(...) end
  run(mathSource, "=math")
  bit32 = run(bit32Source, "=bit32")
  package.loaded.bit32 = bit32
  local sandbox = run(sandboxSource, "=sandbox")
  sandbox.install(sources, version)
  package.loaded[".utils"] = require(".utils")(version.name)
  local process = require(".process")
  return run(hostSource, "=host", sandbox, process, require("json"))
end
"""
