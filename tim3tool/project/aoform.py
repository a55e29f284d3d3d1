"""The manifest as aoform's list of processes, taken as it is: no templates, braces stand for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tim3tool.errors import ManifestError
from tim3tool.project.fields import Fields
from tim3tool.project.keys import AOFORM
from tim3tool.project.model import Manifest, ProcessSpec, Tag
from tim3tool.project.networks import known_networks
from tim3tool.project.process import process, standard
from tim3tool.project.rules import check_name
from tim3tool.project.tags import read_tags
from tim3tool.project.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tim3tool.project.document import ListNode, Scalar

__all__ = ["read_list"]


def read_list(root: ListNode, path: Path) -> Manifest:
    """Return the manifest that a list of processes is.

    Args:
        root: the list.
        path: absolute path of its file.

    Raises:
        ManifestError: something in it cannot be used.
    """
    entries: dict[str, tuple[Scalar, Fields]] = {}
    for number, item in enumerate(root.items, start=1):
        given = Fields(item, f"process {number}", AOFORM)
        name = given.text("name")
        check_name(name, "a process")
        if name.value in entries:
            note = f"first defined at line {entries[name.value][0].where.line}"
            msg = f"two processes are named `{name.value}`"
            raise ManifestError(msg, where=name.where, label="again", notes=[note], help="rename one")
        entries[name.value] = (name, Fields(item, f"process `{name.value}`", AOFORM, at=name))
    if not entries:
        msg = "the manifest has no process"
        raise ManifestError(msg, where=root.where, help="add `- name: …` and `file: …`")
    return Manifest(
        path=path,
        root=path.parent,
        shape="aoform",
        networks=known_networks(),
        processes={name: _process(*entry, path.parent, entries) for name, entry in entries.items()},
        templates=(),
    )


def _process(name: Scalar, given: Fields, root: Path, names: Collection[str]) -> ProcessSpec:
    defaults = standard(name.document.path)
    others = set(names) - {name.value}
    return process(
        name,
        given,
        root=root,
        entry="file",
        defaults=defaults,
        tags=tuple(Tag(name=tag.value, value=_text(value, others)) for tag, value in read_tags(given)),
        authority=defaults.authority,
        pack=given.boolean("pack", default=False),
        setup=(),
    )


def _text(scalar: Scalar, others: Collection[str]) -> Text:
    """Return a tag's value; the name of another process stands for its id."""
    form: Literal["process", "literal"] = "process" if scalar.value in others else "literal"
    return Text(value=scalar.value, where=scalar.where, form=form, scalar=scalar)
