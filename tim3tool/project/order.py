"""The order in which processes can be spawned."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from tim3tool.errors import ManifestError
from tim3tool.project.text import references

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tim3tool.project.model import Manifest

__all__ = ["spawn_order", "spawn_waves"]


def spawn_order(manifest: Manifest, names: Iterable[str]) -> tuple[str, ...]:
    """Return processes in an order in which each one's spawn tags refer only to earlier ones; see `spawn_waves`."""
    return tuple(name for wave in spawn_waves(manifest, names) for name in wave)


def spawn_waves(manifest: Manifest, names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return processes in waves in which each one's spawn tags refer only to processes of earlier waves.

    A spawn tag is fixed for ever when the process is spawned, so the ids in it must be known by then. References to
    processes that are not to be spawned put no one first.

    Args:
        manifest: the manifest.
        names: the processes to spawn.

    Returns:
        The same names; those that wait for nothing come first, in the file's order, then those that wait for them.
        The processes of one wave may be spawned at once.

    Raises:
        UsageError: a name is not in the manifest.
        ManifestError: spawn tags refer to each other in a cycle.
    """
    wanted = {manifest.process(name).name for name in names}
    order = [name for name in manifest.processes if name in wanted]
    needs = {name: _needs(manifest, name) & wanted for name in order}
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        raise _cycle(manifest, error.args[1]) from None
    waves = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=order.index)
        sorter.done(*ready)
        waves.append(tuple(ready))
    return tuple(waves)


def _needs(manifest: Manifest, name: str) -> frozenset[str]:
    return frozenset().union(*map(references, manifest.processes[name].spawn_texts))


def _cycle(manifest: Manifest, predecessors: list[str]) -> ManifestError:
    """Return the error for a cycle, told from the process that the file defines first."""
    members = predecessors[:0:-1]
    start = min(range(len(members)), key=lambda index: list(manifest.processes).index(members[index]))
    members = members[start:] + members[:start]
    story = " -> ".join(f"`{name}`" for name in (*members, members[0]))
    needed = members[1 % len(members)]
    text = next(text for text in manifest.processes[members[0]].spawn_texts if needed in references(text))
    booted = any(manifest.processes[name].on_boot for name in members)
    problem = "processes are spawned with each other's ids" if booted else "spawn tags need each other's ids"
    why = "with `onBoot` constants are" if booted else "a spawn tag is"
    ways = "send one of the ids in a message of `setup:`"
    if manifest.shape == "aoform":
        ways = "set `directory: true` and read one of the ids from `aoform.directory`"
    elif len(members) == 1:
        ways += "; in Lua a process finds its own as `ao.id`"
    return ManifestError(
        f"{problem}: {story}",
        where=text.where,
        label=f"needs the id of `{needed}`",
        help=f"{why} fixed before later ids are known: {ways}",
    )
