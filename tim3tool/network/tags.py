"""The tags of a data item: their limits, and their Avro encoding (ANS-104 sections 2 and 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Reader", "Tags", "decode_tags", "encode_tags", "limit_broken"]

Tags = tuple[tuple[str, str], ...]

MAX_TAGS: Final = 128
MAX_NAME_BYTES: Final = 1024
MAX_VALUE_BYTES: Final = 3072
MAX_TAG_BYTES: Final = 4096

_MAX_VARINT_BYTES: Final = 10


def encode_tags(tags: Sequence[tuple[str, str]]) -> bytes:
    """Return tags in the one form whose hash every server agrees on.

    Args:
        tags: (name, value) in order.

    Returns:
        An Avro array of one block and its end; nothing when there are no tags.

    Raises:
        UsageError: a name or value holds half a surrogate pair, which has no UTF-8 form.

    >>> encode_tags([("Action", "Eval")]).hex()
    '020c416374696f6e084576616c00'
    """
    if not tags:
        return b""
    parts = [_zigzag(len(tags))]
    for text in (text for tag in tags for text in tag):
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            msg = f"the tag text `{text.encode(errors='replace').decode()}` is not Unicode"
            raise UsageError(msg) from None
        parts += (_zigzag(len(encoded)), encoded)
    return b"".join((*parts, b"\0"))


def decode_tags(tag_bytes: bytes) -> Tags:
    """Read the tag bytes of anybody's data item, in one block or several.

    Args:
        tag_bytes: an Avro array of (name, value), or nothing.

    Returns:
        (name, value) in order.

    Raises:
        UsageError: the bytes are no such array.
    """
    if not tag_bytes:
        return ()
    reader = Reader(tag_bytes)
    tags: list[tuple[str, str]] = []
    while count := reader.number("tag block"):
        if count < 0:  # Avro: a negative count is followed by the block's size in bytes
            reader.number("tag block size")
        tags.extend((reader.text("tag name"), reader.text("tag value")) for _ in range(abs(count)))
    if reader.rest():
        msg = "not a data item: bytes after the last tag"
        raise UsageError(msg)
    return tuple(tags)


def limit_broken(tags: Tags, tag_bytes: bytes) -> str | None:
    """Return what the tags of a data item break of the limits of ANS-104 section 3, or None.

    Args:
        tags: (name, value) in order.
        tag_bytes: the same, encoded.

    Returns:
        One line that names the tag.
    """
    if len(tags) > MAX_TAGS:
        return f"a data item carries at most {MAX_TAGS} tags, not {len(tags)}"
    for name, value in tags:
        name_bytes, value_bytes = len(name.encode()), len(value.encode())
        if not 1 <= name_bytes <= MAX_NAME_BYTES:
            return f"the tag name `{name[:32]}` has {name_bytes} bytes; 1 to {MAX_NAME_BYTES} are allowed"
        if not 1 <= value_bytes <= MAX_VALUE_BYTES:
            return f"the value of the tag `{name}` has {value_bytes} bytes; 1 to {MAX_VALUE_BYTES} are allowed"
    if len(tag_bytes) > MAX_TAG_BYTES:
        return f"the tags have {len(tag_bytes)} bytes together; {MAX_TAG_BYTES} are allowed"
    return None


class Reader:
    """Takes bytes off the front of a data item (or of its tags), and says what was missing when they run out.

    Args:
        data: the bytes. Every method raises UsageError with the name it was given when they do not hold what it takes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int, what: str) -> bytes:
        """Take that many bytes."""
        end = self._at + size
        if size < 0 or end > len(self._data):
            msg = f"not a data item: it ends inside its {what} (at byte {len(self._data)})"
            raise UsageError(msg)
        taken, self._at = self._data[self._at : end], end
        return taken

    def rest(self) -> bytes:
        """Take all that is left."""
        return self.take(len(self._data) - self._at, "data")

    def optional(self, what: str) -> bytes:
        """Take a mark and, when it is 1, the 32 bytes it announces."""
        present = self.take(1, what)[0]
        if present > 1:
            msg = f"not a data item: the mark before its {what} is {present}, not 0 or 1"
            raise UsageError(msg)
        return self.take(32, what) if present else b""

    def number(self, what: str) -> int:
        """Take one Avro long: zig-zag, then seven bits a byte, low bits first."""
        value = 0
        for position in range(_MAX_VARINT_BYTES):
            byte = self.take(1, what)[0]
            value |= (byte & 0x7F) << 7 * position
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
        msg = f"not a data item: a number in its {what} is too long"
        raise UsageError(msg)

    def text(self, what: str) -> str:
        """Take one Avro string: its length, then UTF-8."""
        try:
            return self.take(self.number(what), what).decode()
        except UnicodeDecodeError:
            msg = f"not a data item: a {what} is not UTF-8"
            raise UsageError(msg) from None


def _zigzag(length: int) -> bytes:
    value, encoded = length << 1, bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
