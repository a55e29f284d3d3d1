"""What templates can say of a network and its processes beside ids: what the manifest or the network gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.project.process import STANDARD_AUTHORITY, STANDARD_SCHEDULER

if TYPE_CHECKING:
    from tim3tool.project.model import Manifest

__all__ = ["facts"]


def facts(
    manifest: Manifest, network: str, *, scheduler: str | None = None, authority: str | None = None
) -> dict[tuple[str, ...], str]:
    """Return the values of references such as ``network.node`` and ``processes['x'].module``, by their parts.

    Args:
        manifest: the manifest, as it is on the network (see `Manifest.on`).
        network: the network's name.
        scheduler: the network's own scheduler, where the network tells another than the manifest.
        authority: likewise its authority.

    Raises:
        UsageError: there is no such network.
    """
    spec = manifest.network(network)
    scheduler = scheduler or spec.scheduler or STANDARD_SCHEDULER
    values: dict[tuple[str, ...], str] = {
        ("network", "kind"): spec.kind,
        ("network", "scheduler"): scheduler,
        ("network", "authority"): authority or spec.authority or STANDARD_AUTHORITY,
    }
    values |= {("network", key): url for key, url in spec.urls.items() if url}
    for name, process in manifest.processes.items():
        own = scheduler if process.scheduler == STANDARD_SCHEDULER else process.scheduler
        values |= {("processes", name, "module"): process.module, ("processes", name, "scheduler"): own}
    return values
