"""One AO process: message in, result out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos.machine import Limits, LuaMachine
from tim3tool.aos.versions import DEFAULT_VERSION, version_named
from tim3tool.errors import ProcessFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tim3tool.aos.machine import Machine
    from tim3tool.aos.meter import Measure
    from tim3tool.aos.result import Result

__all__ = ["Process"]

_SAVED_IN_A_MESSAGE: Final = 100


class Process:
    """An AO process behind the network's ``handle(message, env)`` contract (aos-runtime facts, section 1).

    The first message should be the Process message, whose ``Id`` is the process's own. A message that ends in an
    ``Error`` leaves no trace, as the compute unit keeps the memory from before it: the state is built again by
    replaying the messages accepted so far, from the last state remembered or from the start.

    Args:
        env: ``{"Process": {"Id", "Owner", "Tags": [...]}, "Module": {"Id", "Owner", "Tags": [...]}}``.
        aos: the aos version to behave as.
        raw: keep the state after an ``Error``, as the bare module does; a throw is undone even then, since the
            module returns no memory.
        limits: what one message may use.
        shuffle: a seed that shuffles the order in which ``pairs`` visits strings, to find code that relies on it; None
            for the order of their bytes. The mock alone has it.
        engine: ``mock``, or ``wasm`` for the real module.
        module: the file of the real module, which then decides the version.
        cache: the folder of compiled modules; see `WasmMachine`.
        measure: what is measured in the process, which cannot tell; None for nothing. The mock alone has it.

    Raises:
        UsageError: the mock does not speak that version, or the module cannot be run.
    """

    def __init__(
        self,
        env: Mapping[str, Any],
        *,
        aos: str = DEFAULT_VERSION,
        raw: bool = False,
        limits: Limits | None = None,
        shuffle: int | None = None,
        engine: str = "mock",
        module: Path | None = None,
        cache: Path | None = None,
        measure: Measure | None = None,
    ) -> None:
        self._env = env
        self._version = version_named(aos)
        self._raw = raw
        self._limits = limits or Limits()
        self._shuffle = shuffle
        self._module = _module_of(engine, module)
        self._cache = cache
        self._measure = measure
        self._accepted: list[tuple[Mapping[str, Any], Mapping[str, Any], int]] = []
        self._machine: Machine | None = None
        self._is_current = False
        self._saved_at = 0
        self._saved_size = 0
        self._replayed = 0

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
        fingerprint, result = self._current().handle(message, env)
        if result.threw or (result.error is not None and not self._raw):
            self._is_current = False
        else:
            self._accepted.append((message, env, fingerprint))
        return result

    def dry_run(self, message: Mapping[str, Any]) -> Result:
        """Evaluate a message and forget its effects.

        Args:
            message: as for `handle`; ``Read-Only`` is set.
        """
        _, result = self._current().handle({**message, "Read-Only": True}, self._env)
        self._is_current = False
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
        return self._current().read(expression)

    @property
    def memory_used(self) -> int:
        """Bytes the process holds now."""
        return self._current().memory_used

    def mark(self) -> int:
        """Remember the present state, so that `rewind` comes back to it at little cost.

        Returns:
            The mark for `rewind`.
        """
        machine = self._current()
        self._saved_size, self._replayed = machine.save(), 0
        self._saved_at = len(self._accepted) if self._saved_size else 0
        return len(self._accepted)

    def rewind(self, mark: int) -> None:
        """Go back to a state that `mark` returned a mark for; all that came after it is forgotten."""
        del self._accepted[mark:]
        if self._saved_at > mark:
            self._machine = None
        self._is_current = False

    def reload(self) -> None:
        """Forget the machine, as a unit that crashed does; the state is then what replaying every message gives."""
        self._machine, self._is_current = None, False

    def _current(self) -> Machine:
        """Return a machine in the state after the last accepted message."""
        if self._machine is not None and self._is_current:
            return self._machine
        first = self._saved_at
        if self._machine is None or not first or not self._machine.restore():
            first, self._saved_at, self._saved_size = 0, 0, 0
            self._machine = self._new_machine()
        self._replay(self._machine, first)
        self._is_current = True
        # Remembering is worth its time once as much was spent on replaying since the last time.
        self._replayed += len(self._accepted) - first
        if self._replayed * _SAVED_IN_A_MESSAGE > self._saved_size:
            self._saved_size, self._replayed = self._machine.save(), 0
            self._saved_at = len(self._accepted) if self._saved_size else 0
        return self._machine

    def _new_machine(self) -> Machine:
        if self._module is None:
            return LuaMachine(self._version, self._limits, shuffle=self._shuffle, measure=self._measure)
        from tim3tool.aos.wasm import WasmMachine  # noqa: PLC0415 - most processes are mocked

        return WasmMachine(self._module, self._limits, self._cache)

    def _replay(self, machine: Machine, first: int) -> None:
        for number, (message, env, recorded) in enumerate(self._accepted[first:], first):
            if machine.replay(message, env) != recorded:
                msg = f"process is not deterministic at message {number}"
                raise ProcessFailed(
                    msg,
                    help="a replay of the same messages gave another result: look for raw `next`, tables as keys or "
                    "printed table addresses",
                    notes=[f"process {self.id}", f"message {message.get('Id')}"],
                )


def _module_of(engine: str, module: Path | None) -> Path | None:
    if engine == "wasm":
        if module is None:
            msg = "the wasm engine needs a module"
            raise UsageError(msg, help="name the .wasm file of an aos module")
        return module
    if engine != "mock":
        msg = f"unknown engine `{engine}`"
        raise UsageError(msg, help="the engines are `mock` and `wasm`")
    if module is not None:
        msg = f"the engine `{engine}` runs no module"
        raise UsageError(msg, help="choose the engine `wasm`")
    return None
