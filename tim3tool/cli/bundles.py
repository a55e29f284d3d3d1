"""How the verbs that make bundles check, write and show them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tim3tool.bundle import Bundle, BundledModule
    from tim3tool.cli.terminal import Talk

__all__ = ["Made", "finish", "listed", "show"]

Status = Literal["written", "unchanged", "current", "stale"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A bundle, and what became of its files.

    Args:
        bundle: the bundle.
        path: the file of its code; the Source Map and the line table lie beside it.
        status: ``current`` or ``stale`` where nothing may be written.
    """

    bundle: Bundle
    path: Path
    status: Status


def listed(
    file: Path, *, root: Path, minify: str | None, path: Sequence[str] = (), keep_all_results: bool = False
) -> tuple[Bundle, Path]:
    """Return the bundle of a squishy file, and where it wants to be written.

    Args:
        file: the squishy file; its folder names the bundle.
        root: the folder that paths are shown relative to.
        minify: a level that goes before the file's.
        path: search templates for Lua modules that are listed without a file.
        keep_all_results: return all that the main chunk returns.

    Raises:
        SourceError: it cannot be bundled.
    """
    from tim3tool.bundle import Minify, build_squishy, read_squishy

    if minify:
        Minify.level(minify)  # refuses one that there is not, before the squishy file could be blamed
    options: dict[str, str | bool | int | float] = {"minify": True, "minify-level": minify} if minify else {}
    squishy = read_squishy(Path(os.path.normpath(file)), root=root, options=options)
    bundle = build_squishy(
        squishy, name=squishy.file.parent.name, root=root, path=path, keep_all_results=keep_all_results
    )
    return bundle, squishy.output


def finish(
    made: Sequence[tuple[Bundle, Path]], *, root: Path, project: Path | None, check: bool, talk: Talk
) -> list[Made]:
    """Write the files of bundles, or only look at them, and warn of what may surprise.

    Args:
        made: each bundle, and where its code goes.
        root: the folder that the paths of the sources start from.
        project: the folder that must hold every output; None for anywhere.
        check: write nothing.
        talk: takes the warnings.

    Raises:
        UsageError: an output may not or cannot be written.
    """
    from tim3tool.bundle.output import check_places, outputs
    from tim3tool.network.terms import LEGACYNET

    room = LEGACYNET.eval_bytes
    sources = {each.path: bundle.name for bundle, _ in made for each in _files(bundle)}
    check_places([(bundle.name, path) for bundle, path in made], sources=sources, root=root, project=project)
    done = []
    for bundle, path in made:
        files = outputs(bundle, path, root=root)
        done.append(Made(bundle=bundle, path=path, status=_status(files, check=check)))
        for warning in bundle.warnings:
            talk.warn(str(warning))
        if len(bundle.code) > room:
            talk.warn(
                f"`{bundle.name}` has {len(bundle.code):,} bytes, {len(bundle.code) - room:,} more than one"
                " Eval carries: a deploy will refuse it. Minify it (`minify: full`), or split it into two processes"
            )
    return done


def show(verb: str, done: Sequence[Made], *, as_json: bool) -> None:
    """Print what was made.

    Args:
        verb: the command, for the document's schema.
        done: from `finish`.
        as_json: print one JSON document instead of a table.
    """
    from tim3tool.cli.project import shown_path
    from tim3tool.cli.terminal import document, table

    if as_json:
        document(verb, {"bundles": [_as_json(each, shown_path(each.path)) for each in done]})
        return
    table(
        "",
        ["process" if verb == "build" else "bundle", "output", "modules", "bytes", "sha256", "status"],
        [
            [
                each.bundle.name,
                shown_path(each.path),
                str(len(each.bundle.modules)),
                f"{len(each.bundle.code):,}",
                each.bundle.sha256,
                each.status,
            ]
            for each in done
        ],
        numbers=["modules", "bytes"],
    )


def _status(files: Mapping[Path, bytes], *, check: bool) -> Status:
    from tim3tool.bundle.output import is_current, write

    if check:
        return "current" if is_current(files) else "stale"
    return "written" if write(files) else "unchanged"


def _files(bundle: Bundle) -> tuple[BundledModule, ...]:
    return (bundle.main, *bundle.more, *bundle.modules, *bundle.resources)


def _as_json(made: Made, path: str) -> dict[str, Any]:
    bundle = made.bundle
    return {
        "name": bundle.name,
        "path": path,
        "status": made.status,
        "bytes": len(bundle.code),
        "sha256": bundle.sha256,
        "build_hash": bundle.build_hash,
        "main": [_module(each) for each in (bundle.main, *bundle.more)],
        "modules": [_module(each) for each in bundle.modules],
        "resources": [
            {"name": each.name, "path": each.path, "bytes": each.size, "sha256": each.sha256}
            for each in bundle.resources
        ],
        "externals": list(bundle.externals),
        "warnings": [str(warning) for warning in bundle.warnings],
    }


def _module(module: BundledModule) -> dict[str, Any]:
    return {
        "name": module.name,
        "path": module.path,
        "bytes": module.size,
        "sha256": module.sha256,
        "requires": list(module.requires),
    }
