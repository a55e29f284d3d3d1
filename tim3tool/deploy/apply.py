"""Deploying a manifest: spawn all that is missing, give each process its code, send its set-up messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tim3tool.deploy.drift import look
from tim3tool.deploy.execution import Execution
from tim3tool.deploy.journal import journal_path
from tim3tool.deploy.lines import KeptLines
from tim3tool.deploy.lock import holding
from tim3tool.deploy.plan import chosen, make_plan, refuse, to_replace
from tim3tool.deploy.saved import check_saved, save_plan
from tim3tool.deploy.sender import Sender
from tim3tool.deploy.smoke import check_askers
from tim3tool.deploy.state import Run, state_of
from tim3tool.deploy.wanted import Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tim3tool.bundle import Bundle
    from tim3tool.deploy.change import Plan
    from tim3tool.deploy.deployment import Deployment
    from tim3tool.deploy.saved import SavedPlan
    from tim3tool.deploy.sender import Step
    from tim3tool.deploy.state import State
    from tim3tool.network.port import Port
    from tim3tool.network.wallet import Wallet
    from tim3tool.project import Manifest

__all__ = ["deploy", "plan"]


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
            run = Execution(
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
