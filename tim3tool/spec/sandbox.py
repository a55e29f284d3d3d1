"""Processes on a network of their own for Python tests: what ``require("tim3tool.sim")`` is for Lua suites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tim3tool.errors import UsageError
from tim3tool.sim import Message, Network
from tim3tool.spec.mail import shown_message, shown_result
from tim3tool.spec.spawning import RELOAD_OPTIONS, SPAWN_OPTIONS, evaluate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tim3tool.spec.spawning import Spawned, Spawner

__all__ = ["Sandbox", "SandboxProcess"]


class Sandbox:
    """A network with the processes that a test spawns on it; it moves only when the test says so.

    Args:
        spawner: what finds and bundles the code of processes.
        network: where they live: its clock and its deliveries.
    """

    def __init__(self, spawner: Spawner, network: Network) -> None:
        self.network = network
        self._spawner = spawner

    def spawn(self, **options: str | Mapping[str, str]) -> SandboxProcess:
        """Spawn a process and let its owner evaluate its code.

        Args:
            options: exactly one of ``process`` (a name in the manifest), ``file`` and ``source``; then ``name``,
                ``owner``, ``module``, and ``tags`` by name.

        Raises:
            UsageError: the options do not fit together, or name what is not there.
            SourceError: the code cannot be bundled.
            ProcessFailed: the code ends in an error.
        """
        spawned = self._spawner.spawn(self.network, _Given("spawn", options, SPAWN_OPTIONS))
        return SandboxProcess(spawned, self.network, self._spawner)

    def mail(self, address: str) -> list[dict[str, Any]]:
        """Return the messages that processes sent to an address that is no process, as a handler would see them."""
        return [shown_message(message) for message in self.network.mail(address)]


class SandboxProcess:
    """A process in a sandbox.

    Args:
        spawned: which one.
        network: where it lives.
        spawner: what finds other code for it.
    """

    def __init__(self, spawned: Spawned, network: Network, spawner: Spawner) -> None:
        self._spawned = spawned
        self._network = network
        self._spawner = spawner

    @property
    def id(self) -> str:
        """Its id."""
        return self._spawned.id

    @property
    def owner(self) -> str:
        """Who spawned it."""
        return self._spawned.owner

    def send(self, tags: Mapping[str, str], *, sender: str | None = None, data: str = "") -> dict[str, Any]:
        """Send it a message, and deliver all that follows from it.

        Args:
            tags: by name; ``Action`` is one of them.
            sender: who sends it; the owner where it is not given.
            data: the message's data.

        Returns:
            ``Error`` (None when all went well), ``Output``, ``Messages``, ``Spawns`` and ``Assignments``.
        """
        return shown_result(self._network.send(self._message(tags, sender, data)).result)

    def dry_run(self, tags: Mapping[str, str], *, sender: str | None = None, data: str = "") -> dict[str, Any]:
        """Return what it would answer to a message, without a trace; see `send`."""
        return shown_result(self._network.dry_run(self._message(tags, sender, data)))

    def eval(self, code: str) -> str:
        """Let the owner evaluate Lua in it, and return what that printed and returned.

        Raises:
            ProcessFailed: it ended in an error.
        """
        return evaluate(self._network, self._spawned, code)

    def reload(self, **options: str) -> None:
        """Evaluate its code once more, or other code (``file`` or ``source``), as an upgrade does.

        Raises:
            UsageError: both are given.
            SourceError: the code cannot be bundled.
            ProcessFailed: the code ends in an error.
        """
        given = _Given("reload", options, RELOAD_OPTIONS)
        self._spawned = self._spawner.reload(self._network, self._spawned, given)

    def read(self, expression: str) -> Any:
        """Return a plain copy of the value of a Lua expression in the process."""
        return self._network.process(self.id).read(expression)

    def inbox(self) -> list[dict[str, Any]]:
        """Return the messages that no handler took."""
        return list(self.read("Inbox"))

    def outbox(self) -> list[dict[str, Any]]:
        """Return all messages that it has sent, in order."""
        results = (each.result for each in self._network.deliveries if each.process == self.id)
        return [shown_message(message) for result in results for message in result.messages]

    def _message(self, tags: Mapping[str, str], sender: str | None, data: str) -> Message:
        return Message(sender=sender or self.owner, target=self.id, tags=tuple(tags.items()), data=data)


@dataclass(frozen=True, slots=True)
class _Given:
    """Options from Python, read as those from Lua are."""

    what: str
    values: Mapping[str, str | Mapping[str, str]]
    known: Collection[str]

    def __post_init__(self) -> None:
        for name in self.values:
            if name not in self.known:
                msg = f"`{self.what}` has no option `{name}`"
                raise UsageError(msg, help="there are " + ", ".join(f"`{each}`" for each in self.known))

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            msg = f"`{name}` of `{self.what}` must be a string and is of type {type(value).__name__}"
            raise UsageError(msg)
        return value

    def tags(self, name: str) -> list[tuple[str, str]]:
        value = self.values.get(name, {})
        if isinstance(value, str):
            msg = f"`{name}` of `{self.what}` must be tags by name and is a string"
            raise UsageError(msg)
        return sorted(value.items())
