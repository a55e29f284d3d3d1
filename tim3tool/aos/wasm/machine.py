"""A process in the real aos module."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos.machine import Limits
from tim3tool.aos.result import Result
from tim3tool.aos.wasm.module import default_cache, load_module
from tim3tool.aos.wasm.reading import answer_in, question
from tim3tool.errors import ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tim3tool.aos.wasm.instance import State

__all__ = ["WasmMachine"]

_INSTRUCTIONS_A_SECOND: Final = 30_000_000
_OUT_OF_MEMORY: Final = "not enough memory"
_COST_OF_A_STATE: Final = 200  # to remember it takes as long as a message does
_REMEMBERED: Final = 16  # first messages, of some 2 MiB each


class WasmMachine:
    """The real aos module in wasmtime; a `Machine`.

    The module does not count Lua instructions, so their limit is a time here: a second for 30 million of them. The
    memory limit is on the heap; the 64 MiB of C stack do not count. A message that exceeds the time leaves the state
    half changed, to be restored before the next message, as `Process` does.

    The first message, which builds the Lua state, takes some 40 ms. Equal modules answer equal messages equally, so the
    state after a first message is shared: the next process with the same env and Process message starts in 1 ms.

    Args:
        module: the module's file.
        limits: what one message may use.
        cache: the folder of compiled modules; by default ``tim3tool/wasm`` in the user's cache folder.

    Raises:
        UsageError: wasmtime is not installed, or the file is no 64-bit aos module.
    """

    def __init__(self, module: Path, limits: Limits | None = None, cache: Path | None = None) -> None:
        self._limits = limits or Limits()
        self._module = load_module(module, cache or default_cache())
        from tim3tool.aos.wasm.instance import Instance  # noqa: PLC0415 - needs wasmtime, which is optional

        self._instance = Instance(self._module, self._limits.memory)
        self._seconds = max(1.0, self._limits.instructions / _INSTRUCTIONS_A_SECOND)
        self._saved: State | None = None
        self._env: Mapping[str, Any] = {}
        self._first: Mapping[str, Any] | None = None
        self._last: Mapping[str, Any] = {}

    def handle(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> tuple[int, Result]:
        """Evaluate a message; see `Machine.handle`."""
        from tim3tool.aos.wasm.instance import Stopped  # noqa: PLC0415 - needs wasmtime, which is optional

        is_first, self._env, self._last = self._first is None, env, message
        try:
            answer = self._started(message, env) if is_first else self._ask(message, env)
        except Stopped as stopped:
            return hash(str(stopped)), Result({"Error": str(stopped)}, threw=True)
        if is_first:
            self._first = message
        return hash(answer), self._result(answer)

    def replay(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> int:
        """Evaluate a message again; see `Machine.replay`."""
        return self.handle(message, env)[0]

    def _ask(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> bytes:
        return self._instance.handle(_text(message), _text(env), self._seconds)

    def _started(self, message: Mapping[str, Any], env: Mapping[str, Any]) -> bytes:
        """Answer the first message, from memory where a machine of this run has answered it before."""
        started = self._module.started
        key = (_text(message), _text(env), self._limits)
        known: tuple[State, bytes] | None = started.get(key)
        if known is not None:
            self._instance.restore(known[0])
            return known[1]
        answer = self._ask(message, env)
        if len(started) == _REMEMBERED:
            del started[next(iter(started))]
        started[key] = (self._instance.state(), answer)
        return answer

    def read(self, expression: str) -> Any:
        """Evaluate an expression; see `Machine.read`.

        It is sent as the owner's Eval, and the state restored afterwards. That cannot work before the first message,
        nor where the Owner is not one of those that the env and the messages name, nor with a handler that catches
        Evals.
        """
        if self._first is None:
            msg = f"cannot read `{expression}`: the process has had no message yet"
            raise ProcessFailed(msg)
        state, env, last, found = self._instance.state(), self._env, self._last, None
        try:
            for owner in self._owners():
                _, result = self.handle(_evaluation(question(expression), owner, env, last), env)
                found = answer_in(str(result.output.get("data", "")))
                if found is not None:
                    break
                self._instance.restore(state)
        finally:
            self._instance.restore(state)
            self._env, self._last = env, last
        if found is None:
            msg = f"cannot read `{expression}`: the process did not evaluate it"
            raise ProcessFailed(
                msg, help="the wasm engine reads through an Eval of the owner, which a handler may catch"
            )
        worked, value = found
        if worked:
            return value
        msg = f"cannot read `{expression}`: {value}"
        raise ProcessFailed(msg)

    def _owners(self) -> Iterator[str]:
        """Yield who may own the process, likeliest first."""
        process = self._env.get("Process", {})
        tags = {tag.get("name"): tag.get("value") for tag in process.get("Tags") or ()}
        first = self._first or {}
        yield from dict.fromkeys(
            str(owner)
            for owner in (tags.get("From-Process"), process.get("Owner"), first.get("From"), self._last.get("From"))
            if owner
        )

    def save(self) -> int:
        """Remember the state; see `Machine.save`."""
        self._saved = self._instance.state()
        return _COST_OF_A_STATE

    def restore(self) -> bool:
        """Go back to the remembered state; see `Machine.restore`."""
        if self._saved is None:
            return False
        self._instance.restore(self._saved)
        return True

    @property
    def memory_used(self) -> int:
        """Bytes of the module's data and heap."""
        return self._instance.memory_used

    def _result(self, answer: bytes) -> Result:
        text = answer.decode("utf-8", "replace")
        try:
            outcome = json.loads(text)
        except ValueError:  # a process that has spoiled what the runtime itself needs
            return Result({"Error": f"the module answered `{text}`, which is not JSON"}, threw=True)
        response = outcome.get("response")
        if not outcome.get("ok"):
            return Result({"Error": self._explained(response)}, threw=True)
        members = {name: value for name, value in response.items() if value is not None}
        if "Error" in members:
            members["Error"] = self._explained(members["Error"])
        return Result(members)

    def _explained(self, error: Any) -> Any:
        if not isinstance(error, str):
            return error
        limit = f"{_OUT_OF_MEMORY} (the limit is {self._limits.memory:,} bytes a process)"
        return error.replace(_OUT_OF_MEMORY, limit, 1)


def _text(value: Mapping[str, Any]) -> bytes:
    """Return JSON as the module's own host writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JavaScript escapes
        return json.dumps(value, separators=(",", ":")).encode()


def _evaluation(code: str, owner: str, env: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    process = env["Process"]["Id"]
    kept = {name: last[name] for name in ("Timestamp", "Block-Height", "Module") if name in last}
    return {
        "Id": "reading",
        "Target": process,
        "From": owner,
        "Owner": owner,
        "Data": code,
        "Tags": [{"name": "Action", "value": "Eval"}],
        **kept,
    }
