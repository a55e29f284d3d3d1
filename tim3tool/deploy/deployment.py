"""What a deploy did, as it is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DeployedProcess", "DeployedSetup", "Deployment"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedSetup:
    """A set-up message that a process has handled, and whether this run sent it."""

    name: str
    message: str
    action: Literal["sent", "unchanged"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedProcess:
    """A process after a deploy, and what this run did to it."""

    name: str
    id: str
    action: Literal["created", "replaced", "updated", "unchanged"]
    build_hash: str
    code_hash: str
    setup: tuple[DeployedSetup, ...]
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """What a deploy did.

    Args:
        network: the network's name.
        owner: address of the wallet that owns the processes.
        processes: in the order of the manifest.
        changed: whether this run did anything.
        sent: how many data items it sent.
        smoke: the smoke checks that passed, as `Smoked.as_dict` gives them.
    """

    network: str
    owner: str
    processes: tuple[DeployedProcess, ...]
    changed: bool
    sent: int
    smoke: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)
