"""The processes that a state of aoform's lists, or one of tim3tool's own: their names and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.errors import ManifestError
from tim3tool.project.compose import read
from tim3tool.project.document import MapNode, Scalar
from tim3tool.project.fields import Fields, mismatch, pairs, text
from tim3tool.project.rules import check_id, check_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tim3tool.project.document import Node

__all__ = ["imported_ids"]


def imported_ids(paths: Iterable[Path], *, owner: str, variant: str) -> dict[str, str]:
    """Return process id by name, as some files say.

    aoform's ``state*.yaml`` maps each name to a ``processId``, and to the ``hash`` of code that is put together in
    another way than here and says nothing to us. tim3tool's own state maps ``processes`` likewise to an ``id``.

    Args:
        paths: the files, YAML or JSON.
        owner: the wallet that a state of tim3tool must be of.
        variant: the variant of AO that it must be of.

    Raises:
        ManifestError: a file is no such state, an id is none, or a name or id comes twice with a difference.
    """
    found: dict[str, str] = {}
    names: dict[str, str] = {}
    for path in paths:
        for name, scalar in _processes(path, {"owner": owner, "variant": variant}):
            given = check_id(scalar, f"the id of `{name}`")
            if found.get(name, given) != given:
                msg = f"`{name}` is `{found[name]}` in another place, and `{given}` here"
                raise ManifestError(msg, where=scalar.where, help="leave one of them out")
            if names.get(given, name) != name:
                msg = f"`{names[given]}` and `{name}` have the same id"
                raise ManifestError(msg, where=scalar.where, help="one process has one name; leave one of them out")
            found[name], names[given] = given, name
    return found


def _processes(path: Path, wanted: Mapping[str, str]) -> list[tuple[str, Scalar]]:
    if not path.is_file():
        msg = f"there is no file `{path}`"
        raise ManifestError(msg, help="name a state file, such as aoform's state.yaml")
    root = read(path)
    if not isinstance(root, MapNode):
        raise mismatch(root, f"a state such as `{path.name}`", "a mapping of process names, as aoform writes it")
    top = {key.value: value for key, value in root.items}
    if "format" in top and "processes" in top:
        for what, value in wanted.items():
            given = top.get(what)
            if isinstance(given, Scalar) and given.value not in (value, "null"):
                msg = f"these processes are of {what} `{given.value}`, not of `{value}`"
                raise ManifestError(msg, where=given.where, help="name that wallet, or a network of that kind")
        return [_process(name, node, "id") for name, node in pairs(top["processes"], "`processes`")]
    return [_process(name, node, "processId") for name, node in root.items]


def _process(name: Scalar, node: Node, key: str) -> tuple[str, Scalar]:
    of = f"process `{check_name(name, 'a process')}`"
    if key == "processId":
        return name.value, Fields(node, of, ("processId", "hash"), at=name).text(key)
    given = {each.value: value for each, value in pairs(node, of)}
    if key not in given:
        msg = f"{of} has no `{key}`"
        raise ManifestError(msg, where=name.where)
    return name.value, text(given[key], f"`{key}` of {of}")
