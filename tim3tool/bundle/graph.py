"""Which Lua files a program is made of: from the entry, along every static ``require``."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tim3tool.bundle.externals import PROVIDED, is_external, is_of_aos
from tim3tool.errors import LuaModuleNotFound
from tim3tool.lua.loading import LoadingChange, loading_changes
from tim3tool.lua.requires import DynamicRequire, Require, requires
from tim3tool.lua.syntax import check, takes_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tim3tool.bundle.locate import Locator
    from tim3tool.errors import Where

__all__ = ["Graph", "LuaFile", "Resource", "alone", "listed", "readable", "walk"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LuaFile:
    """A Lua source that compiles.

    Args:
        path: its file, relative to the root, with forward slashes.
        source: its bytes.
        requires: what it requires statically, in the order of the source.
        dynamic: its other uses of ``require``.
        changes: where it changes what ``require`` finds.
        takes_arguments: its main chunk uses ``...``.
    """

    path: str
    source: bytes
    requires: tuple[Require, ...]
    dynamic: tuple[DynamicRequire, ...]
    changes: tuple[LoadingChange, ...]
    takes_arguments: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A file of any kind in a bundle.

    Args:
        path: its file, relative to the root, with forward slashes.
        data: its bytes.
    """

    path: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """The sources of one program.

    Args:
        main: the entry.
        modules: the Lua modules to bundle, by name, sorted; two names may stand for the same file.
        external: names and globs of Lua modules that are provided where the program runs, beside those of AO and Lua.
        more: sources that follow the entry in the main chunk.
        resources: what ``require_resource`` gives, by name.
        fallbacks: those of the modules that are only for where AO does not provide them.
    """

    main: LuaFile
    modules: Mapping[bytes, LuaFile]
    external: tuple[str, ...] = ()
    more: tuple[LuaFile, ...] = ()
    resources: Mapping[bytes, Resource] = field(default_factory=dict)
    fallbacks: frozenset[bytes] = frozenset()

    def files(self) -> Iterator[LuaFile]:
        """Return the sources of the main chunk, then the Lua modules."""
        yield self.main
        yield from self.more
        yield from self.modules.values()

    def externals(self) -> tuple[str, ...]:
        """Return the names it requires that are provided where it runs, sorted."""
        names = {readable(require.name) for file in self.files() for require in file.requires}
        return tuple(sorted(name for name in names if is_external(name, self.external)))


def readable(name: bytes) -> str:
    """Return the name of a Lua module as text."""
    return name.decode("utf-8", "backslashreplace")


def walk(
    entry: Path,
    locator: Locator,
    *,
    external: Sequence[str] = (),
    include: Sequence[str] = (),
    allow_missing: bool = False,
    anywhere: bool = False,
) -> Graph:
    """Read an entry and every Lua module that it needs.

    Args:
        entry: the file of the main chunk.
        locator: finds and reads the files.
        external: names and globs of Lua modules to leave out.
        include: names and globs of Lua modules to take in whether or not they are seen to be required.
        allow_missing: leave out what is not found, and no error.
        anywhere: the program may also run outside of AO, so it takes its own files for what AO provides along.

    Returns:
        The graph; a Lua module that is missing under ``pcall`` is not in it.

    Raises:
        SourceError: a file cannot be read, or is not Lua source text.
        LuaSyntaxError: a file does not compile.
        LuaModuleNotFound: a required Lua module is missing.
    """
    main = _load(entry, locator, None)
    loaded: dict[Path, LuaFile] = {}
    modules: dict[bytes, LuaFile] = {}
    for name, file in _included(include, entry, locator):
        if file not in loaded:
            loaded[file] = _load(file, locator, None)
        modules[name] = loaded[file]
    fallbacks = set()
    waiting = deque([main, *loaded.values()])
    while waiting:
        for require in waiting.popleft().requires:
            required = readable(require.name)
            is_provided = is_external(required, external)
            if require.name in modules or (is_provided and not (anywhere and is_of_aos(required, external))):
                continue
            path = _found(require, locator, optional=is_provided or allow_missing)
            if path is None:
                continue
            if path not in loaded:
                loaded[path] = _load(path, locator, require.where)
                waiting.append(loaded[path])
            modules[require.name] = loaded[path]
            if is_provided:
                fallbacks.add(require.name)
    return Graph(
        main=main,
        modules=dict(sorted(modules.items())),
        external=tuple(external),
        fallbacks=frozenset(fallbacks),
    )


def _found(require: Require, locator: Locator, *, optional: bool) -> Path | None:
    path = locator.find(require.name)
    if path is None and not (optional or require.protected):
        raise _not_found(require, locator)
    return path


def alone(entry: Path, locator: Locator) -> Graph:
    """Read an entry and nothing that it requires; see `walk`."""
    return Graph(main=_load(entry, locator, None), modules={})


def listed(
    mains: Sequence[tuple[Path, Where | None]],
    modules: Mapping[bytes, tuple[Path, Where]],
    resources: Mapping[bytes, Resource],
    locator: Locator,
) -> Graph:
    """Read the files of a list, and nothing else that they require.

    Args:
        mains: the files of the main chunk, at least one, each with the place that names it.
        modules: the files of the Lua modules, each with the place that names it, by name.
        resources: what ``require_resource`` gives, by name.
        locator: reads the files.

    Raises:
        SourceError: a file cannot be read, or is not Lua source text.
        LuaSyntaxError: a file does not compile.
    """
    main, *more = [_load(file, locator, where) for file, where in mains]
    found = {name: _load(file, locator, where) for name, (file, where) in sorted(modules.items())}
    return Graph(main=main, more=tuple(more), modules=found, resources=resources)


def _included(patterns: Sequence[str], entry: Path, locator: Locator) -> Iterator[tuple[bytes, Path]]:
    """Yield the Lua modules that names and globs stand for, with their files."""
    for pattern in patterns:
        found = locator.matching(pattern)
        if not found:
            msg = f"`include` names `{pattern}`, but no Lua module has that name"
            raise LuaModuleNotFound(msg, help=_tried(pattern.encode(), locator))
        yield from (item for item in found if item[1] != entry)


def _load(path: Path, locator: Locator, where: Where | None) -> LuaFile:
    source = locator.read(path, where)
    shown = locator.shown(path)
    check(source, shown)
    found = requires(source, shown)
    return LuaFile(
        path=shown,
        source=source,
        requires=tuple(item for item in found if isinstance(item, Require)),
        dynamic=tuple(item for item in found if isinstance(item, DynamicRequire)),
        changes=loading_changes(source, shown),
        takes_arguments=takes_arguments(source),
    )


def _not_found(require: Require, locator: Locator) -> LuaModuleNotFound:
    name = readable(require.name)
    return LuaModuleNotFound(
        f"Lua module `{name}` is not found",
        where=require.where,
        label="no file for it",
        help=_tried(require.name, locator),
        notes=[f"AO provides `.{name}`"] if f".{name}" in PROVIDED else (),
    )


def _tried(name: bytes, locator: Locator) -> str:
    tried = [locator.shown(path) for path in locator.candidates(name)]
    return "\n".join(["create one of the files tried, or add its folder to `path:` in the manifest", *tried])
