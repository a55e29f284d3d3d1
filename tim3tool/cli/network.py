"""How the verbs open a network, find the key that signs, and turn a name into a process id."""

from __future__ import annotations

import math
import os
import re
import time
from typing import TYPE_CHECKING, Final

from tim3tool.cli.argv import ID_MARK
from tim3tool.errors import UsageError, WalletError, suggestion

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.network.port import Port
    from tim3tool.network.wallet import Wallet
    from tim3tool.project import Manifest, NetworkSpec

__all__ = ["now_ms", "open_network", "process_id", "wallet_of"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def now_ms() -> int:
    """Return the time now, in ms since 1970."""
    return time.time_ns() // 1_000_000


def open_network(manifest: Manifest, name: str, *, timeout: float | None = None) -> Port:
    """Return a network that the manifest knows.

    Args:
        manifest: the manifest.
        name: the network's name.
        timeout: seconds to go on asking for one answer; None for the usual time. An embedded network never waits.

    Raises:
        UsageError: it knows no such network, or the time is none.
    """
    if timeout is not None and not 0 < timeout < math.inf:
        msg = f"`--timeout {timeout:g}` is no time to wait"
        raise UsageError(msg, help="give a number of seconds, such as 60")
    spec = manifest.network(name)
    if spec.kind == "embedded":
        from tim3tool.network.embedded import Embedded

        return Embedded(manifest.root / ".tim3" / "networks" / f"{spec.name}.sqlite", clock=now_ms)
    from tim3tool.network.http import Http
    from tim3tool.network.patience import Patience

    patience = Patience() if timeout is None else Patience(deadline=timeout)
    if spec.kind == "hyperbeam":
        from tim3tool.network.hyperbeam import Hyperbeam

        return Hyperbeam(
            spec.name,
            spec.urls["node"],
            http=Http(),
            patience=patience,
            reads=spec.reads,
            scheduler=spec.scheduler,
            authority=spec.authority,
        )
    from tim3tool.network.legacynet import Legacynet, Units

    return Legacynet(
        spec.name,
        Units(**spec.urls),
        http=Http(),
        patience=patience,
        scheduler=spec.scheduler,
        authority=spec.authority,
    )


def wallet_of(path: Path | None, network: NetworkSpec | None = None) -> Wallet:
    """Return the wallet that is named, or the development wallet, which signs for networks on this machine alone.

    Args:
        path: the file of ``--wallet`` or ``TIM3_WALLET``; then comes ``WALLET_JSON``, which holds the key itself, and
            then the manifest.
        network: the network it signs for; None where it signs nothing.

    Raises:
        WalletError: the key cannot be used, or none is named for a public network.
    """
    from tim3tool.cli.terminal import Talk

    wallet = _named_wallet(path, network)
    for warning in wallet.warnings:
        Talk(quiet=False).warn(warning)
    return wallet


def _named_wallet(path: Path | None, network: NetworkSpec | None) -> Wallet:
    from tim3tool.cli.passwords import password
    from tim3tool.network.wallet import development_wallet, home_folder, load, parse

    if path is None and (key := os.environ.get("WALLET_JSON")):
        return parse(os.fsencode(key), "WALLET_JSON", password=password)
    path = path or (network.wallet if network else None)
    if path is not None:
        return load(path, password=password)
    if network is not None and network.is_public:
        msg = f"network `{network.name}` is public, and no wallet is named"
        raise WalletError(msg, help="name your key with --wallet or TIM3_WALLET; `tim3tool wallet new FILE` makes one")
    return development_wallet(home_folder())


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
