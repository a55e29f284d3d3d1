"""Typed access to nodes: each function gives what is there, or says what was expected and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.errors import ManifestError, suggestion
from tim3tool.project.document import ListNode, MapNode, Scalar, token

if TYPE_CHECKING:
    from collections.abc import Collection

    from tim3tool.project.document import Node

__all__ = ["Fields", "boolean", "items", "mismatch", "pairs", "text"]


class Fields:
    """The values of a mapping with fixed keys.

    Args:
        node: what should be that mapping.
        of: what it describes, for messages: ``process `x` ``.
        allowed: its keys.
        at: the node to point at when a key is missing; the mapping itself unless given.

    Raises:
        ManifestError: it is no mapping, or has another key.
    """

    def __init__(self, node: Node, of: str, allowed: Collection[str], *, at: Node | None = None) -> None:
        self.of = of
        self._at = at or node
        self._values: dict[str, Node] = {}
        for key, value in pairs(node, of):
            if key.value not in allowed:
                near = suggestion(key.value, allowed)
                known = "known keys: " + ", ".join(f"`{name}`" for name in allowed)
                msg = f"unknown key {token(key.value)} in {of}"
                raise ManifestError(msg, where=key.where, help=f"did you mean `{near}`?\n{known}" if near else known)
            self._values[key.value] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Node:
        """Return the value of a key, or raise ManifestError when it is not given."""
        if key not in self._values:
            msg = f"{self.of} has no `{key}`"
            raise ManifestError(msg, where=self._at.where, help=f"add `{key}: …`")
        return self._values[key]

    def named(self, key: str) -> str:
        """Return how messages call the value of a key."""
        return f"`{key}` of {self.of}"

    def text(self, key: str, *, may_be_empty: bool = False) -> Scalar:
        """Return the text of a key, or raise ManifestError."""
        return text(self[key], self.named(key), may_be_empty=may_be_empty)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return the boolean of a key, its default when the key is not given, or raise ManifestError."""
        return boolean(self[key], self.named(key)) if key in self else default

    def items(self, key: str) -> tuple[Node, ...]:
        """Return the list of a key, nothing when the key is not given, or raise ManifestError."""
        return items(self[key], self.named(key)) if key in self else ()

    def pairs(self, key: str) -> tuple[tuple[Scalar, Node], ...]:
        """Return the mapping of a key, nothing when the key is not given, or raise ManifestError."""
        return pairs(self[key], self.named(key)) if key in self else ()


def pairs(node: Node, of: str) -> tuple[tuple[Scalar, Node], ...]:
    """Return the pairs of a mapping, or raise ManifestError."""
    if not isinstance(node, MapNode):
        raise mismatch(node, of, "a mapping")
    return node.items


def items(node: Node, of: str) -> tuple[Node, ...]:
    """Return the items of a list, or raise ManifestError."""
    if not isinstance(node, ListNode):
        raise mismatch(node, of, "a list")
    return node.items


def text(node: Node, of: str, *, may_be_empty: bool = False) -> Scalar:
    """Return a text, or raise ManifestError."""
    if not isinstance(node, Scalar):
        raise mismatch(node, of, "text")
    if not node.value and not may_be_empty:
        msg = f"{of} is empty"
        raise ManifestError(msg, where=node.where)
    return node


def boolean(node: Node, of: str) -> bool:
    """Return what a plain ``true`` or ``false`` says, or raise ManifestError."""
    if not isinstance(node, Scalar) or node.style or node.value not in {"true", "false"}:
        raise mismatch(node, of, "`true` or `false`")
    return node.value == "true"


def mismatch(node: Node, of: str, expected: str) -> ManifestError:
    """Return the error for a value of the wrong type."""
    match node:
        case Scalar(value=""):
            found = "but is empty"
        case Scalar(style="") as scalar:
            found = f"not {token(scalar.value)}"
        case Scalar() as scalar:
            found = f"not the text {token(scalar.value)}"
        case MapNode():
            found = "not a mapping"
        case ListNode():
            found = "not a list"
    return ManifestError(f"{of} must be {expected}, {found}", where=node.where)
