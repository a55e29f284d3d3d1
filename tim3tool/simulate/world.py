"""The processes and users of a scenario, by their names."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tim3tool.errors import UsageError, suggestion
from tim3tool.sim import Message, Network, address
from tim3tool.spec.spawning import Spawned, spawn_from_manifest, start_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tim3tool.aos import Result
    from tim3tool.sim import Checkpoint, Delivery
    from tim3tool.simulate.mutation import Mutation
    from tim3tool.spec.workspace import Workspace

__all__ = ["World"]


class World:
    """A network whose processes and users have names.

    What a scenario keeps in `memory` (a dict of plain data) goes back with the network when a new run begins.

    Args:
        network: the network.
        folder: where the scenario lies; its manifest is found from here.
        workspace: where manifests and bundles come from.
        mutations: mistakes to make in processes of the manifest.
    """

    def __init__(
        self, network: Network, *, folder: Path, workspace: Workspace, mutations: Sequence[Mutation] = ()
    ) -> None:
        self.network = network
        self.memory: dict[str, Any] = {}
        self.after: Callable[[], object] = lambda: None
        self._folder = folder
        self._workspace = workspace
        self._mutations = mutations
        self._ids: dict[str, str] = {}
        self._users: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._read: dict[str, tuple[int, dict[str, Any]]] = {}

    def spawn(
        self,
        name: str,
        *,
        process: str | None = None,
        source: str | None = None,
        owner: str = "owner",
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Spawn a process and evaluate its code: of the manifest, or Lua text.

        Args:
            name: what it is called from now on; the process of the manifest, unless told otherwise.
            process: a process of the manifest.
            source: its Lua code, in place of a process of the manifest.
            owner: the user who spawns it.
            tags: further tags.

        Returns:
            Its id.

        Raises:
            UsageError: the name is taken, or there is no manifest.
            ManifestError: the manifest cannot be used.
            SourceError: the code cannot be bundled.
            ProcessFailed: the code ends in an error.
        """
        if name in self._ids or name in self._users:
            msg = f"the scenario has a process or user `{name}` already"
            raise UsageError(msg)
        further = list((tags or {}).items())
        if source is not None:
            id_ = self.network.spawn(owner=self.address(owner), tags=[("Name", name), *further]).process
            start_process(self.network, Spawned(id=id_, owner=self.address(owner), name=name, code=source))
        else:
            id_ = self._spawn_from_manifest(process or name, self.address(owner), further)
        self._ids[name] = id_
        self._names[id_] = name
        return id_

    def address(self, name: str) -> str:
        """Return the id of a process, or the address of a user, who exists from now on."""
        if name in self._ids:
            return self._ids[name]
        if name not in self._users:
            self._users[name] = address(name)
            self._names[self._users[name]] = name
        return self._users[name]

    def name(self, address: str) -> str:
        """Return what a process or user is called; an unknown address itself."""
        return self._names.get(address, address)

    @property
    def names(self) -> Mapping[str, str]:
        """What processes and users are called, by id and address."""
        return self._names

    @property
    def last(self) -> Delivery:
        """The delivery that was made last."""
        return self.network.deliveries[-1]

    def post(self, sender: str, target: str, tags: Mapping[str, str], data: str = "") -> str:
        """Let a user (or a process) send a message, which then is on its way.

        Args:
            sender: the name of a user or process.
            target: the name of a process.
            tags: its tags.
            data: its data.

        Returns:
            The message id.
        """
        return self.network.post(self._message(sender, target, tags, data))

    def send(self, sender: str, target: str, tags: Mapping[str, str], data: str = "") -> Result:
        """Let a user send a message, and deliver it and everything else on its way; see `post`."""
        return self.network.send(self._message(sender, target, tags, data)).result

    def read(self, process: str, expression: str) -> Any:
        """Return the value of a Lua expression in a process as plain data, not to be changed; see `Process.read`.

        While the process stays as it is, each expression is evaluated once.
        """
        id_ = self._id(process)
        changes = self.network.changes(id_)
        known = self._read.get(id_)
        if known is None or known[0] != changes:
            known = self._read[id_] = (changes, {})
        if expression not in known[1]:
            known[1][expression] = self.network.process(id_).read(expression)
        return known[1][expression]

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.network.advance(ms)

    def settle(self) -> None:
        """Deliver until nothing is on its way, without faults, and check the invariants after every message."""
        while heads := self.network.heads():
            self.network.deliver(min(heads, key=lambda mail: mail.due))
            self.after()

    def checkpoint(self) -> Callable[[int], None]:
        """Return what goes back to the present, taking the seed of the run that begins then."""
        checkpoint: Checkpoint = self.network.checkpoint()
        memory, users, names = deepcopy(self.memory), self._users.copy(), self._names.copy()
        ids = self._ids.copy()

        def back(seed: int) -> None:
            self.network.rewind(checkpoint, seed=seed)
            self.memory = deepcopy(memory)
            self._read = {}
            self._users, self._names, self._ids = users.copy(), names.copy(), ids.copy()

        return back

    def _id(self, process: str) -> str:
        if process not in self._ids:
            near = suggestion(process, self._ids)
            msg = f"the scenario has no process `{process}`"
            raise UsageError(
                msg, help=f"did you mean `{near}`?" if near else "spawn it in a `@scenario.setup` function"
            )
        return self._ids[process]

    def _message(self, sender: str, target: str, tags: Mapping[str, str], data: str) -> Message:
        return Message(sender=self.address(sender), target=self._id(target), tags=tuple(tags.items()), data=data)

    def _spawn_from_manifest(self, process: str, owner: str, tags: list[tuple[str, str]]) -> str:
        manifest = self._workspace.manifest(self._folder)
        if manifest is None:
            msg = f"there is no process `{process}`: no `aoform.yaml` is above the scenario"
            raise UsageError(msg, help="spawn it with `source=`")

        def change(code: str) -> str:
            for mutation in self._mutations:
                code = mutation.applied(code) if mutation.process == process else code
            return code

        spec = manifest.process(process)
        spawned = spawn_from_manifest(
            self.network, spec, manifest, self._workspace, name=process, owner=owner, tags=tags, change=change
        )
        return spawned.id
