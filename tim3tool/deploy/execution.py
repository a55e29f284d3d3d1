"""Carrying out a plan: spawns, then code, then set-up messages, and what is looked at when they are done."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from tim3tool.bundle import LineTable
from tim3tool.bundle.prelude import prerun_path
from tim3tool.deploy.crew import side_by_side
from tim3tool.deploy.deployment import DeployedProcess, DeployedSetup, Deployment
from tim3tool.deploy.expect import confirm
from tim3tool.deploy.running import read_back
from tim3tool.deploy.smoke import raise_failed, run_smoke
from tim3tool.errors import ManifestError, UsageError
from tim3tool.network.protocol import message_item, process_item
from tim3tool.project import spawn_waves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tim3tool.deploy.change import Plan
    from tim3tool.deploy.lines import KeptLines
    from tim3tool.deploy.sender import Sender
    from tim3tool.deploy.smoke import Smoked
    from tim3tool.deploy.wanted import Wants
    from tim3tool.network.port import Port
    from tim3tool.network.wallet import Wallet
    from tim3tool.project import ProcessSpec, SetupMessage

__all__ = ["Execution"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """Carries out a plan: what it says is signed with the ids that are known by then, and the sender sees to it.

    Args:
        wants: what the manifest asks for.
        port: the network.
        wallet: the owner of the processes.
        sender: sends what is signed.
        lines: where the line tables of code are kept.
        plan: what is to be done.
    """

    wants: Wants
    port: Port
    wallet: Wallet
    sender: Sender
    lines: KeptLines
    plan: Plan

    def carry_out(self) -> None:
        """Do it: all spawns, then all code, each side by side; then the set-up messages in the manifest's order.

        Set-up messages go one after the other because one may need what another has done, in any process.
        """
        for wave in spawn_waves(self.wants.manifest, self.plan.spawns):
            self._side_by_side(self._spawn, wave)
        self._side_by_side(
            self._evaluate, [change.name for change in self.plan.changes if change.code and not change.boots]
        )
        for change in self.plan.changes:
            planned = {each.name for each in change.setup}
            for message in self._spec(change.name).setup:
                if message.name in planned:
                    self._set_up(change.name, message)
                confirm(self.sender, change.name, message, self.wants.context(self._ids()))

    def read_back(self) -> None:
        """Make sure that the processes which this run gave code run it.

        Raises:
            ProcessFailed: one of them runs another bundle.
        """
        given = {step.process for step in self.sender.steps if step.kind != "setup"}
        packed = [each.name for each in self.plan.changes if each.name in given and self._spec(each.name).pack]
        self._side_by_side(self._read_back, packed)

    def smoke(self) -> tuple[Smoked, ...]:
        """Run the smoke checks of the processes of the plan.

        Raises:
            ProcessFailed: one of them failed.
        """
        specs = [self._spec(change.name) for change in self.plan.changes]
        ids = self._ids()
        smoked = run_smoke(specs, ids, port=self.port, context=self.wants.context(ids), lines=self.lines)
        raise_failed(smoked)
        return smoked

    def deployment(self, smoked: tuple[Smoked, ...]) -> Deployment:
        """Return what was done.

        Args:
            smoked: the smoke checks that passed.
        """
        return Deployment(
            network=self.sender.network,
            owner=self.wallet.address,
            processes=tuple(self._deployed(change.name) for change in self.plan.changes),
            changed=bool(self.sender.steps),
            sent=self.sender.sent,
            smoke=tuple(each.as_dict() for each in smoked),
        )

    def _side_by_side(self, do: Callable[[str], None], names: Sequence[str]) -> None:
        side_by_side([partial(do, name) for name in names], limit=self.port.terms.parallel)

    def _spawn(self, name: str) -> None:
        spec = self._spec(name)
        wanted = self.wants.spawn(spec, self._ids())
        boot = self.wants.code(spec, self._ids()) if spec.on_boot else b""
        with _blaming(spec):
            item = process_item(
                self.wallet,
                module=wanted.module,
                scheduler=wanted.scheduler,
                nonce=secrets.token_hex(8),
                authorities=wanted.authority,
                tags=wanted.tags,
                boot=boot,
                terms=self.port.terms,
            )
        record = wanted.record | (self._code_record(spec, boot) if boot else {})
        self.sender.send("spawn", name, item, record)

    def _evaluate(self, name: str) -> None:
        spec, process = self._spec(name), self.sender.state.processes[name]
        code = self.wants.code(spec, self._ids())
        if process.code_hash == hashlib.sha256(code).hexdigest() and not self.plan.change(name).drift:
            return
        item = message_item(self.wallet, target=process.id, tags=[("Action", "Eval")], data=code, terms=self.port.terms)
        self.sender.send("eval", name, item, self._code_record(spec, code))

    def _read_back(self, name: str) -> None:
        built, process = self.wants.bundles[name], self.sender.state.processes[name]
        read_back(name, process.id, built.build_hash, port=self.port, owner=self.wallet.address)

    def _code_record(self, spec: ProcessSpec, code: bytes) -> dict[str, object]:
        """Return what the state keeps of code that is about to be sent, and keep its lines."""
        bundle, code_hash = self.wants.bundles[spec.name], hashlib.sha256(code).hexdigest()
        self.lines.keep(code_hash, LineTable.of(bundle, prerun=prerun_path(spec, self.wants.manifest.root)))
        return {"build_hash": bundle.build_hash, "code_hash": code_hash, "modules": bundle.sources}

    def _set_up(self, name: str, message: SetupMessage) -> None:
        process = self.sender.state.processes[name]
        wanted = self.wants.message(message, self._ids())
        before = process.setup.get(message.name)
        if before and before.hash == wanted.hash:
            return
        with _blaming(message):
            item = message_item(
                self.wallet, target=process.id, tags=wanted.tags, data=wanted.data.encode(), terms=self.port.terms
            )
        self.sender.send("setup", name, item, {"setup": message.name, "hash": wanted.hash})

    def _deployed(self, name: str) -> DeployedProcess:
        process = self.sender.state.processes[name]
        steps = [step for step in self.sender.steps if step.process == name]
        kinds = {step.kind for step in steps}
        setups = {step.setup for step in steps}
        spawned: Literal["created", "replaced"] = "replaced" if process.replaced else "created"
        return DeployedProcess(
            name=name,
            id=process.id,
            action=spawned if "spawn" in kinds else "updated" if "eval" in kinds else "unchanged",
            build_hash=process.build_hash or "",
            code_hash=process.code_hash or "",
            setup=tuple(
                DeployedSetup(
                    name=message.name,
                    message=process.setup[message.name].message,
                    action="sent" if message.name in setups else "unchanged",
                )
                for message in self._spec(name).setup
            ),
            replaced=process.replaced,
        )

    def _spec(self, name: str) -> ProcessSpec:
        return self.wants.manifest.process(name)

    def _ids(self) -> dict[str, str]:
        return self.wants.ids({name: process.id for name, process in self.sender.state.processes.items()})


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
