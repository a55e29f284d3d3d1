"""What a deploy would do: what a manifest wants of a network, compared with what the state says is there.

A plan signs nothing, sends nothing and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tim3tool.deploy.change import AFTER_SPAWN, Change, Fact, Plan, PlannedSetup, SourceChanges
from tim3tool.deploy.drift import Seen
from tim3tool.deploy.wanted import UNKNOWN_IDS
from tim3tool.errors import LimitExceeded, ManifestError, StateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tim3tool.deploy.change import ChangeKind
    from tim3tool.deploy.drift import Drift
    from tim3tool.deploy.state import ProcessState, State
    from tim3tool.deploy.wanted import WantedSpawn, Wants
    from tim3tool.network.terms import Terms
    from tim3tool.project import Manifest, ProcessSpec

__all__ = ["chosen", "make_plan", "refuse", "to_replace"]

_UNSEEN: Final = Seen(lost=frozenset(), drift={})
_AS_DEPLOYED: Final = "as it was deployed"


def chosen(manifest: Manifest, only: Iterable[str] | None) -> tuple[str, ...]:
    """Return the names of the processes to deploy, in the order of the manifest.

    Args:
        manifest: the manifest.
        only: names that the user gives; None for all.

    Raises:
        UsageError: there is no such process.
    """
    wanted = None if only is None else {manifest.process(name).name for name in only}
    return tuple(name for name in manifest.processes if wanted is None or name in wanted)


def make_plan(
    wants: Wants,
    names: Collection[str],
    *,
    state: State,
    replace: Collection[str] = (),
    seen: Seen = _UNSEEN,
    unfinished: bool = False,
) -> Plan:
    """Return what there is to do for a network to run what a manifest says.

    Args:
        wants: what the manifest wants.
        names: the processes it is made for.
        state: what is on the network.
        replace: names of those to spawn anew; see `to_replace`.
        seen: what the network says of those in the state.
        unfinished: there is a journal of an earlier deploy.

    Raises:
        ManifestError: a reference has no value.
        LuaSyntaxError: a prerun file is no Lua that fits before its bundle.
    """
    specs = [spec for spec in wants.manifest.processes.values() if spec.name in names]
    fresh = {spec.name for spec in specs if spec.name not in state.processes or spec.name in replace}
    known = {name: process.id for name, process in state.processes.items()}
    first, second = (wants.ids(known, fresh, stand_in) for stand_in in UNKNOWN_IDS)
    compared = _Compared(wants=wants, ids=first, other_ids=second if fresh else first)
    changes = []
    for spec in specs:
        process = state.processes.get(spec.name)
        if process is None:
            changes.append(compared.fresh(spec, "create"))
        elif spec.name in replace:
            changes.append(compared.fresh(spec, "replace", process))
        else:
            drift = seen.drift.get(spec.name, ())
            changes.append(compared.living(spec, process, lost=spec.name in seen.lost, drift=drift))
    return Plan(network=wants.network, owner=wants.owner, changes=tuple(changes), unfinished=unfinished)


def to_replace(wanted: Iterable[str], names: Collection[str], state: State) -> list[str]:
    """Return which processes a run is to replace, of those that the user names.

    One that was not spawned yet is simply created. One that a run which has not ended yet has replaced already is what
    the user wanted of it, and stays.

    Args:
        wanted: the names that the user gives.
        names: the processes that are deployed.
        state: what is on the network.

    Raises:
        UsageError: a name is not deployed by this run.
    """
    before = state.run.replaces if state.run else {}
    told = []
    for name in wanted:
        if name not in names:
            msg = f"`{name}` cannot be replaced: this command does not deploy it"
            known = ", ".join(f"`{each}`" for each in names)
            raise UsageError(msg, help=f"it deploys {known}")
        process = state.processes.get(name)
        if process is not None and before.get(name) in (None, process.id):
            told.append(name)
    return told


def refuse(plan: Plan, wants: Wants, *, terms: Terms) -> None:
    """Refuse a plan that cannot be carried out, before anything is sent.

    Args:
        plan: the plan.
        wants: what it was made of.
        terms: what the network takes.

    Raises:
        StateError: the network has lost a process, or one obeys another wallet.
        ManifestError: what a living process was spawned with differs, and the user has not told to replace it.
        LimitExceeded: code is larger than a message may be.
    """
    _refuse_lost(plan)
    _refuse_untold(plan, wants)
    _refuse_disobedient(plan)
    # The ids in it all have one length, so that code is as long with the right ones.
    ids = dict.fromkeys(wants.manifest.processes, UNKNOWN_IDS[0])
    for change in plan.changes:
        spec = wants.manifest.process(change.name)
        size = len(wants.code(spec, ids)) if change.code else 0
        hint = "minify it (`minify: full`), require fewer Lua modules, or split the process in two"
        if change.boots and size > terms.boot_bytes:
            msg = f"the code of `{spec.name}` has {size:,} bytes; a spawn may carry {terms.boot_bytes:,}"
            raise LimitExceeded(msg, where=spec.where, help=f"leave `onBoot` out; or {hint}")
        if size > terms.eval_bytes:
            item = size + terms.max_bytes - terms.eval_bytes
            msg = f"the Eval of `{spec.name}` has {item:,} bytes; a message may have {terms.max_bytes:,}"
            raise LimitExceeded(msg, where=spec.where, help=hint)


def _refuse_lost(plan: Plan) -> None:
    lost = [change for change in plan.changes if change.kind == "lost"]
    if lost:
        first = lost[0]
        msg = f"network `{plan.network}` does not have process `{first.id}`, which is `{first.name}` in its state"
        notes = [f"nor `{each.id}`, which is `{each.name}`" for each in lost[1:]]
        told = " ".join(f"--replace {each.name}" for each in lost)
        raise StateError(msg, notes=notes, help=f"check the addresses of the network; or run with {told} to spawn anew")


def _refuse_untold(plan: Plan, wants: Wants) -> None:
    untold = [change for change in plan.changes if change.kind == "replace" and not change.told]
    if untold:
        notes = [f"`{change.name}`: {fact}" for change in untold for fact in change.facts]
        msg = f"`{untold[0].name}` was spawned with what a living process cannot change"
        told = " ".join(f"--replace {change.name}" for change in plan.changes if change.kind == "replace")
        hint = f"take the change back; or run with {told}: a new process, with a new id and an empty state"
        raise ManifestError(msg, where=wants.manifest.process(untold[0].name).where, notes=notes, help=hint)


def _refuse_disobedient(plan: Plan) -> None:
    names = [change.name for change in plan.changes if change.kind == "drift" and change.disobeys]
    if names:
        msg = f"process `{names[0]}` does not obey wallet `{plan.owner}` any more"
        notes = [f"nor does `{name}`" for name in names[1:]]
        told = " ".join(f"--replace {name}" for name in names)
        hint = f"its new owner must give it back; or run with {told} to spawn anew, or with --only for the others"
        raise StateError(msg, notes=notes, help=hint)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compared:
    """Compares what is wanted with what is there; the ids that are not known yet are once this and once that."""

    wants: Wants
    ids: Mapping[str, str]
    other_ids: Mapping[str, str]

    def fresh(self, spec: ProcessSpec, kind: ChangeKind, process: ProcessState | None = None) -> Change:
        """Return the change that spawns a process."""
        wanted = self.wants.spawn(spec, self.ids)
        code_hash, _ = self._code(spec)
        added = tuple(sorted(self.wants.bundles[spec.name].sources))
        return Change(
            name=spec.name,
            kind=kind,
            id=process.id if process else None,
            told=process is not None,
            facts=_facts(process, wanted) if process else (),
            code=True,
            boots=spec.on_boot,
            code_hash=code_hash,
            sources=SourceChanges(added=added, changed=(), removed=()),
            setup=self._setup(spec, None),
        )

    def living(self, spec: ProcessSpec, process: ProcessState, *, lost: bool, drift: tuple[Drift, ...]) -> Change:
        """Return the change of a process that is there."""
        facts = _facts(process, self.wants.spawn(spec, self.ids))
        code_hash, differs = self._code(spec, process.code_hash)
        setup = self._setup(spec, process)
        kinds = {each.kind for each in drift} - {"silent"}
        again = not differs and bool(kinds) and "owner" not in kinds
        kind: ChangeKind = "update" if differs else "drift" if kinds else "setup" if setup else "none"
        kind = "lost" if lost else "replace" if facts else "drift" if "owner" in kinds else kind
        sources = _sources(process, self.wants.bundles[spec.name].sources) if differs else None
        why = self._why(spec, process, sources) if differs else _AS_DEPLOYED if again else None
        return Change(
            name=spec.name,
            kind=kind,
            id=process.id,
            facts=facts,
            code=differs or again,
            code_hash=code_hash if differs or again else None,
            sources=sources,
            why=why,
            setup=setup,
            drift=() if lost else drift,
        )

    def _code(self, spec: ProcessSpec, before: str | None = None) -> tuple[str | None, bool]:
        """Return the hash of the code, None where it is not known yet, and whether it differs from what runs."""
        code_hash = self.wants.code_hash(spec, self.ids)
        if self._same_ids or self.wants.code_hash(spec, self.other_ids) == code_hash:
            return code_hash, code_hash != before
        return None, True

    def _setup(self, spec: ProcessSpec, process: ProcessState | None) -> tuple[PlannedSetup, ...]:
        planned = []
        for message in spec.setup:
            wanted = self.wants.message(message, self.ids)
            after_spawn = not self._same_ids and self.wants.message(message, self.other_ids) != wanted
            before = process.setup.get(message.name) if process else None
            if before is None or after_spawn or before.hash != wanted.hash:
                kind: Literal["new", "changed"] = "changed" if before else "new"
                planned.append(PlannedSetup(name=message.name, kind=kind, after_spawn=after_spawn))
        return tuple(planned)

    def _why(self, spec: ProcessSpec, process: ProcessState, sources: SourceChanges | None) -> str | None:
        if process.code_hash is None:
            return "the process has none yet"
        if sources is None or sources:
            return None
        if process.build_hash != self.wants.bundles[spec.name].build_hash:
            return "options of the bundle"
        return "ids, constants or Lua in front of the bundle"

    @property
    def _same_ids(self) -> bool:
        return self.ids is self.other_ids


def _facts(process: ProcessState, wanted: WantedSpawn) -> tuple[Fact, ...]:
    """Return what differs of what is fixed by the spawn; what is not known of the process is taken as equal."""
    facts = []
    if process.module not in (None, wanted.module):
        facts.append(Fact(name="module", old=process.module, new=wanted.module))
    if process.scheduler not in (None, wanted.scheduler):
        facts.append(Fact(name="scheduler", old=process.scheduler, new=wanted.scheduler))
    if process.authority is not None and process.authority != wanted.authority:
        old, new = (", ".join(each) for each in (process.authority, wanted.authority))
        facts.append(Fact(name="authority", old=old or None, new=_shown(new)))
    if process.tags is not None and process.tags != wanted.tags:
        facts += _tag_facts(process.tags, wanted.tags)
    return tuple(facts)


def _tag_facts(old: Collection[tuple[str, str]], new: Collection[tuple[str, str]]) -> list[Fact]:
    facts = []
    for name in dict.fromkeys(name for name, _ in (*old, *new)):
        before, after = (", ".join(value for tag, value in tags if tag == name) for tags in (old, new))
        if before != after:
            facts.append(Fact(name=f"tag {name}", old=before or None, new=_shown(after)))
    return facts or [
        Fact(name="order of tags", old=", ".join(name for name, _ in old), new=", ".join(name for name, _ in new))
    ]


def _shown(value: str) -> str | None:
    return value.replace(UNKNOWN_IDS[0], AFTER_SPAWN) or None


def _sources(process: ProcessState, now: Mapping[str, str]) -> SourceChanges | None:
    before = process.modules if process.code_hash else {}
    if before is None:
        return None
    return SourceChanges(
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
        removed=tuple(sorted(before.keys() - now.keys())),
    )
