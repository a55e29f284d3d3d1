"""The tags a manifest gives: a mapping of name to value, or a list of ``{name, value}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.errors import ManifestError
from tim3tool.project.document import ListNode, MapNode, Scalar, token
from tim3tool.project.fields import Fields, mismatch, text
from tim3tool.project.keys import NAMED_TAG
from tim3tool.project.rules import MAX_TAG_NAME, MAX_TAG_VALUE

if TYPE_CHECKING:
    from tim3tool.project.document import Node

__all__ = ["read_tags"]

_EVERY_ITEM: Final = "remove it: every data item gets it"
_PROTOCOL: Final = {
    "data-protocol": _EVERY_ITEM,
    "module": "use the key `module` of the process",
    "scheduler": "use the key `scheduler` of the process",
    "sdk": _EVERY_ITEM,
    "type": _EVERY_ITEM,
    "variant": _EVERY_ITEM,
}


def read_tags(given: Fields) -> tuple[tuple[Scalar, Scalar], ...]:
    """Return (name, value) of each tag under the key ``tags``.

    Args:
        given: what the tags belong to.

    Raises:
        ManifestError: there is no mapping or list, or a tag could not be sent: empty, too long, given twice (AO and
            HyperBEAM compare names without case), or one that only the protocol sets.
    """
    if "tags" not in given:
        return ()
    match given["tags"]:
        case MapNode(items=pairs):
            tags = [(name, text(value, f"the tag {token(name.value)}")) for name, value in pairs]
        case ListNode(items=items):
            tags = [_listed(item, given.of) for item in items]
        case Scalar() as node:
            raise mismatch(node, given.named("tags"), "a mapping or a list")
    seen: dict[str, Scalar] = {}
    for name, value in tags:
        _check(name, value)
        first = seen.setdefault(name.value.casefold(), name)
        if first is not name:
            msg = f"the tag {token(name.value)} is given twice"
            note = f"first given at line {first.where.line} as {token(first.value)}; case does not count"
            raise ManifestError(msg, where=name.where, label="again", notes=[note], help="keep one")
    return tuple(tags)


def _listed(node: Node, of: str) -> tuple[Scalar, Scalar]:
    given = Fields(node, f"a tag of {of}", NAMED_TAG)
    return given.text("name"), given.text("value")


def _check(name: Scalar, value: Scalar) -> None:
    if not name.value:
        msg = "a tag has no name"
        raise ManifestError(msg, where=name.where)
    protocol = _PROTOCOL.get(name.value.casefold())
    if protocol:
        msg = f"the tag `{name.value}` is not set by hand"
        raise ManifestError(msg, where=name.where, help=protocol)
    for scalar, what, limit in ((name, "name", MAX_TAG_NAME), (value, "value", MAX_TAG_VALUE)):
        size = len(scalar.value.encode())
        if size > limit:
            msg = f"the {what} of a tag is {size:,} bytes long"
            raise ManifestError(msg, where=scalar.where, help=f"at most {limit:,} bytes are sent")
