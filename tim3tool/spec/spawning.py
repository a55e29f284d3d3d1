"""Spawning processes on a suite's network: from the manifest, a file or Lua text."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tim3tool.aos import DEFAULT_MODULE
from tim3tool.bundle import LineTable
from tim3tool.bundle.prelude import eval_data, prerun_path
from tim3tool.errors import ProcessFailed, SourceError, UsageError
from tim3tool.sim import Message, address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tim3tool.bundle import Bundle
    from tim3tool.project import Context, Manifest, ProcessSpec, Value
    from tim3tool.sim import Network
    from tim3tool.spec.workspace import Workspace

__all__ = [
    "RELOAD_OPTIONS",
    "SPAWN_OPTIONS",
    "Spawned",
    "Spawner",
    "constants",
    "evaluate",
    "spawn_from_manifest",
    "start_process",
]

RELOAD_OPTIONS: Final = ("file", "source")
SPAWN_OPTIONS: Final = ("file", "module", "name", "owner", "process", "source", "tags")
_PLACE: Final = re.compile(r'\[string "aos"\]:(\d+): ')


class SpawnOptions(Protocol):
    """Named options, from Lua or from Python."""

    @property
    def what(self) -> str:
        """Whose options they are, for messages."""

    def __contains__(self, name: str) -> bool:
        """Tell whether an option is given."""

    def text(self, name: str, default: str = "") -> str:
        """Return an option that is a string."""

    def tags(self, name: str) -> list[tuple[str, str]]:
        """Return an option that holds tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spawned:
    """A process that a suite has spawned.

    Args:
        id: its id.
        owner: who spawned it and evaluates its code.
        name: what the suite knows it by.
        code: what its owner evaluated to start it; None where the suite did not spawn it.
        lines: the line table of its code, where it was bundled.
    """

    id: str
    owner: str
    name: str
    code: str | None = None
    lines: LineTable | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spawner:
    """Spawns the processes that the suites of a project ask for.

    Args:
        suite: the suite's file.
        root: the project's folder.
        workspace: where manifests and bundles come from.
    """

    suite: Path
    root: Path
    workspace: Workspace

    def spawn(self, network: Network, options: SpawnOptions) -> Spawned:
        """Spawn a process and let its owner evaluate its code.

        Args:
            network: where.
            options: `SPAWN_OPTIONS`; exactly one of ``process``, ``file`` and ``source``.

        Raises:
            UsageError: the options do not fit together, or name what is not there.
            ManifestError: the manifest cannot be used.
            SourceError: the code cannot be bundled.
            ProcessFailed: the code ends in an error.
        """
        given = [name for name in ("process", "file", "source") if name in options]
        if len(given) != 1:
            msg = f"`{options.what}` needs exactly one of `process`, `file` and `source`, and has {len(given)}"
            raise UsageError(msg)
        if given == ["process"]:
            return self._from_manifest(network, options)
        code, bundle = self._code(options, options.text("name", "process"))
        owner = options.text("owner", address("owner"))
        spawned = network.spawn(
            owner=owner,
            module=options.text("module", DEFAULT_MODULE),
            tags=[*_name_tag(options), *options.tags("tags")],
        )
        name = options.text("name", "process")
        process = Spawned(id=spawned.process, owner=owner, name=name, code=code, lines=_lines(bundle))
        start_process(network, process)
        return process

    def reload(self, network: Network, process: Spawned, options: SpawnOptions) -> Spawned:
        """Let the owner of a process evaluate its code once more, or other code, as an upgrade does.

        Args:
            network: where it is.
            process: which one.
            options: `RELOAD_OPTIONS`; neither for the code it was spawned with.

        Raises:
            UsageError: the options do not fit together, or the code is not known.
            SourceError: the code cannot be bundled.
            ProcessFailed: the code ends in an error.
        """
        if "file" in options and "source" in options:
            msg = f"`{options.what}` takes `file` or `source`, and has both"
            raise UsageError(msg)
        if "file" in options or "source" in options:
            code, bundle = self._code(options, process.name)
            process = replace(process, code=code, lines=_lines(bundle))
        elif process.code is None:
            msg = f"`{options.what}` does not know the code of a process that the suite did not spawn"
            raise UsageError(msg, help="reload with `file = ...` or `source = ...`")
        start_process(network, process, "reload")
        return process

    def _code(self, options: SpawnOptions, name: str) -> tuple[str, Bundle | None]:
        if "source" in options:
            return options.text("source"), None
        bundle, root = self._bundle_of_file(options.text("file"), name)
        code = _utf8(bundle.code, bundle.main.path)
        _measure(self.workspace, bundle, root, code)
        return code, bundle

    def _from_manifest(self, network: Network, options: SpawnOptions) -> Spawned:
        manifest = self.workspace.manifest(self.suite.parent)
        if manifest is None:
            msg = f"`{options.what}` finds no process `{options.text('process')}`: no `aoform.yaml` is above the suite"
            raise UsageError(msg, help="spawn with `file = ...` or `source = ...`")
        spec = manifest.on("local").process(options.text("process"))
        return spawn_from_manifest(
            network,
            spec,
            manifest,
            self.workspace,
            name=options.text("name", spec.name),
            owner=options.text("owner", address("owner")),
            module=options.text("module") or None,
            leading=_name_tag(options),
            tags=options.tags("tags"),
        )

    def _bundle_of_file(self, name: str, process: str) -> tuple[Bundle, Path]:
        manifest = self.workspace.manifest(self.suite.parent)
        root = manifest.root if manifest else self.root
        places = (self.suite.parent, root)
        entry = next((folder / name for folder in places if (folder / name).is_file()), None)
        if entry is None:
            msg = f"there is no file `{name}` beside the suite or in `{root.name}`"
            raise UsageError(msg)
        entry = Path(os.path.normpath(entry))
        templates = manifest.templates if manifest else ()
        return self.workspace.bundle(entry, name=process, root=root, path=templates), root


def spawn_from_manifest(
    network: Network,
    spec: ProcessSpec,
    manifest: Manifest,
    workspace: Workspace,
    *,
    name: str,
    owner: str,
    module: str | None = None,
    leading: Sequence[tuple[str, str]] = (),
    tags: Sequence[tuple[str, str]] = (),
    change: Callable[[str], str] = str,
) -> Spawned:
    """Spawn a process of a manifest and let its owner evaluate its code.

    Args:
        network: where.
        spec: the process.
        manifest: its manifest; every process of it has its id from the start, so that tags and code may refer to those
            not spawned yet.
        workspace: where bundles come from.
        name: what it is called.
        owner: the address that spawns it.
        module: a module in place of its own.
        leading: further tags in front of its own, which win where a name is given twice.
        tags: further tags behind them.
        change: what is done to its code first.

    Raises:
        ManifestError: a reference cannot be resolved.
        SourceError: the code cannot be bundled.
        ProcessFailed: the code ends in an error.
    """
    bundle = workspace.output(spec, manifest)
    ids = _ids(manifest)
    spawned = network.spawn(
        owner=owner,
        module=module or spec.module,
        scheduler=spec.scheduler,
        tags=[*leading, *_manifest_tags(spec, manifest, network, owner, ids), *tags],
        id=None if network.has(ids[spec.name]) else ids[spec.name],
    )
    config = constants(manifest, spec, owner=owner)
    code = change(_utf8(eval_data(spec, bundle, ids=ids, config=config, root=manifest.root), bundle.main.path))
    _measure(workspace, bundle, manifest.root, code)
    lines = LineTable.of(bundle, prerun=prerun_path(spec, manifest.root))
    process = Spawned(id=spawned.process, owner=owner, name=name, code=code, lines=lines)
    start_process(network, process)
    return process


def _measure(workspace: Workspace, bundle: Bundle, root: Path, code: str) -> None:
    if workspace.recorder is not None:
        workspace.recorder.process(bundle, root=root, code=code)


def evaluate(network: Network, process: Spawned, code: str) -> str:
    """Let the owner of a process evaluate Lua in it.

    Returns:
        What it printed and returned, as ``Output.data`` shows it.

    Raises:
        ProcessFailed: it ended in an ``Error``; the message is its text without terminal colours.
    """
    message = Message(sender=process.owner, target=process.id, tags=(("Action", "Eval"),), data=code)
    result = network.send(message).result
    if result.error is not None:
        raise ProcessFailed(result.text.strip())
    return str(result.output.get("data", ""))


def constants(manifest: Manifest, spec: ProcessSpec | None, *, owner: str) -> dict[str, Value]:
    """Return what ``require("tim3tool.config")`` gives in suites: the values of the local network.

    Args:
        manifest: the manifest.
        spec: the process; None for Lua that belongs to none.
        owner: who spawns the processes.

    Raises:
        ManifestError: a text refers to what is not known.
    """
    from tim3tool.project import config_of  # noqa: PLC0415 - loaded already where a manifest is

    there = manifest.on("local")
    context = _context(there, "local", owner, _ids(manifest))
    return config_of(there.process(spec.name) if spec else None, there.network("local"), context)


def _context(manifest: Manifest, network: str, owner: str, ids: dict[str, str]) -> Context:
    from tim3tool.project import Context, facts  # noqa: PLC0415 - loaded already where a manifest is

    return Context(processes=ids, network=network, owner=owner, env=dict(os.environ), known=facts(manifest, "local"))


def _lines(bundle: Bundle | None) -> LineTable | None:
    return LineTable.of(bundle) if bundle else None


def _ids(manifest: Manifest) -> dict[str, str]:
    return {name: address(f"process {name}") for name in manifest.processes}


def start_process(network: Network, process: Spawned, verb: str = "start") -> None:
    """Let the owner of a process evaluate its code, which `Network.upgrade` evaluates again.

    Args:
        network: where it is.
        process: which one; what it has no code for changes nothing.
        verb: what an error says that it does not do.

    Raises:
        ProcessFailed: it ends in an error.
    """
    result = network.install(process.id, process.code or "").result
    network.settle()
    if result.error is None:
        return
    text = result.text.strip()
    message = process.lines.translated(text) if process.lines else text
    match = _PLACE.search(text) if process.lines else None
    source = process.lines.source_of(int(match[1])) if match and process.lines else None
    place = f" at {source}" if source else ""
    msg = f"process `{process.name}` does not {verb}{place}: {message}"
    raise ProcessFailed(msg)


def _name_tag(options: SpawnOptions) -> list[tuple[str, str]]:
    return [("Name", options.text("name"))] if "name" in options else []


def _manifest_tags(
    spec: ProcessSpec, manifest: Manifest, network: Network, owner: str, ids: dict[str, str]
) -> list[tuple[str, str]]:
    """Return the tags a deploy would give, and the authority of this network's mail in front of its own."""
    from tim3tool.project import render  # noqa: PLC0415 - loaded already where a manifest is

    context = _context(manifest.on("local"), "sim", owner, ids)
    own = [render(text, context) for text in spec.authority]
    authorities = [network.authority, *(value for value in own if value != network.authority)]
    tags = [(tag.name, render(tag.value, context)) for tag in spec.tags]
    return [*(("Authority", value) for value in authorities), *tags]


def _utf8(code: bytes, path: str) -> str:
    try:
        return code.decode()
    except UnicodeDecodeError:
        msg = f"`{path}` or a Lua module it requires is not UTF-8"
        raise SourceError(msg, help="an Eval message carries text: save the file as UTF-8") from None
