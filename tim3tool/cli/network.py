"""How the verbs open a network, find the key that signs, and turn a name into a process id."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from tim3tool.cli.argv import ID_MARK
from tim3tool.errors import UsageError, suggestion

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.network.port import Port
    from tim3tool.network.wallet import Wallet
    from tim3tool.project import Manifest

__all__ = ["now_ms", "open_network", "process_id", "wallet_of"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def now_ms() -> int:
    """Return the time now, in ms since 1970."""
    return time.time_ns() // 1_000_000


def open_network(manifest: Manifest, name: str) -> Port:
    """Return a network of the manifest.

    Raises:
        UsageError: the manifest has no such network.
    """
    from tim3tool.network.embedded import Embedded

    spec = manifest.network(name)
    return Embedded(manifest.root / ".tim3" / "networks" / f"{spec.name}.sqlite", clock=now_ms)


def wallet_of(path: Path | None) -> Wallet:
    """Return the wallet of a file, or the development wallet, which embedded networks alone know.

    Raises:
        WalletError: the key cannot be used.
    """
    from tim3tool.cli.terminal import Talk
    from tim3tool.network.wallet import development_wallet, home_folder, load

    wallet = load(path) if path is not None else development_wallet(home_folder())
    for warning in wallet.warnings:
        Talk(quiet=False).warn(warning)
    return wallet


def process_id(manifest: Manifest, network: str, word: str) -> str:
    """Return the id of a process that the user names.

    Args:
        manifest: the manifest.
        network: the network's name.
        word: a process of the manifest, or a 43-character id.

    Raises:
        UsageError: there is no such process, or it is not deployed there.
        StateError: the state cannot be used.
    """
    from tim3tool.deploy.state import load, state_path

    state = load(state_path(manifest.root, network), network=network)
    known = state.processes if state else {}
    if word in known:
        return known[word].id
    if word in manifest.processes:
        msg = f"process `{word}` is not deployed to network `{network}`"
        raise UsageError(msg, help=f"run `tim3tool deploy --network {network}`")
    bare = word.removeprefix(ID_MARK)
    if _ID.fullmatch(bare):
        return bare
    near = suggestion(word, [*manifest.processes, *known])
    msg = f"unknown process `{word}`"
    hint = f"did you mean `{near}`?" if near else "name a process of the manifest, or give a 43-character id"
    raise UsageError(msg, help=hint)
