"""What a manifest says, as values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeVar
from urllib.parse import urlsplit

from tim3tool.errors import UsageError, suggestion
from tim3tool.project.config import texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tim3tool.errors import Where
    from tim3tool.project.config import Constant
    from tim3tool.project.text import Text

__all__ = ["Expected", "Manifest", "NetworkSpec", "ProcessSpec", "SetupMessage", "SmokeCheck", "Tag"]

_Named = TypeVar("_Named")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """One tag of a spawn or a message."""

    name: str
    value: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One thing that must be in the answer to a message: a reply, a printed text, or both.

    Args:
        where: where it stands.
        tags: tags that the reply has among others, ``Action`` first where it is given.
        data: the reply's whole data; None where anything will do.
        json: what the reply's data holds as JSON, where further members of objects may be; None likewise.
        target: whom the reply is for; None for whoever sent the message.
        output: a part of what the process printed; None likewise.
    """

    where: Where
    tags: tuple[Tag, ...] = ()
    data: Text | None = None
    json: Constant | None = None
    target: Text | None = None
    output: Text | None = None

    @property
    def is_reply(self) -> bool:
        """Whether a message is expected at all."""
        return bool(self.tags) or any(each is not None for each in (self.data, self.json, self.target))


@dataclass(frozen=True, kw_only=True, slots=True)
class SetupMessage:
    """A message the owner sends once, after the process runs its code.

    Args:
        name: its name, unique and stable in its process; ``1-Mint`` unless the manifest gives one.
        tags: its tags, ``Action`` first.
        data: its data, empty when the manifest gives none.
        where: where it stands.
        expect: what must be in the answer.
        resend: it did nothing when it is answered otherwise, and may be sent again.
    """

    name: str
    tags: tuple[Tag, ...]
    data: Text
    where: Where
    expect: tuple[Expected, ...] = ()
    resend: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SmokeCheck:
    """A question that a deployed process must answer well; it changes nothing.

    Args:
        name: as of a set-up message.
        tags: its tags, ``Action`` first.
        data: its data, empty when the manifest gives none.
        where: where it stands.
        sender: who asks; None for the owner.
        expect: what must be in the answer; nothing but that a handler took it, where empty.
    """

    name: str
    tags: tuple[Tag, ...]
    data: Text
    where: Where
    sender: Text | None = None
    expect: tuple[Expected, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessSpec:
    """One process to build and deploy.

    Args:
        name: its name in the manifest.
        entry: absolute path of its first Lua file.
        module: id of the module it runs on.
        scheduler: id of its scheduler.
        authority: ids it trusts; none when its own tags already hold ``Authority``.
        tags: further tags of its spawn.
        prerun: absolute path of Lua to run before the bundle.
        reset_modules: forget loaded Lua modules, other than AO's own, before the code runs.
        directory: give the Lua a table of all process ids as ``aoform.directory``.
        pack: bundle what the entry requires.
        setup: messages to send once after the code, in this order.
        where: where it is defined.
        minify: how far its bundle is minified; None where the manifest does not say.
        include: names and globs of Lua modules to bundle beside those it requires.
        external: names and globs of Lua modules that are provided where it runs.
        config: constants for ``tim3tool.config``, by name; a network may give others.
        smoke: questions that it must answer well after each deploy.
        on_boot: its code goes with the spawn.
        network_config: constants that go before those of the network.
        networks: what it is on the networks where it is different, by name.
    """

    name: str
    entry: Path
    module: str
    scheduler: str
    authority: tuple[Text, ...]
    tags: tuple[Tag, ...]
    prerun: Path | None
    reset_modules: bool
    directory: bool
    pack: bool
    setup: tuple[SetupMessage, ...]
    where: Where
    minify: str | None = None
    include: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    config: Mapping[str, Constant] = field(default_factory=dict)
    smoke: tuple[SmokeCheck, ...] = ()
    on_boot: bool = False
    network_config: Mapping[str, Constant] = field(default_factory=dict)
    networks: Mapping[str, ProcessSpec] = field(default_factory=dict)

    @property
    def spawn_texts(self) -> tuple[Text, ...]:
        """Every text that must be known when the process is spawned."""
        booted = texts_of({**self.config, **self.network_config}) if self.on_boot else ()
        return (*self.authority, *(tag.value for tag in self.tags), *booted)


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkSpec:
    """One network to deploy to.

    Args:
        name: its name in the manifest.
        kind: what it is.
        where: where it is defined.
        config: constants for the ``tim3tool.config`` of every process there; they go before those of a process.
        urls: where its units (``mu``, ``cu``, ``su``, ``gateway``; the last two may be "") or its ``node`` are.
        reads: URLs of further nodes that may be asked for results.
        scheduler: address of its scheduler, for processes that name no other; None where it is not given.
        authority: address that signs mail between processes, likewise.
        wallet: absolute path of the file of the key that signs there; None where it is not given.
    """

    name: str
    kind: Literal["embedded", "legacynet", "hyperbeam"]
    where: Where
    config: Mapping[str, Constant] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    scheduler: str | None = None
    authority: str | None = None
    wallet: Path | None = None

    @property
    def is_public(self) -> bool:
        """Whether any of it is on another machine."""
        hosts = (urlsplit(url).hostname for url in (*self.urls.values(), *self.reads) if url)
        return not all(host in _LOOPBACK for host in hosts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A whole ``aoform.yaml``.

    Args:
        path: absolute path of the file.
        root: its folder, which everything in it is relative to.
        shape: ``mapping``, or ``aoform`` for aoform's list.
        networks: networks by name, those that every manifest knows among them.
        processes: processes by name, in the file's order.
        templates: search templates for Lua modules (the manifest's ``path``), relative to the root.
    """

    path: Path
    root: Path
    shape: Literal["mapping", "aoform"]
    networks: Mapping[str, NetworkSpec]
    processes: Mapping[str, ProcessSpec]
    templates: tuple[str, ...]

    def on(self, network: str) -> Manifest:
        """Return the manifest as it is on one network, with what processes have there in place of the rest.

        Raises:
            UsageError: there is no such network.
        """
        config = self.network(network).config
        there = ((name, spec.networks.get(network, spec)) for name, spec in self.processes.items())
        return replace(
            self,
            processes={
                name: replace(spec, network_config={**config, **spec.network_config}, networks={})
                for name, spec in there
            },
        )

    def process(self, name: str) -> ProcessSpec:
        """Return a process by its name.

        Raises:
            UsageError: there is none of that name.
        """
        return _named("process", name, self.processes)

    def network(self, name: str) -> NetworkSpec:
        """Return a network by its name.

        Raises:
            UsageError: there is none of that name.
        """
        return _named("network", name, self.networks)


def _named(kind: str, name: str, known: Mapping[str, _Named]) -> _Named:
    if name in known:
        return known[name]
    near = suggestion(name, known)
    plural = "processes" if kind == "process" else f"{kind}s"
    listed = ("known networks: " if kind == "network" else f"{plural} in the manifest: ") + ", ".join(
        f"`{each}`" for each in known
    )
    msg = f"no {kind} is named `{name}`"
    raise UsageError(msg, help=f"did you mean `{near}`?" if near else listed)
