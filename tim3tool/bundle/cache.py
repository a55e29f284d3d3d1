"""Bundles that were built before: what has not changed is not parsed again.

An entry is named by the sha256 of what was asked for, and holds the bundle with the sha256 of all that it was made
from. It is believed only when all of that is still so, and the entry itself is whole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tim3tool.bundle.locate import Locator, exists
from tim3tool.bundle.model import Bundle, BundledModule, BundleWarning, Inputs, Span
from tim3tool.bundle.output import write
from tim3tool.errors import UsageError, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Cache"]

_TOOL: Final = tuple(Path(__file__).parents[1] / room for room in ("bundle", "lua"))  # whose code makes the bundles
_FORMAT: Final = 1
_DIGEST: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """A folder of bundles; it may be removed at any time.

    Args:
        folder: usually ``.tim3/cache`` of the project.
        root: the folder that paths are relative to.
    """

    folder: Path
    root: Path

    def build(
        self,
        entry: Path,
        *,
        name: str,
        path: Sequence[str] = (),
        external: Sequence[str] = (),
        include: Sequence[str] = (),
        minify: str = "none",
    ) -> Bundle:
        """Return what `bundle.build` returns; `minify` is a level."""
        asked = {"name": name, "path": [*path], "external": [*external], "include": [*include], "minify": minify}
        file = self._entry("build", entry, asked)
        places = [(entry.parent, "?.lua"), (entry.parent, "?/init.lua"), *((self.root, each) for each in path)]
        locator = Locator(root=self.root, templates=places)
        known = self._known(file, locator)
        if known is not None:
            return known
        from tim3tool.bundle.minify import Minify  # noqa: PLC0415 - it needs the parser and a VM
        from tim3tool.bundle.squish import build  # noqa: PLC0415

        way = Minify.level(minify)
        bundle = build(entry, name=name, root=self.root, path=path, external=external, include=include, minify=way)
        return self._keep(file, bundle)

    def take(self, entry: Path, *, name: str) -> Bundle:
        """Return what `bundle.take` returns."""
        file = self._entry("take", entry, {"name": name})
        known = self._known(file, Locator(root=self.root, templates=()))
        if known is not None:
            return known
        from tim3tool.bundle.squish import take  # noqa: PLC0415 - it needs the parser and a VM

        return self._keep(file, take(entry, name=name, root=self.root))

    def _entry(self, verb: str, entry: Path, wanted: dict[str, Any]) -> Path:
        asked = json.dumps([_FORMAT, _tool(), verb, str(entry), str(self.root), wanted], sort_keys=True)
        return self.folder / "bundles" / _sha256(asked.encode("utf-8", "surrogatepass"))

    def _known(self, file: Path, locator: Locator) -> Bundle | None:
        try:
            data = file.read_bytes()
        except OSError:
            return None
        if data[:_DIGEST] != _sha256(data[_DIGEST:]).encode():
            return None
        header, _, code = data[_DIGEST:].partition(b"\n")
        bundle = _bundle(json.loads(header), code)
        return bundle if self._holds(bundle.inputs, locator) else None

    def _holds(self, inputs: Inputs, locator: Locator) -> bool:
        if any(exists(f"{self.root}/{path}") for path in inputs.absent):
            return False
        try:
            if any(_sha256((self.root / path).read_bytes()) != digest for path, digest in inputs.files.items()):
                return False
        except OSError:
            return False
        for pattern in inputs.globs:
            locator.matching(pattern)
        return locator.inputs().globs == inputs.globs

    def _keep(self, file: Path, bundle: Bundle) -> Bundle:
        header = asdict(replace(bundle, code=b""))
        del header["code"]
        data = json.dumps(header, separators=(",", ":")).encode() + b"\n" + bundle.code
        try:
            write({file: _sha256(data).encode() + data})
        except UsageError:
            return bundle  # a folder that cannot be written to only makes the next build slower
        return bundle


def _bundle(header: dict[str, Any], code: bytes) -> Bundle:
    warnings = (
        BundleWarning(kind=each["kind"], message=each["message"], where=Where(**each["where"]))
        for each in header["warnings"]
    )
    inputs = header["inputs"]
    return Bundle(
        name=header["name"],
        code=code,
        build_hash=header["build_hash"],
        main=_module(header["main"]),
        modules=tuple(_module(each) for each in header["modules"]),
        externals=tuple(header["externals"]),
        line_map=tuple(Span(**each) for each in header["line_map"]),
        warnings=tuple(warnings),
        more=tuple(_module(each) for each in header["more"]),
        resources=tuple(_module(each) for each in header["resources"]),
        inputs=Inputs(
            files=inputs["files"],
            absent=tuple(inputs["absent"]),
            globs={pattern: tuple(found) for pattern, found in inputs["globs"].items()},
        ),
    )


def _module(found: dict[str, Any]) -> BundledModule:
    return BundledModule(**found | {"requires": tuple(found["requires"])})


def _tool() -> list[tuple[str, int, int]]:
    """Return what changes when the code that makes bundles does."""
    found = ((file.name, file.stat()) for folder in _TOOL for file in sorted(folder.rglob("*.py")))
    return [(name, status.st_size, status.st_mtime_ns) for name, status in found]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
