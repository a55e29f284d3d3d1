"""The manifest as a mapping: ``networks``, ``defaults``, ``processes`` and ``path``, with templates in its texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.errors import ManifestError
from tim3tool.project.config import read_config
from tim3tool.project.document import ListNode
from tim3tool.project.fields import Fields, pairs, text
from tim3tool.project.model import Manifest, ProcessSpec, SetupMessage, Tag
from tim3tool.project.networks import read_networks
from tim3tool.project.process import Defaults, identifier, minify_level, names, process, standard
from tim3tool.project.rules import check_id, check_name
from tim3tool.project.tags import read_tags
from tim3tool.project.text import Text, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tim3tool.errors import Where
    from tim3tool.project.document import MapNode, Node, Scalar

__all__ = ["read_mapping"]

_TOP: Final = ("networks", "defaults", "processes", "path")
_DEFAULTS: Final = ("module", "scheduler", "authority", "tags", "minify", "include", "external")
_PROCESS: Final = ("entry", *_DEFAULTS, "prerun", "resetModules", "directory", "config", "setup")
_SETUP: Final = ("name", "action", "tags", "data")


def read_mapping(root: MapNode, path: Path) -> Manifest:
    """Return the manifest that a mapping is.

    Args:
        root: the mapping.
        path: absolute path of its file.

    Raises:
        ManifestError: something in it cannot be used.
    """
    top = Fields(root, "the manifest", _TOP)
    entries = pairs(top["processes"], "`processes`")
    if not entries:
        where = top["processes"].where
        msg = "the manifest has no process"
        raise ManifestError(msg, where=where, help="add one below `processes`")
    reader = _Reader(root=path.parent, names={check_name(name, "a process"): name for name, _ in entries})
    defaults = reader.defaults(top, standard(root.document.path))
    return Manifest(
        path=path,
        root=path.parent,
        shape="mapping",
        networks=read_networks(top, reader.text),
        processes={name.value: reader.process(name, node, defaults) for name, node in entries},
        templates=tuple(_template(node) for node in top.items("path")),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Reads what may refer to processes.

    Args:
        root: the manifest's folder.
        names: the name of each process, as it stands in the file.
    """

    root: Path
    names: Mapping[str, Scalar]

    def defaults(self, top: Fields, base: Defaults) -> Defaults:
        if "defaults" not in top:
            return base
        given = Fields(top["defaults"], "`defaults`", _DEFAULTS)
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
        given = Fields(node, f"process `{name.value}`", _PROCESS, at=name)
        return process(
            name,
            given,
            root=self.root,
            entry="entry",
            defaults=defaults,
            tags=self._tags(given, defaults.tags),
            authority=self._authority(given, defaults.authority),
            pack=True,
            setup=self._setup(given),
            config=read_config(given, self.text),
        )

    def _authority(self, given: Fields, default: tuple[Text, ...]) -> tuple[Text, ...]:
        if "authority" not in given:
            return default
        node = given["authority"]
        listed = node.items if isinstance(node, ListNode) else (node,)
        return tuple(self._id(text(each, given.named("authority")), given.named("authority")) for each in listed)

    def _id(self, scalar: Scalar, of: str) -> Text:
        value = self.text(scalar)
        if not value.is_template:
            check_id(scalar, of)
        return value

    def _tags(self, given: Fields, base: tuple[Tag, ...]) -> tuple[Tag, ...]:
        """Return tags over a base, which they replace name by name."""
        own = tuple(Tag(name=name.value, value=self.text(value)) for name, value in read_tags(given))
        names = {tag.name.casefold() for tag in own}
        return (*(tag for tag in base if tag.name.casefold() not in names), *own)

    def _setup(self, given: Fields) -> tuple[SetupMessage, ...]:
        messages: dict[str, SetupMessage] = {}
        for number, node in enumerate(given.items("setup"), start=1):
            of = f"set-up message {number} of {given.of}"
            message = self._message(Fields(node, of, _SETUP), number, node.where)
            if message.name in messages:
                msg = f"two set-up messages of {given.of} are named `{message.name}`"
                note = f"first given at line {messages[message.name].where.line}"
                raise ManifestError(msg, where=message.where, label="again", notes=[note], help="rename one")
            messages[message.name] = message
        return tuple(messages.values())

    def _message(self, given: Fields, number: int, where: Where) -> SetupMessage:
        action = Tag(name="Action", value=self.text(given.text("action")))
        tags = read_tags(given)
        for name, _ in tags:
            if name.value.casefold() == "action":
                msg = f"the tag `{name.value}` is given twice"
                raise ManifestError(msg, where=name.where, label="again", help="keep the key `action`")
        data = Text(value="", where=where)
        if "data" in given:
            data = self.text(given.text("data", may_be_empty=True))
        return SetupMessage(
            name=check_name(given.text("name"), "a set-up message")
            if "name" in given
            else _derived_name(number, action.value),
            tags=(action, *(Tag(name=name.value, value=self.text(value)) for name, value in tags)),
            data=data,
            where=where,
        )

    def text(self, scalar: Scalar) -> Text:
        value = Text(value=scalar.value, where=scalar.where, scalar=scalar)
        check(value, self.names)
        return value


def _derived_name(number: int, action: Text) -> str:
    """Return the name of a set-up message that has none: ``1-Mint``."""
    stem = "" if action.is_template else "-" + re.sub(r"[^A-Za-z0-9._-]+", "-", action.value)
    return f"{number}{stem}"[:64]


def _template(node: Node) -> str:
    """Return a search template for Lua modules, as ``package.path`` has them."""
    scalar = text(node, "a template of `path`")
    if "?" not in scalar.value:
        msg = "a template of `path` has no `?`"
        raise ManifestError(
            msg, where=scalar.where, help="`?` stands for the name of the Lua module: `ao/shared/?.lua`"
        )
    return scalar.value
