"""`tim3tool test`."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.argv import ID_MARK
from tim3tool.cli.options import DEFAULT_GATEWAY, AsJson, Directory, Gateway, ManifestFile
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
    module: Annotated[
        str | None,
        typer.Option("--module", metavar="FILE-or-ID", help="The real aos module; the manifest's by default."),
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    with_bundle: Annotated[
        bool, typer.Option("--bundle", help="Spawn processes from build/NAME.lua, which must not be stale.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Count which Lua the tests reach, and report it.")
    ] = False,
    coverage_report: Annotated[
        list[str] | None,
        typer.Option(
            "--coverage-report",
            metavar="KIND[:PATH]",
            help="text, lcov, cobertura or html, and where to; repeat for more.",
        ),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", help="Fail when less of lines and branches is reached."),
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--coverage-include", metavar="GLOB", help="Count only files that match.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--coverage-exclude", metavar="GLOB", help="Leave out files that match.")
    ] = None,
    append: Annotated[
        Path | None,
        typer.Option("--coverage-append", metavar="FILE", help="Add to what earlier runs left in this file."),
    ] = None,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="Finding no test is no failure.")] = False,
    as_json: AsJson = False,
    passed_on: Annotated[list[str] | None, typer.Option("--pytest", hidden=True)] = None,
    directory: Directory = None,
    file: ManifestFile = None,
) -> int:
    """Run Lua suites (and Python tests beside them) in an embedded Lua VM. What follows -- goes to pytest."""
    root, paths, manifest = _selection(targets or [], directory, file)
    given: list[str] = [f"-{'v' * verbose}"] if verbose else []
    if keyword is not None:
        given += ["-k", keyword]
    if exit_first:
        given.append("-x")
    if workers is not None:
        given += ["-n", workers]
    if junit is not None:
        given.append(f"--junit-xml={junit.absolute()}")
    if (wasm := _module(engine, module, manifest, gateway)) is not None:
        given.append(f"--lua-module={wasm}")
    if with_bundle:
        given.append("--lua-bundle")
    given += _coverage(
        wanted=coverage,
        reports=coverage_report,
        under=fail_under,
        include=include,
        exclude=exclude,
        append=append,
    )
    return _run(paths, root=root, given=[*given, *(passed_on or ())], allow_empty=allow_empty, as_json=as_json)


def _run(paths: list[Path], *, root: Path, given: list[str], allow_empty: bool, as_json: bool) -> int:
    """Run the tests, and report them to whoever asks besides the terminal."""
    from tim3tool.spec.outcomes import Outcomes
    from tim3tool.spec.run import run

    outcomes = Outcomes()
    talk = contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()
    with talk:
        code = run(paths, root=root, pytest_args=given, allow_empty=allow_empty, plugins=[outcomes])
    if as_json:
        from tim3tool.cli.terminal import document
        from tim3tool.cli.testdocument import test_document

        document("test", test_document(outcomes, code))
    if "GITHUB_ACTIONS" in os.environ:
        from tim3tool.cli.github import tell

        tell(outcomes, os.environ, write=sys.stderr.write)
    return code


def _coverage(
    *,
    wanted: bool,
    reports: list[str] | None,
    under: float | None,
    include: list[str] | None,
    exclude: list[str] | None,
    append: Path | None,
) -> list[str]:
    """Return the plugin's options for those of coverage; they make sense with coverage only."""
    given = [f"--lua-coverage-report={report}" for report in reports or ()]
    given += [f"--lua-coverage-fail-under={under}"] if under is not None else []
    if wanted or append is not None:
        given.append("--lua-coverage")
    narrowing = [f"--lua-coverage-include={glob}" for glob in include or ()]
    narrowing += [f"--lua-coverage-exclude={glob}" for glob in exclude or ()]
    if narrowing and not given:
        msg = "--coverage-include and --coverage-exclude go with --coverage"
        raise UsageError(msg)
    given += [f"--lua-coverage-append={append}"] if append is not None else []
    return given + narrowing


def _module(engine: str, word: str | None, manifest: Manifest | None, gateway: str) -> Path | None:
    """Return the file of the module that the suites run on, fetched when it is named by its id; None for the mock."""
    if engine not in ("mock", "wasm"):
        msg = f"unknown engine `{engine}`"
        raise UsageError(msg, help="there are `mock` and `wasm`")
    if engine == "mock":
        if word is not None:
            msg = "--module needs --engine wasm"
            raise UsageError(msg, help="the mock behaves as the aos version that a process's `module:` names")
        return None
    from tim3tool.network.base64url import is_id

    name = (word if word is not None else _module_of(manifest)).removeprefix(ID_MARK)
    path = Path(name)
    if path.is_file():
        return path.absolute()
    if is_id(name):
        return _fetched(name, gateway)
    msg = f"there is no module `{name}`"
    raise UsageError(msg, help="name the file of an aos module, or give a module's id of 43 characters")


def _module_of(manifest: Manifest | None) -> str:
    """Return the id of the one module that the processes of a manifest run on."""
    modules = sorted({spec.module for spec in manifest.processes.values()}) if manifest else []
    if len(modules) == 1:
        return modules[0]
    problem = "there is no manifest to name one" if not modules else "the processes run on several"
    msg = f"--engine wasm needs a module, and {problem}"
    raise UsageError(msg, help="choose it with --module FILE or --module ID", notes=modules)


def _fetched(module: str, gateway: str) -> Path:
    from tim3tool.cli.terminal import Talk
    from tim3tool.network.gateway import Gateway as Arweave
    from tim3tool.network.modules import module_file, modules_folder

    return module_file(module, gateway=Arweave(gateway), folder=modules_folder(), say=Talk(quiet=False).say).absolute()


def _selection(
    targets: list[str], directory: Path | None, file: Path | None
) -> tuple[Path, list[Path], Manifest | None]:
    """Return the root of the run, the folders and files that the words name, and the manifest where there is one.

    A word is a path where one exists, else a process of the manifest; without words, every process is meant.
    """
    from tim3tool.cli.project import manifest_of

    start = (directory or Path()).absolute()
    try:
        manifest = manifest_of(directory, file)
    except ManifestError:
        if file is not None or not targets or not all((start / word).exists() for word in targets):
            raise
        return start, [start / word for word in targets], None
    if not targets:
        return manifest.root, _all_suites(manifest), manifest
    named = [start / word if (start / word).exists() else _suites(manifest.process(word)) for word in targets]
    return manifest.root, named, manifest


def _all_suites(manifest: Manifest) -> list[Path]:
    """Return the suites of every process, and those beside the Lua modules that several processes share."""
    shared = (manifest.root / template.partition("?")[0] / "test" for template in manifest.templates)
    folders = [*map(_suites, manifest.processes.values()), *shared]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _suites(spec: ProcessSpec) -> Path:
    """Return where a process keeps its suites: ``test/`` beside its ``src/``, or beside its entry."""
    folder = spec.entry.parent
    return (folder.parent if folder.name == "src" else folder) / "test"
