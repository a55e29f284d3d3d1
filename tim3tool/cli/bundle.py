"""`tim3tool bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tim3tool.cli.options import AsJson, Directory, MinifyLevel, Quiet
from tim3tool.errors import UsageError

__all__ = ["bundle"]


def bundle(
    entry: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The Lua file to begin with.")] = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", help="Where to write; a squishy file may say it too."),
    ] = None,
    squishy: Annotated[
        Path | None, typer.Option("--squishy", metavar="FILE", help="Bundle what this squishy file lists.")
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option(
            "--path", metavar="TEMPLATES", help="Where Lua modules lie beside FILE's folder: `lib/?.lua;...`."
        ),
    ] = None,
    external: Annotated[
        list[str] | None, typer.Option("--external", metavar="NAME", help="A Lua module (or glob) to leave out.")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="NAME", help="A Lua module (or glob) to take in.")
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Only warn of a Lua module that is not found.")
    ] = False,
    minify: MinifyLevel = None,
    directory: Directory = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Squish one program into one Lua file, without a manifest; all that it returns is kept."""
    from tim3tool.bundle import Minify, build
    from tim3tool.cli.bundles import finish, listed, show
    from tim3tool.cli.terminal import Talk

    root = (directory or Path()).absolute()
    templates = [template for each in path or () for template in each.split(";") if template]
    for template in templates:
        if "?" not in template:
            msg = f"the template `{template}` of --path has no `?`"
            raise UsageError(msg, help="`?` stands for the name of the Lua module: `lib/?.lua`")
    if (entry is None) == (squishy is None):
        msg = "`tim3tool bundle` needs a Lua file, or a squishy file with --squishy"
        raise UsageError(msg, help="write `tim3tool bundle FILE -o OUT` or `tim3tool bundle --squishy FILE`")
    if squishy is not None:
        if external or include or allow_missing:
            msg = "--external, --include and --allow-missing do not go with --squishy"
            raise UsageError(msg, help="a squishy file itself says what goes in; all else stays outside")
        made, target = listed(root / squishy, root=root, path=templates, keep_all_results=True, minify=minify)
    else:
        if output is None:
            msg = f"where should the bundle of `{entry}` go?"
            raise UsageError(msg, help="add `-o OUT`")
        target = root / output
        made = build(
            root / (entry or ""),
            name=(entry or root).stem,
            root=root,
            path=templates,
            keep_all_results=True,
            external=external or (),
            include=include or (),
            allow_missing=allow_missing,
            anywhere=True,
            minify=Minify.level(minify or "none"),
        )
    place = root / output if output is not None else target
    done = finish([(made, place)], root=root, project=None, check=False, talk=Talk(quiet=quiet))
    show("bundle", done, as_json=as_json)
    return 0
