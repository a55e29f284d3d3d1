"""What both shapes of the manifest say about a process, and what it gets where they say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.errors import ManifestError, Where, suggestion
from tim3tool.project.document import token
from tim3tool.project.fields import text
from tim3tool.project.model import ProcessSpec, SetupMessage, Tag
from tim3tool.project.rules import MINIFY_LEVELS, check_id, file_in
from tim3tool.project.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tim3tool.project.config import Constant
    from tim3tool.project.document import Scalar
    from tim3tool.project.fields import Fields

__all__ = [
    "STANDARD_AUTHORITY",
    "STANDARD_SCHEDULER",
    "Defaults",
    "identifier",
    "minify_level",
    "names",
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
    config: Mapping[str, Constant] | None = None,
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
        config: its constants.

    Raises:
        ManifestError: a key has a value that cannot be used.
    """
    # aoform knows no other way to give an authority than the tag.
    is_tagged = any(tag.name.casefold() == "authority" for tag in tags)
    return ProcessSpec(
        name=name.value,
        entry=file_in(root, given.text(entry), given.named(entry)),
        module=identifier(given, "module", defaults.module),
        scheduler=identifier(given, "scheduler", defaults.scheduler),
        authority=() if is_tagged else authority,
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
        config=config or {},
    )


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
