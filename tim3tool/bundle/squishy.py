"""Squishy files: the Lua programs that tell Matthew Wild's Squish what goes into a bundle.

Written from Squish's README (https://github.com/LuaDist/squish). A squishy file is evaluated in a closed VM with limits
on time and memory; ``docs/guides/bundling.md`` says what is different.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from tim3tool.bundle.graph import Resource, listed, readable
from tim3tool.bundle.locate import Locator
from tim3tool.bundle.minify import Minify
from tim3tool.bundle.model import Bundle, BundleWarning
from tim3tool.bundle.squish import squish
from tim3tool.errors import LuaModuleNotFound, LuaSyntaxError, SourceError, UsageError, Where, suggestion
from tim3tool.lua.source import Lines, strip
from tim3tool.lua.vm import LuaFailure, LuaVM, OutOfMemory, to_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Listed", "OptionValue", "Squishy", "build_squishy", "read_squishy"]

OptionValue: TypeAlias = str | bool | int | float

_MEMORY: Final = 64 << 20
_INSTRUCTIONS: Final = 20_000_000
_SECONDS: Final = 5
_DIRECTIVES: Final = ("AutoFetchURL", "GetOption", "Main", "Module", "Option", "Output", "Resource")
_CLOSED: Final = (
    "coroutine",
    "debug",
    "dofile",
    "io",
    "load",
    "loadfile",
    "os",
    "package",
    "pcall",
    "require",
    "xpcall",
)
_PLACE: Final = re.compile(r"(?s)squishy:(\d+): (.*)")
_NIL: Final = re.compile(r"attempt to (call|index) a nil value \(global '(\w+)'\)")
_HARNESS: Final = resources.files("tim3tool.bundle") / "squishy.lua"
_REFUSED: Final = {
    "compile": "AO and other Lua builds load source text, not bytecode",
    "virtual-io": "AO has no files; read a Resource with `require_resource`",
}
_WITHOUT_EFFECT: Final = {
    "debug": "errors are shown at their lines in the sources by the line table beside the bundle",
    "gzip": "a bundle is source text that AO can load without unpacking",
    "uglify": "a bundle is source text; a higher `minify-level` makes it smaller",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One thing that a squishy file lists.

    Args:
        name: what it says: a file for a Main, the name of a Lua module or resource.
        path: the file it gives; None where Squish looks for a Lua module itself.
        where: the place of the directive.
    """

    name: bytes
    path: Path | None
    where: Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Squishy:
    """What a squishy file says.

    Args:
        file: its path.
        source: its bytes.
        mains: scripts to run, in this order.
        modules: Lua modules to bundle.
        resources: files that ``require_resource`` gives.
        output: the file to write; ``squished.out.lua`` beside it where it says nothing.
        options: every option that it or the command line sets, with dashes in the names.
        remarks: what it asks for that has no effect here, and why.
    """

    file: Path
    source: bytes
    mains: tuple[Listed, ...]
    modules: tuple[Listed, ...]
    resources: tuple[Listed, ...]
    output: Path
    options: Mapping[str, OptionValue]
    remarks: tuple[tuple[str, Where], ...]

    def minify(self) -> Minify:
        """Return how it asks the sources to be minified: not at all, where it says nothing of that.

        Raises:
            SourceError: there is no such level or option.
        """
        options = self.options
        if options.get("minify") is False:
            return Minify()
        level = str(options.get("minify-level", "default" if "minify" in options else "none"))
        chosen = {
            name.removeprefix("minify-"): bool(value)
            for name, value in options.items()
            if name.startswith("minify-") and name != "minify-level"
        }
        try:
            return Minify.level(level, **chosen)
        except UsageError as error:
            raise SourceError(error.message, where=Where(path=self.file.name), help=error.help) from None


def read_squishy(file: Path, *, root: Path, options: Mapping[str, OptionValue] | None = None) -> Squishy:
    """Evaluate a squishy file.

    Args:
        file: the file; the paths in it are relative to its folder.
        root: the folder that paths in messages are relative to.
        options: what the command line sets, which goes before what the file sets.

    Returns:
        What it says.

    Raises:
        SourceError: it cannot be read, raises an error, does not end, or asks for what cannot be had.
        LuaSyntaxError: it is not Lua.
    """
    shown = Path(os.path.relpath(file, root)).as_posix()
    try:
        source = file.read_bytes()
    except OSError as error:
        msg = f"cannot read `{shown}`: {error.strerror}"
        raise SourceError(msg, help="a squishy file lists what goes into a bundle") from None
    lines = Lines(strip(source), shown)
    said, values = _evaluated(lines, options or {})
    return _Reader(file=file, shown=shown, lines=lines).squishy(said, values, source)


def build_squishy(
    squishy: Squishy,
    *,
    name: str,
    root: Path,
    path: Sequence[str] = (),
    keep_all_results: bool = False,
) -> Bundle:
    """Squish what a squishy file lists, and nothing else: other Lua modules are left to the place where it runs.

    Args:
        squishy: what the file says.
        name: the name of the bundle.
        root: the folder that paths are shown relative to.
        path: search templates, relative to the root, for Lua modules that are listed without a file; the folder of
            the squishy file goes before them.
        keep_all_results: return all that the main chunk returns, not only the first value.

    Returns:
        The bundle, which Lua 5.3 compiles.

    Raises:
        SourceError: a file cannot be read, or is not Lua source text.
        LuaSyntaxError: a file does not compile, or the scripts do not follow each other.
        LuaModuleNotFound: a Lua module is listed without a file, and none is found.
    """
    minify = squishy.minify()
    folder = squishy.file.parent
    locator = Locator(
        root=root, templates=[(folder, "?.lua"), (folder, "?/init.lua"), *((root, template) for template in path)]
    )
    graph = listed(
        [(_file(main, locator), main.where) for main in squishy.mains] or [(squishy.file, None)],
        {module.name: (_file(module, locator), module.where) for module in squishy.modules},
        {item.name: _resource(item, locator) for item in squishy.resources},
        locator,
    )
    if not squishy.mains:
        graph = replace(graph, main=replace(graph.main, source=b"", requires=(), dynamic=()))
    bundle = squish(graph, name=name, keep_all_results=keep_all_results, minify=minify)
    remarks = (BundleWarning(kind="squishy", message=message, where=where) for message, where in squishy.remarks)
    return replace(bundle, warnings=(*remarks, *map(_as_unlisted, bundle.warnings)))


def _file(item: Listed, locator: Locator) -> Path:
    file = item.path or locator.find(item.name)
    if file is None:
        tried = [locator.shown(path) for path in locator.candidates(item.name)]
        msg = f"Lua module `{readable(item.name)}` is not found"
        raise LuaModuleNotFound(
            msg,
            where=item.where,
            label="listed without a file",
            help="\n".join(['give its file: `Module "name" "path"`; tried without one:', *tried]),
        )
    return file


def _resource(item: Listed, locator: Locator) -> Resource:
    file = _file(item, locator)
    shown = locator.shown(file)
    try:
        return Resource(path=shown, data=file.read_bytes())
    except OSError as error:
        msg = f"cannot read the resource `{shown}`: {error.strerror}"
        raise SourceError(msg, where=item.where) from None


def _as_unlisted(warning: BundleWarning) -> BundleWarning:
    """Say of a Lua module that is not in the bundle what is true of a list: nobody has looked for it."""
    if warning.kind not in ("missing-module", "optional-module"):
        return warning
    return replace(warning, message=warning.message.replace("is not found; it", "is not listed; it"))


def _evaluated(lines: Lines, options: Mapping[str, OptionValue]) -> tuple[list[dict[str, Any]], dict[str, OptionValue]]:
    vm = LuaVM(memory_limit=_MEMORY)
    harness = vm.load(_HARNESS.read_bytes(), "=[tim3tool squishy]")
    try:
        vm.load(lines.text, "=squishy")
        said, values = vm.call(harness, lines.text, b"=squishy", vm.table(dict(options)), _INSTRUCTIONS, _SECONDS)
    except OutOfMemory:
        msg = f"the squishy file needs more than {_MEMORY >> 20} MiB of memory"
        raise SourceError(msg, where=lines.where(0, 0)) from None
    except LuaFailure as failure:
        raise _failure(failure, lines) from None
    listed = to_python(said, decode=lambda text: text)
    found = to_python(values, decode=lambda text: text.decode("utf-8", "replace"))
    return list(listed) if isinstance(listed, list) else [], dict(found)


def _failure(failure: LuaFailure, lines: Lines) -> SourceError:
    match = _PLACE.match(failure.message)
    where = lines.where(*lines.span(int(match[1]))) if match else lines.where(0, 0)
    message = match[2] if match else failure.message
    if failure.traceback == failure.message:  # it did not compile
        return LuaSyntaxError(f"not Lua 5.3: {message}", where=where)
    unknown = _NIL.match(message)
    if unknown is None:
        return SourceError(f"the squishy file ends in an error: {message}", where=where)
    name = unknown[2]
    if name in _CLOSED:
        hint = "a squishy file is evaluated in a closed VM, without files, processes or other Lua code"
        return SourceError(f"a squishy file has no `{name}`", where=where, help=hint)
    near = suggestion(name, _DIRECTIVES)
    known = "there are " + ", ".join(f"`{each}`" for each in _DIRECTIVES)
    msg = f"unknown directive `{name}`" if unknown[1] == "call" else f"`{name}` is nil"
    return SourceError(msg, where=where, help=f"did you mean `{near}`?" if near else known)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Makes sense of what a squishy file has said."""

    file: Path
    shown: str
    lines: Lines

    def squishy(self, said: list[dict[str, Any]], options: dict[str, OptionValue], source: bytes) -> Squishy:
        entries = [{key.decode(): value for key, value in cast("dict[bytes, Any]", entry).items()} for entry in said]
        mains = tuple(self._file(entry, entry["name"]) for entry in self._of(entries, b"Main"))
        modules = self._unique(entries, b"Module")
        listed = self._unique(entries, b"Resource", path_of_name=True)
        if not (mains or modules or listed):
            msg = f"`{self.shown}` lists nothing to bundle"
            raise SourceError(msg, where=Where(path=self.shown), help='add `Main "main.lua"`')
        outputs = [self._path(entry["name"]) for entry in self._of(entries, b"Output")]
        return Squishy(
            file=self.file,
            source=source,
            mains=mains,
            modules=modules,
            resources=listed,
            output=outputs[-1] if outputs else self._path(b"squished.out.lua"),
            options=options,
            remarks=tuple(self._remarks(entries, options)),
        )

    def _of(self, entries: list[dict[str, Any]], kind: bytes) -> Iterator[dict[str, Any]]:
        return (entry for entry in entries if entry["kind"] == kind)

    def _file(self, entry: dict[str, Any], path: bytes | None) -> Listed:
        return Listed(name=entry["name"], path=None if path is None else self._path(path), where=self._where(entry))

    def _path(self, path: bytes) -> Path:
        return Path(os.path.normpath(self.file.parent / os.fsdecode(path)))

    def _unique(self, entries: list[dict[str, Any]], kind: bytes, *, path_of_name: bool = False) -> tuple[Listed, ...]:
        """Return what is listed under a name each; the same thing twice counts once."""
        found: dict[bytes, Listed] = {}
        for entry in self._of(entries, kind):
            listed = self._file(entry, entry.get("value", entry["name"] if path_of_name else None))
            first = found.setdefault(listed.name, listed)
            if first.path != listed.path:
                name = listed.name.decode("utf-8", "backslashreplace")
                msg = f"{kind.decode()} `{name}` is listed twice, with different files"
                note = f"first listed at line {first.where.line}"
                raise SourceError(msg, where=listed.where, notes=[note], help="keep one")
        return tuple(found.values())

    def _remarks(
        self, entries: list[dict[str, Any]], options: Mapping[str, OptionValue]
    ) -> Iterator[tuple[str, Where]]:
        for entry in entries:
            if entry["kind"] == b"AutoFetchURL":
                yield (
                    "`AutoFetchURL` has no effect: a build fetches nothing, put the files in place",
                    self._where(entry),
                )
            if entry["kind"] != b"Option":
                continue
            name = entry["name"].decode("utf-8", "backslashreplace")
            if not options.get(name):
                continue
            if name in _REFUSED:
                msg = f"option `{name}` cannot be had"
                raise SourceError(msg, where=self._where(entry), help=f"remove it: {_REFUSED[name]}")
            if name in _WITHOUT_EFFECT:
                yield f"option `{name}` has no effect: {_WITHOUT_EFFECT[name]}", self._where(entry)

    def _where(self, entry: dict[str, Any]) -> Where:
        return self.lines.where(*self.lines.span(entry["line"]))
