"""The manifest as a mapping: ``networks``, ``defaults``, ``processes`` and ``path``, with templates in its texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tim3tool.errors import ManifestError, suggestion
from tim3tool.project.config import read_config
from tim3tool.project.document import ListNode, token
from tim3tool.project.fields import Fields, pairs, text
from tim3tool.project.keys import DEFAULTS, ON_NETWORK, PROCESS, TOP
from tim3tool.project.messages import read_id, read_setup, read_smoke
from tim3tool.project.model import Manifest, ProcessSpec, Tag
from tim3tool.project.networks import read_networks
from tim3tool.project.process import (
    Defaults,
    check_boot,
    identifier,
    minify_level,
    names,
    overridden,
    process,
    standard,
)
from tim3tool.project.rules import check_name
from tim3tool.project.tags import read_tags
from tim3tool.project.text import Text, check

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from tim3tool.project.document import MapNode, Node, Scalar

__all__ = ["read_mapping"]


def read_mapping(root: MapNode, path: Path) -> Manifest:
    """Return the manifest that a mapping is.

    Args:
        root: the mapping.
        path: absolute path of its file.

    Raises:
        ManifestError: something in it cannot be used.
    """
    top = Fields(root, "the manifest", TOP)
    entries = pairs(top["processes"], "`processes`")
    if not entries:
        where = top["processes"].where
        msg = "the manifest has no process"
        raise ManifestError(msg, where=where, help="add one below `processes`")
    reader = _Reader(root=path.parent, names={check_name(name, "a process"): name for name, _ in entries})
    networks = read_networks(top, reader.text)
    reader = replace(reader, networks=networks.keys())
    defaults = reader.defaults(top, standard(root.document.path))
    return Manifest(
        path=path,
        root=path.parent,
        shape="mapping",
        networks=networks,
        processes={name.value: reader.process(name, node, defaults) for name, node in entries},
        templates=tuple(_template(node) for node in top.items("path")),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads what may refer to processes.

    Args:
        root: the manifest's folder.
        names: the name of each process, as it stands in the file.
        networks: the names of the networks.
    """

    root: Path
    names: Mapping[str, Scalar]
    networks: Collection[str] = ()

    def defaults(self, top: Fields, base: Defaults) -> Defaults:
        if "defaults" not in top:
            return base
        given = Fields(top["defaults"], "`defaults`", DEFAULTS)
        return Defaults(
            module=identifier(given, "module", base.module),
            scheduler=identifier(given, "scheduler", base.scheduler),
            authority=self._authority(given, base.authority),
            tags=self._tags(given, ()),
            minify=minify_level(given, base.minify),
            include=names(given, "include", base.include),
            external=names(given, "external", base.external),
        )

    def process(self, name: Scalar, node: Node, defaults: Defaults) -> ProcessSpec:
        given = Fields(node, f"process `{name.value}`", PROCESS, at=name)
        everywhere = process(
            name,
            given,
            root=self.root,
            entry="entry",
            defaults=defaults,
            tags=self._tags(given, defaults.tags),
            authority=self._authority(given, defaults.authority),
            pack=True,
            setup=read_setup(given, self.text),
        )
        everywhere = replace(
            everywhere,
            config=read_config(given, self.text),
            smoke=read_smoke(given, self.text),
            on_boot=given.boolean("onBoot", default=False),
        )
        there = {key.value: self._on_network(key, node, everywhere) for key, node in given.pairs("networks")}
        for spec in (everywhere, *there.values()):
            check_boot(spec, given)
        return replace(everywhere, networks=there)

    def _on_network(self, network: Scalar, node: Node, base: ProcessSpec) -> ProcessSpec:
        """Return what a process is on a network where it is different."""
        if network.value not in self.networks:
            near = suggestion(network.value, self.networks)
            known = "known networks: " + ", ".join(f"`{each}`" for each in self.networks)
            msg = f"no network is named {token(network.value)}"
            raise ManifestError(msg, where=network.where, help=f"did you mean `{near}`?" if near else known)
        given = Fields(node, f"process `{base.name}` on network `{network.value}`", ON_NETWORK, at=network)
        spec = overridden(
            base,
            given,
            root=self.root,
            tags=self._tags(given, base.tags),
            authority=self._authority(given, base.authority),
        )
        return replace(
            spec,
            where=network.where,
            network_config=read_config(given, self.text),
            setup=read_setup(given, self.text) if "setup" in given else base.setup,
            smoke=read_smoke(given, self.text) if "smoke" in given else base.smoke,
        )

    def _authority(self, given: Fields, default: tuple[Text, ...]) -> tuple[Text, ...]:
        if "authority" not in given:
            return default
        node = given["authority"]
        listed = node.items if isinstance(node, ListNode) else (node,)
        of = given.named("authority")
        return tuple(read_id(text(each, of), of, self.text) for each in listed)

    def _tags(self, given: Fields, base: tuple[Tag, ...]) -> tuple[Tag, ...]:
        """Return tags over a base, which they replace name by name."""
        own = tuple(Tag(name=name.value, value=self.text(value)) for name, value in read_tags(given))
        names = {tag.name.casefold() for tag in own}
        return (*(tag for tag in base if tag.name.casefold() not in names), *own)

    def text(self, scalar: Scalar) -> Text:
        value = Text(value=scalar.value, where=scalar.where, scalar=scalar)
        check(value, self.names)
        return value


def _template(node: Node) -> str:
    """Return a search template for Lua modules, as ``package.path`` has them."""
    scalar = text(node, "a template of `path`")
    if "?" not in scalar.value:
        msg = "a template of `path` has no `?`"
        raise ManifestError(
            msg, where=scalar.where, help="`?` stands for the name of the Lua module: `ao/shared/?.lua`"
        )
    return scalar.value
