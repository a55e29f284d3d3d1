"""What a suite finds around it: its search path, AO's Lua modules and ``tim3tool.sim``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tim3tool.aos import DEFAULT_MODULE, install_libraries
from tim3tool.bundle.prelude import given_module
from tim3tool.sim import address
from tim3tool.spec.sim import SimHost
from tim3tool.spec.spawning import Spawner, constants
from tim3tool.spec.suite import Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.project import Manifest, ProcessSpec
    from tim3tool.spec.workspace import Workspace

__all__ = ["open_suite", "search_path"]

# What busted searches when nothing else is said.
_ROOT_TEMPLATES: Final = ("src/?.lua", "src/?/?.lua", "src/?/init.lua")


def open_suite(path: Path, *, root: Path, seconds: float, workspace: Workspace) -> Suite:
    """Open the VM of a suite, ready to load it.

    Every suite finds ``tim3tool.sim``. One in a project with a manifest also finds AO's Lua modules and the global
    ``ao``; elsewhere it is plain Lua 5.3.

    Args:
        path: absolute path of the suite.
        root: the folder of the run, for a suite without a manifest.
        seconds: CPU seconds that one step may take; 0 for no limit.
        workspace: what the suites of this run share.

    Raises:
        ManifestError: the manifest above the suite cannot be used.
        UsageError: the suite cannot be read.
    """
    manifest = workspace.manifest(path.parent)
    root = manifest.root if manifest else root
    suite = Suite(path, chunk=_shown(path), search=search_path(path, root=root, manifest=manifest), seconds=seconds)
    if workspace.recorder is not None:
        workspace.recorder.open(suite)
        for folder in _process_sources(path.parent, root):
            for source in sorted(folder.rglob("*.lua")):
                workspace.recorder.expect(source)
    host = SimHost(suite.vm, Spawner(suite=path, root=root, workspace=workspace))
    suite.explain = host.translated
    suite.extend("sim", host)
    if manifest is not None:
        install_libraries(suite.vm)
        suite.extend("ao", address("suite").encode(), DEFAULT_MODULE.encode())
        config = constants(manifest, _process_of(path, manifest), owner=address("owner"))
        suite.vm.run(given_module(b"tim3tool.config", config), "=[tim3tool config]")
    return suite


def _process_of(suite: Path, manifest: Manifest) -> ProcessSpec | None:
    """Return the process that a suite belongs to: the one whose folder is the nearest above it."""
    homes = {
        (spec.entry.parent.parent if spec.entry.parent.name == "src" else spec.entry.parent): spec
        for spec in manifest.processes.values()
    }
    return next((homes[folder] for folder in suite.parents if folder in homes), None)


def search_path(suite: Path, *, root: Path, manifest: Manifest | None) -> str:
    """Return the templates that ``require`` searches in a suite, nearest first.

    They are: the suite's own folder, the nearest ``src/`` above it (that of its process), the manifest's ``path:``,
    ``src/`` of the root as busted has it, and Lua's own.

    Args:
        suite: absolute path of the suite.
        root: the manifest's folder, or that of the run.
        manifest: the manifest, where there is one.

    Returns:
        Templates for ``package.path``, without Lua's own.
    """
    folders = [suite.parent, *_process_sources(suite.parent, root)]
    templates = [folder / name for folder in folders for name in ("?.lua", "?/init.lua")]
    templates += [root / template for template in (manifest.templates if manifest else ())]
    templates += [root / template for template in _ROOT_TEMPLATES]
    return ";".join(dict.fromkeys(map(_shown, templates)))


def _process_sources(folder: Path, root: Path) -> Iterator[Path]:
    for above in (folder, *folder.parents):
        if (above / "src").is_dir():
            yield above / "src"
            return
        if above == root:
            return


def _shown(path: Path) -> str:
    """Return a path as messages show it: from the working directory where it lies in there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
