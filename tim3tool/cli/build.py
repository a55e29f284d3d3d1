"""`tim3tool build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, MinifyLevel, Quiet
from tim3tool.errors import ManifestError, OutputStale

if TYPE_CHECKING:
    from tim3tool.bundle import Bundle

__all__ = ["build"]


def build(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Processes; all by default.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when an output is stale.")] = False,
    minify: MinifyLevel = None,
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Squish each process into one Lua file, build/NAME.lua; without a manifest, what the squishy file here lists."""
    from tim3tool.cli.bundles import finish, show
    from tim3tool.cli.terminal import Talk

    root, made = _bundles(names or [], directory, file, minify)
    done = finish(made, root=root, project=root, check=check, talk=Talk(quiet=quiet))
    show("build", done, as_json=as_json)
    stale = [each.bundle.name for each in done if each.status == "stale"]
    if stale and not as_json:
        msg = f"stale: {', '.join(stale)}"
        raise OutputStale(msg, help="run `tim3tool build`")
    return OutputStale.exit_code if stale else 0


def _bundles(
    names: list[str], directory: Path | None, file: Path | None, minify: str | None
) -> tuple[Path, list[tuple[Bundle, Path]]]:
    """Return the project's folder, and what is to be built there with where it goes."""
    from tim3tool.cli.bundles import listed
    from tim3tool.cli.project import build_one
    from tim3tool.project import find, load

    start = (directory or Path()).absolute()
    try:
        path = start / file if file is not None else find(start)
    except ManifestError:
        if names or not (start / "squishy").is_file():
            raise
        return start, [listed(start / "squishy", root=start, minify=minify)]
    manifest = load(path)
    specs = [manifest.process(name) for name in dict.fromkeys(names)] if names else list(manifest.processes.values())
    folder = manifest.root / "build"
    return manifest.root, [(build_one(manifest, spec, minify=minify), folder / f"{spec.name}.lua") for spec in specs]
