"""`tim3tool test`."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.argv import ID_MARK
from tim3tool.cli.options import DEFAULT_GATEWAY, AsJson, Directory, Gateway, ManifestFile
from tim3tool.errors import ManifestError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    tags: Annotated[list[str] | None, typer.Option("--tags", help="Only tests with one of these #tags.")] = None,
    exclude_tags: Annotated[list[str] | None, typer.Option("--exclude-tags", help="No tests with these.")] = None,
    filter_: Annotated[
        list[str] | None, typer.Option("--filter", metavar="PATTERN", help="Only tests whose full name matches.")
    ] = None,
    filter_out: Annotated[
        list[str] | None, typer.Option("--filter-out", metavar="PATTERN", help="No tests whose full name matches.")
    ] = None,
    name: Annotated[list[str] | None, typer.Option("--name", help="Only the tests with this full name.")] = None,
    pattern: Annotated[
        list[str] | None, typer.Option("--pattern", metavar="PATTERN", help="What the names of suites match.")
    ] = None,
    exclude_pattern: Annotated[
        list[str] | None, typer.Option("--exclude-pattern", metavar="PATTERN", help="What they do not match.")
    ] = None,
    lpath: Annotated[str | None, typer.Option("--lpath", help="What `require` searches before Lua's own path.")] = None,
    cpath: Annotated[str | None, typer.Option("--cpath", hidden=True)] = None,
    helper: Annotated[
        str | None, typer.Option("--helper", metavar="FILE", help="A Lua file or module to run before each suite.")
    ] = None,
    helper_args: Annotated[
        list[str] | None, typer.Option("--Xhelper", metavar="ARGS", help="What the helper finds in `arg`.")
    ] = None,
    task: Annotated[str | None, typer.Option("--run", metavar="TASK", help="The task of `.busted` to run.")] = None,
    config_file: Annotated[
        str | None, typer.Option("--config-file", metavar="FILE", help="Instead of `.busted`.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="What a random order follows from.")] = None,
    repeat: Annotated[int | None, typer.Option("--repeat", metavar="N", help="Run all N times.")] = None,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Run files and tests in random order.")] = False,
    flags: Annotated[list[str] | None, typer.Option("--busted", hidden=True)] = None,
    passed_on: Annotated[list[str] | None, typer.Option("--pytest", hidden=True)] = None,
    directory: Directory = None,
    file: ManifestFile = None,
) -> int:
    """Run Lua suites (and Python tests beside them) in an embedded Lua VM. What follows -- goes to pytest."""
    from tim3tool.spec.settings import settings_of

    busted = _busted(
        {
            "tags": tags,
            "exclude-tags": exclude_tags,
            "filter": filter_,
            "filter-out": filter_out,
            "name": name,
            "pattern": pattern,
            "exclude-pattern": exclude_pattern,
            "lpath": lpath,
            "cpath": cpath,
            "helper": helper,
            "Xhelper": helper_args,
            "run": task,
            "config-file": config_file,
            "seed": seed,
            "repeat": repeat,
        },
        [*(["--shuffle"] if shuffle else ()), *(flags or ())],
    )
    start, busted = _start((directory or Path()).absolute(), busted)
    root, paths, manifest = _selection(targets or [], start, file, busted)
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
    if busted:
        given.append(f"--busted={shlex.join(busted)}")
    times = settings_of(root, busted).repeat
    given += passed_on or ()
    return _run(paths, root=root, given=given, times=times, allow_empty=allow_empty, as_json=as_json)


def _busted(values: Mapping[str, str | int | list[str] | None], flags: Sequence[str]) -> list[str]:
    """Return options as words of busted's command line."""
    several = [
        (name, value if isinstance(value, list) else [value]) for name, value in values.items() if value is not None
    ]
    return [*(f"--{name}={value}" for name, given in several for value in given), *flags]


def _run(paths: list[Path], *, root: Path, given: list[str], times: int, allow_empty: bool, as_json: bool) -> int:
    """Run the tests, and report them to whoever asks besides the terminal."""
    from tim3tool.spec.outcomes import Outcomes
    from tim3tool.spec.run import run

    outcomes = Outcomes()
    talk = contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()
    with talk:
        code = run(paths, root=root, pytest_args=given, allow_empty=allow_empty, times=times, plugins=[outcomes])
    if as_json:
        from tim3tool.cli.terminal import document
        from tim3tool.cli.testdocument import test_document

        document("test", test_document(outcomes, code))
    if "GITHUB_ACTIONS" in os.environ:
        from tim3tool.cli.github import tell

        tell(outcomes, os.environ, base=root, write=sys.stderr.write)
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
    given = [f"--lua-coverage-report={_from_here(report)}" for report in reports or ()]
    given += [f"--lua-coverage-fail-under={under}"] if under is not None else []
    if wanted or append is not None:
        given.append("--lua-coverage")
    narrowing = [f"--lua-coverage-include={glob}" for glob in include or ()]
    narrowing += [f"--lua-coverage-exclude={glob}" for glob in exclude or ()]
    if narrowing and not given:
        msg = "--coverage-include and --coverage-exclude go with --coverage"
        raise UsageError(msg)
    given += [f"--lua-coverage-append={append.absolute()}"] if append is not None else []
    return given + narrowing


def _from_here(report: str) -> str:
    """Return a report's kind and path with the path made absolute: the run has another working directory."""
    kind, colon, path = report.partition(":")
    return f"{kind}:{Path(path).absolute()}" if colon and path else report


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


def _start(folder: Path, busted: list[str]) -> tuple[Path, list[str]]:
    """Return where the run starts, which a `.busted` file may say, and the options of busted as they are from there."""
    from tim3tool.spec.settings import settings_of

    settings = settings_of(folder, busted)
    if settings.config is None or settings.directory is None:
        return folder, busted
    start = folder / settings.directory
    if not start.is_dir():
        msg = f"there is no folder `{settings.directory}`, in which `{settings.config.name}` says to run"
        raise UsageError(msg, help="`directory` is relative to where the file lies")
    return start, [*busted, f"--config-file={settings.config}"]


def _selection(
    targets: list[str], start: Path, file: Path | None, busted: Sequence[str]
) -> tuple[Path, list[Path], Manifest | None]:
    """Return the root of the run, the folders and files that the words name, and the manifest where there is one.

    A word is a path where one exists, else a process of the manifest. Without words, every process is meant, and what
    `.busted` names; where there is no manifest, what `.busted` names, or `spec/`.
    """
    from tim3tool.cli.project import manifest_of
    from tim3tool.spec.settings import settings_of

    try:
        manifest = manifest_of(start, file)
    except ManifestError:
        if file is not None:
            raise
        named = targets or settings_of(start, busted).roots
        missing = next((word for word in named if not (start / word.partition("::")[0]).exists()), None)
        if missing is not None:
            msg = f"there is no file or folder `{missing}`"
            raise UsageError(msg, help="processes can be named where there is an `aoform.yaml`") from None
        if not named and not (start / "spec").exists():
            raise
        targets = [*named] or ["spec"]
        return start, [start / word for word in targets], None
    if not targets:
        folders = [manifest.root / folder for folder in settings_of(manifest.root, busted).roots]
        return manifest.root, _outermost([*_all_suites(manifest), *filter(Path.exists, folders)]), manifest
    return (
        manifest.root,
        [start / word if (start / word).exists() else _suites(manifest.process(word)) for word in targets],
        manifest,
    )


def _outermost(paths: list[Path]) -> list[Path]:
    """Leave out what lies in another of the folders, so that nothing runs twice."""
    whole = [path.resolve() for path in paths]
    return [path for path, full in zip(paths, whole, strict=True) if not any(each in full.parents for each in whole)]


def _all_suites(manifest: Manifest) -> list[Path]:
    """Return the suites of every process, and those beside the Lua modules that several processes share."""
    shared = (manifest.root / template.partition("?")[0] / "test" for template in manifest.templates)
    folders = [*map(_suites, manifest.processes.values()), *shared]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _suites(spec: ProcessSpec) -> Path:
    """Return where a process keeps its suites: ``test/`` beside its ``src/``, or beside its entry."""
    folder = spec.entry.parent
    return (folder.parent if folder.name == "src" else folder) / "test"
