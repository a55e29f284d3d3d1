"""What both shapes of the manifest say about a process, and what it gets where they say nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tim3tool.errors import ManifestError, Where, suggestion
from tim3tool.project.document import token
from tim3tool.project.fields import text
from tim3tool.project.model import ProcessSpec, SetupMessage, Tag
from tim3tool.project.rules import MINIFY_LEVELS, check_id, file_in
from tim3tool.project.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.project.document import Scalar
    from tim3tool.project.fields import Fields

__all__ = [
    "STANDARD_AUTHORITY",
    "STANDARD_SCHEDULER",
    "Defaults",
    "check_boot",
    "identifier",
    "minify_level",
    "names",
    "overridden",
    "process",
    "standard",
]

# What aos itself spawns with on legacynet (aos 2.0.16, 2026-06).
_MODULE: Final = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
STANDARD_SCHEDULER: Final = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
STANDARD_AUTHORITY: Final = "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"


@dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """What every process of a manifest starts from."""

    module: str
    scheduler: str
    authority: tuple[Text, ...]
    tags: tuple[Tag, ...]
    minify: str | None = None
    include: tuple[str, ...] = ()
    external: tuple[str, ...] = ()


def standard(path: str) -> Defaults:
    """Return the defaults of a manifest that gives none.

    Args:
        path: the manifest as the user would write it.
    """
    authority = Text(value=STANDARD_AUTHORITY, where=Where(path=path), form="literal")
    return Defaults(module=_MODULE, scheduler=STANDARD_SCHEDULER, authority=(authority,), tags=())


def identifier(given: Fields, key: str, default: str) -> str:
    """Return the id a key gives, or its default."""
    return check_id(given.text(key), given.named(key)) if key in given else default


def process(
    name: Scalar,
    given: Fields,
    *,
    root: Path,
    entry: str,
    defaults: Defaults,
    tags: tuple[Tag, ...],
    authority: tuple[Text, ...],
    pack: bool,
    setup: tuple[SetupMessage, ...],
) -> ProcessSpec:
    """Return a process, from the keys that both shapes have and from what they read differently.

    Args:
        name: its name, as it stands in the file.
        given: its keys.
        root: the manifest's folder.
        entry: the key that gives its entry file.
        defaults: what it starts from.
        tags: its tags.
        authority: whom it trusts, where its tags do not say.
        pack: whether to bundle what its entry requires.
        setup: its set-up messages.

    Raises:
        ManifestError: a key has a value that cannot be used.
    """
    return ProcessSpec(
        name=name.value,
        entry=file_in(root, given.text(entry), given.named(entry)),
        module=identifier(given, "module", defaults.module),
        scheduler=identifier(given, "scheduler", defaults.scheduler),
        authority=_untagged(authority, tags),
        tags=tags,
        prerun=file_in(root, given.text("prerun"), given.named("prerun")) if "prerun" in given else None,
        reset_modules=given.boolean("resetModules", default=True),
        directory=given.boolean("directory", default=False),
        pack=pack,
        setup=setup,
        where=name.where,
        minify=minify_level(given, defaults.minify),
        include=names(given, "include", defaults.include),
        external=names(given, "external", defaults.external),
    )


def overridden(
    base: ProcessSpec,
    given: Fields,
    *,
    root: Path,
    tags: tuple[Tag, ...],
    authority: tuple[Text, ...],
) -> ProcessSpec:
    """Return what a process is on a network where it is different.

    Args:
        base: what it is elsewhere.
        given: the keys that differ.
        root: the manifest's folder.
        tags: its tags there.
        authority: whom it trusts there, where its tags do not say.

    Raises:
        ManifestError: a key has a value that cannot be used.
    """
    return replace(
        base,
        module=identifier(given, "module", base.module),
        scheduler=identifier(given, "scheduler", base.scheduler),
        authority=_untagged(authority, tags),
        tags=tags,
        prerun=file_in(root, given.text("prerun"), given.named("prerun")) if "prerun" in given else base.prerun,
        reset_modules=given.boolean("resetModules", default=base.reset_modules),
        directory=given.boolean("directory", default=base.directory),
        on_boot=given.boolean("onBoot", default=base.on_boot),
    )


def check_boot(spec: ProcessSpec, given: Fields) -> None:
    """Refuse code that goes with the spawn and must know all ids, its own among them, or has a rival.

    Raises:
        ManifestError: it has `onBoot` and also `directory` or a tag of that name.
    """
    rival = next((tag.value.where for tag in spec.tags if tag.name.casefold() == "on-boot"), None)
    if spec.on_boot and rival:
        msg = f"{given.of} has both `onBoot` and a tag `On-Boot`"
        raise ManifestError(msg, where=rival, help="keep one")
    if spec.on_boot and spec.directory:
        msg = f"{given.of} has both `onBoot` and `directory`"
        hint = "when it is spawned no directory is complete: keep one, and send ids in `setup`"
        raise ManifestError(msg, where=spec.where, help=hint)


def _untagged(authority: tuple[Text, ...], tags: tuple[Tag, ...]) -> tuple[Text, ...]:
    """Return the authority of a process, which is none where a tag gives it: aoform knows no other way."""
    return () if any(tag.name.casefold() == "authority" for tag in tags) else authority


def minify_level(given: Fields, default: str | None) -> str | None:
    """Return the level that ``minify`` gives, or its default; ManifestError where there is no such level."""
    if "minify" not in given:
        return default
    level = given.text("minify")
    if level.value not in MINIFY_LEVELS:
        near = suggestion(level.value, MINIFY_LEVELS)
        msg = f"unknown level of `minify`: {token(level.value)}"
        known = "levels: " + ", ".join(f"`{each}`" for each in MINIFY_LEVELS)
        raise ManifestError(msg, where=level.where, help=f"did you mean `{near}`?" if near else known)
    return level.value


def names(given: Fields, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the list of names and globs that a key gives, or its default."""
    if key not in given:
        return default
    return tuple(text(item, f"an item of {given.named(key)}").value for item in given.items(key))
