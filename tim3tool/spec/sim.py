"""What stands behind ``require("tim3tool.sim")`` in a suite: `sim.Network`, reached with plain values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import ProcessFailed, Tim3Error, UsageError
from tim3tool.sim import Faults, Network, address
from tim3tool.spec.mail import message_from, shown_message, shown_result
from tim3tool.spec.options import Options, natural, string
from tim3tool.spec.spawning import RELOAD_OPTIONS, SPAWN_OPTIONS, Spawned, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.aos import Result
    from tim3tool.bundle import LineTable
    from tim3tool.lua.vm import LuaVM
    from tim3tool.sim import Message
    from tim3tool.spec.spawning import Spawner
    from tim3tool.spec.suite import LuaValue

__all__ = ["SimHost"]

_SAID: Final = re.compile(r'\[string "aos"\]:[0-9]+[^\n\x1b]*')


class SimHost:
    """The networks of one suite, each known to it by a number.

    Args:
        vm: the suite's VM.
        spawner: what spawns processes for it.
    """

    def __init__(self, vm: LuaVM, spawner: Spawner) -> None:
        self._vm = vm
        self._spawner = spawner
        self._networks: list[Network] = []
        self._lines: dict[str, LineTable] = {}  # by process id
        self._named: dict[str, str] = {}  # lines of bundles that results have named, as lines of the sources
        self._spawned: dict[tuple[int, str], Spawned] = {}
        self._operations: dict[bytes, Callable[..., Any]] = {
            b"address": lambda label: address(string(label, "the label of `sim.address`")),
            b"network": self._network,
            b"spawn": self._spawn,
            b"process": self._process,
            b"send": self._send,
            b"dry_run": self._dry_run,
            b"eval": self._eval,
            b"reload": self._reload,
            b"outbox": self._outbox,
            b"read": self._read,
            b"mail": self._mail,
            b"faults": self._set_faults,
            b"restart": lambda number, identifier: self._networks[number].restart(identifier.decode()),
            b"trace": self._trace,
            b"advance": lambda number, ms: self._networks[number].advance(natural(ms, "the time of `net:advance`")),
            b"now": lambda number: self._networks[number].now,
            b"height": lambda number: self._networks[number].height,
        }

    def __call__(self, operation: bytes, *args: LuaValue) -> tuple[bool, Any]:
        """Carry out an operation for sim.lua.

        Returns:
            True and a Lua value, or False and the text of an error.
        """
        try:
            value = self._operations[operation](*args)
        except Tim3Error as error:
            if isinstance(error, ProcessFailed) and error.process:
                self._note(error.process, "\n".join((str(error), *error.notes)))
            text = str(error) + (f" ({error.help})" if error.help else "")
            return False, "\n".join((text, *error.notes)).encode()
        if isinstance(value, dict | list):
            value = self._vm.table(value)
        return True, value.encode() if isinstance(value, str) else value

    def _network(self, table: LuaValue) -> int:
        options = Options("sim.network", table, ("faults", "height", "now", "order", "raw", "seed", "shuffle"))
        recorder = self._spawner.workspace.recorder
        network = Network(
            seed=options.integer("seed", 0),
            now=options.integer("now", 1_700_000_000_000),
            height=options.integer("height", 1_300_000),
            shuffle=options.integer("shuffle", 0) if "shuffle" in options else None,
            wasm=self._spawner.workspace.wasm,
            measure=recorder.measure if recorder else None,
            order=options.choice("order", ("fifo", "depth-first")),
            faults=_faults(options),
            raw=options.flag("raw"),
        )
        self._networks.append(network)
        return len(self._networks) - 1

    def _spawn(self, number: int, table: LuaValue) -> dict[str, str]:
        options = Options("net:spawn", table, SPAWN_OPTIONS)
        process = self._spawner.spawn(self._networks[number], options)
        if process.lines:
            self._lines[process.id] = process.lines
        self._spawned[number, process.id] = process
        return {"id": process.id, "owner": process.owner, "name": process.name}

    def _process(self, number: int, identifier: LuaValue) -> dict[str, str]:
        process = self._networks[number].process(string(identifier, "the id of `net:process`"))
        return {"id": process.id, "owner": process.owner, "name": process.id}

    def _send(self, number: int, table: LuaValue, target: bytes | None = None) -> dict[str, Any]:
        network = self._networks[number]
        return self._shown(_message("send", network, table, target), lambda message: network.send(message).result)

    def _dry_run(self, number: int, table: LuaValue, target: bytes | None = None) -> dict[str, Any]:
        network = self._networks[number]
        return self._shown(_message("dry_run", network, table, target), network.dry_run)

    def _shown(self, message: Message, answer: Callable[[Message], Result]) -> dict[str, Any]:
        result = answer(message)
        if result.error is not None:
            self._note(message.target, result.text)
        return shown_result(result)

    def translated(self, text: str) -> str:
        """Return the text of a failure with the lines of bundles that it quotes as lines of the sources."""
        for said, shown in self._named.items():
            text = text.replace(said, shown)
        return text

    def _note(self, process: str, text: str) -> None:
        """Remember what each line of a process's bundle is: later, it is just text in the suite's hands."""
        table = self._lines.get(process)
        for said in _SAID.findall(text) if table else ():
            shown = table.translated(said) if table else said
            self._named |= {said: shown, said.replace('"', '\\"'): shown}

    def _eval(self, number: int, identifier: bytes, owner: bytes, code: LuaValue) -> str:
        process = Spawned(id=identifier.decode(), owner=owner.decode(), name="")
        return evaluate(self._networks[number], process, string(code, "the code of `eval`"))

    def _reload(self, number: int, identifier: bytes, owner: bytes, table: LuaValue) -> None:
        options = Options("process:reload", table, RELOAD_OPTIONS)
        other = Spawned(id=identifier.decode(), owner=owner.decode(), name=identifier.decode())
        process = self._spawned.get((number, other.id), other)
        process = self._spawner.reload(self._networks[number], process, options)
        self._spawned[number, process.id] = process
        self._lines.pop(process.id, None)
        if process.lines:
            self._lines[process.id] = process.lines

    def _outbox(self, number: int, identifier: bytes) -> list[dict[str, Any]]:
        results = (each.result for each in self._networks[number].deliveries if each.process == identifier.decode())
        return [shown_message(message) for result in results for message in result.messages]

    def _read(self, number: int, identifier: bytes, expression: LuaValue) -> LuaValue:
        process = self._networks[number].process(identifier.decode())
        return process.read(string(expression, "the expression of `read`"))

    def _set_faults(self, number: int, table: LuaValue) -> None:
        self._networks[number].faults = _faults(Options("net:faults", self._vm.table({"faults": table}), ("faults",)))

    def _trace(self, number: int, table: LuaValue) -> dict[str, str]:
        options = Options("net:trace", table, None)
        trace = self._networks[number].trace({options.text(name): name for name in options})
        return {"tree": trace.tree(), "mermaid": trace.mermaid()}

    def _mail(self, number: int, receiver: LuaValue) -> list[dict[str, Any]]:
        mail = self._networks[number].mail(string(receiver, "the address of `net:mail`"))
        return [shown_message(message) for message in mail]


def _faults(options: Options) -> Faults | None:
    shares = options.shares("faults")
    return None if shares is None else Faults.named(shares, what=f"`{options.what}`")


def _message(verb: str, network: Network, table: LuaValue, own: bytes | None) -> Message:
    """Return the message of a call of `verb`; `own` is the process it is called on, None for the network's own."""
    options = Options(verb, table, None)
    target = options.text("Target", own.decode() if own else "")
    if own and target != own.decode():
        msg = f"`{verb}` of a process sends to itself, and `Target` is another"
        raise UsageError(msg, help="use `net:send{ Target = ... }`")
    if not target:
        msg = f"`net:{verb}` needs a `Target`"
        raise UsageError(msg)
    return message_from(options, target=target, sender=network.process(target).owner)
