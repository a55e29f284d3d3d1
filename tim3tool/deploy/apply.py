"""Deploying a manifest: spawn all that is missing, give each process its code, send its set-up messages."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from tim3tool.bundle import LineTable
from tim3tool.bundle.prelude import prerun_path
from tim3tool.deploy.crew import side_by_side
from tim3tool.deploy.drift import look
from tim3tool.deploy.expect import confirm
from tim3tool.deploy.journal import journal_path
from tim3tool.deploy.lines import KeptLines
from tim3tool.deploy.lock import holding
from tim3tool.deploy.plan import chosen, make_plan, refuse, to_replace
from tim3tool.deploy.running import read_back
from tim3tool.deploy.saved import check_saved, save_plan
from tim3tool.deploy.sender import Sender
from tim3tool.deploy.smoke import check_askers, raise_failed, run_smoke
from tim3tool.deploy.state import Run, state_of
from tim3tool.deploy.wanted import Wants
from tim3tool.errors import ManifestError, UsageError
from tim3tool.network.protocol import message_item, process_item
from tim3tool.project import spawn_waves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tim3tool.bundle import Bundle
    from tim3tool.deploy.change import Plan
    from tim3tool.deploy.saved import SavedPlan
    from tim3tool.deploy.sender import Step
    from tim3tool.deploy.smoke import Smoked
    from tim3tool.deploy.state import State
    from tim3tool.network.port import Port
    from tim3tool.network.wallet import Wallet
    from tim3tool.project import Manifest, ProcessSpec, SetupMessage

__all__ = ["DeployedProcess", "DeployedSetup", "Deployment", "deploy", "plan"]


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


def plan(
    manifest: Manifest,
    bundles: Mapping[str, Bundle],
    *,
    port: Port,
    owner: str,
    environ: Mapping[str, str],
    only: Sequence[str] | None = None,
    replace: Sequence[str] = (),
    save: Path | None = None,
) -> Plan:
    """Return what a deploy would do; the network is asked, and nothing changes there or here.

    Args:
        manifest: the manifest; its folder holds ``.tim3``.
        bundles: by process name.
        port: the network.
        owner: address of the wallet that owns the processes.
        environ: environment variables that the manifest may refer to.
        only: names of the processes to deploy; None for all that there are bundles of.
        replace: names of those to spawn anew.
        save: a file to write the plan to.

    Raises:
        ManifestError: a reference has no value.
        LimitExceeded: a bundle is larger than a message may be.
        NetworkError: the network did not answer.
        StateError: the state cannot be used, or `save` is given and an earlier deploy was stopped.
        UsageError: a name is not in the manifest, or the file cannot be written.
    """
    manifest = manifest.on(port.name)
    state = state_of(manifest.root, port=port, owner=owner)
    made = _Planning(
        manifest, bundles, port=port, owner=owner, environ=environ, only=only, replace=replace, state=state
    )
    planned = made.plan(state, unfinished=journal_path(manifest.root, port.name).exists())
    if save is not None:
        made.refuse(planned)
        save_plan(save, planned, made.wants, state=state, only=only, replace=replace)
    return planned


def deploy(
    manifest: Manifest,
    bundles: Mapping[str, Bundle],
    *,
    port: Port,
    wallet: Wallet,
    environ: Mapping[str, str],
    report: Callable[[Step], None],
    only: Sequence[str] | None = None,
    replace: Sequence[str] = (),
    saved: SavedPlan | None = None,
    review: Callable[[Plan], None] = lambda _: None,
    smoke: bool = True,
) -> Deployment:
    """Make a network run what a manifest says; what it runs already is left alone.

    Args:
        manifest: the manifest; its folder holds ``.tim3``.
        bundles: by process name.
        port: the network.
        wallet: the owner of the processes.
        environ: environment variables that the manifest may refer to.
        report: called after each step.
        only: names of the processes to deploy; None for all that there are bundles of.
        replace: names of those to spawn anew; their old ids stay in the state.
        saved: a plan to carry out, in place of `only` and `replace`.
        review: called with the plan before anything is sent; it may raise.
        smoke: at the end, read back what the processes run that got code, and run the smoke checks.

    Returns:
        What was done.

    Raises:
        ManifestError: a reference has no value, a tag cannot be sent, or a process needs to be replaced.
        ProcessFailed: a process answered with an error, or not as expected; the steps before it are done.
        LimitExceeded: a bundle is larger than a message may be.
        NetworkError: the network did not answer, and nothing was sent.
        Unfinished: it fell silent half-way; the next run goes on from there.
        StateError: what an earlier run left cannot be used.
        PlanStale: the saved plan was made for another world.
        LockHeld: another run is deploying to the network.
    """
    manifest = manifest.on(port.name)
    journal = journal_path(manifest.root, port.name)
    with holding(journal.with_suffix(".lock"), network=port.name):
        sender = Sender(port=port, owner=wallet.address, root=manifest.root, report=report)
        unfinished = journal.exists()
        if saved is not None:
            only, replace = saved.only, saved.replace
        planning = _Planning(
            manifest,
            bundles,
            port=port,
            owner=wallet.address,
            environ=environ,
            only=only,
            replace=replace,
            state=sender.state,
        )
        with sender.answering():
            planned = planning.plan(sender.state, unfinished=unfinished)
            if saved is not None:
                check_saved(saved, planned, planning.wants, state=sender.state)
            if not unfinished:  # else what was left may be just what makes the plan another
                planning.refuse(planned)
            if smoke:
                check_askers(map(manifest.process, planning.names), port=port)
            review(planned)
            sender.mark(_begun(sender.state, planned, saved))
            if unfinished:
                sender.take_up(dropped=[*planned.spawns, *planned.lost])
                planning.look(sender.state)  # what was under way may have been what seemed a drift
                planned = planning.plan(sender.state)
                planning.refuse(planned)
            run = _Run(
                wants=planning.wants,
                port=port,
                wallet=wallet,
                sender=sender,
                lines=KeptLines(manifest.root),
                plan=planned,
            )
            run.carry_out()
            sender.mark(None)
            if smoke:
                run.read_back()
            return run.deployment(run.smoke() if smoke else ())


class _Planning:
    """Makes plans for one network of what the user asked for."""

    def __init__(
        self,
        manifest: Manifest,
        bundles: Mapping[str, Bundle],
        *,
        port: Port,
        owner: str,
        environ: Mapping[str, str],
        only: Sequence[str] | None,
        replace: Sequence[str],
        state: State,
    ) -> None:
        self.names = chosen(manifest, list(bundles) if only is None else only)
        self._replace = tuple(replace)
        self._port = port
        self._bundles = bundles
        self._specs = [manifest.process(name) for name in self.names]
        self.look(state)
        self.wants = Wants.on(port, manifest, bundles, owner=owner, environ=environ)

    def look(self, state: State) -> None:
        """Ask the network what became of the processes of a state; what they run, where that is what is wanted."""
        told = to_replace(self._replace, self.names, state)  # refuses a wrong name before the network is asked
        asked = {
            spec.name: spec.pack
            for spec in self._specs
            if spec.name not in told and state.runs(spec.name, self._bundles[spec.name].build_hash)
        }
        self._seen = look(self._port, state, asked=asked)

    def plan(self, state: State, *, unfinished: bool = False) -> Plan:
        """Return what there is to do when the network is as a state says."""
        replace = to_replace(self._replace, self.names, state)
        return make_plan(self.wants, self.names, state=state, replace=replace, seen=self._seen, unfinished=unfinished)

    def refuse(self, planned: Plan) -> None:
        """Refuse a plan that cannot be carried out; see `tim3tool.deploy.plan.refuse`."""
        refuse(planned, self.wants, terms=self._port.terms)


def _begun(state: State, planned: Plan, saved: SavedPlan | None) -> Run | None:
    """Return what the next run must know of this one, should it be stopped, beside what the journal says."""
    before = state.run.replaces if state.run else {}
    told = {change.name: change.id for change in planned.changes if change.told and change.id}
    if saved is None and not before and not told:
        return None
    return Run(plan=saved.digest if saved else None, replaces={**before, **told})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """Carries out a plan: what it says is signed with the ids that are known by then, and the sender sees to it."""

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
