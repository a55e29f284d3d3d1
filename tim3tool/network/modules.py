"""Modules by id: fetched from a gateway once, proven to be what the id stands for, and kept.

An id is the SHA-256 of a signature, and the signature covers the data: of an Arweave transaction through the root of a
Merkle tree, of a data item in a bundle through its deep hash. So no gateway has to be trusted.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tim3tool.errors import NetworkError, UsageError
from tim3tool.network import base64url, dataitem, transaction
from tim3tool.network.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tim3tool.network.gateway import Gateway

__all__ = ["module_file", "modules_folder"]

_MAX_BYTES: Final = 256 * 1024 * 1024
_KEPT: Final = 16  # modules
_STEP: Final = 8 * 1024 * 1024  # bytes between two lines about progress
_LOCK_SECONDS: Final = 1800.0

_QUESTION: Final = """query($ids: [ID!]!) { transactions(ids: $ids) { edges { node {
  id signature anchor recipient owner { key } tags { name value } } } } }"""


def modules_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of fetched modules.

    Args:
        environ: environment variables; it is ``modules`` in ``TIM3_HOME``, else ``tim3tool/modules`` under
            ``XDG_CACHE_HOME`` (when that is absolute) or ``~/.cache``.
    """
    if chosen := environ.get("TIM3_HOME"):
        return Path(chosen) / "modules"
    cache = Path(environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path("~/.cache").expanduser()) / "tim3tool" / "modules"


def module_file(module: str, *, gateway: Gateway, folder: Path, say: Callable[[str], object] = lambda _: None) -> Path:
    """Return the file of a module; a module that is kept already needs no network.

    Args:
        module: its id.
        gateway: who is asked for it.
        folder: where modules are kept, one file each: the name ends in the SHA-256 of the contents, which is checked
            again on each use. It is made when it is missing. The latest 16 stay.
        say: is told what is going on.

    Raises:
        NetworkError: the gateway does not have it, failed, or gave other bytes than those of the id.
        UsageError: the folder cannot be used.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - most runs have no use for it

    if (kept := _kept(module, folder)) is not None:
        return kept
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
            return _kept(module, folder) or _keep(module, folder, _fetched(module, gateway, say))
    except OSError as problem:
        msg = f"modules cannot be kept in `{folder}`: {problem.strerror}"
        raise UsageError(msg, help="name a folder that can be written to in TIM3_HOME") from None
    except Timeout:
        msg = f"another run has been fetching a module into `{folder}` for {_LOCK_SECONDS:.0f} s"
        raise UsageError(msg, help="end the other run, then repeat the command") from None


def _kept(module: str, folder: Path) -> Path | None:
    """Return a module's file when its contents are those that were written."""
    for path in folder.glob(f"{module}.*.wasm"):
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            continue
        if path.name == _name(module, digest):
            os.utime(path)
            return path
    return None


def _name(module: str, digest: str) -> str:
    return f"{module}.{digest}.wasm"


def _keep(module: str, folder: Path, data: bytes) -> Path:
    for spoiled in folder.glob(f"{module}.*.wasm"):
        spoiled.unlink()
    path = folder / _name(module, hashlib.sha256(data).hexdigest())
    write_whole(path, data, mode=0o600)
    latest = sorted(folder.glob("*.wasm"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for old in latest[_KEPT:]:
        old.unlink(missing_ok=True)
    return path


def _fetched(module: str, gateway: Gateway, say: Callable[[str], object]) -> bytes:
    """Return the bytes of a module, checked."""
    say(f"fetching module {module} from {gateway.url}")
    proof = _proof(module, gateway)
    shown = 0

    def progress(size: int) -> None:
        nonlocal shown
        if size >= shown + _STEP:
            shown = size
            say(f"  {size / 1e6:,.0f} MB")

    for path in (f"/raw/{module}", f"/{module}"):
        data = gateway.download(path, limit=_MAX_BYTES, progress=progress)
        if data is not None:
            if not proof(data):
                msg = f"the gateway {gateway.url} gave other data than that of module {module}"
                raise NetworkError(msg, help="name another gateway with --gateway or TIM3_GATEWAY")
            say(f"module {module}: {len(data):,} bytes, signature and contents checked")
            return data
    msg = f"the gateway {gateway.url} knows module {module} but has not its data"
    raise NetworkError(msg, help="name another gateway with --gateway or TIM3_GATEWAY")


def _proof(module: str, gateway: Gateway) -> Callable[[bytes], bool]:
    """Return what tells whether data is that of the id, from what the gateway says of its signature."""
    header = gateway.document(f"/tx/{module}")
    if isinstance(header, dict) and header.get("signature"):
        parsed = transaction.parse(header)
        _check_id(module, parsed.id, gateway)
        return lambda data: transaction.verify(parsed, data)
    answer = gateway.document("/graphql", {"query": _QUESTION, "variables": {"ids": [module]}})
    node = _node(module, answer, gateway)
    return lambda data: any(dataitem.verify(item) for item in _items(module, node, data, gateway))


def _node(module: str, answer: Any, gateway: Gateway) -> dict[str, Any]:
    try:
        nodes = [edge["node"] for edge in answer["data"]["transactions"]["edges"]]
        found: dict[str, Any] | None = next((node for node in nodes if node["id"] == module), None)
    except (KeyError, TypeError):
        msg = f"the gateway {gateway.url} answered a GraphQL query with something else"
        raise NetworkError(msg, help="name another gateway with --gateway or TIM3_GATEWAY") from None
    if found is None:
        msg = f"the gateway {gateway.url} has no module {module}"
        raise NetworkError(msg, help="check the id, or name another gateway with --gateway or TIM3_GATEWAY")
    return found


def _items(module: str, node: dict[str, Any], data: bytes, gateway: Gateway) -> Iterator[dataitem.DataItem]:
    """Yield the data items that a GraphQL node and data may be: gateways write anchors in two ways."""
    try:
        signature = base64url.decode(node["signature"])
        owner = base64url.decode(node["owner"]["key"])
        target = base64url.decode(node.get("recipient") or "")
        tags = [(str(tag["name"]), str(tag["value"])) for tag in node["tags"]]
        anchors = _anchors(node.get("anchor") or "")
        for anchor in anchors:
            item = dataitem.assemble(
                signature=signature, owner=owner, target=target, anchor=anchor, tags=tags, data=data
            )
            _check_id(module, item.id, gateway)
            yield item
    except (KeyError, TypeError, ValueError, AttributeError, UsageError):
        msg = f"the gateway {gateway.url} does not say enough of module {module} to check it"
        hint = (
            "it must tell signature and owner of an Arweave key; name another gateway, or give the file of the module"
        )
        raise NetworkError(msg, help=hint) from None


def _anchors(text: str) -> list[bytes]:
    """Return what an anchor of a GraphQL answer may stand for: base64url of the bytes, or the bytes as text."""
    try:
        decoded = [base64url.decode(text)]
    except ValueError:
        decoded = []
    return [anchor for anchor in (*decoded, text.encode()) if len(anchor) in (0, 32)]


def _check_id(module: str, signed: str, gateway: Gateway) -> None:
    if signed != module:
        msg = f"the gateway {gateway.url} answered for {signed} when asked for {module}"
        raise NetworkError(msg, help="name another gateway with --gateway or TIM3_GATEWAY")
