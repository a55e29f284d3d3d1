"""What names, ids and paths in a manifest may be."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tim3tool.errors import ManifestError, suggestion
from tim3tool.project.document import token

if TYPE_CHECKING:
    from tim3tool.project.document import Scalar

__all__ = [
    "ID",
    "MAX_TAG_NAME",
    "MAX_TAG_VALUE",
    "MINIFY_LEVELS",
    "NAME",
    "PROTOCOL_TAGS",
    "check_id",
    "check_name",
    "check_url",
    "file_in",
]

MINIFY_LEVELS: Final = ("none", "debug", "basic", "default", "full")
NAME: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ID: Final = "[A-Za-z0-9_-]{43}"
MAX_TAG_NAME: Final = 1024  # bytes, ANS-104
MAX_TAG_VALUE: Final = 3072
PROTOCOL_TAGS: Final = ("Data-Protocol", "Module", "SDK", "Scheduler", "Type", "Variant")
_NAME: Final = re.compile(NAME)
_ID: Final = re.compile(ID)


def check_name(scalar: Scalar, of: str) -> str:
    """Return a name of a process, network or set-up message: it becomes a file name and a command line argument.

    Args:
        scalar: the name.
        of: what it names, for messages.

    Raises:
        ManifestError: it is none, or cannot be told from a process id.
    """
    name = scalar.value
    if not _NAME.fullmatch(name):
        msg = f"{token(name)} cannot be the name of {of}"
        hint = "use letters, digits, `.`, `_` and `-`; a letter or digit first; at most 64"
        raise ManifestError(msg, where=scalar.where, help=hint)
    if _ID.fullmatch(name):
        msg = f"the name `{name}` looks like a process id"
        raise ManifestError(msg, where=scalar.where, help="use a name that is not 43 characters long")
    return name


def check_id(scalar: Scalar, of: str) -> str:
    """Return an id or address: 43 characters of base64url, which are 32 bytes.

    Raises:
        ManifestError: it is none.
    """
    if not _ID.fullmatch(scalar.value):
        msg = f"{of} is not an id"
        raise ManifestError(
            msg,
            where=scalar.where,
            label=f"{len(scalar.value)} characters",
            help="an id is 43 characters of A-Z, a-z, 0-9, `-` and `_`",
        )
    return scalar.value


def check_url(scalar: Scalar, of: str) -> str:
    """Return the URL of a server, without the slash at its end.

    Raises:
        ManifestError: it is none of HTTP, or holds a name and password, a query or a fragment.
    """
    hint = "write it as `https://mu.example` or `http://127.0.0.1:4002`"
    try:
        parts = urlsplit(scalar.value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not re.fullmatch(r"[!-~]+", scalar.value):
        msg = f"{of} is not a URL of HTTP"
        raise ManifestError(msg, where=scalar.where, help=hint)
    if "@" in parts.netloc:
        msg = f"{of} holds a name or password"
        raise ManifestError(msg, where=scalar.where, help="a manifest holds no secrets: leave it out")
    if parts.query or parts.fragment:
        msg = f"{of} has a query or fragment"
        raise ManifestError(msg, where=scalar.where, help=hint)
    return scalar.value.rstrip("/")


def file_in(root: Path, scalar: Scalar, of: str) -> Path:
    """Return the absolute path of a file that the manifest names.

    Args:
        root: the manifest's folder.
        scalar: the path, relative to it.
        of: what the file is, for messages.

    Raises:
        ManifestError: it lies outside the folder, or is no file.
    """
    path = Path(os.path.normpath(root / scalar.value))
    if not path.is_relative_to(root):
        msg = f"{of} lies outside the manifest's folder"
        raise ManifestError(msg, where=scalar.where, help="keep it below the folder of the manifest")
    try:
        if path.is_file():
            return path
        if path.is_dir():
            msg = f"{of} is a folder"
            raise ManifestError(msg, where=scalar.where, help="name a Lua file in it")
        siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    except (OSError, ValueError):  # a name too long for the file system, or with a NUL
        siblings = []
    near = suggestion(path.name, siblings)
    hint = f"did you mean `{path.with_name(near).relative_to(root).as_posix()}`?" if near else None
    msg = f"{of} does not exist"
    raise ManifestError(
        msg, where=scalar.where, label="no such file", help=hint or "paths are relative to the folder of the manifest"
    )
