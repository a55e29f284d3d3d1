"""`tim3tool build`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tim3tool.cli.options import AsJson, Directory, ManifestFile, Quiet
from tim3tool.errors import OutputStale

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.bundle import Bundle

__all__ = ["build"]


def build(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Processes; all by default.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when an output is stale.")] = False,
    directory: Directory = None,
    file: ManifestFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Squish each process into one Lua file, build/NAME.lua."""
    from tim3tool.bundle import is_current, write
    from tim3tool.cli.project import build_one, manifest_of, shown_path
    from tim3tool.cli.terminal import Talk

    manifest = manifest_of(directory, file)
    specs = [manifest.process(name) for name in names] if names else list(manifest.processes.values())
    bundles = [build_one(manifest, spec) for spec in specs]
    talk = Talk(quiet=quiet)
    rows: list[tuple[Bundle, Path, str]] = []
    for bundle in bundles:
        path = manifest.root / "build" / f"{bundle.name}.lua"
        if check:
            status = "current" if is_current(bundle, path) else "stale"
        else:
            status = "written" if write(bundle, path) else "unchanged"
        rows.append((bundle, path, status))
        for warning in bundle.warnings:
            talk.warn(str(warning))
    _show(rows, shown=shown_path, as_json=as_json)
    stale = [bundle.name for bundle, _, status in rows if status == "stale"]
    if stale and not as_json:
        msg = f"stale: {', '.join(stale)}"
        raise OutputStale(msg, help="run `tim3tool build`")
    return OutputStale.exit_code if stale else 0


def _show(rows: list[tuple[Bundle, Path, str]], *, shown: Any, as_json: bool) -> None:
    from tim3tool.cli.terminal import document, table

    if as_json:
        document("build", {"bundles": [_as_json(bundle, shown(path), status) for bundle, path, status in rows]})
        return
    table(
        "",
        ["process", "output", "modules", "bytes", "sha256", "status"],
        [
            [bundle.name, shown(path), str(len(bundle.modules)), f"{len(bundle.code):,}", bundle.sha256, status]
            for bundle, path, status in rows
        ],
        numbers=["modules", "bytes"],
    )


def _as_json(bundle: Bundle, path: str, status: str) -> dict[str, Any]:
    return {
        "name": bundle.name,
        "path": path,
        "status": status,
        "bytes": len(bundle.code),
        "sha256": bundle.sha256,
        "build_hash": bundle.build_hash,
        "modules": [
            {"name": module.name, "path": module.path, "bytes": module.size, "sha256": module.sha256}
            for module in bundle.modules
        ],
        "externals": list(bundle.externals),
        "warnings": [str(warning) for warning in bundle.warnings],
    }
