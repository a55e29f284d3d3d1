"""The Lua that an Eval carries: the bundle, with what depends on the network in front of it.

The prelude takes no line, so line 7 of an error is line 7 of the bundle. It begins with ``do``, because AO first tries
to evaluate ``return <data>``, which must not compile. A prerun file stands between it and the bundle, in the same
chunk: the bundle sees its locals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from tim3tool.errors import LuaSyntaxError, ManifestError, Where
from tim3tool.lua.source import Lines, strip
from tim3tool.lua.tokens import string_value, tokens
from tim3tool.lua.vm import syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tim3tool.bundle.model import Bundle
    from tim3tool.lua.tokens import Token

__all__ = ["Preparations", "eval_data", "given_module", "lua_string", "lua_value", "prerun_path"]

_ESCAPED: Final = re.compile(rb'[\x00-\x1f"\\\x7f]')


class Preparations(Protocol):
    """What is done in a process before its bundle runs; a process of the manifest says so."""

    @property
    def reset_modules(self) -> bool:
        """Forget the Lua modules of the bundle that ran before."""

    @property
    def directory(self) -> bool:
        """Let ``require "aoform.directory"`` give the process ids by name."""

    @property
    def prerun(self) -> Path | None:
        """A file of Lua to run first."""


def eval_data(
    spec: Preparations, bundle: Bundle, *, ids: Mapping[str, str], config: Mapping[str, Any], root: Path
) -> bytes:
    """Return the data of the Eval that gives a process its code.

    Args:
        spec: what comes first.
        bundle: its bundle.
        ids: process id by name, for ``aoform.directory``.
        config: constants for ``tim3tool.config``, by name: texts, integers, floats, booleans, lists and mappings.
        root: the manifest's folder, which paths in error messages start from.

    Returns:
        The Lua, with the bundle's lines where they were.

    Raises:
        ManifestError: the prerun file cannot be read.
        LuaSyntaxError: the prerun file is not Lua 5.3, or does not compile in one chunk with the bundle.
    """
    parts = []
    if spec.reset_modules:
        parts.append(_reset(module.name for module in bundle.modules))
    if spec.directory:
        parts.append(given_module(b"aoform.directory", ids))
    if config or "tim3tool.config" in bundle.externals:
        parts.append(given_module(b"tim3tool.config", config))
    prelude = b"do %s end " % b" ".join(parts) if parts or spec.prerun else b""
    shown = prerun_path(spec, root)
    if not spec.prerun or not shown:
        return prelude + bundle.code
    data = prelude + _in_one_line(_read_prerun(spec.prerun, shown)) + b" ; " + bundle.code
    _prove(data, shown)
    return data


def lua_string(text: bytes) -> bytes:
    r"""Return a Lua string literal of one line that stands for these bytes.

    >>> lua_string(b'a "b"\n')
    b'"a \\034b\\034\\010"'
    """
    return b'"' + _ESCAPED.sub(lambda match: b"\\%03d" % match[0][0], text) + b'"'


def lua_value(value: Any) -> bytes:
    """Return Lua of one line that stands for a value of the manifest.

    Args:
        value: a text, boolean, integer of 64 bits, finite float, or list or mapping of such values.

    >>> lua_value({"b": [1, 2.0], "a": "x"})
    b'{["a"]="x",["b"]={1,2.0}}'
    """
    match value:
        case bool():
            return b"true" if value else b"false"
        case str():
            return lua_string(value.encode())
        case int() if value == -(2**63):
            return b"(-9223372036854775807-1)"  # Lua reads the digits alone as a float
        case int() | float():
            return repr(value).encode()
        case list():
            return b"{%s}" % b",".join(map(lua_value, value))
    pairs = (b"[%s]=%s" % (lua_string(name.encode()), lua_value(value[name])) for name in sorted(value))
    return b"{%s}" % b",".join(pairs)


def _reset(modules: Iterable[str]) -> bytes:
    """Return Lua that forgets the Lua modules of the bundle deployed before, and no others.

    Which those are is kept in the process as ``package.tim3tool``: AO's own Lua modules, and what a process loaded by
    other means, are never touched. The new bundle's own are put in place by the bundle itself.
    """
    names = b",".join(lua_string(name.encode()) for name in modules)
    return (
        b"for _,name in ipairs(package.tim3tool or{}) do package.loaded[name]=nil package.preload[name]=nil end "
        b"package.tim3tool={%s}" % names
    )


def given_module(name: bytes, value: Mapping[str, Any]) -> bytes:
    """Return Lua that makes ``require`` of a name give a table, whatever was there before."""
    quoted = lua_string(name)
    return b"package.loaded[%s]=nil package.preload[%s]=function() return %s end" % (quoted, quoted, lua_value(value))


def prerun_path(spec: Preparations, root: Path) -> str | None:
    """Return the prerun file relative to the manifest's folder, with forward slashes, or None where there is none."""
    return spec.prerun.relative_to(root).as_posix() if spec.prerun else None


def _read_prerun(path: Path, shown: str) -> bytes:
    """Return a prerun file that compiles alone."""
    try:
        source = strip(path.read_bytes())
    except OSError as error:
        msg = f"the prerun file `{shown}` cannot be read: {error.strerror}"
        raise ManifestError(msg) from None
    if wrong := syntax_error(source, f"@{shown}"):
        line, message = wrong
        lines = Lines(source, shown)
        raise LuaSyntaxError(message, where=lines.where(*lines.span(line)))
    return source


def _in_one_line(source: bytes) -> bytes:
    r"""Return a source with a blank for each line end and comment, and escapes for the line ends in its strings.

    >>> _in_one_line(b"f(1) -- one\nf[[\n2\n]]")
    b'f(1)   f"2\\010"'
    """
    return b"".join(map(_without_line_ends, tokens(source)))


def _without_line_ends(token: Token) -> bytes:
    if token.kind in ("space", "comment"):
        return b" "
    return lua_string(string_value(token.text)) if re.search(rb"[\r\n]", token.text) else token.text


def _prove(data: bytes, shown: str) -> None:
    """Make sure that a prerun file and the bundle compile as one chunk."""
    wrong = syntax_error(data)
    if wrong is not None:
        msg = f"the prerun file `{shown}` compiles alone, but not in one chunk with the bundle: {wrong[1]}"
        ways = ["it may not end in `return`, because the bundle follows it"]
        ways.append("locals that the bundle does not need go between `do` and `end`")
        raise LuaSyntaxError(msg, where=Where(path=shown), help="\n".join(ways))
