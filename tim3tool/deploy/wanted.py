"""What a manifest wants of one network: spawns, code and set-up messages, as soon as the ids in them are known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.bundle.prelude import eval_data
from tim3tool.project import STANDARD_AUTHORITY, STANDARD_SCHEDULER, Context, config_of, facts, render

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tim3tool.bundle import Bundle
    from tim3tool.network.port import Port
    from tim3tool.project import Manifest, ProcessSpec, SetupMessage

__all__ = ["UNKNOWN_IDS", "WantedMessage", "WantedSpawn", "Wants", "digest"]

# What stands for the id of a process that is not spawned yet. What differs between the two depends on such an id.
UNKNOWN_IDS: Final = ("-" * 43, "_" * 43)


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedSpawn:
    """What a process is spawned with, and can never be given afterwards.

    Args:
        module: id of the module it runs on.
        scheduler: address of its scheduler.
        authority: addresses it trusts.
        tags: the manifest's own tags: (name, value), in order.
    """

    module: str
    scheduler: str
    authority: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]

    @property
    def record(self) -> dict[str, object]:
        """What the journal and the state keep of it, as JSON data."""
        return {
            "module": self.module,
            "scheduler": self.scheduler,
            "authority": list(self.authority),
            "tags": [list(tag) for tag in self.tags],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedMessage:
    """A set-up message as it is sent.

    Args:
        tags: (name, value), in order.
        data: its data.
    """

    tags: tuple[tuple[str, str], ...]
    data: str

    @property
    def hash(self) -> str:
        """The sha256, in hex, that tells it from what it was before."""
        return digest([[list(tag) for tag in self.tags], self.data])


@dataclass(frozen=True, kw_only=True, slots=True)
class Wants:
    """What a manifest wants of a network.

    Args:
        manifest: the manifest.
        bundles: by process name.
        network: the network's name.
        scheduler: the network's own address where the manifest gives AO's usual one; None for that one.
        authority: likewise.
        owner: address of the wallet that signs.
        environ: environment variables that the manifest may refer to.
    """

    manifest: Manifest
    bundles: Mapping[str, Bundle]
    network: str
    scheduler: str | None
    authority: str | None
    owner: str
    environ: Mapping[str, str]

    @classmethod
    def on(
        cls, port: Port, manifest: Manifest, bundles: Mapping[str, Bundle], *, owner: str, environ: Mapping[str, str]
    ) -> Wants:
        """Return what is wanted of a network, which may be asked for its addresses.

        Raises:
            NetworkError: it does not tell them.
        """
        return cls(
            manifest=manifest,
            bundles=bundles,
            network=port.name,
            scheduler=port.scheduler,
            authority=port.authority,
            owner=owner,
            environ=environ,
        )

    def ids(
        self, known: Mapping[str, str], unknown: Collection[str] = (), stand_in: str = UNKNOWN_IDS[0]
    ) -> dict[str, str]:
        """Return process id by name, with a stand-in for what is not spawned yet.

        Args:
            known: process id by name.
            unknown: names of the processes that will have another id, or get their first.
            stand_in: one of `UNKNOWN_IDS`.
        """
        given = {**known, **dict.fromkeys(unknown, stand_in)}
        return {name: given[name] for name in self.manifest.processes if name in given}

    def spawn(self, spec: ProcessSpec, ids: Mapping[str, str]) -> WantedSpawn:
        """Return what a process is to be spawned with.

        Raises:
            ManifestError: a text refers to what is not known.
        """
        context = self.context(ids)
        return WantedSpawn(
            module=spec.module,
            scheduler=_own(self.scheduler, spec.scheduler, STANDARD_SCHEDULER),
            authority=tuple(_own(self.authority, render(each, context), STANDARD_AUTHORITY) for each in spec.authority),
            tags=tuple((tag.name, render(tag.value, context)) for tag in spec.tags),
        )

    def code(self, spec: ProcessSpec, ids: Mapping[str, str]) -> bytes:
        """Return the data of the Eval that gives a process its code.

        Raises:
            ManifestError: a text refers to what is not known, or the prerun file cannot be read.
            LuaSyntaxError: the prerun file is no Lua that fits before the bundle.
        """
        config = config_of(spec, self.manifest.network(self.network), self.context(ids))
        return eval_data(spec, self.bundles[spec.name], ids=ids, config=config, root=self.manifest.root)

    def code_hash(self, spec: ProcessSpec, ids: Mapping[str, str]) -> str:
        """Return the sha256 of that data, in hex."""
        return hashlib.sha256(self.code(spec, ids)).hexdigest()

    def message(self, message: SetupMessage, ids: Mapping[str, str]) -> WantedMessage:
        """Return a set-up message.

        Raises:
            ManifestError: a text refers to what is not known.
        """
        context = self.context(ids)
        tags = tuple((tag.name, render(tag.value, context)) for tag in message.tags)
        return WantedMessage(tags=tags, data=render(message.data, context))

    def fingerprint(self, names: Iterable[str], ids: Mapping[str, str]) -> dict[str, str]:
        """Return the sha256 of all that is wanted of some processes, each under what it is.

        Raises:
            ManifestError: a text refers to what is not known.
            LuaSyntaxError: see `code`.
        """
        prints = {}
        for spec in map(self.manifest.process, names):
            prints[f"the spawn of `{spec.name}`"] = digest({**self.spawn(spec, ids).record, "on_boot": spec.on_boot})
            prints[f"the code of `{spec.name}`"] = self.code_hash(spec, ids)
            for message in spec.setup:
                prints[f"the set-up message `{message.name}` of `{spec.name}`"] = self.message(message, ids).hash
        return prints

    def context(self, ids: Mapping[str, str]) -> Context:
        """Return what texts of the manifest are rendered with."""
        return Context(
            processes=ids,
            network=self.network,
            owner=self.owner,
            bundles={name: bundle.sha256 for name, bundle in self.bundles.items()},
            env=self.environ,
            known=facts(self.manifest, self.network, scheduler=self.scheduler, authority=self.authority),
        )


def digest(value: object) -> str:
    """Return the sha256, in hex, of JSON data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _own(of_network: str | None, given: str, usual: str) -> str:
    return of_network if of_network is not None and given == usual else given
