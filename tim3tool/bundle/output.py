"""The files of a bundle: written whole or not at all, and only when they change."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from tim3tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tim3tool.bundle.model import Bundle

__all__ = ["check_places", "is_current", "outputs", "write"]


def outputs(bundle: Bundle, path: Path, *, root: Path) -> dict[Path, bytes]:
    """Return the files of a bundle: its code, its Source Map (``.map``) and its line table (``.lines``).

    Args:
        bundle: the bundle.
        path: the file of the code; the others lie beside it.
        root: the folder that the paths of the sources start from.
    """
    from tim3tool.bundle.line_table import LineTable  # noqa: PLC0415 - a build with nothing to do needs neither
    from tim3tool.bundle.source_map import source_map  # noqa: PLC0415

    return {
        path.with_name(f"{path.name}.lines"): LineTable.of(bundle).data(),
        path.with_name(f"{path.name}.map"): source_map(bundle, path, root=root),
        path: bundle.code,
    }


def is_current(files: Mapping[Path, bytes]) -> bool:
    """Tell whether every file holds exactly what it should.

    Args:
        files: what each should hold; they need not exist.
    """
    try:
        return all(path.read_bytes() == data for path, data in files.items())
    except OSError:
        return False


def check_places(
    places: Sequence[tuple[str, Path]], *, sources: Mapping[str, str], root: Path, project: Path | None
) -> None:
    """Refuse outputs that would lie on each other, on a source, or outside the project.

    Args:
        places: the name of each bundle, and the file of its code.
        sources: paths of sources, relative to the root, with the name of a bundle each is in.
        root: the folder that the paths of the sources start from.
        project: the folder that must hold all outputs; None for anywhere.

    Raises:
        UsageError: one of them may not be written there.
    """
    top = os.path.realpath(project).rstrip("/") + "/" if project else ""
    inputs = {os.path.realpath(root / path): name for path, name in sources.items()}
    taken: dict[str, str] = {}
    for name, path in places:
        place = os.path.realpath(path)
        if not place.startswith(top):
            msg = f"the output of `{name}`, `{path}`, lies outside the project `{project}`"
            raise UsageError(msg, help="write it below the folder of the project")
        if place in inputs:
            msg = f"the output of `{name}`, `{path}`, is a source of `{inputs[place]}`"
            raise UsageError(msg, help="choose another output")
        other = taken.setdefault(place.casefold(), name)  # many file systems do not tell A from a
        if other != name:
            msg = f"`{other}` and `{name}` have the same output, `{path}`"
            raise UsageError(msg, help="give them names that differ in more than case")


def write(files: Mapping[Path, bytes]) -> bool:
    """Write files by way of others beside them, which take their places when all are written.

    Args:
        files: what to write; folders are made where they are missing.

    Returns:
        False when they held just that already and were left alone.

    Raises:
        UsageError: a file cannot be written; what was there before still is.
    """
    if is_current(files):
        return False
    temporary = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp") for path in files}
    path = Path()
    try:
        for path, data in files.items():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(temporary[path], data)
        for path in files:
            temporary[path].replace(path)
    except OSError as error:
        msg = f"cannot write `{path}`: {error.strerror}"
        raise UsageError(msg, help="choose another output, or make this one writable") from None
    finally:
        for file in temporary.values():
            with contextlib.suppress(OSError):
                file.unlink()
    return True


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
