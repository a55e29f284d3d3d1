"""What a deploy does to each process, as values."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from tim3tool.deploy.drift import Drift

__all__ = ["AFTER_SPAWN", "Change", "ChangeKind", "Fact", "Plan", "PlannedSetup", "SourceChanges"]

ChangeKind = Literal["create", "update", "drift", "setup", "replace", "lost", "none"]
AFTER_SPAWN: Final = "(known after spawn)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something that a living process cannot be given, and that differs.

    Args:
        name: ``module``, ``scheduler``, ``authority``, or ``tag NAME``.
        old: what it was spawned with; None for a tag that it does not have.
        new: what the manifest says; None for a tag that it does not give.
    """

    name: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.name}: {self.old or 'none'} -> {self.new or 'none'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceChanges:
    """How the sources of a bundle differ from those that run: Lua modules by name, other files by path; sorted."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        """Return it in one line: ``+ added ~ changed - removed``."""
        signs = (("+", self.added), ("~", self.changed), ("-", self.removed))
        return " ".join(f"{sign} {name}" for sign, names in signs for name in names)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedSetup:
    """A set-up message that will be sent.

    Args:
        name: its name.
        kind: whether the process has handled one of that name.
        after_spawn: it holds an id that is known only when a process is spawned.
    """

    name: str
    kind: Literal["new", "changed"]
    after_spawn: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What will be done to a process.

    Args:
        name: its name.
        kind: ``create``; ``update`` (code, and perhaps set-up messages); ``drift`` (likewise, though the code is what
            it was deployed with); ``setup`` (messages alone); ``replace`` (it is spawned anew); ``lost`` (the network
            does not have it any more); ``none``.
        id: its id now; None before it is spawned.
        told: the user has told to replace it.
        facts: why it must be replaced.
        code: whether it gets code.
        boots: that code goes with its spawn.
        code_hash: sha256 of that code; None where it depends on ids that are not known before a spawn.
        sources: how its sources differ; None where it is not known which ones it runs.
        why: what else makes its code another, in words.
        setup: the set-up messages that will be sent.
        drift: what became of it since it was deployed, where it was asked; a `silent` one changes nothing.
    """

    name: str
    kind: ChangeKind
    id: str | None = None
    told: bool = False
    facts: tuple[Fact, ...] = ()
    code: bool = False
    boots: bool = False
    code_hash: str | None = None
    sources: SourceChanges | None = None
    why: str | None = None
    setup: tuple[PlannedSetup, ...] = ()
    drift: tuple[Drift, ...] = ()

    @property
    def spawns(self) -> bool:
        """Whether the process gets a new id."""
        return self.kind == "create" or (self.kind == "replace" and self.told)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be found out of it."""
        return tuple(each.message for each in self.drift if each.kind == "silent")

    @property
    def disobeys(self) -> bool:
        """Whether it would not evaluate code of the wallet that deploys."""
        return any(each.kind == "owner" for each in self.drift)

    @property
    def lines(self) -> tuple[str, ...]:
        """What will be done and why, each in one line."""
        said = []
        if self.kind == "lost":
            said.append(f"the network does not have {self.id}: --replace {self.name} spawns it anew")
        if self.kind == "replace":
            said.append(f"a new process in the place of {self.id}" if self.told else f"needs --replace {self.name}")
        said += map(str, self.facts)
        said += (each.message for each in self.drift)
        if self.kind == "drift" and self.disobeys:
            said.append(f"its new owner must give it back, or --replace {self.name} spawns it anew")
        if self.code:
            said.append(f"code with the spawn: {self._code}" if self.boots else f"code: {self._code}")
        for each in self.setup:
            after = f" {AFTER_SPAWN}" if each.after_spawn else ""
            said.append(f"set-up message {each.name}: {each.kind}{after}")
        return tuple(said)

    @property
    def _code(self) -> str:
        if self.spawns and self.sources:
            number = len(self.sources.added)
            return f"{number} source{'' if number == 1 else 's'}"
        what = [str(self.sources) if self.sources else "", self.why or ""]
        return ", ".join(filter(None, what)) or "other sources"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a deploy will do.

    Args:
        network: the network's name.
        owner: address of the wallet that owns the processes.
        changes: one for each process, in the order of the manifest.
        unfinished: an earlier deploy was stopped; the next one begins with what that one left.
    """

    network: str
    owner: str
    changes: tuple[Change, ...]
    unfinished: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.unfinished and all(change.kind == "none" for change in self.changes)

    @property
    def spawns(self) -> tuple[str, ...]:
        """The names of the processes that get a new id."""
        return tuple(change.name for change in self.changes if change.spawns)

    @property
    def lost(self) -> tuple[str, ...]:
        """The names of the processes that the network does not have any more."""
        return tuple(change.name for change in self.changes if change.kind == "lost")

    @property
    def items(self) -> int:
        """How many data items it sends."""
        return sum(change.spawns + (change.code and not change.boots) + len(change.setup) for change in self.changes)

    @property
    def counts(self) -> dict[ChangeKind, int]:
        """How many processes there are of each kind of change."""
        counted = Counter(change.kind for change in self.changes)
        return {kind: counted[kind] for kind in get_args(ChangeKind)}

    def change(self, name: str) -> Change:
        """Return the change of a process of the plan."""
        return next(change for change in self.changes if change.name == name)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "network": self.network,
            "owner": self.owner,
            "changed": not self.is_empty,
            "unfinished": self.unfinished,
            "items": self.items,
            "counts": self.counts,
            "changes": [asdict(change) | {"lines": list(change.lines)} for change in self.changes],
        }
