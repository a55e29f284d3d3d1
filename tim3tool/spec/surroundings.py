"""What a suite finds around it: its search path, AO's Lua modules and ``tim3tool.sim``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tim3tool.lua.compat import complete
from tim3tool.spec.native import native
from tim3tool.spec.suite import Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.project import Manifest, ProcessSpec
    from tim3tool.spec.settings import Settings
    from tim3tool.spec.sim import SimHost
    from tim3tool.spec.workspace import Workspace

__all__ = ["open_suite", "search_path"]

# What busted searches when nothing else is said.
_CPATH: Final = "./csrc/?.so;./csrc/?/?.so"
_ROOT_TEMPLATES: Final = ("src/?.lua", "src/?/?.lua", "src/?/init.lua")


def open_suite(
    path: Path, *, root: Path, seconds: float, workspace: Workspace, settings: Settings, counted: bool = True
) -> Suite:
    """Open the VM of a suite, ready to load it.

    Every suite finds ``tim3tool.sim``. One in a project with a manifest also finds AO's Lua modules and the global
    ``ao``; elsewhere it is plain Lua 5.3.

    Args:
        path: absolute path of the suite.
        root: the folder of the run, for a suite without a manifest.
        seconds: CPU seconds that one step may take; 0 for no limit.
        workspace: what the suites of this run share.
        settings: what ``.busted`` and the options of busted say.
        counted: whether coverage counts what runs in it, where there is coverage.

    Raises:
        LuaSyntaxError: the helper is not Lua 5.3.
        ManifestError: the manifest above the suite cannot be used.
        TestsFailed: the helper or ``.busted`` raised an error.
        UsageError: the suite cannot be read.
    """
    manifest = workspace.manifest(path.parent)
    root = manifest.root if manifest else root
    suite = Suite(path, chunk=_shown(path), seconds=seconds)
    package = suite.vm.globals[b"package"]
    package[b"path"] = search_path(
        path, root=root, manifest=manifest, lpath=settings.lpath, own=package[b"path"].decode()
    ).encode()
    package[b"cpath"] = (settings.cpath or _CPATH).encode()
    complete(suite.vm)
    suite.extend("native", native)
    if counted and workspace.recorder is not None:
        workspace.recorder.open(suite)
        for folder in _process_sources(path.parent, root):
            for source in sorted(folder.rglob("*.lua")):
                workspace.recorder.expect(source)
    _extend_by_sim(suite, path, root, workspace)
    if manifest is not None:
        from tim3tool.aos import DEFAULT_MODULE, install_libraries  # noqa: PLC0415 - plain Lua suites need no AO
        from tim3tool.bundle.prelude import given_module  # noqa: PLC0415
        from tim3tool.sim import address  # noqa: PLC0415
        from tim3tool.spec.spawning import constants  # noqa: PLC0415

        install_libraries(suite.vm)
        suite.extend("ao", address("suite").encode(), DEFAULT_MODULE.encode())
        config = constants(manifest, _process_of(path, manifest), owner=address("owner"))
        suite.vm.run(given_module(b"tim3tool.config", config), "=[tim3tool config]")
    if settings.lazy:
        suite.be_lazy()
    if settings.config is not None:
        suite.configure(settings.config)
    for statement in settings.execute:
        suite.execute(statement)
    suite.vm.globals[b"arg"] = suite.vm.table({0: "busted"} | dict(enumerate(settings.helper_args, start=1)))
    if settings.helper is not None:
        suite.help(settings.helper)
    return suite


def _process_of(suite: Path, manifest: Manifest) -> ProcessSpec | None:
    """Return the process that a suite belongs to: the one whose folder is the nearest above it."""
    homes = {
        (spec.entry.parent.parent if spec.entry.parent.name == "src" else spec.entry.parent): spec
        for spec in manifest.processes.values()
    }
    return next((homes[folder] for folder in suite.parents if folder in homes), None)


def _extend_by_sim(suite: Suite, path: Path, root: Path, workspace: Workspace) -> None:
    """Give a suite ``tim3tool.sim``, whose host is made when the suite first asks it for something."""

    @cache
    def host() -> SimHost:
        from tim3tool.spec.sim import SimHost  # noqa: PLC0415 - with it come the bundler and the mocked AO
        from tim3tool.spec.spawning import Spawner  # noqa: PLC0415

        made = SimHost(suite.vm, Spawner(suite=path, root=root, workspace=workspace))
        suite.explain = made.translated
        return made

    def ask(*arguments: Any) -> Any:
        return host()(*arguments)

    suite.extend("sim", ask)


def search_path(suite: Path, *, root: Path, manifest: Manifest | None, lpath: str | None = None, own: str = "") -> str:
    """Return the templates that ``require`` searches in a suite, nearest first.

    With a manifest they are: the suite's own folder, the nearest ``src/`` above it (that of its process), the
    manifest's ``path:``, what busted has (`lpath`, or ``src/`` of the root), and Lua's own. Without one, busted's and
    Lua's own come first.

    Args:
        suite: absolute path of the suite.
        root: the manifest's folder, or that of the run.
        manifest: the manifest, where there is one.
        lpath: templates that stand for busted's own, relative to the working directory.
        own: Lua's own templates.

    Returns:
        Templates for ``package.path``.
    """
    folders = [suite.parent, *_process_sources(suite.parent, root)]
    near = [_shown(folder / name) for folder in folders for name in ("?.lua", "?/init.lua")]
    near += [_shown(root / template) for template in (manifest.templates if manifest else ())]
    src = [_shown(root / template) for template in _ROOT_TEMPLATES]
    if manifest is None:  # exactly as busted writes them: suites look
        src = [template if template.startswith("/") else f"./{template}" for template in src]
    busted = [*(lpath.split(";") if lpath is not None else ()), *src]
    lua = own.split(";")
    templates = [*near, *busted, *lua] if manifest else [*busted, *lua, *near]
    return ";".join(dict.fromkeys(filter(None, templates)))


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
