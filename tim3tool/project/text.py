"""Texts whose value may depend on other processes, and the values a network gives them.

Only texts that hold a template load Jinja2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from tim3tool.errors import ManifestError, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.project.document import Scalar
    from tim3tool.project.template import Template

__all__ = ["Context", "Text", "check", "paths", "references", "render"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A text of the manifest.

    Args:
        value: what is written, quotes and escapes resolved.
        where: its place.
        form: ``template`` for Jinja2 (text without ``{{`` stands for itself), ``literal`` for aoform's texts,
            ``process`` for aoform's way to write an id: the name of the process.
        scalar: its node in the file, which knows the place of every part.
    """

    value: str
    where: Where
    form: Literal["template", "literal", "process"] = "template"
    scalar: Scalar | None = field(default=None, repr=False, compare=False)

    @property
    def is_template(self) -> bool:
        """Whether Jinja2 has something to do in it."""
        return self.form == "template" and any(opening in self.value for opening in ("{{", "{%", "{#"))

    def where_of(self, offset: int, length: int) -> Where:
        """Return the place in the file of a part of the value (offset and length in characters)."""
        return self.scalar.where_of(offset, length) if self.scalar else self.where


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What texts are rendered with.

    Args:
        processes: process id by name; None, or no entry, while it is not spawned.
        network: name of the network.
        owner: address of the key that signs.
        bundles: sha256 of each bundle, by process name.
        env: environment variables.
        known: what else templates may refer to, by the parts of the reference; see `facts`.
    """

    processes: Mapping[str, str | None]
    network: str
    owner: str
    bundles: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[tuple[str, ...], str] = field(default_factory=dict)


def render(text: Text, context: Context) -> str:
    """Return the value a text has on a network.

    Args:
        text: any text of the manifest.
        context: what is known there.

    Returns:
        The value.

    Raises:
        ManifestError: something it refers to is not known (yet), at its place.
    """
    if text.is_template:
        return _template(text).render(context)
    if text.form != "process":
        return text.value
    identifier = context.processes.get(text.value)
    if identifier is None:
        msg = f"process `{text.value}` is not spawned yet on network `{context.network}`"
        raise ManifestError(
            msg,
            where=text.where,
            label="has no id",
            help=f"deploy `{text.value}` first",
        )
    return identifier


def references(text: Text) -> frozenset[str]:
    """Return the names of the processes whose id a text needs, whatever its conditions come to.

    Raises:
        ManifestError: its template is wrong.
    """
    if text.form == "process":
        return frozenset([text.value])
    return frozenset(path[1] for path in paths(text) if path[0] == "processes" and path[2] == "id")


def paths(text: Text) -> tuple[tuple[str, ...], ...]:
    """Return what the template of a text refers to, such as ``("processes", "mock-usda", "id")``.

    Raises:
        ManifestError: its template is wrong.
    """
    return _template(text).paths if text.is_template else ()


def check(text: Text, known: Mapping[str, Scalar]) -> None:
    """Refuse a text whose template is wrong, or refers to a process that the manifest does not define.

    Args:
        text: the text.
        known: the name of each process, as it stands in the file.

    Raises:
        ManifestError: at the place of the mistake.
    """
    if text.is_template:
        _template(text).check_processes(known)


@lru_cache(maxsize=256)  # an alias of YAML gives several messages the same texts
def _template(text: Text) -> Template:
    from tim3tool.project.template import Template  # noqa: PLC0415 - Jinja2 takes 30 ms that most commands save

    return Template(text)
