"""From the bytes of a file to nodes: everything that can be wrong with it as YAML is said here.

PyYAML's events are used rather than its objects, because the objects guess types (``no`` is false, ``0123`` is 83),
let the last of two equal keys win, and follow tags into Python.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import yaml

from tim3tool.errors import ManifestError, Where, suggestion
from tim3tool.project.document import Document, ListNode, MapNode, Scalar, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.project.document import Node

__all__ = ["read"]

_MAX_BYTES: Final = 1 << 20
_MAX_DEPTH: Final = 32
_MAX_VALUES: Final = 100_000
# What is not printable for YAML 1.1, section 5.1; PyYAML reports it without a line.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TAG: Final = re.compile(r"!\S*")
_ANCHOR: Final = re.compile(r"&\S+(?:\s+(?:#[^\r\n]*)?)*")  # with the white space and comments behind it
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HELP: Final = {
    "mapping values are not allowed": "put a value that holds `: ` in quotes, and keys of one mapping in one column",
    "found unknown escape character": "write a backslash in double quotes as `\\\\`, or use single quotes",
    "did not find expected '-' indicator": "items of one list start in one column",
    "cannot start any token": "put the value in quotes",
}


def read(path: Path) -> Node:
    """Read one YAML document, keeping the place of everything in it.

    Args:
        path: the file, UTF-8, at most 1 MiB.

    Returns:
        Its root node.

    Raises:
        ManifestError: it cannot be read, is not YAML, or uses what a manifest has no use for (tags, merge keys,
            several documents, aliases that unfold without bound).
    """
    shown = _shown(path)
    document = Document(shown, _text(path, shown))
    unprintable = _UNPRINTABLE.search(document.text)
    if unprintable:
        msg = f"the character U+{ord(unprintable.group()):04X} is not allowed in YAML"
        raise ManifestError(
            msg, where=document.where(*unprintable.span()), help="write it as an escape in double quotes"
        )
    try:
        return _Composer(document).root()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(document, error) from None


def _shown(path: Path) -> str:
    """Return a path as the user would write it from where they stand."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _text(path: Path, shown: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        msg = f"there is no `{shown}`"
        raise ManifestError(msg, help="name the manifest with -f, or go to its folder") from None
    except OSError as error:
        msg = f"`{shown}` cannot be read: {error.strerror}"
        raise ManifestError(msg, help="the manifest must be a readable file") from None
    if len(data) > _MAX_BYTES:
        msg = f"`{shown}` is larger than 1 MiB"
        raise ManifestError(msg, where=Where(path=shown), help="keep data out of the manifest, in Lua files")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = Document(shown, data[: error.start].decode("utf-8-sig"))
        place = before.where(len(before.text), len(before.text))
        where = Where(path=shown, line=place.line, column=place.column)
        msg = f"the byte 0x{data[error.start]:02X} is not UTF-8"
        raise ManifestError(msg, where=where, help="save the manifest as UTF-8") from None


class _Mark(Protocol):
    """A mark of either of PyYAML's parsers."""

    @property
    def index(self) -> int: ...


class _Composer:
    """Builds nodes from PyYAML's events."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._events: Iterator[yaml.Event] = iter(yaml.parse(document.text, Loader=_LOADER))
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: set[str] = set()
        self._values = 0

    def root(self) -> Node:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise self._empty()
        node = self._node(next(self._events), depth=0)
        if isinstance(node, Scalar) and not node.value:
            raise self._empty()
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            msg = "a second document begins here"
            raise self._error(msg, after, "a manifest is one document: remove the `---`")
        return node

    def _node(self, event: yaml.Event, *, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._values
        self._count(1, event)
        if depth > _MAX_DEPTH:
            msg = "the manifest is nested too deeply"
            raise self._error(msg, event, f"at most {_MAX_DEPTH} levels")
        anchor: str | None = getattr(event, "anchor", None)
        if anchor:
            self._open.add(anchor)
        start = self._start(event)
        node: Node
        match event:
            case yaml.ScalarEvent():
                node = self._scalar(event, start)
            case yaml.MappingStartEvent():
                node = MapNode(document=self._document, start=start, items=tuple(self._pairs(depth)))
            case _:
                node = ListNode(document=self._document, start=start, items=tuple(self._items(depth)))
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = (node, self._values - before)
        return node

    def _scalar(self, event: yaml.ScalarEvent, start: int) -> Scalar:
        if _SURROGATE.search(event.value):  # libyaml refuses these itself, PyYAML's own parser does not
            msg = "an escape names half of a surrogate pair"
            raise self._error(msg, event, "write the character itself")
        end = _index(event.end_mark)
        return Scalar(document=self._document, start=start, end=end, value=event.value, style=event.style or "")

    def _alias(self, event: yaml.AliasEvent) -> Node:
        name = str(event.anchor)
        if name in self._open:
            msg = f"the alias {token('*' + name)} stands inside what it names"
            raise self._error(msg, event)
        if name not in self._anchors:
            near = suggestion(name, self._anchors)
            hint = f"did you mean `*{near}`?" if near else f"an anchor `&{name}` must come before it"
            msg = f"unknown alias {token('*' + name)}"
            raise self._error(msg, event, hint)
        node, values = self._anchors[name]
        self._count(values, event)
        return node

    def _count(self, values: int, event: yaml.Event) -> None:
        """Refuse documents whose aliases unfold to more than any manifest holds (a "billion laughs")."""
        self._values += values
        if self._values > _MAX_VALUES:
            msg = f"the manifest holds more than {_MAX_VALUES:,} values"
            raise self._error(msg, event, "aliases count each time they are used")

    def _pairs(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        keys: dict[str, Scalar] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth=depth + 1)
            if not isinstance(key, Scalar):
                raise self._compound_key(key)
            if key.value == "<<" and not key.style:
                hint = "use `defaults`, or an alias for a whole value"
                msg = "merge keys (`<<`) are not supported"
                raise ManifestError(msg, where=key.where, help=hint)
            if key.value in keys:
                first = keys[key.value].where
                msg = f"the key {token(key.value)} is given twice"
                raise ManifestError(
                    msg, where=key.where, label="again", notes=[f"first given at line {first.line}"], help="keep one"
                )
            keys[key.value] = key
            yield key, self._node(next(self._events), depth=depth + 1)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth=depth + 1)

    def _start(self, event: yaml.Event) -> int:
        """Return where a node itself begins, behind its anchor; a tag before it is refused."""
        start = _index(event.start_mark)
        text = self._document.text
        if getattr(event, "tag", None):
            tag = _TAG.search(text, start)
            place = tag.span() if tag else (start, start)
            msg = f"YAML tags such as `{text[slice(*place)]}` are not supported"
            raise ManifestError(msg, where=self._document.where(*place), help="remove it; values are text as written")
        if not getattr(event, "anchor", None):
            return start
        behind = _ANCHOR.match(text, start)
        return min(behind.end(), _index(event.end_mark)) if behind else start

    def _compound_key(self, key: MapNode | ListNode) -> ManifestError:
        kind = "mapping" if isinstance(key, MapNode) else "list"
        hint = "a key is plain text"
        if self._document.text[key.start - 1 : key.start + 1] == "{{":
            hint = "put a value with `{{ … }}` in quotes"
        return ManifestError(f"a {kind} cannot be a key", where=key.where, help=hint)

    def _error(self, message: str, event: yaml.Event, hint: str | None = None) -> ManifestError:
        where = self._document.where(_index(event.start_mark), _index(event.end_mark))
        return ManifestError(message, where=where, help=hint)

    def _empty(self) -> ManifestError:
        return ManifestError(
            "the manifest is empty", where=Where(path=self._document.path), help="it needs at least `processes:`"
        )


def _index(mark: _Mark | None) -> int:
    return mark.index if mark else 0


def _syntax_error(document: Document, error: yaml.MarkedYAMLError) -> ManifestError:
    """Turn PyYAML's error into ours; one at the end of the file is shown where the unclosed thing began."""
    problem = error.problem or "unreadable"
    index, began = _index(error.problem_mark or error.context_mark), _index(error.context_mark)
    if document.text[index : index + 1] == "\t" and "cannot start" in problem:
        where = document.where(index, index)
        return ManifestError("a tab cannot indent YAML", where=where, help="indent with spaces")
    msg = f"not valid YAML: {problem}"
    start = document.where(began, began)
    if error.context and index >= len(document.text.rstrip()):
        return ManifestError(msg, where=start, label="begins here", notes=[error.context], help="close it")
    return ManifestError(
        msg,
        where=document.where(index, index),
        notes=[f"{error.context} that begins at line {start.line}"] if error.context and began < index else [],
        help=next((hint for start, hint in _HELP.items() if start in problem), None),
    )
