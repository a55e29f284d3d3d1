"""Lua's own compiler as the judge of what is legal, and where a source is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tim3tool.errors import LuaSyntaxError
from tim3tool.lua.source import Lines, shown, strip
from tim3tool.lua.vm import LuaVM, syntax_error

if TYPE_CHECKING:
    from tim3tool.errors import Where

__all__ = ["check", "takes_arguments"]

_LONGEST_MESSAGE: Final = 160  # Lua quotes the token at fault whole, and a string may be a megabyte

# Lua has read one character past the token it complains about.
_COUNT_CHARACTERS_READ: Final = b"""
local source, read = ..., 0
load(function() read = read + 1 return source:sub(read, read) end)
return read
"""


def check(source: bytes, path: str) -> None:
    """Make sure that Lua 5.3 compiles a source.

    Args:
        source: the bytes of a Lua file.
        path: its name in the error.

    Raises:
        LuaSyntaxError: it does not compile; the message is Lua's own, the place is that of the token at fault.
    """
    text = strip(source)
    found = syntax_error(text)
    if found is not None:
        line, message = found
        msg = "not Lua 5.3: " + shown(" ".join(message.split()).encode())[:_LONGEST_MESSAGE]
        raise LuaSyntaxError(msg, where=_fault(Lines(text, path), line, message))


def takes_arguments(source: bytes) -> bool:
    """Tell whether a main chunk uses ``...``: if so, Lua does not compile it as a function that takes nothing.

    Args:
        source: the bytes of a Lua file that `check` accepts.
    """
    if b"..." not in source:
        return False
    found = syntax_error(b"return function() " + strip(source) + b"\nend")
    return found is not None and "outside a vararg function" in found[1]


def _fault(lines: Lines, line: int, message: str) -> Where:
    """Return the place of what Lua's message complains about."""
    near = re.search(r" near (?:'(.*)'|<eof>)$", message, re.DOTALL)
    if near is None:  # about a `goto` or a `break`, known only when its block ends
        earlier = re.search(r" at line (\d+)", message)
        return lines.where(*lines.span(int(earlier[1]) if earlier else line))
    if near[1] is None:
        end = len(lines.text.rstrip())
        return lines.where(end, end)
    (read,) = LuaVM().run(_COUNT_CHARACTERS_READ, "=reader", lines.text)
    end = read - 1
    token = near[1].encode()
    return lines.where(end - (len(token) if lines.text[:end].endswith(token) else 1), end)
