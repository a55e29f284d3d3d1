"""Deploying a manifest: spawn all that is missing, give each process its code, send its set-up messages."""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from tim3tool.bundle import LineTable
from tim3tool.bundle.prelude import eval_data, prerun_path
from tim3tool.deploy.journal import journal_path
from tim3tool.deploy.lines import KeptLines
from tim3tool.deploy.lock import holding
from tim3tool.deploy.sender import Sender
from tim3tool.errors import LimitExceeded, ManifestError, UsageError
from tim3tool.network.protocol import message_item, process_item
from tim3tool.project import STANDARD_AUTHORITY, STANDARD_SCHEDULER, Context, config_of, render, spawn_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tim3tool.bundle import Bundle
    from tim3tool.deploy.sender import Step
    from tim3tool.network.port import Port
    from tim3tool.network.wallet import Wallet
    from tim3tool.project import Manifest, ProcessSpec, SetupMessage

__all__ = ["DeployedProcess", "DeployedSetup", "Deployment", "deploy"]


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
    action: Literal["created", "updated", "unchanged"]
    build_hash: str
    code_hash: str
    setup: tuple[DeployedSetup, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """What a deploy did.

    Args:
        network: the network's name.
        owner: address of the wallet that owns the processes.
        processes: in the order of the manifest.
        changed: whether this run did anything.
        sent: how many data items it sent.
    """

    network: str
    owner: str
    processes: tuple[DeployedProcess, ...]
    changed: bool
    sent: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def deploy(
    manifest: Manifest,
    bundles: Mapping[str, Bundle],
    *,
    port: Port,
    wallet: Wallet,
    environ: Mapping[str, str],
    report: Callable[[Step], None],
) -> Deployment:
    """Make a network run what a manifest says; what it runs already is left alone.

    Args:
        manifest: the manifest; its folder holds ``.tim3``.
        bundles: by process name; only these processes are deployed.
        port: the network.
        wallet: the owner of the processes.
        environ: environment variables that the manifest may refer to.
        report: called after each step.

    Returns:
        What was done.

    Raises:
        ManifestError: a reference has no value, or a tag cannot be sent.
        ProcessFailed: a process answered with an error; the steps before it are done.
        LimitExceeded: a bundle is larger than a message may be.
        NetworkError: the network did not answer; the next run goes on from there.
        StateError: what an earlier run left cannot be used.
        LockHeld: another run is deploying to the network.
    """
    with holding(journal_path(manifest.root, port.name).with_suffix(".lock"), network=port.name):
        sender = Sender(port=port, owner=wallet.address, root=manifest.root, report=report)
        lines = KeptLines(manifest.root)
        run = _Run(
            manifest=manifest, bundles=bundles, port=port, wallet=wallet, environ=environ, sender=sender, lines=lines
        )
        sender.take_up()
        run.check_sizes()
        for name in spawn_order(manifest, [name for name in bundles if name not in sender.state.processes]):
            run.spawn(manifest.process(name))
        for spec in run.specs:
            run.evaluate(spec)
        for spec in run.specs:
            for message in spec.setup:
                run.set_up(spec, message)
        return run.deployment()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """What a deploy wants of the network, step by step; the sender sees to it."""

    manifest: Manifest
    bundles: Mapping[str, Bundle]
    port: Port
    wallet: Wallet
    environ: Mapping[str, str]
    sender: Sender
    lines: KeptLines

    def spawn(self, spec: ProcessSpec) -> None:
        context = self._context()
        scheduler = self._own(self.port.scheduler, spec.scheduler, STANDARD_SCHEDULER)
        authority = [
            self._own(self.port.authority, render(each, context), STANDARD_AUTHORITY) for each in spec.authority
        ]
        tags = [(tag.name, render(tag.value, context)) for tag in spec.tags]
        with _blaming(spec):
            item = process_item(
                self.wallet,
                module=spec.module,
                scheduler=scheduler,
                nonce=secrets.token_hex(8),
                authorities=authority,
                tags=tags,
                terms=self.port.terms,
            )
        record = {
            "module": spec.module,
            "scheduler": scheduler,
            "authority": authority,
            "tags": [list(tag) for tag in tags],
        }
        self.sender.send("spawn", spec.name, item, record)

    def check_sizes(self) -> None:
        """Refuse code that no message can carry, before anything is sent; ids all have one length."""
        ids = dict.fromkeys(self.manifest.processes, "-" * 43) | self._ids()
        most, room = self.port.terms.max_bytes, self.port.terms.eval_bytes
        for spec in self.specs:
            size = len(self._code(spec, ids))
            if size > room:
                item = size + most - room
                msg = f"the Eval of `{spec.name}` has {item:,} bytes; a message may have {most:,}"
                hint = "minify it (`minify: full`), require fewer Lua modules, or split the process in two"
                raise LimitExceeded(msg, where=spec.where, help=hint)

    def evaluate(self, spec: ProcessSpec) -> None:
        process, bundle = self.sender.state.processes[spec.name], self.bundles[spec.name]
        code = self._code(spec, self._ids())
        code_hash = hashlib.sha256(code).hexdigest()
        if process.code_hash == code_hash:
            return
        item = message_item(self.wallet, target=process.id, tags=[("Action", "Eval")], data=code, terms=self.port.terms)
        self.lines.keep(code_hash, LineTable.of(bundle, prerun=prerun_path(spec, self.manifest.root)))
        record = {"build_hash": bundle.build_hash, "code_hash": code_hash, "modules": bundle.sources}
        self.sender.send("eval", spec.name, item, record)

    def set_up(self, spec: ProcessSpec, message: SetupMessage) -> None:
        process = self.sender.state.processes[spec.name]
        context = self._context()
        tags = [(tag.name, render(tag.value, context)) for tag in message.tags]
        data = render(message.data, context)
        digest = hashlib.sha256(json.dumps([tags, data]).encode()).hexdigest()
        before = process.setup.get(message.name)
        if before and before.hash == digest:
            return
        with _blaming(message):
            item = message_item(self.wallet, target=process.id, tags=tags, data=data.encode(), terms=self.port.terms)
        self.sender.send("setup", spec.name, item, {"setup": message.name, "hash": digest})

    def deployment(self) -> Deployment:
        return Deployment(
            network=self.sender.network,
            owner=self.wallet.address,
            processes=tuple(self._deployed(spec) for spec in self.specs),
            changed=bool(self.sender.steps),
            sent=self.sender.sent,
        )

    def _deployed(self, spec: ProcessSpec) -> DeployedProcess:
        process = self.sender.state.processes[spec.name]
        steps = [step for step in self.sender.steps if step.process == spec.name]
        kinds = {step.kind for step in steps}
        setups = {step.setup for step in steps}
        return DeployedProcess(
            name=spec.name,
            id=process.id,
            action="created" if "spawn" in kinds else "updated" if "eval" in kinds else "unchanged",
            build_hash=process.build_hash or "",
            code_hash=process.code_hash or "",
            setup=tuple(
                DeployedSetup(
                    name=message.name,
                    message=process.setup[message.name].message,
                    action="sent" if message.name in setups else "unchanged",
                )
                for message in spec.setup
            ),
        )

    @property
    def specs(self) -> list[ProcessSpec]:
        return [spec for spec in self.manifest.processes.values() if spec.name in self.bundles]

    @staticmethod
    def _own(of_network: str | None, given: str, usual: str) -> str:
        """Return the network's own address where the manifest gives AO's usual one."""
        return of_network if of_network is not None and given == usual else given

    def _code(self, spec: ProcessSpec, ids: Mapping[str, str]) -> bytes:
        config = config_of(spec, self.manifest.network(self.sender.network), self._context(ids))
        return eval_data(spec, self.bundles[spec.name], ids=ids, config=config, root=self.manifest.root)

    def _context(self, ids: Mapping[str, str] | None = None) -> Context:
        return Context(
            processes=self._ids() if ids is None else ids,
            network=self.sender.network,
            owner=self.wallet.address,
            bundles={name: bundle.sha256 for name, bundle in self.bundles.items()},
            env=self.environ,
        )

    def _ids(self) -> dict[str, str]:
        known = self.sender.state.processes
        return {name: known[name].id for name in self.manifest.processes if name in known}


@contextmanager
def _blaming(given: ProcessSpec | SetupMessage) -> Iterator[None]:
    """Say where in the manifest stands what cannot be sent."""
    try:
        yield
    except UsageError as error:
        raise ManifestError(error.message, where=given.where, help=error.help) from None
    except UnicodeEncodeError:
        msg = "the data is not Unicode"
        raise ManifestError(msg, where=given.where) from None
