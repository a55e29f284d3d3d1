"""What the suites of one run share: manifests and bundles, each read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.errors import ManifestError, OutputStale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tim3tool.bundle import Bundle
    from tim3tool.project import Manifest, ProcessSpec
    from tim3tool.spec.coverage.recorder import Recorder

__all__ = ["Workspace"]

_Marks = tuple[tuple[int, int], ...]


class Workspace:
    """The manifests and bundles that the suites of one run have asked for.

    Args:
        wasm: the real aos module that evaluates messages in this run; None for the mock.
        built: processes of the manifest come from ``build/NAME.lua``.
        recorder: what counts for the coverage report; None where there is none.
    """

    def __init__(self, *, wasm: Path | None = None, built: bool = False, recorder: Recorder | None = None) -> None:
        self.wasm = wasm
        self.built = built
        self.recorder = recorder
        self._manifests: dict[Path, Manifest] = {}
        self._bundles: dict[tuple[object, ...], tuple[Bundle, _Marks | None]] = {}

    def manifest(self, folder: Path) -> Manifest | None:
        """Return the manifest of a folder, or None where there is none.

        Raises:
            ManifestError: it cannot be used.
        """
        from tim3tool.project import find  # noqa: PLC0415

        try:
            path = find(folder)
        except ManifestError:
            return None
        if path not in self._manifests:
            from tim3tool.project import load  # noqa: PLC0415 - a plain Lua suite does not need it

            self._manifests[path] = load(path)
        return self._manifests[path]

    def bundle(
        self,
        entry: Path,
        *,
        name: str,
        root: Path,
        path: Sequence[str] = (),
        pack: bool = True,
        external: Sequence[str] = (),
        include: Sequence[str] = (),
        minify: str = "none",
    ) -> Bundle:
        """Return the bundle of an entry file, built again only when one of its files has changed.

        Args:
            entry: the file of the main chunk.
            name: the name of the process.
            root: the folder that `path` and the paths in messages are relative to.
            path: further search templates, as in the manifest.
            pack: bundle what the entry requires; else it is taken as it is.
            external: as in the manifest.
            include: as in the manifest.
            minify: as in the manifest.

        Raises:
            SourceError: it cannot be bundled.
        """
        from tim3tool.bundle import Minify, build, take  # noqa: PLC0415 - only suites that spawn processes need it

        key = (entry, name, root, tuple(path), pack, tuple(external), tuple(include), minify)
        known = self._bundles.get(key)
        if known is not None and known[1] is not None and _marks(known[0], root) == known[1]:
            return known[0]
        if pack:
            bundle = build(
                entry, name=name, root=root, path=path, external=external, include=include, minify=Minify.level(minify)
            )
        else:
            bundle = take(entry, name=name, root=root)
        self._bundles[key] = (bundle, _marks(bundle, root))
        return bundle

    def output(self, spec: ProcessSpec, manifest: Manifest) -> Bundle:
        """Return the bundle of a process of a manifest; where `built` is set, it is the one that ``build/`` holds.

        Raises:
            OutputStale: ``build/`` holds none, or another than the sources give.
            SourceError: it cannot be bundled.
        """
        from tim3tool.bundle import is_current  # noqa: PLC0415 - as above

        bundle = self.bundle(
            spec.entry,
            name=spec.name,
            root=manifest.root,
            path=manifest.templates,
            pack=spec.pack,
            external=spec.external,
            include=spec.include,
            minify=(spec.minify or "none") if self.built else "none",
        )
        path = manifest.root / "build" / f"{spec.name}.lua"
        if self.built and not is_current({path: bundle.code}):
            msg = f"`build/{spec.name}.lua` is {'stale' if path.exists() else 'missing'}"
            raise OutputStale(msg, help="run `tim3tool build`, or leave --bundle out")
        return bundle


def _marks(bundle: Bundle, root: Path) -> _Marks | None:
    """Return what changes when one of a bundle's files does, or None when one is gone."""
    try:
        found = [(root / module.path).stat() for module in (bundle.main, *bundle.modules)]
    except OSError:
        return None
    return tuple((file.st_mtime_ns, file.st_size) for file in found)
