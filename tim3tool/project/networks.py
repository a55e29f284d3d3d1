"""Networks of a manifest: those it defines, over those that every manifest knows (``networks.yaml``)."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from tim3tool.errors import ManifestError, suggestion
from tim3tool.project.compose import read
from tim3tool.project.config import read_config
from tim3tool.project.document import token
from tim3tool.project.fields import Fields, text
from tim3tool.project.keys import FURTHER, NETWORK, NETWORK_URLS, REQUIRED_URLS
from tim3tool.project.model import NetworkSpec
from tim3tool.project.rules import check_id, check_name, check_url
from tim3tool.project.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tim3tool.project.document import Node, Scalar

__all__ = ["known_networks", "read_networks"]

_FILE: Final = Path(__file__).with_name("networks.yaml")


@cache
def known_networks() -> Mapping[str, NetworkSpec]:
    """Return the networks that every manifest knows, by name; ``local`` is among them."""
    top = Fields(read(_FILE), "the known networks", ("networks",))
    return _read(top, {}, lambda scalar: Text(value=scalar.value, where=scalar.where, form="literal"))


def read_networks(top: Fields, text_of: Callable[[Scalar], Text]) -> dict[str, NetworkSpec]:
    """Return the networks of a manifest, and those that every manifest knows.

    Args:
        top: the keys of the manifest.
        text_of: makes a text of a scalar, and checks what it refers to.

    Raises:
        ManifestError: a network is of no known kind, or a key has a value that cannot be used.
    """
    known = known_networks()
    return {**known, **_read(top, known, text_of)}


def _read(top: Fields, known: Mapping[str, NetworkSpec], text_of: Callable[[Scalar], Text]) -> dict[str, NetworkSpec]:
    return {name.value: _network(name, node, known.get(name.value), text_of) for name, node in top.pairs("networks")}


def _network(name: Scalar, node: Node, base: NetworkSpec | None, text_of: Callable[[Scalar], Text]) -> NetworkSpec:
    check_name(name, "a network")
    of = f"network `{name.value}`"
    kind = _kind(Fields(node, of, NETWORK, at=name), base)
    given = Fields(node, of, ("kind", *NETWORK_URLS[kind], *FURTHER[kind], "config", "wallet"), at=name)
    base = base if base and base.kind == kind else None
    return NetworkSpec(
        name=name.value,
        kind=cast("Literal['embedded', 'legacynet', 'hyperbeam']", kind),
        where=name.where,
        config=read_config(given, text_of) if "config" in given or base is None else base.config,
        urls={key: _url(given, key, base) for key in NETWORK_URLS[kind]},
        reads=_reads(given, base),
        scheduler=_address(given, "scheduler", base.scheduler if base else None),
        authority=_address(given, "authority", base.authority if base else None),
        wallet=_wallet(given, Path(name.document.path).absolute().parent) if "wallet" in given else None,
    )


def _kind(given: Fields, base: NetworkSpec | None) -> str:
    if "kind" not in given and base:
        return base.kind
    kind = given.text("kind")
    if kind.value not in NETWORK_URLS:
        near = suggestion(kind.value, NETWORK_URLS)
        msg = f"unknown kind of network {token(kind.value)}"
        kinds = "kinds: " + ", ".join(f"`{each}`" for each in NETWORK_URLS)
        raise ManifestError(msg, where=kind.where, help=f"did you mean `{near}`?" if near else kinds)
    return kind.value


def _url(given: Fields, key: str, base: NetworkSpec | None) -> str:
    required = key in REQUIRED_URLS
    if key not in given and (base or not required):
        return base.urls[key] if base else ""
    scalar = given.text(key, may_be_empty=not required)
    return check_url(scalar, given.named(key)) if scalar.value else ""


def _reads(given: Fields, base: NetworkSpec | None) -> tuple[str, ...]:
    if "reads" not in given:
        # Other nodes know what this one does only as far as they share a scheduler.
        return base.reads if base and "node" not in given else ()
    of = f"an item of {given.named('reads')}"
    return tuple(check_url(text(node, of), of) for node in given.items("reads"))


def _address(given: Fields, key: str, default: str | None) -> str | None:
    return check_id(given.text(key), given.named(key)) if key in given else default


def _wallet(given: Fields, root: Path) -> Path:
    """Return the file of a key, which need not be there for whoever only builds."""
    scalar = given.text("wallet")
    try:
        return Path(os.path.normpath(root / Path(scalar.value).expanduser()))
    except RuntimeError:
        msg = f"{given.named('wallet')} lies in the home of nobody known here"
        raise ManifestError(msg, where=scalar.where, help="write `~/`, or the whole path") from None
